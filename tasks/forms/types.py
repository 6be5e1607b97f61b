"""What the workbook room speaks of: a form to be built, and what was read from one that came back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from config.plan import Form
from tasks.forms.kinds import SPREADSHEETS as SPREADSHEETS
from tasks.forms.kinds import Kind as Kind
from tasks.rules.findings import Finding


@dataclass(frozen=True)
class Identity:
    """Which obligation a workbook answers; ``token`` is the unguessable part."""

    plan: str
    round: str
    unit: str
    token: str
    form: str


@dataclass(frozen=True)
class IndicatorRow:
    code: str
    name: str
    uom: str
    target: float
    last: float | None = None  # last accepted cumulative value, in ``uom``
    numerator: str = ""  # what is counted above the line, in words
    denominator: str = ""


@dataclass(frozen=True)
class AssignmentRow:
    code: str
    title: str
    document: str
    lead: str  # name of the unit in charge
    due: date | None  # last good day
    last_state: str = ""


@dataclass(frozen=True)
class FormSpec:
    """One unit's form in one round, with everything that is filled in beforehand."""

    identity: Identity
    unit_name: str
    round_title: str
    limit_text: str  # "trước ngày 25/6/2026 (hết ngày 24/6/2026)"
    period_text: str  # "từ ngày 15/3/2026 đến ngày 14/6/2026", empty where there is none
    period_end: str  # "14/6/2026", for the heading of the cumulative column
    year: int
    quarter: int  # 0 where the round is no quarter
    issuer: str
    created: date  # written into the file's properties: the day the round opens
    indicators: tuple[IndicatorRow, ...] = ()
    assignments: tuple[AssignmentRow, ...] = ()
    content: tuple[str, ...] = ()  # ad hoc: what is asked, one item each

    @property
    def form(self) -> Form:
        return Form(self.identity.form)


@dataclass(frozen=True)
class FigureRead:
    """A value read for an indicator. ``field``: numerator, denominator, result, cumulative,
    target_q2, target_q3, target_q4. ``value`` is in ``uom``; ``note`` is the number reader's."""

    indicator: str
    field: str
    raw: str
    value: float | None
    flag: str
    uom: str
    sheet: str
    cell: str
    note: str = ""
    basis: str = ""  # "Ước" or "Chính thức", as chosen in the row
    source: str = ""  # Nguồn số liệu
    remark: str = ""  # the unit's Ghi chú: settles a question


@dataclass(frozen=True)
class ProgressRead:
    assignment: str
    result: str
    state: str  # one of the four official states, or as typed where it is none of them
    difficulty: str
    proposal: str
    sheet: str
    cell: str  # of the state
    raw_state: str = ""


@dataclass(frozen=True)
class NarrativeRead:
    """A text. ``section``: direction, shortcomings, next, proposal (``key``: its number, ``body``:
    the agency asked), content (``key``: item), a KPI component (``key``: indicator, "" for all)."""

    section: str
    key: str
    text: str
    sheet: str
    cell: str
    body: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Reading:
    """Everything an arriving file says. ``where`` maps "field:code" to (sheet, cell) of every input
    cell that was found, filled or not."""

    kind: Kind
    identity: Identity | None = None
    blank: bool = True
    figures: tuple[FigureRead, ...] = ()
    progress: tuple[ProgressRead, ...] = ()
    narrative: tuple[NarrativeRead, ...] = ()
    findings: tuple[Finding, ...] = ()
    classified: bool = False
    tables: frozenset[str] = frozenset()
    where: Mapping[str, tuple[str, str]] = field(default_factory=dict)
    claims: Mapping[str, str] = field(default_factory=dict)  # indicator → "So với mục tiêu"
    sheets: tuple[str, ...] = ()
