"""Assignments in the four official states; "quá hạn" is computed, never a unit's word (ruling 8)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from config.plan import Assignment, Certainty
from tasks.rules.viet import fold
from tasks.rules.working_days import local_day

from .gather import RoundData
from .words import FAMILIES


class Progress(StrEnum):
    DONE = "done"
    DONE_LATE = "done_late"
    GOING = "going"
    OVERDUE = "overdue"


STATES = {  # wording of TB 624/TB-VPCP
    Progress.DONE: "Đã hoàn thành",
    Progress.DONE_LATE: "Đã hoàn thành quá hạn",
    Progress.GOING: "Đang thực hiện",
    Progress.OVERDUE: "Quá hạn chưa hoàn thành",
}
_BY_WORDS = {fold(words): state for state, words in STATES.items()}


@dataclass(frozen=True)
class Item:
    """One assignment at the report's instant. ``said`` is what the unit wrote, "" if nothing."""

    assignment: Assignment
    state: Progress
    days: int  # overdue, calendar days since the last good day
    said: str
    result: str
    difficulty: str
    proposal: str
    reported: str  # the round that told it; "" where no accepted report mentions it

    @property
    def words(self) -> str:
        return STATES[self.state]

    @property
    def assumed(self) -> bool:
        return self.assignment.certainty is Certainty.ASSUMED


def items(data: RoundData) -> list[Item]:
    """Every assignment of the plan, by the newest accepted report of its unit."""
    said = _newest(data)
    today = local_day(data.as_of)
    return [
        _item(a, said.get(a.code), today)
        for a in data.plan.assignments
        if (data.assumed or a.certainty is Certainty.CONFIRMED) and data.unit(a.unit)
    ]


def _newest(data: RoundData) -> dict[str, dict[str, str]]:
    order = {r.code: n for n, r in enumerate(data.quarters)}
    rows = [{str(k): str(v) for k, v in r.items()} for r in data.progress.to_dict("records")]
    rows.sort(key=lambda r: order[r["round"]])
    units = {a.code: a.unit for a in data.plan.assignments}
    return {r["assignment"]: r for r in rows if units.get(r["assignment"]) == r["unit"]}


def _item(assignment: Assignment, row: dict[str, str] | None, today: date) -> Item:
    said = row["state"] if row else ""
    state = judge(said, assignment.due, today)
    overdue = state is Progress.OVERDUE and assignment.due
    return Item(
        assignment=assignment,
        state=state,
        days=(today - assignment.due).days if overdue and assignment.due else 0,
        said=said,
        result=row["result"] if row else "",
        difficulty=row["difficulty"] if row else "",
        proposal=row["proposal"] if row else "",
        reported=row["round"] if row else "",
    )


def judge(said: str, due: date | None, today: date) -> Progress:
    """Done is the unit's word; not done after the last good day is overdue, whatever it wrote."""
    state = _BY_WORDS.get(fold(said))
    if state in (Progress.DONE, Progress.DONE_LATE):
        return state
    return Progress.OVERDUE if due and today > due else Progress.GOING


def by_family(found: Sequence[Item]) -> list[tuple[str, Counter[Progress]]]:
    """(name of the family, counts of states), families in the plan's order."""
    counts = {name: Counter[Progress]() for name in FAMILIES}
    for item in found:
        counts[item.assignment.family][item.state] += 1
    return [(FAMILIES[code], c) for code, c in counts.items()]


def by_unit(found: Sequence[Item]) -> list[tuple[str, Counter[Progress]]]:
    """(unit code, counts of states), in the order of the plan."""
    counts: dict[str, Counter[Progress]] = {}
    for item in found:
        counts.setdefault(item.assignment.unit, Counter())[item.state] += 1
    return list(counts.items())


def overdue(found: Sequence[Item]) -> list[Item]:
    """The overdue ones, the longest first."""
    return sorted(
        (i for i in found if i.state is Progress.OVERDUE), key=lambda i: (-i.days, i.assignment.code)
    )
