"""Plays the year: events of units and operators between the scheduled passes of the flows."""

from __future__ import annotations

import heapq
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from config.plan import ZONE, Form, Plan, Round
from tasks.chase.bulletin import TAIL
from tasks.rules.working_days import Calendar

from .deeds import Players
from .stage import Stage
from .world import Event, events_of

START = datetime(2026, 5, 4, 6, 50, tzinfo=ZONE)
END = date(2026, 12, 31)
ROUNDS = ("2026-kpi", "2026-q2", "2026-q3", "2026-q4")
MORNING = time(7, 10)
BULLETIN = time(7, 25)
MAILROOM = (time(11, 0), time(16, 45))


@dataclass(frozen=True)
class Flows:
    """The flows as the play calls them: each takes the virtual instant."""

    kpi_plan: Callable[[datetime], object]
    quarterly_report: Callable[[datetime], object]
    consolidation: Callable[[datetime], object]
    mailroom: Callable[[datetime], object]


def play(stage: Stage, flows: Flows, seed: int, tell: Callable[[str], None]) -> Players:
    """4 May to 31 December: every working day's passes, and what people do in between."""
    plan = stage.office.plan
    calendar = Calendar.of(plan.holidays)
    players = Players(stage, seed)
    waiting = sorted(e for code in ROUNDS for e in _events(plan, code, seed))
    heapq.heapify(waiting)
    month = 0
    for day in _days(START.date(), END):
        if day.month != month:
            month = day.month
            tell(f"tháng {month}")
        passes = _passes(plan, day) if calendar.is_working(day) else []
        for at, run in passes:
            _until(stage, flows, players, waiting, at)
            stage.clock.now = at
            run(flows, at)
        _until(stage, flows, players, waiting, datetime.combine(day, time(23, 55), ZONE))
    return players


def _events(plan: Plan, code: str, seed: int) -> list[Event]:
    round_ = plan.round_by_code[code]
    units = [u.code for u, _ in plan.audience_of(round_, assumed=True)]
    return events_of(plan, round_, units, seed)


def _days(first: date, last: date) -> Iterator[date]:
    for n in range((last - first).days + 1):
        yield first + timedelta(days=n)


def _passes(plan: Plan, day: date) -> list[tuple[datetime, Callable[[Flows, datetime], object]]]:
    """The scheduled runs of a working day that have something to look at."""
    active = [plan.round_by_code[c] for c in ROUNDS if _active(plan.round_by_code[c], day)]
    runs: list[tuple[datetime, Callable[[Flows, datetime], object]]] = []
    if any(r.form is Form.KPI_PLAN for r in active):
        runs.append((_at(day, MORNING), lambda f, at: f.kpi_plan(at)))
    if any(r.form is Form.QUARTERLY for r in active):
        runs.append((_at(day, MORNING), lambda f, at: f.quarterly_report(at)))
    if active:
        runs.append((_at(day, BULLETIN), lambda f, at: f.consolidation(at)))
    return runs


def _active(round_: Round, day: date) -> bool:
    return round_.opens <= day <= (round_.consolidates or round_.limit) + TAIL


def _at(day: date, moment: time) -> datetime:
    return datetime.combine(day, moment, ZONE)


def _until(stage: Stage, flows: Flows, players: Players, waiting: list[Event], until: datetime) -> None:
    """Everything people do before ``until``; the mailroom answers at its hours, if something came."""
    while waiting and waiting[0].at < until:
        turn = min(_mailroom_after(waiting[0].at), until)
        while waiting and waiting[0].at < turn:
            event = heapq.heappop(waiting)
            stage.clock.now = event.at
            players.play(event)
        stage.clock.now = turn
        flows.mailroom(turn)


def _mailroom_after(at: datetime) -> datetime:
    """The next mailroom of the play (a real one runs every few minutes)."""
    local = at.astimezone(ZONE)
    return next((t for h in MAILROOM if (t := _at(local.date(), h)) > at), _at(local.date(), time(23, 54)))
