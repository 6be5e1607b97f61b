"""Which days the public sector works (holidays.csv)."""

from __future__ import annotations

from datetime import time

import pytest

from config.plan import Chasing
from tasks.rules.working_days import chasing_allowed, local_day, next_window
from tests.builders import at, day, the_calendar

CALENDAR = the_calendar()


@pytest.mark.parametrize(
    ("text", "works", "why"),
    [
        ("1/1", False, "New Year"),
        ("2/1", False, "swapped for 10/1"),
        ("5/1", True, "an ordinary Monday"),
        ("9/1", True, "an ordinary Friday"),
        ("10/1", True, "a Saturday worked for 2/1"),
        ("11/1", False, "a Sunday"),
        ("17/1", False, "an ordinary Saturday"),
        ("13/2", True, "the last day before Tết"),
        ("16/2", False, "Tết"),
        ("20/2", False, "Tết"),
        ("23/2", True, "the first day after Tết"),
        ("27/4", False, "in lieu of Giỗ Tổ on a Sunday"),
        ("30/4", False, "Victory Day"),
        ("1/5", False, "Labour Day"),
        ("4/5", True, "the KPI round opens"),
        ("22/8", True, "a Saturday worked for 31/8"),
        ("23/8", False, "the Sunday after it"),
        ("31/8", False, "swapped for 22/8"),
        ("1/9", False, "National Day's eve"),
        ("2/9", False, "National Day"),
        ("3/9", True, "the first day after it"),
        ("24/11", False, "Culture Day, to confirm, taken as off"),
        ("25/6", True, "the quarter's limit"),
        ("8/2/2027", False, "Tết 2027"),
    ],
)
def test_a_day_is_worked_or_not(text: str, works: bool, why: str) -> None:
    assert CALENDAR.is_working(day(text)) is works, why


@pytest.mark.parametrize(
    ("start", "number", "expected"),
    [
        ("25/6", 1, "24/6"),
        ("25/6", 3, "22/6"),
        ("25/6", 7, "16/6"),
        ("22/6", 1, "19/6"),
        ("3/9", 1, "28/8"),
        ("23/8", 1, "22/8"),
        ("24/8", 2, "21/8"),
        ("23/2", 1, "13/2"),
        ("25/6", 0, "25/6"),
    ],
)
def test_counting_back_skips_what_is_not_worked(start: str, number: int, expected: str) -> None:
    assert CALENDAR.before(day(start), number) == day(expected)


def test_counting_back_takes_one_day_where_no_number_is_said() -> None:
    assert CALENDAR.before(day("25/6")) == day("24/6")


@pytest.mark.parametrize(
    ("start", "number", "expected"),
    [
        ("24/6", 1, "25/6"),
        ("26/6", 1, "29/6"),
        ("26/6", 3, "1/7"),
        ("21/8", 1, "22/8"),
        ("28/8", 1, "3/9"),
        ("28/8", 2, "4/9"),
        ("28/6", 0, "28/6"),
        ("27/6", 1, "29/6"),
    ],
)
def test_counting_on_skips_what_is_not_worked(start: str, number: int, expected: str) -> None:
    assert CALENDAR.after(day(start), number) == day(expected)


@pytest.mark.parametrize(
    ("start", "expected"), [("25/6", "25/6"), ("27/6", "29/6"), ("29/8", "3/9"), ("22/8", "22/8")]
)
def test_the_next_worked_day_may_be_the_day_itself(start: str, expected: str) -> None:
    assert CALENDAR.on_or_after(day(start)) == day(expected)


@pytest.mark.parametrize(
    ("first", "last", "number"),
    [
        ("22/6", "24/6", 3),
        ("24/6", "24/6", 1),
        ("25/6", "24/6", 0),
        ("20/6", "21/6", 0),
        ("24/8", "4/9", 7),
        ("30/6", "1/6", 0),
    ],
)
def test_a_range_counts_both_its_ends(first: str, last: str, number: int) -> None:
    assert CALENDAR.count(day(first), day(last)) == number


@pytest.mark.parametrize(
    ("since", "today", "number"),
    [
        ("24/6", "24/6", 0),
        ("24/6", "25/6", 1),
        ("26/6", "29/6", 1),
        ("26/6", "28/6", 0),
        ("28/8", "3/9", 1),
        ("26/6", "25/6", 0),
    ],
)
def test_elapsed_days_do_not_count_the_day_of_the_letter(since: str, today: str, number: int) -> None:
    assert CALENDAR.elapsed(day(since), day(today)) == number


@pytest.mark.parametrize(
    ("moment", "allowed"),
    [
        ("24/6 06:59:59", False),
        ("24/6 07:00", True),
        ("24/6 07:10", True),
        ("24/6 16:59:59.999999", True),
        ("24/6 17:00", False),
        ("27/6 09:00", False),
        ("22/8 09:00", True),
        ("31/8 09:00", False),
    ],
)
def test_chasing_leaves_only_on_worked_days_inside_the_window(moment: str, allowed: bool) -> None:
    assert chasing_allowed(CALENDAR, Chasing(), at(moment)) is allowed


@pytest.mark.parametrize(
    ("moment", "first"),
    [
        ("24/6 06:59", "24/6 07:00"),
        ("24/6 16:59", "24/6 16:59"),
        ("24/6 17:00", "25/6 07:00"),
        ("26/6 17:00", "29/6 07:00"),  # over a weekend
        ("21/8 17:00", "22/8 07:00"),  # to a make-up Saturday
        ("29/8 09:00", "3/9 07:00"),
    ],
)
def test_the_next_window_is_now_or_opens_on_the_next_worked_day(moment: str, first: str) -> None:
    assert next_window(CALENDAR, Chasing(), at(moment)) == at(first)


def test_the_window_is_that_of_the_plan() -> None:
    late = Chasing(window_from=time(10), window_to=time(11))
    assert chasing_allowed(CALENDAR, late, at("24/6 10:00"))
    assert not chasing_allowed(CALENDAR, late, at("24/6 09:59"))


def test_the_window_is_read_in_viet_nam_whatever_the_zone_of_the_instant() -> None:
    from datetime import UTC

    assert chasing_allowed(CALENDAR, Chasing(), at("24/6 07:00").astimezone(UTC))
    assert local_day(at("25/6 00:00").astimezone(UTC)) == day("25/6")
