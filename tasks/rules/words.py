"""How dates and moments are written in Vietnamese letters (NĐ 30/2020, Phụ lục I, II.4)."""

from __future__ import annotations

from datetime import date, datetime

from config.plan import ZONE

from .limits import INSTANT


def show_date(day: date) -> str:
    """"05/6/2026", "03/02/2026": a zero before days under 10 and before months 1 and 2."""
    month = f"{day.month:02d}" if day.month < 3 else str(day.month)
    return f"{day.day:02d}/{month}/{day.year}"


def show_day(instant: datetime) -> str:
    return show_date(instant.astimezone(ZONE).date())


def show_last_day(limit: datetime) -> str:
    """The last good day before an exclusive limit."""
    return show_day(limit - INSTANT)


def show_moment(instant: datetime) -> str:
    """"07 giờ 10 phút ngày 22/6/2026"."""
    local = instant.astimezone(ZONE)
    return f"{local:%H} giờ {local:%M} phút ngày {show_date(local.date())}"


def show_second(instant: datetime) -> str:
    """"07 giờ 10 phút 05 giây ngày 22/6/2026", for receipts."""
    local = instant.astimezone(ZONE)
    return f"{local:%H} giờ {local:%M} phút {local:%S} giây ngày {show_date(local.date())}"


def show_limit(limit: datetime) -> str:
    """What follows "trước": a date, with its hour where the limit is not midnight."""
    local = limit.astimezone(ZONE)
    if (local.hour, local.minute) == (0, 0):
        return show_date(local.date())
    return f"{local:%H} giờ {local:%M} ngày {show_date(local.date())}"
