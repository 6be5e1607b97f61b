"""Facts in the words of the domain, for tests of the rules.

    a_unit("SYT").due(june_25).told().sent(at("24/6 16:30"), verdict="accepted")

Each word gives a new builder; ``.facts`` is what the rules are told, ``.owed(now)`` and
``.status(now)`` ask them. Instants are written ``at("24/6 16:30")``: Việt Nam, 2026.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from config.plan import ZONE, Audience, Form, Holiday, Ladder, Round, Rung, RungTo, midnight
from config.plan_files import load_plan
from config.settings import PLANS
from tasks.rules.facts import (
    Arrival,
    Check,
    Exemption,
    Extension,
    Facts,
    Letter,
    Promise,
    Proposed,
    Punctuality,
    Superseded,
    Undecided,
)
from tasks.rules.ladder import INVITATION, Owed, owed, rung_step
from tasks.rules.last_look import no_longer_owed
from tasks.rules.limits import effective_limit, inclusive
from tasks.rules.status import Status, status
from tasks.rules.working_days import Calendar

MOMENT = re.compile(r"(\d+)/(\d+)(?:/(\d{4}))?(?: (\d+):(\d\d)(?::(\d\d)(?:\.(\d{6}))?)?)?$")
LADDER = Ladder(
    rungs=(
        Rung(number=1, to=RungTo.UNIT, after=1, approval=False),
        Rung(number=2, to=RungTo.HEAD, after=3),
        Rung(number=3, to=RungTo.MEMBER, after=5),
        Rung(number=4, to=RungTo.CHAIR, after=10, draft_only=True),
    ),
    gap=2,
)
SECOND = timedelta(seconds=1)
MICROSECOND = timedelta(microseconds=1)


def at(text: str) -> datetime:
    """"24/6 16:30", "25/6" (00:00), "25/6/2027 00:00:01.000000" in Việt Nam; the year is 2026."""
    found = MOMENT.match(text)
    assert found, text
    day, month, year, *rest = (int(x or 0) for x in found.groups())
    return datetime(year or 2026, month, day, *rest, tzinfo=ZONE)


def day(text: str) -> date:
    """"24/6": a date of 2026."""
    return at(text).date()


@cache
def holidays_2026() -> tuple[Holiday, ...]:
    return load_plan(PLANS / "2026").holidays


@cache
def the_calendar() -> Calendar:
    """The working days of config/plans/2026/holidays.csv."""
    return Calendar.of(holidays_2026())


def a_round(limit: date, **changes: Any) -> Round:
    """A quarterly round "trước ngày ``limit``", opened three weeks before."""
    values: dict[str, Any] = {
        "code": "2026-q2",
        "form": Form.QUARTERLY,
        "title": "báo cáo quý",
        "short": "báo cáo quý",
        "clause": "Mục III.4 (dòng 157)",
        "opens": limit - timedelta(days=21),
        "limit": limit,
        "audience": Audience.ALL,
    }
    return Round.model_validate(values | changes)


@dataclass(frozen=True)
class UnitFacts:
    facts: Facts
    ladder: Ladder = LADDER
    restart: int = 0

    # -- what is asked of it ------------------------------------------------------------

    def due(self, limit: date, **changes: Any) -> UnitFacts:
        round_ = a_round(limit, **changes)
        return self._with(round=round_, opened_at=midnight(round_.opens) + timedelta(hours=7))

    def on_a_ladder(self, **changes: Any) -> UnitFacts:
        return replace(self, ladder=LADDER.model_copy(update=changes))

    def after_restarts(self, number: int) -> UnitFacts:
        return replace(self, restart=number)

    # -- what it did --------------------------------------------------------------------

    def sent_nothing(self) -> UnitFacts:
        return self._with(arrivals=())

    def sent(
        self, arrived: datetime, verdict: str = "", checked: datetime | None = None, *,
        counts: bool = True, recorded: datetime | None = None,
    ) -> UnitFacts:  # fmt: skip
        """One more version; seen when it arrived and checked at once unless told otherwise."""
        recorded = recorded or arrived
        number = len(self.facts.arrivals) + 1
        checks = (Check(checked or recorded, verdict, counts),) if verdict else ()
        return self._add(arrivals=Arrival(number, number, arrived, recorded, checks))

    def rechecked(self, at_: datetime, verdict: str, *, counts: bool = True) -> UnitFacts:
        """A later verdict on its newest version."""
        *others, last = self.facts.arrivals
        last = replace(last, checks=(*last.checks, Check(at_, verdict, counts)))
        return self._with(arrivals=(*others, last))

    def promised(self, last_day: date, at_: datetime) -> UnitFacts:
        return self._add(promises=Promise(at_, inclusive(last_day)))

    # -- what was decided ---------------------------------------------------------------

    def extended(self, last_day: date, at_: datetime) -> UnitFacts:
        return self._add(extensions=Extension(at_, inclusive(last_day), "mất điện"))

    def exempted(self, at_: datetime) -> UnitFacts:
        return self._add(exemptions=Exemption(at_, "đã giải thể"))

    def accepted_as_punctual(self, at_: datetime) -> UnitFacts:
        return self._add(punctuality=Punctuality(at_, "lỗi đường truyền"))

    def taken_back(self, name: str, at_: datetime, n: int = -1) -> UnitFacts:
        """The newest of its ``name`` ("extensions", "promises", "arrivals" …) holds no more."""
        known = list(getattr(self.facts, name))
        known[n] = replace(known[n], revoked_at=at_, revoked_why="ghi nhầm")
        return self._with(**{name: tuple(known)})

    # -- what was sent to it ------------------------------------------------------------

    def was_told(self, step: str = INVITATION, at_: datetime | None = None, **changes: Any) -> UnitFacts:
        """A letter that a server accepted (at the opening unless ``at_`` says when)."""
        queued = at_ or self.facts.opened_at
        return self.was_owed(step, queued, **({"sent_at": queued} | changes))

    def was_owed(self, step: str, queued: datetime, **changes: Any) -> UnitFacts:
        """A letter that was queued; sent, bounced, ended as ``changes`` say."""
        values: dict[str, Any] = {"effective_limit": self.limit, "restart": self.restart}
        return self._add(letters=Letter(step=step, queued_at=queued, **(values | changes)))

    def skipped(self, step: str, at_: datetime) -> UnitFacts:
        return self._add(superseded=Superseded(step, self.limit, self.restart, at_))

    def was_proposed(
        self, rung: int, at_: datetime, verdict: str = "", decided: datetime | None = None,
        *, lapsed: datetime | None = None,
    ) -> UnitFacts:  # fmt: skip
        proposal = Proposed(rung, self.limit, self.restart, at_, decided or (at_ if verdict else None), verdict, lapsed)
        return self._add(proposals=proposal)

    def climbed(self, rung: int, at_: datetime) -> UnitFacts:
        """Proposed, approved and sent at ``at_``; a draft is approved only."""
        if rung == 1:
            return self.was_told(rung_step(1), at_)
        approved = self.was_proposed(rung, at_, "approve")
        if self.ladder.rungs[rung - 1].draft_only:
            return approved
        return approved.was_told(rung_step(rung), at_)

    # -- doubts -------------------------------------------------------------------------

    def has_an_undecided_item(
        self, since: datetime, until: datetime | None = None, outcome: str = "unknown"
    ) -> UnitFacts:
        number = len(self.facts.undecided) + 1
        return self._add(undecided=Undecided(number, since, until, outcome))

    # -- asking -------------------------------------------------------------------------

    @property
    def limit(self) -> datetime:
        return effective_limit(self.facts)

    def status(self, now: datetime) -> Status:
        return status(self.facts, the_calendar(), now)

    def owed(self, now: datetime) -> Owed:
        return owed(self.facts, self.ladder, the_calendar(), now, self.restart)

    def step(self, now: datetime) -> str:
        """The step owed at ``now``, or the code of what holds it, or ""."""
        answer = self.owed(now)
        return f"held: {answer.hold.code}" if answer.hold else answer.step

    def last_look(self, step: str, now: datetime, *, restart: int = 0) -> str:
        """Why the queued ``step`` may not leave at ``now``; "" where it may."""
        return no_longer_owed(
            self.facts, self.ladder, the_calendar(), now,
            step=step, limit=self.limit, restart=restart, current_restart=self.restart,
        )  # fmt: skip

    def _with(self, **changes: Any) -> UnitFacts:
        return replace(self, facts=replace(self.facts, **changes))

    def _add(self, **one: Any) -> UnitFacts:
        return self._with(**{name: (*getattr(self.facts, name), value) for name, value in one.items()})


def a_unit(code: str = "SYT") -> UnitFacts:
    """A unit that owes the report "trước ngày 25/6/2026"."""
    round_ = a_round(date(2026, 6, 25))
    return UnitFacts(Facts(obligation=1, unit=code, round=round_, opened_at=midnight(round_.opens) + timedelta(hours=7)))
