"""Limits, lateness, data periods, the cure period (rulings 4, 7; notes A1, A2, A5)."""

from __future__ import annotations

from datetime import date, datetime, time

import pytest

from config.plan import ZONE
from config.plan_files import load_plan
from config.settings import PLANS
from tasks.rules.limits import (
    cure_until,
    days_late,
    effective_limit,
    first_return,
    inclusive,
    last_good_day,
    working_day_after,
    working_day_before,
    working_days_left,
)
from tasks.rules.status import State
from tests.builders import MICROSECOND, SECOND, a_unit, at, day, the_calendar

JUNE_25 = date(2026, 6, 25)
LIMIT = at("25/6")
CALENDAR = the_calendar()


@pytest.mark.parametrize(
    ("arrival", "state", "late"),
    [
        (LIMIT - SECOND, State.DONE_ON_TIME, 0),
        (LIMIT - MICROSECOND, State.DONE_ON_TIME, 0),
        (LIMIT, State.DONE_LATE, 1),
        (LIMIT + MICROSECOND, State.DONE_LATE, 1),
        (LIMIT + SECOND, State.DONE_LATE, 1),
        (at("25/6 23:59:59"), State.DONE_LATE, 1),
        (at("26/6"), State.DONE_LATE, 2),
    ],
)
def test_a_report_at_the_first_instant_of_the_25th_is_late(
    arrival: datetime, state: State, late: int
) -> None:
    judged = a_unit().due(JUNE_25).sent(arrival, "accepted").status(at("30/6 09:00"))
    assert (judged.state, judged.days_late) == (state, late)


@pytest.mark.parametrize(
    ("now", "state"),
    [
        (LIMIT - SECOND, State.DUE_TODAY),
        (LIMIT - MICROSECOND, State.DUE_TODAY),
        (LIMIT, State.OVERDUE),
        (LIMIT + MICROSECOND, State.OVERDUE),
    ],
)
def test_who_sent_nothing_is_overdue_from_the_first_instant_of_the_25th(now: datetime, state: State) -> None:
    assert a_unit().due(JUNE_25).sent_nothing().status(now).state is state


@pytest.mark.parametrize(
    ("code", "limit", "last", "weekday"),
    [
        ("2026-kpi", "15/5", "14/5", 3),
        ("2026-q2", "25/6", "24/6", 2),
        ("2026-q3", "25/9", "24/9", 3),
        ("2026-q4", "25/12", "24/12", 3),
    ],
)
def test_the_calendar_of_the_plan(code: str, limit: str, last: str, weekday: int) -> None:
    round_ = load_plan(PLANS / "2026").round_by_code[code]
    assert round_.limit_at == at(limit)
    assert last_good_day(round_.limit_at) == day(last)
    assert day(last).weekday() == weekday and CALENDAR.is_working(day(last))


@pytest.mark.parametrize(
    ("code", "first", "last"),
    [("2026-q2", "15/3", "14/6"), ("2026-q3", "15/6", "14/9"), ("2026-q4", "15/9", "14/12")],
)
def test_a_quarter_reports_from_the_15th_to_the_14th(code: str, first: str, last: str) -> None:
    round_ = load_plan(PLANS / "2026").round_by_code[code]
    assert (round_.period_from, round_.period_to) == (day(first), day(last))


def test_a_limit_with_an_hour_lets_the_day_itself_be_the_last_good_one() -> None:
    limit = datetime.combine(JUNE_25, time(17), ZONE)
    assert last_good_day(limit) == JUNE_25
    assert working_day_after(CALENDAR, limit, 1) == day("26/6")


@pytest.mark.parametrize(
    ("limit", "number", "expected"),
    [
        ("25/6", 1, "25/6"),
        ("25/6", 3, "29/6"),
        ("25/6", 5, "1/7"),
        ("27/6", 1, "29/6"),
        ("29/8", 1, "3/9"),
        ("29/8", 2, "4/9"),
    ],
)
def test_working_day_1_is_the_first_on_or_after_the_limit(limit: str, number: int, expected: str) -> None:
    assert working_day_after(CALENDAR, at(limit), number) == day(expected)


@pytest.mark.parametrize(
    ("limit", "number", "expected"),
    [("25/6", 1, "24/6"), ("25/6", 3, "22/6"), ("25/6", 7, "16/6"), ("29/6", 1, "26/6"), ("3/9", 1, "28/8")],
)
def test_reminders_count_back_from_the_last_good_working_day(limit: str, number: int, expected: str) -> None:
    assert working_day_before(CALENDAR, at(limit), number) == day(expected)


