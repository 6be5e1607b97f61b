"""Read a figure as a clerk typed it: keep the raw text, a value where there is one, and a flag.

Nothing is rescaled or filled in silently: "đạt" is not 100, a blank is not 0, "ước" is an estimate,
and 0.175 is 17.5 only where the cell's own format shows a percentage. Doubt is a flag, and a value
that may mean two things is no value.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from enum import StrEnum

from tasks.rules import digits, figure_words, legacy_text, viet
from tasks.rules.figure_text import read_text


class Flag(StrEnum):
    OK = "ok"
    DOT_DECIMAL = "dot_decimal"  # "17.5": decimal point, accepted
    AMBIGUOUS = "ambiguous"
    GT = "gt"
    GTE = "gte"
    LT = "lt"
    LTE = "lte"
    APPROX = "approx"  # ước, khoảng
    RANGE = "range"
    RATIO = "ratio"
    MULTI_VALUE = "multi_value"
    MET_NO_NUMBER = "met_no_number"
    NOT_MET_NO_NUMBER = "not_met_no_number"
    IN_PROGRESS = "in_progress"
    NOT_STARTED = "not_started"
    NO_DATA = "no_data"
    NOT_APPLICABLE = "not_applicable"
    ZERO_OR_MISSING = "zero_or_missing"  # a dash
    TEXT = "text"
    BLANK = "blank"
    OUT_OF_RANGE = "out_of_range"
    UNIT_MISMATCH = "unit_mismatch"
    DATE_MANGLED = "date_mangled"  # typed 15/5, Excel made a date
    EXCEL_ERROR = "excel_error"
    FORMULA_NO_CACHE = "formula_no_cache"
    LEGACY_ENCODING = "legacy_encoding"

USABLE = frozenset({Flag.OK, Flag.DOT_DECIMAL, Flag.RATIO, Flag.APPROX})  # counts as a number as it stands
EMPTY = frozenset({Flag.BLANK, Flag.NO_DATA, Flag.ZERO_OR_MISSING})  # says that there is none


@dataclass(frozen=True)
class Number:
    """``value`` is in the indicator's own unit (17.5 for 17,5 %), ``None`` where there is none."""

    raw: str
    value: float | None
    flag: str
    note: str = ""


_ERRORS = re.compile(
    r"#(DIV/0!|REF!|N/A|VALUE!|NAME\?|NUM!|NULL!|SPILL!|CALC!|GETTING_DATA)$|(Err:|#ERR)\d*", re.I
)
_WIDE = str.maketrans("０１２３４５６７８９％．，／", "0123456789%.,/")
_LARGEST = 1e18  # more than the GRDP in đồng: a slip of the keyboard
_LONGEST = 400  # characters; beyond it a cell tells a story
_QUOTED = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_DATE_LETTERS = re.compile(r"[dmyhs]", re.I)


def is_error(text: str) -> bool:
    """Does a cell show an error of its program ("#NAME?", "Err:508") and nothing else?"""
    return _ERRORS.match(text) is not None


def is_share(uom: str) -> bool:
    """Is the unit of measure a percentage?"""
    return "%" in uom or "phần trăm" in uom.lower()


def read_number(raw: object, *, uom: str, number_format: str | None = None) -> Number:
    """Read a cell.

    ``raw``: what the cell holds (text, number, bool, date, ``None``); a formula without a stored
    result is given as its own text ("=C5/D5"), an error cell as its text ("#DIV/0!").
    ``number_format``: the cell's Excel format code, which tells 17.5 % from 0.175.
    """
    if raw is None:
        return Number("", None, Flag.BLANK)
    if isinstance(raw, bool):
        return Number("TRUE" if raw else "FALSE", None, Flag.TEXT)
    if isinstance(raw, (int, float)):
        return _from_cell(float(raw), uom, number_format or "")
    if isinstance(raw, (datetime, date, time, timedelta)):
        return Number(_date_text(raw), None, Flag.DATE_MANGLED, "ô bị chuyển thành ngày tháng")
    return _from_text(str(raw), uom)


def _date_text(raw: date | time | timedelta) -> str:
    if isinstance(raw, datetime) and raw.time() == time(0):
        raw = raw.date()
    return str(raw) if isinstance(raw, timedelta) else raw.isoformat()


def _from_cell(value: float, uom: str, number_format: str) -> Number:
    """A numeric cell: the stored number and the format it is shown in."""
    raw = digits.plain(value)
    if not math.isfinite(value):
        return Number(raw, None, Flag.EXCEL_ERROR)
    if abs(value) > _LARGEST:
        return Number(raw, None, Flag.AMBIGUOUS, "số quá lớn")
    code = _QUOTED.sub("", number_format).split(";")[0]
    if code.lower() != "general" and "%" not in code and _DATE_LETTERS.search(code):
        return Number(raw, None, Flag.DATE_MANGLED, "ô có định dạng ngày tháng")
    if "%" in code:
        shown = round(value * 100, 9)
        note = f"ô định dạng phần trăm, hiển thị {digits.vietnamese(shown)}%"
        if not is_share(uom):
            return Number(raw, shown, Flag.UNIT_MISMATCH, note)
        return in_range(Number(raw, shown, Flag.OK, note), uom)
    if is_share(uom) and 0 < value <= 1:
        return Number(raw, value, Flag.AMBIGUOUS, "có thể là phần trăm hoặc tỷ lệ trên 1")
    return in_range(Number(raw, value, Flag.OK), uom)


def in_range(number: Number, uom: str) -> Number:
    """Flag what cannot be: a negative figure, a share above 100."""
    value = number.value
    if value is None or not (value < 0 or (is_share(uom) and value > 100)):
        return number
    return Number(number.raw, value, Flag.OUT_OF_RANGE, number.note)


def _from_text(raw: str, uom: str) -> Number:
    text = viet.one_line(raw).translate(_WIDE)
    if not text:
        return Number(raw, None, Flag.BLANK)
    if len(text) > _LONGEST:
        return Number(raw, None, Flag.TEXT)
    if is_error(text):
        return Number(raw, None, Flag.EXCEL_ERROR)
    if text.startswith("=") and len(text) > 1:
        return Number(raw, None, Flag.FORMULA_NO_CACHE)
    unicode_text, encoding = legacy_text.to_unicode(text)
    if encoding:
        return Number(raw, None, Flag.LEGACY_ENCODING, unicode_text)
    if flag := figure_words.whole(text.lower()):
        return Number(raw, None, Flag(flag))
    value, flag, note = read_text(text.lower(), uom=uom, share=is_share(uom))
    if value is not None and abs(value) > _LARGEST:
        return Number(raw, None, Flag.AMBIGUOUS, "số quá lớn")
    number = Number(raw, value, Flag(flag), note)
    return in_range(number, uom) if flag in _CHECKED else number


_CHECKED = frozenset({Flag.OK, Flag.DOT_DECIMAL, Flag.APPROX, Flag.RATIO})
