"""Limits: "trước ngày 25/6/2026" is the instant 25/6 00:00 +07:00, exclusive (ruling 4, note A1)."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from config.plan import midnight

from .facts import Facts
from .working_days import DAY, Calendar, local_day

INSTANT = timedelta(microseconds=1)


def effective_limit(facts: Facts) -> datetime:
    """The round's limit, or the newest extension's that stands (of two at one instant, the later row's)."""
    standing = sorted((e for e in facts.extensions if e.revoked_at is None), key=lambda e: e.at)
    return standing[-1].until if standing else facts.round.limit_at


def last_good_day(limit: datetime) -> date:
    """The last day on which a file may still arrive in time."""
    return local_day(limit - INSTANT)


def working_day_after(calendar: Calendar, limit: datetime, number: int) -> date:
    """Working day ``number`` after ``limit``; 1 is the first one on or after the limit's date."""
    first = calendar.on_or_after(last_good_day(limit) + DAY)
    return calendar.after(first, number - 1)


def working_day_before(calendar: Calendar, limit: datetime, number: int) -> date:
    """Working day ``number`` before ``limit``; 1 is the last good working day."""
    return calendar.before(last_good_day(limit) + DAY, number)


def days_late(limit: datetime, instant: datetime) -> int:
    """Calendar days since the last good day; 0 while it is not over."""
    return max(0, (local_day(instant) - last_good_day(limit)).days)


def working_days_left(calendar: Calendar, limit: datetime, now: datetime) -> int:
    """Working days from today to the last good day, both counted."""
    return calendar.count(local_day(now), last_good_day(limit))


def inclusive(day: date) -> datetime:
    """A date that a person entered, as an exclusive limit: the next day 00:00 (ruling 4)."""
    return midnight(day + DAY)


def first_return(facts: Facts) -> datetime | None:
    """When the first counting version was returned; it starts the one cure period."""
    returned = [c.at for a in facts.arrivals for c in a.checks if c.verdict == "returned" and c.counts]
    return min(returned, default=None)


def cure_until(facts: Facts, calendar: Calendar) -> datetime | None:
    """End of the cure period (exclusive), or None where nothing was returned (ruling 7).

    The later of the limit and the end of the round's n-th working day after the first
    return. Later returns never restart it.
    """
    start = first_return(facts)
    if start is None:
        return None
    day = calendar.after(local_day(start), facts.round.cure_days)
    return max(effective_limit(facts), midnight(day + DAY))
