"""Working days of the public sector: weekends, days off and make-up Saturdays (holidays.csv)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from config.plan import ZONE, Chasing, DayKind, Holiday

DAY = timedelta(days=1)


@dataclass(frozen=True)
class Calendar:
    off: frozenset[date]
    work: frozenset[date]  # Saturdays worked to make up for a day off

    @classmethod
    def of(cls, holidays: Iterable[Holiday]) -> Calendar:
        rows = tuple(holidays)
        return cls(
            off=frozenset(h.date for h in rows if h.kind is DayKind.OFF),
            work=frozenset(h.date for h in rows if h.kind is DayKind.WORK),
        )

    def is_working(self, day: date) -> bool:
        return day in self.work or (day.weekday() < 5 and day not in self.off)

    def on_or_after(self, day: date) -> date:
        while not self.is_working(day):
            day += DAY
        return day

    def before(self, day: date, number: int = 1) -> date:
        """The ``number``-th working day before ``day``; 1 is the last one before it."""
        for _ in range(number):
            day -= DAY
            while not self.is_working(day):
                day -= DAY
        return day

    def after(self, day: date, number: int) -> date:
        """The ``number``-th working day after ``day``, ``day`` itself not counted; 0 is ``day``."""
        for _ in range(number):
            day = self.on_or_after(day + DAY)
        return day

    def count(self, first: date, last: date) -> int:
        """Working days from ``first`` to ``last``, both included; 0 where the range is empty."""
        return sum(self.is_working(first + n * DAY) for n in range((last - first).days + 1))

    def elapsed(self, since: date, today: date) -> int:
        """Working days after ``since`` up to and with ``today``."""
        return self.count(since + DAY, today)


def local_day(instant: datetime) -> date:
    return instant.astimezone(ZONE).date()


def chasing_allowed(calendar: Calendar, chasing: Chasing, now: datetime) -> bool:
    """Reminders and escalations leave only on working days inside the window (ruling 6)."""
    local = now.astimezone(ZONE)
    return calendar.is_working(local.date()) and chasing.window_from <= local.time() < chasing.window_to


def next_window(calendar: Calendar, chasing: Chasing, now: datetime) -> datetime:
    """The first instant, from ``now`` on, at which chasing may leave."""
    local = now.astimezone(ZONE)
    opens = datetime.combine(local.date(), chasing.window_from, ZONE)
    if calendar.is_working(local.date()) and local.time() < chasing.window_to:
        return max(local, opens)
    return datetime.combine(calendar.after(local.date(), 1), chasing.window_from, ZONE)
