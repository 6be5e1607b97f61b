"""When a document arrived, as register programs write it."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta

from config.plan import ZONE
from tasks.forms.sheets import CellValue
from tasks.rules.viet import one_line

FIRST_YEAR = 2000  # a program's empty date is 01/01/0001, which is an instant of no other zone
_DAYS = ("%d/%m/%Y", "%d-%m-%Y", "%d.%m.%Y", "%Y-%m-%d")
_HOURS = ("%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_FORMS = (
    *(f"{day}{gap}{hour}" for day in _DAYS for gap in " T" for hour in _HOURS),
    "%H:%M %d/%m/%Y",
    *_DAYS,
)
_DAY_ZERO = datetime(1899, 12, 30, tzinfo=ZONE)  # Excel's, for a date in a cell without a date's format
_SERIALS = (36_526, 73_051)  # the years 2000 to 2099


def instant(value: CellValue) -> datetime | None:
    """The instant in Việt Nam; None where the cell holds none, or one that no document can have."""
    found = _read(value)
    return found if found and found.year >= FIRST_YEAR else None


def _read(value: CellValue) -> datetime | None:
    if isinstance(value, datetime):
        return value.replace(tzinfo=ZONE)
    if isinstance(value, date):
        return datetime.combine(value, time(0), ZONE)
    if isinstance(value, float) and _SERIALS[0] <= value < _SERIALS[1]:
        return _DAY_ZERO + timedelta(minutes=round(value * 1440))
    return _typed(one_line(str(value or "")).upper())


def _typed(text: str) -> datetime | None:
    """A date as text; "8:00 SA" and "2:00 CH" are the Vietnamese AM and PM."""
    for half, english in ((" SA", " AM"), (" CH", " PM")):
        text = text.removesuffix(half) + english if text.endswith(half) else text
    for form in _FORMS:
        try:
            return datetime.strptime(text, form).replace(tzinfo=ZONE)
        except ValueError:
            continue
    return None
