"""The last look before a queued letter leaves: is its step still owed? (design §6; rulings 11, 14)

The ladder decided when the letter was queued. Since then a file may have come, the limit may
have moved, a lower letter may have bounced, an approval may have grown old.
"""

from __future__ import annotations

from datetime import datetime

from config.plan import Ladder, Rung

from .facts import Facts
from .holds import hold_of, promise_hold
from .ladder import INVITATION, NEVER_TOLD, Standing, standing
from .status import LATE, status
from .working_days import Calendar, local_day

APPROVAL_LASTS = 1  # working days between the approval and the sending (ruling 14)


def no_longer_owed(
    facts: Facts,
    ladder: Ladder,
    calendar: Calendar,
    now: datetime,
    *,
    step: str,
    limit: datetime,
    restart: int,
    current_restart: int,
) -> str:
    """Why the queued ``step`` may not leave any more (Vietnamese); empty where it still may."""
    on = standing(facts, ladder, calendar, now, current_restart)
    if not on.judged.owes:
        return on.judged.rule
    if restart != current_restart:
        return "Thang đôn đốc đã bắt đầu lại"
    if step != INVITATION and limit != on.judged.limit:
        return "Thời hạn đã thay đổi"
    held = hold_of(on.facts, on.judged)
    if held and (step != INVITATION or now >= on.judged.limit):
        return held.reason
    name, _, number = step.partition("-")
    if name == "reminder":
        return _reminder(on, step)
    return _rung(on, facts, int(number)) if name == "rung" else ""


def _reminder(on: Standing, step: str) -> str:
    if on.now >= on.judged.limit:
        return "Đã qua thời hạn, thay bằng thư đôn đốc"
    if on.due_reminders()[-1:] != [step]:
        return "Thay bằng lần nhắc mới hơn"
    return ""


def _rung(on: Standing, facts: Facts, number: int) -> str:
    rung = on.ladder.rung(number)
    if rung is None:
        return "Kế hoạch không còn bậc này"
    climbed, since = on.climbed()
    if on.judged.state not in LATE:
        return "Chưa quá thời hạn"
    if paused := promise_hold(on.facts, on.now):
        return paused.reason
    if not on.told():
        return NEVER_TOLD
    if climbed < number - 1:
        return "Thư bậc dưới chưa gửi được hoặc đã bị trả về"
    if climbed < number and not on.time_for(rung, since):
        return "Chưa đến ngày của bậc này"
    return _approval(on, facts, rung) if rung.approval else ""


def _approval(on: Standing, facts: Facts, rung: Rung) -> str:
    """An approval is for what it saw, and for one working day."""
    approved = on.approved(rung)
    if approved is None or approved.decided_at is None:
        return "Chưa được phê duyệt"
    if on.calendar.elapsed(local_day(approved.decided_at), local_day(on.now)) > APPROVAL_LASTS:
        return "Quá một ngày làm việc kể từ khi duyệt, phải duyệt lại"
    if status(facts, on.calendar, approved.at).state is not on.judged.state:
        return "Tình trạng đã khác lúc trình duyệt, phải duyệt lại"
    return ""
