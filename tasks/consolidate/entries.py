"""What each unit said about each indicator, and whether it is a number that may be added up."""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from config.plan import Form, Indicator
from tasks.rules.figures import EMPTY, USABLE, Flag, is_share
from tasks.rules.viet import fold

from .gather import RoundData
from .words import amount, number

if TYPE_CHECKING:
    import pandas as pd

TOLERANCE = 0.1  # percentage points between a stated share and its own numerator and denominator

FLAG_WORDS = {
    Flag.AMBIGUOUS: "chưa rõ cách ghi, cần xác nhận",
    Flag.GT: "mới nêu ngưỡng trên, cần số cụ thể",
    Flag.GTE: "mới nêu ngưỡng tối thiểu, cần số cụ thể",
    Flag.LT: "mới nêu ngưỡng dưới, cần số cụ thể",
    Flag.LTE: "mới nêu ngưỡng tối đa, cần số cụ thể",
    Flag.RANGE: "ghi theo khoảng, cần số cụ thể",
    Flag.MULTI_VALUE: "ghi nhiều giá trị, cần xác nhận",
    Flag.MET_NO_NUMBER: "ghi đạt, không có số liệu",
    Flag.NOT_MET_NO_NUMBER: "ghi chưa đạt, không có số liệu",
    Flag.IN_PROGRESS: "đang thực hiện, chưa có số liệu",
    Flag.NOT_STARTED: "chưa thực hiện, chưa có số liệu",
    Flag.OUT_OF_RANGE: "ngoài khoảng hợp lý, cần xác nhận",
    Flag.UNIT_MISMATCH: "khác đơn vị tính, cần xác nhận",
    Flag.DATE_MANGLED: "ô bị chuyển thành ngày tháng, cần xác nhận",
    Flag.EXCEL_ERROR: "ô báo lỗi",
    Flag.FORMULA_NO_CACHE: "công thức chưa có kết quả",
    Flag.LEGACY_ENCODING: "phông chữ cũ, cần xác nhận",
    Flag.TEXT: "ghi bằng chữ, cần số cụ thể",
}
SET_ASIDE = "không dùng theo quyết định xác nhận số liệu"


class Kind(StrEnum):
    """What a unit's answer for an indicator is worth."""

    COUNTED = "counted"  # numerator and denominator: goes into the province's sum
    STATED = "stated"  # a share only: shown, never added up
    WORDS = "words"  # a bound, a range, "đạt": shown in words
    INCONSISTENT = "inconsistent"  # numerator above denominator: shown, not added up
    NOT_APPLICABLE = "not_applicable"
    NO_DATA = "no_data"  # the accepted report gives none
    NO_REPORT = "no_report"  # no accepted report


KIND_WORDS = {
    Kind.COUNTED: "Có tử số, mẫu số",
    Kind.STATED: "Chỉ có tỷ lệ",
    Kind.WORDS: "Chưa có số cụ thể",
    Kind.INCONSISTENT: "Tử số, mẫu số không hợp lý",
    Kind.NOT_APPLICABLE: "Không áp dụng",
    Kind.NO_DATA: "Chưa có số liệu",
    Kind.NO_REPORT: "Chưa có báo cáo được tiếp nhận",
}


@dataclass(frozen=True)
class Entry:
    """One unit's answer for one indicator. ``value`` is in the indicator's unit (17.5 for 17,5%)."""

    unit: str
    indicator: str
    kind: Kind
    value: float | None = None
    numerator: float | None = None
    denominator: float | None = None
    estimate: bool = False
    shown: str = ""  # in words, for tables
    doubt: str = ""  # stated and computed share differ, …


@dataclass(frozen=True)
class _Cell:
    raw: str
    value: float | None
    flag: str
    basis: str
    decided: bool

    @property
    def number(self) -> float | None:
        """The value, where it may be used as one: undisputed, or settled by a person."""
        usable = self.decided or self.flag in USABLE
        return self.value if usable else None

    @property
    def empty(self) -> bool:
        return not self.decided and self.flag in EMPTY

    @property
    def estimate(self) -> bool:
        return self.flag == Flag.APPROX or fold(self.basis).startswith("uoc")


