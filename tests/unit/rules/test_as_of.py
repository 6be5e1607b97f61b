"""Any past day is explained with what was known then."""

from __future__ import annotations

import pytest

from tasks.rules.facts import as_of
from tasks.rules.status import State
from tests.builders import SECOND, UnitFacts, a_unit, at, day

UNIT = a_unit().due(day("25/6")).was_told()
RECORDED = at("26/6 10:00")


@pytest.mark.parametrize(
    ("unit", "before", "after"),
    [
        (UNIT.extended(day("30/6"), RECORDED), State.OVERDUE, State.DUE_SOON),
        (UNIT.exempted(RECORDED), State.OVERDUE, State.EXEMPT),
        (UNIT.sent(at("24/6"), recorded=RECORDED), State.OVERDUE, State.SUBMITTED),
        (UNIT.sent(at("24/6"), "accepted", RECORDED), State.SUBMITTED, State.DONE_ON_TIME),
        (UNIT.sent(at("24/6"), "returned", RECORDED), State.SUBMITTED, State.RETURNED),
        (UNIT.sent(at("24/6"), "returned", RECORDED, counts=False), State.SUBMITTED, State.OVERDUE),
        (
            UNIT.sent(at("24/6"), "returned").rechecked(RECORDED, "accepted"),
            State.RETURNED,
            State.DONE_ON_TIME,
        ),
        (
            UNIT.sent(at("25/6"), "accepted").accepted_as_punctual(RECORDED),
            State.DONE_LATE,
            State.DONE_ON_TIME,
        ),
    ],
)
def test_what_was_recorded_later_was_not_known(unit: UnitFacts, before: State, after: State) -> None:
    assert unit.status(RECORDED - SECOND).state is before
    assert unit.status(RECORDED).state is after


@pytest.mark.parametrize(
    ("unit", "before", "after"),
    [
        (UNIT.promised(day("2/7"), RECORDED), "rung-1", "held: promised"),
        (UNIT.has_an_undecided_item(RECORDED), "rung-1", "held: undecided"),
        (UNIT.has_an_undecided_item(at("24/6"), RECORDED), "held: undecided", "rung-1"),
        (UNIT.was_owed("rung-1", RECORDED), "rung-1", ""),
    ],
)
def test_the_step_owed_then(unit: UnitFacts, before: str, after: str) -> None:
    assert unit.step(RECORDED - SECOND) == before
    assert unit.step(RECORDED) == after


def test_a_letter_counts_as_sent_from_the_instant_it_was_sent() -> None:
    unit = UNIT.was_owed("rung-1", at("25/6 07:10"), sent_at=RECORDED)
    (_, then), (_, now) = (as_of(unit.facts, t).letters for t in (RECORDED - SECOND, RECORDED))
    assert then.sent_at is None and now.sent_at == RECORDED


def test_a_letter_bounced_or_ended_from_the_instant_it_did() -> None:
    unit = UNIT.was_owed("rung-1", at("25/6 07:10"), bounced_at=RECORDED, ended_at=RECORDED)
    (_, then), (_, now) = (as_of(unit.facts, t).letters for t in (RECORDED - SECOND, RECORDED))
    assert (then.bounced_at, then.ended_at) == (None, None)
    assert (now.bounced_at, now.ended_at) == (RECORDED, RECORDED)


def test_a_letter_queued_later_did_not_exist() -> None:
    facts = a_unit().was_owed("rung-1", RECORDED).facts
    assert as_of(facts, RECORDED - SECOND).letters == () and len(as_of(facts, RECORDED).letters) == 1


def test_a_decision_and_a_lapse_are_known_when_they_happened() -> None:
    unit = a_unit().was_proposed(2, at("25/6"), "approve", RECORDED, lapsed=at("1/7"))
    states = [as_of(unit.facts, t).proposals for t in (at("24/6"), at("25/6"), RECORDED, at("1/7"))]
    assert states[0] == ()
    assert (states[1][0].decided_at, states[1][0].verdict) == (None, "")
    assert (states[2][0].decided_at, states[2][0].verdict, states[2][0].lapsed_at) == (
        RECORDED,
        "approve",
        None,
    )
    assert states[3][0].lapsed_at == at("1/7")


def test_a_step_was_superseded_when_the_newer_one_was_queued() -> None:
    facts = a_unit().skipped("reminder-7", RECORDED).facts
    assert as_of(facts, RECORDED - SECOND).superseded == () and len(as_of(facts, RECORDED).superseded) == 1


def test_an_item_decided_this_instant_is_decided() -> None:
    facts = a_unit().has_an_undecided_item(at("24/6"), RECORDED).facts
    assert as_of(facts, RECORDED - SECOND).undecided and not as_of(facts, RECORDED).undecided
