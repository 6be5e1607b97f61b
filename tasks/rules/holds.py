"""Why a unit is not chased although it owes something. When in doubt, hold and tell the operator."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from .facts import Facts, Undecided
from .status import State, Status
from .words import show_last_day, show_through


class HoldCode(StrEnum):
    UNDECIDED = "undecided"
    CLAIM = "claim"
    IN_CHECK = "in_check"
    CURE = "cure"
    PROMISED = "promised"
    NEVER_TOLD = "never_told"
    NO_CONTACT = "no_contact"
    WAITING = "waiting"
    UNKNOWN_OUTCOME = "unknown_outcome"
    APPROVAL = "approval"
    APPROVED = "approved"
    DECLINED = "declined"
    ASSUMED = "assumed"
    CHANNELS = "channels"
    REGISTER = "register"
    CLOCK = "clock"


@dataclass(frozen=True)
class Hold:
    code: HoldCode
    reason: str  # Vietnamese, shown to the operator


def hold_of(facts: Facts, status: Status) -> Hold | None:
    """What holds ``facts``' unit; ``facts`` and ``status`` as known at the instant asked about.

    Order matters only for the sentence shown: the unit's own items come first.
    """
    if facts.undecided:
        return _undecided(facts.undecided[0])
    if status.state in (State.SUBMITTED, State.RESUBMITTED):
        return Hold(HoldCode.IN_CHECK, "Bản gửi đang chờ kiểm tra")
    if status.state is State.RETURNED and status.cure_until:
        through = show_through(status.cure_until)
        return Hold(HoldCode.CURE, f"Đã trả lại, trong thời gian bổ sung đến {through}")
    return None


def _undecided(item: Undecided) -> Hold:
    if item.outcome == "claim":
        reason = f"Đơn vị báo đã gửi qua kênh khác (mục đến số {item.inbound}), chờ đối chiếu"
        return Hold(HoldCode.CLAIM, reason)
    return Hold(
        HoldCode.UNDECIDED, f"Có mục đến số {item.inbound} có thể của đơn vị, chờ chuyên viên nhận diện"
    )


def promise_hold(facts: Facts, now: datetime) -> Hold | None:
    """An acknowledgement with a promised date pauses the ladder until that date."""
    if not facts.promises:
        return None
    promised = sorted(facts.promises, key=lambda p: p.at)[-1].promised
    if now >= promised:
        return None
    return Hold(HoldCode.PROMISED, f"Đơn vị cam kết gửi chậm nhất hết ngày {show_last_day(promised)}")


