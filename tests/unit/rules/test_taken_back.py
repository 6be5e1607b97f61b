"""A decision that was taken back holds no more, and the unit is given the days it could not know it owed."""

from __future__ import annotations

import pytest

from tasks.rules.facts import as_of
from tasks.rules.ladder import owed
from tasks.rules.status import State
from tests.builders import SECOND, UnitFacts, a_unit, at, day, the_calendar

UNIT = a_unit().due(day("25/6")).was_told()
UNDONE = at("1/7 10:00")  # a Wednesday, four working days after the limit


@pytest.mark.parametrize(
    ("unit", "name", "before", "after"),
    [
        (UNIT.exempted(at("20/6")), "exemptions", State.EXEMPT, State.OVERDUE),
        (UNIT.extended(day("10/7"), at("20/6")), "extensions", State.NOT_DUE, State.OVERDUE),
        (UNIT.sent(at("24/6"), "accepted"), "arrivals", State.DONE_ON_TIME, State.OVERDUE),
        (UNIT.sent(at("24/6"), "returned"), "arrivals", State.INCOMPLETE, State.OVERDUE),
        (UNIT.sent(at("24/6")), "arrivals", State.SUBMITTED, State.OVERDUE),
        (
            UNIT.sent(at("26/6"), "accepted").accepted_as_punctual(at("27/6")),
            "punctuality",
            State.DONE_ON_TIME,
            State.DONE_LATE,
        ),
    ],
)
def test_it_holds_until_it_is_taken_back(unit: UnitFacts, name: str, before: State, after: State) -> None:
    undone = unit.taken_back(name, UNDONE)
    assert undone.status(UNDONE - SECOND).state is before
    assert undone.status(UNDONE).state is after


@pytest.mark.parametrize(
    ("unit", "name"),
    [
        (UNIT.exempted(at("20/6")), "exemptions"),
        (UNIT.extended(day("30/6"), at("20/6")), "extensions"),
        (UNIT.sent(at("24/6"), "accepted"), "arrivals"),
    ],
)
@pytest.mark.parametrize(
    ("now", "step"),
    [("1/7 13:10", ""), ("2/7 07:10", "rung-1"), ("2/7 00:00", "rung-1")],
)
def test_the_ladder_starts_the_working_day_after(unit: UnitFacts, name: str, now: str, step: str) -> None:
    assert unit.taken_back(name, UNDONE).step(at(now)) == step


def test_its_higher_rungs_count_their_days_from_then() -> None:
    unit = UNIT.exempted(at("20/6")).taken_back("exemptions", UNDONE).climbed(1, at("2/7 07:10"))
    assert [unit.step(at(d)) for d in ("3/7 07:10", "6/7 07:10")] == ["", "rung-2"]


def test_a_rung_that_was_due_before_waits_for_its_days_too() -> None:
    unit = UNIT.climbed(1, at("25/6 07:10")).exempted(at("26/6")).taken_back("exemptions", UNDONE)
    assert [unit.step(at(d)) for d in ("2/7 07:10", "3/7 07:10", "6/7 07:10")] == ["", "", "rung-2"]


def test_what_was_taken_back_before_the_limit_changes_nothing_after_it() -> None:
    unit = UNIT.exempted(at("15/6")).taken_back("exemptions", at("18/6")).climbed(1, at("25/6 07:10"))
    assert [unit.step(at(d)) for d in ("26/6 07:10", "29/6 07:10")] == ["", "rung-2"]
    late = UNIT.exempted(at("15/6")).taken_back("exemptions", at("18/6"))
    assert [late.step(at(d)) for d in ("25/6 06:00", "26/6 07:10")] == ["rung-1", "rung-1"]


def test_a_promise_taken_back_lets_the_ladder_go_on_the_next_day_from_where_it_was() -> None:
    unit = UNIT.climbed(1, at("25/6 07:10")).promised(day("10/7"), at("26/6")).taken_back("promises", UNDONE)
    assert [unit.step(at(d)) for d in ("1/7 09:00", "1/7 13:10", "2/7 07:10")] == ["held: promised", "", "rung-2"]


def test_of_two_promises_the_one_that_stands_counts() -> None:
    unit = UNIT.promised(day("30/6"), at("25/6")).promised(day("10/7"), at("26/6"))
    assert unit.taken_back("promises", at("26/6 10:00")).owed(at("29/6")).hold is not None
    assert unit.taken_back("promises", at("26/6 10:00")).step(at("1/7 07:10")) == "rung-1"


def test_of_two_extensions_the_earlier_one_counts_again() -> None:
    unit = UNIT.extended(day("30/6"), at("20/6")).extended(day("30/7"), at("22/6"))
    assert unit.limit == at("31/7") and unit.taken_back("extensions", at("23/6")).limit == at("1/7")


def test_the_letter_that_names_the_old_limit_replaces_that_days_reminder() -> None:
    unit = UNIT.extended(day("10/7"), at("15/6")).taken_back("extensions", at("24/6 07:00"))
    kept = UNIT.extended(day("10/7"), at("15/6")).taken_back("extensions", at("22/6 07:00"))
    assert (unit.step(at("24/6 07:10")), kept.step(at("24/6 07:10"))) == ("", "reminder-1")


def test_a_version_taken_back_ends_its_cure_period() -> None:
    unit = UNIT.sent(at("24/6 09:00"), "returned").taken_back("arrivals", at("24/6 12:00"))
    assert unit.status(at("24/6 11:00")).cure_until == at("30/6")
    assert unit.status(at("24/6 13:00")).cure_until is None


def test_what_was_taken_back_is_still_told() -> None:
    unit = UNIT.exempted(at("20/6")).taken_back("exemptions", UNDONE)
    assert as_of(unit.facts, UNDONE - SECOND).revoked == ()
    known = as_of(as_of(unit.facts, UNDONE), UNDONE)  # asking twice changes nothing
    assert [d.revoked_why for d in known.revoked] == ["ghi nhầm"] and known.exemptions == ()
    assert owed(unit.facts, unit.ladder, the_calendar(), UNDONE).facts.revoked == known.revoked
