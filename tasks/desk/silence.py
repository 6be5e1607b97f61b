"""Nothing runs any more: told to the operators by whoever still lives, without Prefect.

A flow cannot tell that no process is left to run flows. The launcher asks here every minute;
where workers run on several machines, ``dondoc watch`` does, from a timer on any of them.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import func, select

from config.plan import Plan
from db.controls import installed_at
from db.models import ReadingRow
from db.session import reading
from tasks.chase.clock import doubt_of
from tasks.chase.rejudge import rejudger
from tasks.office import Office
from tasks.post.compose import composer
from tasks.post.contract import Clock
from tasks.post.deliver import deliver
from tasks.rules.words import show_moment
from tasks.rules.working_days import local_day

from .alert import queue_alert

SILENT = timedelta(minutes=20)  # the mailroom passes every five


def silent_since(office: Office, now: datetime) -> datetime | None:
    """The last pass of the system if it lies too far back. Under a doubted clock no pass reads."""
    with reading(office.engine) as session:
        last = session.scalar(select(func.max(ReadingRow.started_at)).where(ReadingRow.by == "system"))
        last = last or installed_at(session)
        if last is None or now - last <= SILENT or doubt_of(session):
            return None
    return last


def tell_silence(office: Office, now: datetime, clock: Clock | None = None) -> bool:
    """Is it silent? Then the operators' mail leaves from here, once a day; nothing that chases does."""
    last = silent_since(office, now)
    if last is None:
        return False
    lines = [
        f"Lượt chạy gần nhất: {show_moment(last)}.",
        "Không tiến trình nào thu nhận tệp, trả lời, nhắc, đôn đốc. Thư đến vẫn nằm ở hộp thư, không mất.",
    ]
    advice = (
        "Xem máy chủ còn chạy không, khởi động lại dondoc run hoặc worker; rồi chạy: dondoc doctor. "
        "Chạy lại là tự làm bù việc đến hạn."
    )
    occasion = f"silence-{last.isoformat()}-{local_day(now).isoformat()}"
    queue_alert(office, "hệ thống không còn chạy", lines, advice, now, occasion=occasion)
    deliver(
        office,
        now,
        compose=composer(office),
        rejudge=rejudger(office, channels_complete=False),
        clock=clock,
        chasing=_nobody,
    )
    return True


def _nobody(_plan: Plan, _now: datetime) -> bool:
    return False
