"""Who does what in the demo: a seeded behaviour for every unit in every round."""

from __future__ import annotations

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from config.plan import ZONE, Form, Plan, Round
from tasks.rules.limits import working_day_after, working_day_before
from tasks.rules.working_days import Calendar


class Deed(StrEnum):
    """One thing that happens: a unit's mail, or an operator's decision."""

    GOOD = "good"
    BROKEN = "broken"
    INCOMPLETE = "incomplete"
    WRONG_FORM = "wrong_form"
    WRONG_UNIT = "wrong_unit"
    LAST_ROUND = "last_round"
    DUPLICATE = "duplicate"
    XLS = "xls"
    PDF = "pdf"
    CLAIM = "claim"
    UNREGISTERED = "unregistered"
    STRANGER = "stranger"
    REGISTER = "register"  # the operator records what came by QLVB&ĐH
    REGISTER_READ = "register_read"  # the operator has checked the register
    EXTEND = "extend"
    EXEMPT = "exempt"
    PROMISE = "promise"
    SET_ASIDE = "set_aside"
    APPROVE = "approve"
    APPROVE_EDITION = "approve_edition"


@dataclass(frozen=True, order=True)
class Event:
    at: datetime
    number: int
    deed: Deed
    round: str
    unit: str = ""
    other: str = ""  # another unit, another round, a date


class Diary:
    """Collects the events of one round."""

    def __init__(self, plan: Plan, round_: Round, rng: random.Random) -> None:
        self.plan, self.round, self.rng = plan, round_, rng
        self.calendar = Calendar.of(plan.holidays)
        self.events: list[Event] = []

    def add(self, day: date, deed: Deed, unit: str = "", other: str = "", hour: float | None = None) -> None:
        hours = self.rng.uniform(8, 16.5) if hour is None else hour
        at = datetime.combine(day, time(0), ZONE) + timedelta(minutes=round(hours * 60))
        self.events.append(Event(at, len(self.events), deed, self.round.code, unit, other))

    def before(self, number: int) -> date:
        return working_day_before(self.calendar, self.round.limit_at, number)

    def after(self, number: int) -> date:
        return working_day_after(self.calendar, self.round.limit_at, number)

    def next_day(self, day: date, number: int = 1) -> date:
        return self.calendar.after(day, number)

    def prompt_day(self) -> date:
        first, last = self.next_day(self.round.opens), self.before(max(self.round.reminders) + 1)
        days = [first + timedelta(days=n) for n in range((last - first).days + 1)]
        return self.rng.choice([d for d in days if self.calendar.is_working(d)])


def events_of(plan: Plan, round_: Round, units: list[str], seed: int) -> list[Event]:
    """Everything that happens in ``round_``; the same seed gives the same history."""
    rng = random.Random(f"{seed}/{round_.code}")
    diary = Diary(plan, round_, rng)
    names = sorted(u for u in units if u != plan.policy.receiver)
    rng.shuffle(names)
    names.append(plan.policy.receiver)  # the Department itself answers in time
    if round_.form is Form.KPI_PLAN:
        _kpi(diary, names)
    else:
        _quarter(diary, names)
    diary.add(diary.after(1), Deed.REGISTER_READ, hour=8)
    for number in range(1, 16):
        diary.add(diary.after(number), Deed.APPROVE, hour=9)
    if round_.consolidates:
        diary.add(diary.next_day(round_.consolidates, 3), Deed.APPROVE_EDITION, hour=10)
    return sorted(diary.events)


def _kpi(diary: Diary, names: list[str]) -> None:
    first, second, returned, late, *rest = names
    diary.add(diary.before(7), Deed.GOOD, first)
    diary.add(diary.before(3), Deed.GOOD, second)
    diary.add(diary.before(4), Deed.INCOMPLETE, returned)
    diary.add(diary.before(3), Deed.GOOD, returned)
    diary.add(diary.after(2), Deed.GOOD, late)
    for unit in rest:
        diary.add(diary.prompt_day(), Deed.GOOD, unit)


