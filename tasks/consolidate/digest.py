"""The figures of one report, computed once: document, workbook, page and summary all read them here."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from functools import cached_property

from config.plan import Form

from . import assignments, submission
from .assignments import Item, Progress
from .gather import RoundData
from .indicators import Pace, Province, Verdict, pace, provinces, statements
from .opinions import Matter, Merged, Opinion, merged, opinions
from .submission import Tally


@dataclass(frozen=True)
class Digest:
    data: RoundData

    @property
    def quarterly(self) -> bool:
        return self.data.round.form is Form.QUARTERLY

    @cached_property
    def total(self) -> Tally:
        return submission.tally(self.data.submission, "Tổng cộng")

    @cached_property
    def groups(self) -> list[Tally]:
        return submission.by_group(self.data)

    @cached_property
    def before(self) -> Tally | None:
        """The round before, as known at the same instant."""
        earlier = self.data.earlier
        return None if earlier is None or earlier.empty else submission.tally(earlier, "Kỳ trước")

    @cached_property
    def provinces(self) -> list[Province]:
        return provinces(self.data) if self.quarterly else []

    @cached_property
    def statements(self) -> dict[str, Verdict]:
        """Verdict of each of the plan's numeric statements (16 in 2026)."""
        return statements(self.data, self.provinces) if self.quarterly else {}

    @cached_property
    def verdicts(self) -> Counter[Verdict]:
        return Counter(self.statements.values())

    @cached_property
    def paces(self) -> dict[str, Pace]:
        found = {p.indicator.code: pace(p) for p in self.provinces}
        return {code: x for code, x in found.items() if x}

    @cached_property
    def items(self) -> list[Item]:
        return assignments.items(self.data) if self.quarterly else []

    @cached_property
    def states(self) -> Counter[Progress]:
        return Counter(i.state for i in self.items)

    @cached_property
    def overdue(self) -> list[Item]:
        return assignments.overdue(self.items)

    @cached_property
    def opinions(self) -> list[Opinion]:
        return opinions(self.data)

    @cached_property
    def difficulties(self) -> list[Merged]:
        return merged(o for o in self.opinions if o.matter is Matter.DIFFICULTY)

    @cached_property
    def proposals(self) -> list[Merged]:
        return merged(o for o in self.opinions if o.matter is Matter.PROPOSAL)
