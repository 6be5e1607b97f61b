"""Checks of a KPI plan: the seven components of plan II.1 for every assigned indicator."""

from __future__ import annotations

import calendar
import re
from collections.abc import Iterator
from datetime import date

from tasks.forms.columns import COMPONENTS
from tasks.forms.extract import TARGET_FIELDS
from tasks.forms.types import FigureRead, FormSpec, IndicatorRow, NarrativeRead, Reading
from tasks.rules.digits import vietnamese
from tasks.rules.findings import Finding
from tasks.rules.viet import fold, one_line

_FULL = re.compile(r"(\d{1,2})[/.\-](\d{1,2})[/.\-](\d{4}|\d{2})\b")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})\b")
_MONTH = re.compile(
    r"(?:tháng\s*)?(\d{1,2})\s*[/.\-]\s*(\d{4})\b|tháng\s*(\d{1,2})(?:\s*năm\s*(\d{4}))?", re.I
)
_QUARTER = re.compile(r"quý\s*(iv|iii|ii|i|[1-4])\b(?:\D*(\d{4}))?", re.I)
_YEAR = re.compile(r"(?:năm\s*|hết\s*)?\b(20\d{2})\b", re.I)
_ROMAN = {"i": 1, "ii": 2, "iii": 3, "iv": 4}
_ALWAYS = ("thuong xuyen", "hang quy", "hang thang", "hang nam", "dinh ky", "trong nam", "ca nam", "lien tuc")


def check_kpi(reading: Reading, spec: FormSpec, units: frozenset[str]) -> list[Finding]:
    findings: list[Finding] = []
    known = {fold(u) for u in units} | {fold(spec.unit_name)}
    for indicator in spec.indicators:
        findings += _components(reading, indicator)
        findings += _dates(reading, indicator, spec.year)
        findings += _leads(reading, indicator, known if units else set())
        findings += _targets(reading, indicator)
    return findings


def texts(reading: Reading, section: str, code: str) -> list[NarrativeRead]:
    return [n for n in reading.narrative if n.section == section and n.key == code]


def _components(reading: Reading, indicator: IndicatorRow) -> Iterator[Finding]:
    """A component counts where it is written for the indicator or for all of them."""
    for section, part in COMPONENTS.items():
        if texts(reading, section, indicator.code) or texts(reading, section, ""):
            continue
        sheet, cell = reading.where.get(f"{section}:{indicator.code}", ("", ""))
        yield Finding("component_missing", sheet, cell, params={"name": indicator.name, "part": part})


def _dates(reading: Reading, indicator: IndicatorRow, year: int) -> Iterator[Finding]:
    for n in texts(reading, "due", indicator.code):
        params = {"name": indicator.name, "year": str(year)}
        if fold(n.text).startswith(_ALWAYS):
            continue
        day = completion_date(n.text, year)
        if day is None:
            yield Finding("date_unreadable", n.sheet, n.cell, n.text, params)
        elif day > date(year, 12, 31):
            yield Finding("date_after_year", n.sheet, n.cell, n.text, params)


def completion_date(text: str, year: int) -> date | None:
    """The last day that ``text`` means: "30/9/2026", "tháng 9", "quý III/2026", "năm 2026"."""
    text = one_line(text)[:300]
    if match := _ISO.search(text):
        return _day(int(match[1]), int(match[2]), int(match[3]))
    if match := _FULL.search(text):
        written = int(match[3])
        return _day(written if written > 99 else 2000 + written, int(match[2]), int(match[1]))
    if match := _MONTH.search(text):
        month = int(match[1] or match[3])
        return _end_of_month(int(match[2] or match[4] or year), month)
    if match := _QUARTER.search(text):
        quarter = _ROMAN.get(match[1].lower()) or int(match[1])
        return _end_of_month(int(match[2] or year), 3 * quarter)
    if match := _YEAR.search(text):
        return date(int(match[1]), 12, 31)
    return None


def _day(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _end_of_month(year: int, month: int) -> date | None:
    if not (1 <= month <= 12 and 1 <= year <= 9999):
        return None
    return date(year, month, calendar.monthrange(year, month)[1])


def _leads(reading: Reading, indicator: IndicatorRow, known: set[str]) -> Iterator[Finding]:
    """A lead should be a unit of the plan, or a part of one ("Phòng CĐS, Sở Khoa học và Công nghệ")."""
    for n in texts(reading, "lead", indicator.code):
        folded = fold(n.text)
        if known and not any(name in folded or folded in name for name in known if folded):
            yield Finding("unknown_lead", n.sheet, n.cell, n.text, {"name": indicator.name})


def _targets(reading: Reading, indicator: IndicatorRow) -> Iterator[Finding]:
    read = {f.field: f for f in reading.figures if f.indicator == indicator.code and f.value is not None}
    rows: list[FigureRead] = [read[k] for k in TARGET_FIELDS if k in read]
    values = [f.value for f in rows if f.value is not None]
    remark = bool(texts(reading, "remark", indicator.code))
    params = {"name": indicator.name, "target": vietnamese(indicator.target)}
    if values != sorted(values) and not remark:
        said = "; ".join(f.raw for f in rows)
        yield Finding("target_falls", rows[0].sheet, rows[0].cell, said, params)
    last = read.get("target_q4")
    if last and last.value is not None and last.value < indicator.target - 1e-9 and not remark:
        yield Finding("last_target_short", last.sheet, last.cell, last.raw, params)