def _quarter(diary: Diary, names: list[str]) -> None:
    take = iter(names)
    _troubled(diary, take)
    _decided(diary, take)
    _late(diary, take)
    if diary.round.previous:
        for _ in range(2):
            unit = next(take)
            diary.add(diary.before(6), Deed.LAST_ROUND, unit, diary.round.previous)
            diary.add(diary.before(2), Deed.GOOD, unit)
    for unit in take:
        day = diary.rng.choices(
            [diary.prompt_day(), diary.before(7), diary.before(3), diary.before(1)], [55, 25, 13, 7]
        )[0]
        diary.add(day, Deed.GOOD, unit)
    diary.add(diary.before(5), Deed.STRANGER)


def _troubled(diary: Diary, take: Iterator[str]) -> None:
    """Files that cannot be accepted as they are."""
    names = [next(take) for _ in range(16)]
    for unit in names[:2]:
        diary.add(diary.before(5), Deed.BROKEN, unit)
        diary.add(diary.before(4), Deed.GOOD, unit)
    for unit in names[2:6]:
        diary.add(diary.before(2), Deed.INCOMPLETE, unit)
        diary.add(diary.next_day(diary.before(2)), Deed.GOOD, unit)
    diary.add(diary.before(1), Deed.INCOMPLETE, names[6])  # corrected within the cure, after the limit
    diary.add(diary.after(2), Deed.GOOD, names[6])
    diary.add(diary.before(2), Deed.INCOMPLETE, names[7])  # never corrected
    diary.add(diary.before(6), Deed.WRONG_FORM, names[8])
    diary.add(diary.before(5), Deed.GOOD, names[8])
    diary.add(diary.before(5), Deed.WRONG_UNIT, names[9], names[0])
    diary.add(diary.next_day(diary.before(5)), Deed.SET_ASIDE, names[9], hour=9.5)
    diary.add(diary.before(3), Deed.GOOD, names[9])
    for unit in names[10:12]:
        day = diary.prompt_day()
        diary.add(day, Deed.GOOD, unit)
        diary.add(diary.next_day(day), Deed.DUPLICATE, unit)
    diary.add(diary.before(4), Deed.XLS, names[12])
    for unit in names[13:15]:
        diary.add(diary.before(1), Deed.PDF, unit, hour=10)
        diary.add(diary.after(1), Deed.GOOD, unit)
    diary.add(diary.before(6), Deed.UNREGISTERED, names[15])


def _decided(diary: Diary, take: Iterator[str]) -> None:
    """Units about which an operator decides something."""
    names = [next(take) for _ in range(7)]
    for unit in names[:1]:
        diary.add(diary.before(1), Deed.CLAIM, unit, hour=9)
        diary.add(diary.after(1), Deed.REGISTER, unit, hour=8.5)
    diary.add(diary.after(1), Deed.REGISTER, names[1], hour=8.25)
    for unit in names[2:4]:
        until = diary.after(4)
        diary.add(diary.before(2), Deed.EXTEND, unit, until.isoformat(), hour=11)
        diary.add(diary.after(3), Deed.GOOD, unit)
    diary.add(diary.before(6), Deed.EXEMPT, names[4], hour=10)
    for unit in names[5:7]:
        diary.add(diary.after(2), Deed.PROMISE, unit, diary.after(5).isoformat(), hour=14)
    diary.add(diary.after(4), Deed.GOOD, names[5])  # kept its promise; the other did not
    diary.add(diary.after(7), Deed.GOOD, names[6])


def _late(diary: Diary, take: Iterator[str]) -> None:
    names = [next(take) for _ in range(15)]
    for unit in names[:8]:
        diary.add(diary.after(diary.rng.choice([1, 2])), Deed.GOOD, unit)
    for unit in names[8:12]:
        diary.add(diary.after(4), Deed.GOOD, unit)
    for unit in names[12:14]:
        diary.add(diary.after(7), Deed.GOOD, unit)
    # names[14] never answers
