"""The province's value of each indicator: sums of numerators and denominators, nothing averaged."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from config.plan import Certainty, Form, Indicator
from tasks.rules.figures import is_share

from .entries import Entry, Kind, entries
from .gather import RoundData
from .words import amount, number, two

ENOUGH = 0.5  # share of units that must have given numbers before "met" or "not met" is said
YEAR_QUARTERS = 4


class Verdict(StrEnum):
    MET = "met"
    NOT_MET = "not_met"
    THIN = "thin"  # numbers from less than half of the units
    NO_DATA = "no_data"


VERDICTS = {
    Verdict.MET: "Đạt",
    Verdict.NOT_MET: "Chưa đạt",
    Verdict.THIN: "Chưa đủ số liệu để đánh giá",
    Verdict.NO_DATA: "Chưa có số liệu",
}
STRENGTHS = {"toi_thieu": "tối thiểu", "dat": "", "phan_dau": "phấn đấu"}


@dataclass(frozen=True)
class Point:
    """The province's value at the end of one round."""

    round: str
    short: str  # "Quý II"
    value: float | None
    gave: int
    expected: int


@dataclass(frozen=True)
class Province:
    """One indicator over all units. ``value`` is None where it may not be stated."""

    indicator: Indicator
    expected: int  # units that owe it
    counts: Counter[Kind]
    value: float | None
    numerator: float | None
    denominator: float | None
    single: bool  # only one unit reports it: its own figure is the province's
    estimates: int
    met_units: int  # units whose own figure reaches the target
    verdict: Verdict
    trend: tuple[Point, ...] = ()
    entries: tuple[Entry, ...] = ()

    @property
    def gave(self) -> int:
        """Units whose numbers make up ``value``."""
        if self.single:
            return 1 if self.value is not None else 0
        return self.counts[Kind.COUNTED]

    @property
    def relevant(self) -> int:
        """Units to which the indicator applies."""
        return self.expected - self.counts[Kind.NOT_APPLICABLE]

    @property
    def target_text(self) -> str:
        strength = STRENGTHS[self.indicator.strength]
        return f"{strength} {amount(self.indicator.target, self.indicator.uom)}".strip()

    @property
    def value_text(self) -> str:
        if self.value is None:
            return VERDICTS[Verdict.NO_DATA]
        return ("ước " if self.estimates else "") + amount(self.value, self.indicator.uom)

    @property
    def assumed(self) -> bool:
        return self.indicator.reported_certainty is Certainty.ASSUMED


def provinces(data: RoundData) -> list[Province]:
    """Every indicator that carries a figure, with its trend over the quarters."""
    series = {r.code: _by_indicator(entries(data, r.code)) for r in data.quarters}
    alone = _alone(data)
    found = []
    for indicator in data.plan.reportable:
        points = tuple(
            _point(
                indicator,
                indicator.code in alone,
                r.code,
                _short(r.title),
                series[r.code].get(indicator.code, []),
            )
            for r in data.quarters
        )
        rows = series[data.round.code].get(indicator.code, [])
        found.append(province(indicator, rows, points, single=indicator.code in alone))
    return found


def _alone(data: RoundData) -> frozenset[str]:
    """Indicators that by the plan one unit alone reports: its figure is the province's."""
    asked = Counter(
        i.code
        for u in data.plan.units
        if u.active
        for i in data.plan.indicators_for(u, Form.QUARTERLY, assumed=data.assumed)
    )
    return frozenset(code for code, units in asked.items() if units == 1)


def _by_indicator(rows: Sequence[Entry]) -> dict[str, list[Entry]]:
    found: dict[str, list[Entry]] = {}
    for row in rows:
        found.setdefault(row.indicator, []).append(row)
    return found


def _short(title: str) -> str:
    """ "báo cáo quý III năm 2026" → "Quý III"."""
    words = title.split()
    return f"Quý {words[words.index('quý') + 1]}" if "quý" in words[:-1] else title


def _point(indicator: Indicator, single: bool, code: str, short: str, rows: list[Entry]) -> Point:
    p = province(indicator, rows, single=single)
    return Point(code, short, p.value, p.gave, p.expected)


