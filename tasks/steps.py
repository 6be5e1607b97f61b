"""The steps that flows are made of: one thing each, the same in Prefect and without it.

Each is ``step(office, now, …)``: facts in, decision by a pure function, effects out. ``STEPS``
gives the title an operator reads; ``flows.engine`` runs a step as a Prefect task or plainly.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from db.session import reading
from tasks.chase import bulletin as bulletins
from tasks.chase import clock as clocks
from tasks.chase import escalate as escalation
from tasks.chase import execute as execution
from tasks.chase import remind as reminding
from tasks.chase import rounds as opening
from tasks.chase.rejudge import rejudger
from tasks.consolidate import due as consolidation
from tasks.desk import alert, letters
from tasks.desk.common import DeskError
from tasks.intake import answer, check
from tasks.intake import collect as collecting
from tasks.office import Office
from tasks.post import deliver as post
from tasks.post.compose import composer
from tasks.post.contract import Clock, Delivery
from tasks.rules.clock import Heard
from tasks.rules.working_days import local_day
from tasks.system import audit_head as heads
from tasks.system import backup as backups


def open_rounds(office: Office, now: datetime) -> list[opening.Opened]:
    return opening.open_due_rounds(office, now)


def note_clock(office: Office, now: datetime, heard: Heard) -> str:
    """Judge the clock; the operators hear of a doubt, once a day by that clock."""
    doubt = clocks.note_clock(office, now, heard)
    if doubt:
        advice = (
            "Thư nhắc, thư đôn đốc tạm giữ; thư trả lời đơn vị vẫn đi. Chỉnh giờ máy, bật đồng bộ thời gian "
            "(NTP). Giờ máy đúng mà vẫn báo thì ghi biểu «Đã kiểm tra đồng hồ máy chủ»."
        )
        occasion = f"clock-{local_day(now).isoformat()}"
        title = "đồng hồ máy chủ chưa tin được"
        alert.queue_alert(office, title, [doubt[:1].upper() + doubt[1:]], advice, now, occasion=occasion)
    return doubt


def standing_clock_doubt(office: Office) -> str:
    with reading(office.engine) as session:
        return clocks.doubt_of(session)


def collect(office: Office, now: datetime) -> collecting.Collected:
    return collecting.collect(office, now)


def check_submissions(office: Office, now: datetime) -> check.Checked:
    return check.check_submissions(office, now)


def answers(office: Office, now: datetime) -> int:
    return answer.queue_answers(office, now)


def remind(
    office: Office, now: datetime, *, channels_complete: bool, rounds: Sequence[str] | None = None
) -> reminding.Reminded:
    return reminding.remind(office, now, channels_complete=channels_complete, rounds=rounds)


def escalate(
    office: Office, now: datetime, *, channels_complete: bool, rounds: Sequence[str] | None = None
) -> escalation.Escalated:
    return escalation.escalate(office, now, channels_complete=channels_complete, rounds=rounds)


def execute(office: Office, now: datetime) -> execution.Executed:
    def draft(round_code: str, units: list[str]) -> None:
        with suppress(DeskError):  # all of them have answered meanwhile: nothing is left to sign
            letters.draft(office, round_code, "correction", now, units)

    return execution.execute_decisions(office, now, draft)


def remind_waiting(office: Office, now: datetime) -> int:
    return alert.remind_waiting(office, now) + alert.remind_unopened(office, now)


def deliver(
    office: Office, now: datetime, *, channels_complete: bool, clock: Clock | None = None
) -> Delivery:
    did = post.deliver(
        office,
        now,
        compose=composer(office),
        rejudge=rejudger(office, channels_complete=channels_complete),
        clock=clock,
    )
    if did.stopped:
        alert.tell_stopped(office, did.stopped, now)
    return did


def consolidate(office: Office, now: datetime) -> list[consolidation.Consolidated]:
    return consolidation.consolidate_due(office, now)


def bulletin(office: Office, now: datetime) -> int:
    return bulletins.queue_bulletin(office, now)


def audit_head(office: Office, now: datetime) -> bool:
    return heads.queue_audit_head(office, now)


def backup(office: Office, now: datetime) -> backups.Night:
    return backups.nightly_backup(office, now)


@dataclass(frozen=True)
class Title:
    name: str  # Vietnamese, as the Prefect UI shows it
    retries: int = 0


STEPS: dict[Callable[..., Any], Title] = {
    open_rounds: Title("Mở đợt đến ngày"),
    note_clock: Title("Đối chiếu đồng hồ"),
    collect: Title("Thu nhận tệp từ mọi kênh"),
    check_submissions: Title("Kiểm tra bản gửi"),
    answers: Title("Soạn thư trả lời đơn vị"),
    remind: Title("Thông báo, nhắc, đôn đốc bậc 1"),
    escalate: Title("Lập đề xuất đôn đốc bậc trên"),
    execute: Title("Thực hiện đề xuất đã duyệt"),
    remind_waiting: Title("Nhắc đề xuất chờ duyệt, đợt chờ mở"),
    deliver: Title("Gửi thư"),
    consolidate: Title("Lập báo cáo tổng hợp"),
    bulletin: Title("Bản tin hằng ngày"),
    audit_head: Title("Gửi dấu nhật ký"),
    backup: Title("Sao lưu, thử khôi phục"),
}
