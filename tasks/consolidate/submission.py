"""Who sent, who did not: counts of a round by state and group."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING

from config.plan import Group
from tasks.rules.status import WAITING, State

from .gather import RoundData
from .words import GROUPS

if TYPE_CHECKING:
    import pandas as pd

NOTHING_SENT = frozenset({State.OVERDUE, *WAITING})


@dataclass(frozen=True)
class Tally:
    """Counts of obligations. ``total`` leaves the exempt out; sent + missing = total."""

    name: str
    total: int
    on_time: int
    late: int
    checking: int
    returned: int
    incomplete: int
    missing: int
    exempt: int

    @property
    def sent(self) -> int:
        return self.total - self.missing

    @property
    def accepted(self) -> int:
        return self.on_time + self.late


def tally(rows: pd.DataFrame, name: str) -> Tally:
    counts = Counter(State(str(s)) for s in rows["state"])

    def count(*states: State) -> int:
        return sum(counts[s] for s in states)

    exempt = count(State.EXEMPT)
    return Tally(
        name=name,
        total=len(rows) - exempt,
        on_time=count(State.DONE_ON_TIME),
        late=count(State.DONE_LATE),
        checking=count(State.SUBMITTED, State.RESUBMITTED),
        returned=count(State.RETURNED),
        incomplete=count(State.INCOMPLETE),
        missing=count(*NOTHING_SENT),
        exempt=exempt,
    )


def by_group(data: RoundData) -> list[Tally]:
    """A tally per group of units that occurs, in the order of the consolidated tables."""
    rows = data.submission
    return [
        tally(rows[rows["group"] == g.value], GROUPS[g]) for g in Group if (rows["group"] == g.value).any()
    ]


def in_state(data: RoundData, *states: State) -> pd.DataFrame:
    """Rows of the submission frame in one of ``states``, in the order of the plan."""
    return data.submission[data.submission["state"].isin([s.value for s in states])]
