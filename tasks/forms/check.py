"""Judge a reading against what was asked: findings, never a verdict about time."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from config.plan import Form
from tasks.forms.check_figures import check_figures
from tasks.forms.check_kpi import check_kpi
from tasks.forms.check_progress import check_progress
from tasks.forms.columns import QUARTERLY_SECTIONS, TABLES
from tasks.forms.types import SPREADSHEETS, FormSpec, Reading
from tasks.rules.findings import Finding

_ASKED_SECTIONS = ("direction", "shortcomings", "causes", "next")
_TITLES = {t.key: t.title for t in TABLES}


@dataclass(frozen=True)
class Expected:
    """What a unit was asked in a round. ``last_values``: indicator → last accepted cumulative value;
    ``units``: names that a lead may have."""

    spec: FormSpec
    units: frozenset[str] = frozenset()
    last_values: Mapping[str, float] = field(default_factory=dict)
    last_states: Mapping[str, str] = field(default_factory=dict)

    @property
    def form(self) -> Form:
        return self.spec.form


def expected_of(spec: FormSpec, units: frozenset[str] = frozenset()) -> Expected:
    """Expectations that follow from the form that was sent; ``units``: known names of units."""
    values = {i.code: i.last for i in spec.indicators if i.last is not None}
    return Expected(spec, units, values, {a.code: a.last_state for a in spec.assignments if a.last_state})


def check(reading: Reading, expected: Expected) -> list[Finding]:
    """Every finding about ``reading``: those of the reader first, then those of the content."""
    findings = list(reading.findings)
    if reading.kind not in SPREADSHEETS or not (reading.tables or reading.where):
        return findings
    findings += _identity(reading, expected)
    if reading.blank:
        return [*findings, Finding("blank_form")]
    findings += _tables(reading, expected)
    if expected.form is Form.QUARTERLY:  # a table that is missing is told once, not row by row
        if "indicators" in reading.tables or not expected.spec.indicators:
            findings += check_figures(reading, expected.spec, expected.last_values)
        if "assignments" in reading.tables or not expected.spec.assignments:
            findings += check_progress(reading, expected.spec, expected.last_states)
        findings += _sections(reading)
    elif expected.form is Form.KPI_PLAN:
        findings += check_kpi(reading, expected.spec, expected.units)
    else:
        findings += _answers(reading, expected.spec)
    return [*findings, *_proposals(reading)]


def _identity(reading: Reading, expected: Expected) -> Iterator[Finding]:
    """Another unit's form, another round's form, another kind of form."""
    got, asked = reading.identity, expected.spec.identity
    if got is None:
        return
    if got.unit != asked.unit:
        yield Finding("other_unit", was=got.unit, params={"name": expected.spec.unit_name})
    if (got.plan, got.round) != (asked.plan, asked.round):
        yield Finding("other_round", was=got.round, params={"name": expected.spec.round_title})
    elif got.form != asked.form:
        yield Finding("other_form", was=got.form, params={"name": asked.form})


def _tables(reading: Reading, expected: Expected) -> Iterator[Finding]:
    spec = expected.spec
    wanted: list[str] = []
    if spec.form is Form.QUARTERLY:
        wanted = ["indicators"] * bool(spec.indicators) + ["assignments"] * bool(spec.assignments)
    elif spec.form is Form.KPI_PLAN:
        wanted = ["kpi_targets", "kpi_tasks"]
    for key in wanted:
        if key not in reading.tables:
            yield Finding("table_missing", params={"name": _TITLES[key]})


def _sections(reading: Reading) -> Iterator[Finding]:
    written = {n.section for n in reading.narrative}
    for section in QUARTERLY_SECTIONS:
        if section.key in _ASKED_SECTIONS and section.key not in written:
            sheet, cell = reading.where.get(f"{section.key}:", ("", ""))
            yield Finding("section_missing", sheet, cell, params={"name": section.label.split(" (")[0]})


def _answers(reading: Reading, spec: FormSpec) -> Iterator[Finding]:
    """Ad hoc: each item asked has an answer."""
    written = {n.key for n in reading.narrative if n.section == "content"}
    for number, text in enumerate(spec.content or (spec.round_title,), 1):
        if str(number) not in written:
            sheet, cell = reading.where.get(f"content:{number}", ("", ""))
            yield Finding("answer_missing", sheet, cell, params={"name": text})


def _proposals(reading: Reading) -> Iterator[Finding]:
    for n in reading.narrative:
        if n.section == "proposal" and not n.body and len(n.text) > 8:
            yield Finding("proposal_no_body", n.sheet, n.cell, n.text)