def entries(data: RoundData, round_code: str) -> list[Entry]:
    """One entry per unit that owes ``round_code`` and indicator that it is asked for."""
    cells = _cells(data.figures, round_code)
    reported = data.reported.get(round_code, frozenset())
    return [
        entry(indicator, code, cells.get((code, indicator.code), {}), reported=code in reported)
        for code in data.audience.get(round_code, ())
        if (unit := data.unit(code))
        for indicator in data.plan.indicators_for(unit, Form.QUARTERLY, assumed=data.assumed)
    ]


def _cells(figures: pd.DataFrame, round_code: str) -> dict[tuple[str, str], dict[str, _Cell]]:
    found: dict[tuple[str, str], dict[str, _Cell]] = {}
    columns = ["round", "unit", "indicator", "field", "raw", "value", "flag", "basis", "decided"]
    for rnd, unit, indicator, field, raw, value, flag, basis, decided in figures[columns].itertuples(
        index=False, name=None
    ):
        if rnd == round_code:
            cell = _Cell(raw, _float(value), flag, basis, bool(decided))
            found.setdefault((unit, indicator), {})[field] = cell
    return found


def _float(value: Any) -> float | None:
    return None if value is None or math.isnan(value) else float(value)


def entry(indicator: Indicator, unit: str, cells: dict[str, _Cell], *, reported: bool) -> Entry:
    """Judge one answer: sums first, then the stated figure, then what was said in words."""
    if not reported:
        return Entry(unit, indicator.code, Kind.NO_REPORT, shown=KIND_WORDS[Kind.NO_REPORT])
    result = _result(cells)
    top, bottom = _number(cells, "numerator"), _number(cells, "denominator")
    estimate = any(c.estimate for c in cells.values())
    if is_share(indicator.uom) and top is not None and bottom is not None:
        return _counted(indicator, unit, top, bottom, result, estimate=estimate)
    if result is None or result.empty:
        return Entry(unit, indicator.code, Kind.NO_DATA, shown=KIND_WORDS[Kind.NO_DATA])
    if not result.decided and result.flag == Flag.NOT_APPLICABLE:
        return Entry(unit, indicator.code, Kind.NOT_APPLICABLE, shown=KIND_WORDS[Kind.NOT_APPLICABLE])
    if result.number is None:
        words = SET_ASIDE if result.decided else FLAG_WORDS.get(Flag(result.flag), "cần xác nhận")
        return Entry(unit, indicator.code, Kind.WORDS, shown=f"“{result.raw}” ({words})")
    shown = ("ước " if estimate else "") + amount(result.number, indicator.uom)
    return Entry(unit, indicator.code, Kind.STATED, result.number, top, bottom, estimate, shown)


def _result(cells: dict[str, _Cell]) -> _Cell | None:
    """The cumulative figure, or the period's where the cumulative one is empty."""
    named = [cells[f] for f in ("cumulative", "result") if f in cells]
    return next((c for c in named if not c.empty), named[0] if named else None)


def _number(cells: dict[str, _Cell], field: str) -> float | None:
    return cells[field].number if field in cells else None


def _counted(
    indicator: Indicator, unit: str, top: float, bottom: float, result: _Cell | None, *, estimate: bool
) -> Entry:
    if bottom == 0 and top == 0:
        shown = f"{KIND_WORDS[Kind.NOT_APPLICABLE]} (mẫu số bằng 0)"
        return Entry(unit, indicator.code, Kind.NOT_APPLICABLE, shown=shown)
    if bottom <= 0 or top < 0 or top > bottom:
        shown = f"tử số {number(top)}, mẫu số {number(bottom)} (không hợp lý, cần xác nhận)"
        return Entry(unit, indicator.code, Kind.INCONSISTENT, None, top, bottom, estimate, shown)
    value = 100 * top / bottom
    doubt = ""
    if result and result.number is not None and abs(result.number - value) > TOLERANCE:
        doubt = f"ghi {amount(result.number, '%')}, tử số/mẫu số cho {amount(value, '%')}"
    shown = f"{'ước ' if estimate else ''}{amount(value, '%')} ({number(top)}/{number(bottom)})"
    return Entry(unit, indicator.code, Kind.COUNTED, value, top, bottom, estimate, shown, doubt)