def province(
    indicator: Indicator, rows: Sequence[Entry], trend: tuple[Point, ...] = (), *, single: bool = False
) -> Province:
    """Add up what may be added up.

    The value is Σ numerators / Σ denominators of the units that gave both. Where by the plan
    one unit alone reports the indicator (``single``), its own figure is the value. Shares
    without numerators are never averaged.
    """
    counts = Counter(r.kind for r in rows)
    counted = [r for r in rows if r.kind is Kind.COUNTED]
    value = top = bottom = None
    used: list[Entry] = []
    if counted and is_share(indicator.uom):
        top = sum(r.numerator or 0.0 for r in counted)
        bottom = sum(r.denominator or 0.0 for r in counted)
        value, used = 100 * top / bottom, counted
    elif single and rows and rows[0].kind is Kind.STATED:
        value, used = rows[0].value, [rows[0]]
    return Province(
        indicator=indicator,
        expected=len(rows),
        counts=counts,
        value=value,
        numerator=top,
        denominator=bottom,
        single=single,
        estimates=sum(r.estimate for r in used),
        met_units=sum(r.value is not None and reaches(r.value, indicator.target) for r in rows),
        verdict=_verdict(indicator, value, len(used), len(rows) - counts[Kind.NOT_APPLICABLE]),
        trend=trend,
        entries=tuple(rows),
    )


def reaches(value: float, target: float) -> bool:
    """Met? Judged on what is printed (two decimals), so the document never contradicts itself."""
    return round(value, 2) >= target


def _verdict(indicator: Indicator, value: float | None, gave: int, relevant: int) -> Verdict:
    if value is None:
        return Verdict.NO_DATA
    if gave < ENOUGH * relevant:
        return Verdict.THIN
    return Verdict.MET if reaches(value, indicator.target) else Verdict.NOT_MET


def statements(data: RoundData, found: Sequence[Province]) -> dict[str, Verdict]:
    """Verdict of each of the plan's numeric statements: a split one is met if all its parts are."""
    verdicts = {p.indicator.code: p.verdict for p in found}
    result = {}
    for indicator in data.plan.indicators:
        if indicator.parent:
            continue
        parts = [i.code for i in data.plan.indicators if i.parent == indicator.code]
        result[indicator.code] = _all([verdicts[c] for c in parts or [indicator.code]])
    return result


def _all(verdicts: list[Verdict]) -> Verdict:
    for worst in (Verdict.NOT_MET, Verdict.NO_DATA, Verdict.THIN):
        if worst in verdicts:
            return worst
    return Verdict.MET


@dataclass(frozen=True)
class Pace:
    """Whether the target can be reached at the last quarter's pace, with its arithmetic."""

    at_risk: bool
    text: str


def pace(p: Province) -> Pace | None:
    """None where the target is met, or there is no earlier value to compare with."""
    # reckoned on the printed numbers, so that a reader who checks finds the same
    known = [(n, round(x.value, 2)) for n, x in enumerate(p.trend) if x.value is not None]
    if p.value is None or p.verdict is Verdict.MET or len(known) < 2 or known[-1][0] != len(p.trend) - 1:
        return None
    (before_at, before), (now_at, now) = known[-2], known[-1]
    step = round((now - before) / (now_at - before_at), 2)
    left = YEAR_QUARTERS - _quarter(p.trend[-1].short)
    reach = now + step * left
    at_risk = not reaches(reach, p.indicator.target)
    uom = "điểm %" if is_share(p.indicator.uom) else p.indicator.uom
    verb = "tăng" if step >= 0 else "giảm"
    text = (
        f"{p.trend[before_at].short}: {number(before)}; {p.trend[now_at].short}: {number(now)}; "
        f"mỗi quý {verb} {number(abs(step))} {uom}; còn {two(left)} quý, dự kiến cuối năm "
        f"{number(now)} {'+' if step >= 0 else '-'} {left} × {number(abs(step))} = {number(reach)}, "
        f"{'thấp hơn' if at_risk else 'không thấp hơn'} mục tiêu {number(p.indicator.target)}"
    )
    return Pace(at_risk, text)


def _quarter(short: str) -> int:
    return {"I": 1, "II": 2, "III": 3, "IV": 4}.get(short.removeprefix("Quý "), YEAR_QUARTERS)
