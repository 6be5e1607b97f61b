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


def show_until(limit: datetime) -> str:
    """What follows "đến": the last good day, or the hour and its day where the limit is not midnight."""
    return show_limit(limit) if _at_an_hour(limit) else show_last_day(limit)


def show_through(limit: datetime) -> str:
    """ "hết ngày 24/6/2026", or "16 giờ 00 ngày 24/6/2026": that day is not good to its end."""
    return show_limit(limit) if _at_an_hour(limit) else f"hết ngày {show_last_day(limit)}"


def show_before(limit: datetime) -> str:
    """ "trước ngày 25/6/2026", or "trước 16 giờ 00 ngày 24/6/2026"."""
    return f"trước {'' if _at_an_hour(limit) else 'ngày '}{show_limit(limit)}"


def show_term(limit: datetime) -> str:
    """ "trước ngày 25/6/2026 (chậm nhất hết ngày 24/6/2026)"; a limit at an hour needs no second word."""
    last = "" if _at_an_hour(limit) else f" (chậm nhất {show_through(limit)})"
    return show_before(limit) + last


def show_lateness(days: int) -> str:
    """ "quá hạn 03 ngày"; past an hour of the same day: "quá hạn trong ngày"."""
    return f"quá hạn {days:02d} ngày" if days else "quá hạn trong ngày"


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
    if not _at_an_hour(limit):
        return show_date(local.date())
    return f"{local:%H} giờ {local:%M} ngày {show_date(local.date())}"


def _at_an_hour(limit: datetime) -> bool:
    local = limit.astimezone(ZONE)
    return (local.hour, local.minute) != (0, 0)
