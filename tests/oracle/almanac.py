"""The oracle's own calendar: plain dates, no code of the rules."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, timezone

HERE = timezone(timedelta(hours=7))
ONE = timedelta(days=1)


def start_of(day: date) -> datetime:
    return datetime.combine(day, time(0), HERE)


def day_of(moment: datetime) -> date:
    return moment.astimezone(HERE).date()


@dataclass(frozen=True)
class Almanac:
    off: frozenset[date]
    extra: frozenset[date]  # Saturdays worked

    def works(self, day: date) -> bool:
        if day in self.extra:
            return True
        return day.isoweekday() <= 5 and day not in self.off

    def worked(self, first: date, last: date) -> int:
        """Working days from ``first`` to ``last``, both included."""
        number = 0
        while first <= last:
            number += self.works(first)
            first += ONE
        return number

    def nth_from(self, first: date, number: int) -> date:
        """The ``number``-th working day, the first one on or after ``first`` being 1."""
        seen = 0
        while True:
            seen += self.works(first)
            if seen == number:
                return first
            first += ONE

    def nth_back(self, before: date, number: int) -> date:
        seen = 0
        while seen < number:
            before -= ONE
            seen += self.works(before)
        return before

    def open_hours(self, moment: datetime) -> bool:
        return self.works(day_of(moment)) and 7 <= moment.astimezone(HERE).hour < 17
