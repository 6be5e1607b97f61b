"""The status of an obligation: facts and an instant in, a conclusion with its reason out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from .facts import Arrival, Facts, as_of
from .limits import cure_until, days_late, effective_limit, last_good_day, working_day_before
from .working_days import Calendar, local_day


class State(StrEnum):
    NOT_DUE = "not_due"
    DUE_SOON = "due_soon"
    DUE_TODAY = "due_today"
    SUBMITTED = "submitted"
    RETURNED = "returned"
    RESUBMITTED = "resubmitted"
    DONE_ON_TIME = "done_on_time"
    DONE_LATE = "done_late"
    OVERDUE = "overdue"
    INCOMPLETE = "incomplete"
    EXEMPT = "exempt"


LABELS = {
    State.NOT_DUE: "Chưa đến hạn",
    State.DUE_SOON: "Sắp đến hạn",
    State.DUE_TODAY: "Đến hạn hôm nay",
    State.SUBMITTED: "Đã gửi, chờ kiểm tra",
    State.RETURNED: "Trả lại, đề nghị bổ sung",
    State.RESUBMITTED: "Đã gửi bổ sung, chờ kiểm tra",
    State.DONE_ON_TIME: "Hoàn thành đúng hạn",
    State.DONE_LATE: "Hoàn thành quá hạn",
    State.OVERDUE: "Quá hạn chưa hoàn thành",
    State.INCOMPLETE: "Quá hạn, gửi chưa đầy đủ",
    State.EXEMPT: "Không thuộc diện báo cáo",
}

DONE = frozenset({State.DONE_ON_TIME, State.DONE_LATE})
WAITING = frozenset({State.NOT_DUE, State.DUE_SOON, State.DUE_TODAY})
LATE = frozenset({State.OVERDUE, State.INCOMPLETE})


@dataclass(frozen=True)
class Status:
    """A conclusion. ``rule`` names the rule that was applied, in Vietnamese."""

    state: State
    limit: datetime
    extended: bool
    days_late: int  # calendar days; for done_late: of the arrival that counts
    arrival: Arrival | None  # the arrival that fixes punctuality, or the newest one
    accepted: Arrival | None
    cure_until: datetime | None
    rule: str

    @property
    def label(self) -> str:
        return LABELS[self.state]

    @property
    def owes(self) -> bool:
        """Nothing acceptable has arrived yet."""
        return self.state in WAITING or self.state in LATE


class Conclude(Protocol):
    def __call__(
        self, state: State, rule: str, *, late: int = 0, arrival: Arrival | None = None
    ) -> Status: ...


def status(facts: Facts, calendar: Calendar, now: datetime) -> Status:
    """Judge by when the file came, not when we checked it (plan l.105, l.157; ruling 7)."""
    facts = as_of(facts, now)
    limit = effective_limit(facts)
    cure = cure_until(facts, calendar)
    accepted = _newest([a for a in facts.arrivals if a.verdict == "accepted"])

    def conclude(state: State, rule: str, *, late: int = 0, arrival: Arrival | None = None) -> Status:
        return Status(
            state=state,
            limit=limit,
            extended=bool(facts.extensions),
            days_late=late,
            arrival=arrival,
            accepted=accepted,
            cure_until=cure,
            rule=rule,
        )

    if facts.exemptions:
        return conclude(State.EXEMPT, "Được miễn: " + facts.exemptions[-1].reason)
    if accepted:
        return _done(facts, limit, cure, conclude)
    if pending := _newest([a for a in facts.arrivals if not a.verdict]):
        again = any(a.verdict == "returned" for a in facts.arrivals)
        state = State.RESUBMITTED if again else State.SUBMITTED
        return conclude(state, "Đã có bản gửi, chưa có kết quả kiểm tra", arrival=pending)
    counting = [a for a in facts.arrivals if a.counts]
    if counting and cure:
        if now < cure:
            return conclude(
                State.RETURNED, "Bản gửi bị trả lại, đang trong thời gian bổ sung", arrival=_newest(counting)
            )
        return conclude(
            State.INCOMPLETE,
            "Hết thời gian bổ sung mà chưa có bản nào được tiếp nhận: gửi chưa đầy đủ",
            late=days_late(limit, now),
            arrival=_newest(counting),
        )
    if now >= limit:
        return conclude(State.OVERDUE, "Hết thời hạn mà chưa nhận được bản gửi", late=days_late(limit, now))
    return conclude(*_before_limit(facts, calendar, limit, now))


def _done(facts: Facts, limit: datetime, cure: datetime | None, conclude: Conclude) -> Status:
    arrival = punctual_arrival(facts, cure)
    if facts.punctuality:
        reason = facts.punctuality[-1].reason
        return conclude(State.DONE_ON_TIME, f"Được chấp nhận đúng hạn: {reason}", arrival=arrival)
    if arrival.arrived_at < limit:
        return conclude(State.DONE_ON_TIME, "Bản gửi đến trước thời hạn và được tiếp nhận", arrival=arrival)
    late = days_late(limit, arrival.arrived_at)
    return conclude(State.DONE_LATE, "Bản gửi đến sau thời hạn và được tiếp nhận", late=late, arrival=arrival)


def punctual_arrival(facts: Facts, cure: datetime | None) -> Arrival:
    """The arrival that fixes punctuality of an accepted answer (ruling 7).

    The first counting one, provided some version that arrived within the cure period was
    accepted; else the first accepted one. ``ValueError`` where none was accepted.
    """
    accepted = [a for a in facts.arrivals if a.verdict == "accepted"]
    in_cure = [a for a in accepted if cure is None or a.arrived_at < cure]
    candidates = [a for a in facts.arrivals if a.counts] if in_cure else accepted
    return min(candidates or accepted, key=lambda a: (a.arrived_at, a.version))


def _before_limit(facts: Facts, calendar: Calendar, limit: datetime, now: datetime) -> tuple[State, str]:
    if local_day(now) == last_good_day(limit):
        return State.DUE_TODAY, "Hôm nay là ngày cuối của thời hạn"
    reminders = facts.round.reminders
    if reminders and local_day(now) >= working_day_before(calendar, limit, max(reminders)):
        return State.DUE_SOON, "Trong khoảng nhắc trước hạn"
    return State.NOT_DUE, "Chưa đến khoảng nhắc trước hạn"


def _newest(arrivals: list[Arrival]) -> Arrival | None:
    return max(arrivals, key=lambda a: a.version, default=None)
