"""holidays.csv against an independent calendar, and far enough."""

from __future__ import annotations

from datetime import date, timedelta

import holidays
import pytest

from config.plan import Certainty, DayKind, Plan


@pytest.mark.parametrize("year", [2026, 2027])
def test_every_public_holiday_of_the_package_is_in_the_table(plan: Plan, year: int) -> None:
    ours = {h.date for h in plan.holidays if h.kind is DayKind.OFF}
    theirs = {d for d in holidays.country_holidays("VN", years=year) if d.year == year}
    assert theirs - ours == set()


def test_what_we_have_beside_the_package_is_the_swap_it_misses(plan: Plan) -> None:
    theirs = set(holidays.country_holidays("VN", years=[2026, 2027]))
    ours = {h.date for h in plan.holidays if h.kind is DayKind.OFF}
    assert ours - theirs == {date(2026, 1, 2)}


def test_the_two_make_up_saturdays_of_2026(plan: Plan) -> None:
    work = {h.date for h in plan.holidays if h.kind is DayKind.WORK}
    assert work == {date(2026, 1, 10), date(2026, 8, 22)}


def test_days_that_no_law_confirms_yet_are_marked(plan: Plan) -> None:
    assumed = {h.date for h in plan.holidays if h.certainty is Certainty.ASSUMED}
    assert date(2026, 11, 24) in assumed and date(2027, 2, 6) in assumed
    assert date(2026, 9, 2) not in assumed


def test_the_table_reaches_past_the_last_limit_and_its_ladder(plan: Plan) -> None:
    last = max(r.consolidates or r.limit for r in plan.rounds)
    assert max(h.date for h in plan.holidays) > last + timedelta(days=90)