@pytest.mark.parametrize(
    ("now", "days"),
    [("24/6 23:59:59", 0), ("25/6", 1), ("26/6 12:00", 2), ("28/6", 4), ("1/6", 0)],
)
def test_lateness_is_calendar_days_since_the_last_good_day(now: str, days: int) -> None:
    assert days_late(LIMIT, at(now)) == days


@pytest.mark.parametrize(
    ("now", "days"), [("24/6 08:00", 1), ("22/6 08:00", 3), ("20/6 08:00", 3), ("25/6 08:00", 0)]
)
def test_days_left_count_today_and_the_last_good_day(now: str, days: int) -> None:
    assert working_days_left(CALENDAR, LIMIT, at(now)) == days


def test_a_date_a_person_enters_is_inclusive() -> None:
    assert inclusive(day("30/6")) == at("1/7")


# -- extensions ---------------------------------------------------------------------------


def test_an_extension_moves_the_limit() -> None:
    unit = a_unit().due(JUNE_25).extended(day("30/6"), at("23/6 09:00"))
    assert unit.status(at("30/6 23:59:59")).state is State.DUE_TODAY
    assert unit.status(at("1/7")).state is State.OVERDUE
    assert unit.status(at("1/7")).extended and not a_unit().status(at("1/7")).extended


def test_the_newest_extension_counts_in_whatever_order_they_are_read() -> None:
    unit = a_unit().due(JUNE_25).extended(day("3/7"), at("24/6")).extended(day("30/6"), at("23/6"))
    assert effective_limit(unit.facts) == at("4/7")


def test_of_two_extensions_at_one_instant_the_one_recorded_last_counts() -> None:
    unit = a_unit().due(JUNE_25).extended(day("30/6"), at("23/6")).extended(day("3/7"), at("23/6"))
    assert effective_limit(unit.facts) == at("4/7")


# -- the one cure period ------------------------------------------------------------------


@pytest.mark.parametrize(
    ("returned", "until", "why"),
    [
        ("10/6 09:00", "25/6", "the limit is later"),
        ("19/6 09:00", "25/6", "third working day 24/6 ends with the limit"),
        ("22/6 09:00", "26/6", "third working day is 25/6"),
        ("24/6 16:59", "30/6", "Thursday, Friday, Monday"),
        ("26/6 09:00", "2/7", "over a weekend"),
        ("27/6 09:00", "2/7", "returned on a Saturday"),
        ("28/8 09:00", "8/9", "over National Day"),
        ("20/8 09:00", "25/8", "with a make-up Saturday"),
    ],
)
def test_the_cure_period_is_the_later_of_limit_and_third_working_day(
    returned: str, until: str, why: str
) -> None:
    unit = a_unit().due(JUNE_25).sent(at(returned) - SECOND, "returned", at(returned))
    assert cure_until(unit.facts, CALENDAR) == at(until), why


def test_later_returns_never_restart_it() -> None:
    once = a_unit().due(JUNE_25).sent(at("24/6 09:00"), "returned")
    again = once.sent(at("29/6 09:00"), "returned").rechecked(at("1/7 09:00"), "returned")
    assert cure_until(again.facts, CALENDAR) == cure_until(once.facts, CALENDAR) == at("30/6")


def test_a_second_verdict_on_the_same_file_does_not_restart_it_either() -> None:
    unit = a_unit().due(JUNE_25).sent(at("24/6 09:00"), "returned").rechecked(at("29/6 09:00"), "returned")
    assert first_return(unit.facts) == at("24/6 09:00")


def test_an_extension_stretches_it() -> None:
    unit = a_unit().due(JUNE_25).sent(at("24/6 09:00"), "returned").extended(day("10/7"), at("25/6"))
    assert cure_until(unit.facts, CALENDAR) == at("11/7")


def test_a_blank_workbook_opens_no_cure_period() -> None:
    unit = a_unit().due(JUNE_25).sent(at("24/6 09:00"), "returned", counts=False)
    assert cure_until(unit.facts, CALENDAR) is None


def test_nor_does_what_was_accepted_or_is_in_check() -> None:
    unit = a_unit().due(JUNE_25).sent(at("24/6 09:00"), "accepted").sent(at("24/6 10:00"))
    assert cure_until(unit.facts, CALENDAR) is None


def test_the_number_of_days_is_the_rounds() -> None:
    unit = a_unit().due(JUNE_25, cure_days=0).sent(at("26/6 09:00"), "returned")
    assert cure_until(unit.facts, CALENDAR) == at("27/6")
