"""After the limit: rungs one at a time, with gaps, and every reason to hold (design §6; rulings 11–16)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tasks.rules.holds import Hold, HoldCode
from tasks.rules.ladder import owed
from tests.builders import LADDER, UnitFacts, a_unit, at, day, the_calendar

# Limit 25/6 (Thursday): working day 1 is 25/6, 3 is 29/6, 5 is 1/7, 10 is 8/7.
LATE = a_unit().due(day("25/6")).was_told()
ONE = LATE.climbed(1, at("25/6 07:10"))
TWO = ONE.climbed(2, at("29/6 07:30"))
THREE = TWO.climbed(3, at("1/7 07:30"))


@pytest.mark.parametrize(
    ("unit", "now", "step"),
    [
        (LATE, "24/6 13:10", "reminder-1"),
        (LATE, "25/6", "rung-1"),
        (LATE, "30/7 07:10", "rung-1"),
        (ONE, "26/6 07:10", ""),
        (ONE, "28/6 23:59", ""),
        (ONE, "29/6 07:10", "rung-2"),
        (TWO, "30/6 07:10", ""),
        (TWO, "1/7 07:10", "rung-3"),
        (THREE, "7/7 13:10", ""),
        (THREE, "8/7 07:10", "rung-4"),
        (THREE.climbed(4, at("8/7 09:00")), "30/12 07:10", ""),
    ],
)
def test_rungs_are_climbed_one_at_a_time_on_their_days(unit: UnitFacts, now: str, step: str) -> None:
    assert unit.step(at(now)) == step


def test_what_a_caller_holds_is_not_sendable() -> None:
    owed_now = ONE.owed(at("29/6 07:10"))
    assert owed_now.sendable
    assert not replace(owed_now, hold=Hold(HoldCode.NO_CONTACT, "chưa có địa chỉ")).sendable


def test_where_nothing_is_owed_no_rung_is_named() -> None:
    assert ONE.owed(at("26/6 07:10")).rung == 0


def test_the_rung_is_named_with_its_number() -> None:
    assert ONE.owed(at("29/6 07:10")).rung == 2 and LATE.owed(at("24/6")).rung == 0
    assert ONE.owed(at("29/6 07:10")).sendable and not ONE.owed(at("26/6 07:10")).sendable


@pytest.mark.parametrize(
    ("unit", "now", "step", "why"),
    [
        (LATE.climbed(1, at("30/6 07:10")), "1/7 07:10", "", "one working day after a late first letter"),
        (LATE.climbed(1, at("30/6 07:10")), "2/7 07:10", "rung-2", "two working days after it"),
        (LATE.climbed(1, at("26/6 07:10")), "29/6 07:10", "", "Friday to Monday is one working day"),
        (LATE.climbed(1, at("26/6 07:10")), "30/6 07:10", "rung-2", "Friday to Tuesday is two"),
        (ONE.climbed(2, at("3/7 07:10")), "6/7 07:10", "", "the member waits for the gap after the head"),
        (ONE.climbed(2, at("3/7 07:10")), "7/7 07:10", "rung-3", "and is owed after it"),
        (LATE.climbed(1, at("24/7 07:10")), "24/7 13:10", "", "an outage never jumps a rung"),
        (
            ONE.was_told("rung-1", at("29/6 07:10")), "30/6 07:10", "",
            "of two letters of one rung the later one opens the gap",
        ),
    ],
)  # fmt: skip
def test_a_gap_lies_between_letters_really_sent(unit: UnitFacts, now: str, step: str, why: str) -> None:
    assert unit.step(at(now)) == step, why


def test_the_gap_is_that_of_the_plan() -> None:
    unit = LATE.on_a_ladder(gap=4).climbed(1, at("25/6 07:10"))
    assert unit.step(at("30/6 07:10")) == "" and unit.step(at("1/7 07:10")) == "rung-2"


@pytest.mark.parametrize(
    ("unit", "now", "step"),
    [
        (LATE.was_owed("rung-1", at("25/6 07:10")), "26/6 07:10", "held: waiting"),
        (LATE.was_owed("rung-1", at("25/6 07:10"), unknown=True), "26/6 07:10", "held: unknown_outcome"),
        (LATE.was_owed("rung-1", at("25/6 07:10"), ended_at=at("25/6 07:11")), "25/6 13:10", "rung-1"),
        (LATE.was_told("rung-1", at("25/6 07:10"), bounced_at=at("25/6 08:00")), "26/6 07:10", "rung-1"),
        (
            LATE.was_told("rung-1", at("25/6 07:10"), bounced_at=at("25/6 08:00")).was_told("rung-1", at("26/6 07:10")),
            "29/6 07:10", "",
        ),
        (ONE.was_proposed(2, at("29/6 07:10")), "29/6 13:10", "held: approval"),
        (ONE.was_proposed(2, at("29/6 07:10")), "30/12 13:10", "held: approval"),
        (ONE.was_proposed(2, at("29/6 07:10"), "approve", at("29/6 09:00")), "29/6 09:05", "held: approved"),
        (
            ONE.was_proposed(2, at("29/6 07:10"), "approve", at("29/6 09:00")).was_owed("rung-2", at("29/6 09:10")),
            "30/6 07:10", "held: waiting",
        ),
        (
            ONE.was_proposed(2, at("29/6 07:10"), "approve", at("29/6 09:00")).was_owed(
                "rung-2", at("29/6 09:10"), ended_at=at("29/6 09:11")
            ),
            "30/6 07:10", "rung-2",
        ),
        (
            ONE.was_proposed(2, at("29/6 07:10"), "approve", at("29/6 09:00")).was_told(
                "rung-2", at("29/6 09:10"), bounced_at=at("29/6 10:00")
            ),
            "30/6 07:10", "rung-2",
        ),
        (
            ONE.was_owed("rung-2", at("29/6 07:30"), ended_at=at("29/6 07:40")).was_proposed(
                2, at("30/6 07:10"), "approve", at("30/6 09:00")
            ),
            "30/6 13:10", "held: approved",
        ),
        (ONE.was_proposed(2, at("29/6 07:10"), "approve", at("29/6 09:00"), lapsed=at("1/7 07:10")), "1/7 07:10", "rung-2"),
        (
            ONE.was_proposed(2, at("29/6 07:10"), "approve", at("29/6 09:00")).was_owed(
                "rung-2", at("29/6 09:00"), ended_at=at("29/6 09:00")
            ),
            "30/6 07:10", "rung-2",
        ),
        (ONE.was_proposed(2, at("29/6 07:10"), "decline", at("29/6 09:00")), "29/6 13:10", "held: declined"),
        (ONE.was_proposed(2, at("29/6 07:10"), "decline", at("29/6 09:00")), "30/6 07:10", "held: declined"),
        (ONE.was_proposed(2, at("29/6 07:10"), "decline", at("29/6 09:00")), "1/7 07:10", "rung-2"),
        (ONE.was_proposed(2, at("29/6 07:10"), "left_out", at("29/6 09:00")), "30/6 07:10", "held: declined"),
        (ONE.was_proposed(2, at("29/6 07:10"), "left_out", at("29/6 09:00")), "1/7 07:10", "rung-2"),
        (
            ONE.was_proposed(2, at("1/7 07:10")).was_proposed(2, at("29/6 07:10"), "decline", at("29/6 09:00")),
            "2/7 07:10", "held: approval",
        ),
        (ONE.was_proposed(3, at("29/6 07:10")), "29/6 13:10", "rung-2"),
        (ONE.was_proposed(2, at("29/6 07:10"), lapsed=at("29/6 13:10")), "30/6 07:10", "rung-2"),  # never decided
        (THREE.was_proposed(4, at("8/7 07:10")), "9/7 07:10", "held: approval"),
        (THREE.was_proposed(4, at("8/7 07:10"), "approve", at("8/7 09:00"), lapsed=at("13/7 09:00")), "13/7 13:10", "rung-4"),
        (THREE.was_proposed(4, at("8/7 07:10"), "decline", at("8/7 09:00")), "9/7 07:10", "held: declined"),
    ],
)  # fmt: skip
def test_a_rung_on_its_way_before_a_person_or_stuck(unit: UnitFacts, now: str, step: str) -> None:
    assert unit.step(at(now)) == step


@pytest.mark.parametrize(
    ("unit", "now", "step"),
    [
        (LATE.promised(day("2/7"), at("25/6 08:00")), "26/6 07:10", "held: promised"),
        (LATE.promised(day("2/7"), at("25/6 08:00")), "2/7 23:59:59", "held: promised"),
        (LATE.promised(day("2/7"), at("25/6 08:00")), "3/7", "rung-1"),
        (ONE.promised(day("10/7"), at("26/6")).promised(day("2/7"), at("27/6")), "3/7 07:10", "rung-2"),
        (ONE.promised(day("2/7"), at("27/6")).promised(day("10/7"), at("26/6")), "3/7 07:10", "rung-2"),
        (
            ONE.promised(day("2/7"), at("27/6")).promised(day("10/7"), at("27/6")),
            "3/7 07:10",
            "held: promised",
        ),
        (LATE.sent(at("25/6 08:00")), "26/6 07:10", "held: in_check"),
        (LATE.sent(at("24/6 08:00"), "returned").sent(at("3/7 08:00")), "3/7 09:00", "held: in_check"),
        (LATE.sent(at("25/6 08:00"), "returned"), "30/6 07:10", "held: cure"),
        (LATE.sent(at("25/6 08:00"), "accepted"), "30/6 07:10", ""),
        (LATE.exempted(at("25/6")), "30/6 07:10", ""),
        (LATE.extended(day("30/6"), at("25/6 08:00")), "26/6 07:10", "reminder-3"),
        (LATE.has_an_undecided_item(at("25/6")), "26/6 07:10", "held: undecided"),
        (LATE.has_an_undecided_item(at("25/6"), outcome="claim"), "26/6 07:10", "held: claim"),
        (LATE.sent(at("25/6 08:00")).has_an_undecided_item(at("25/6")), "26/6 07:10", "held: undecided"),
        (LATE.sent(at("25/6 08:00"), "accepted").has_an_undecided_item(at("25/6")), "26/6 07:10", ""),
    ],
)
def test_what_pauses_the_ladder(unit: UnitFacts, now: str, step: str) -> None:
    assert unit.step(at(now)) == step


# -- never told, told today, restarts -----------------------------------------------------

FRESH = a_unit().due(day("25/6"))


@pytest.mark.parametrize(
    ("unit", "now", "step"),
    [
        (FRESH, "26/6 07:10", "invitation"),
        (FRESH.has_an_undecided_item(at("24/6")), "24/6 23:59:59", "invitation"),
        (FRESH.has_an_undecided_item(at("24/6")), "25/6", "held: undecided"),
        (FRESH.was_owed("invitation", at("4/6")), "26/6 07:10", "held: never_told"),
        (FRESH.was_told(bounced_at=at("5/6")), "26/6 07:10", "invitation"),
        (FRESH.was_told("invitation", at("26/6 07:10")), "26/6 13:10", ""),
        (FRESH.was_told("invitation", at("26/6 07:10")), "29/6 07:10", "rung-1"),
        (FRESH.was_told("reminder-1", at("24/6 07:10")), "25/6 07:10", "rung-1"),
        (LATE.was_owed("reminder-1", at("25/6 00:00")), "25/6 07:10", ""),
        (LATE.was_owed("reminder-1", at("24/6 23:59:59")), "25/6 07:10", "rung-1"),
        (ONE.after_restarts(1), "29/6 07:10", "rung-1"),
        (ONE.after_restarts(1).climbed(1, at("29/6 07:10")), "1/7 07:10", "rung-2"),
        (ONE.was_proposed(2, at("29/6")).after_restarts(1).climbed(1, at("29/6")), "1/7 07:10", "rung-2"),
    ],
)
def test_nobody_climbs_who_was_never_told(unit: UnitFacts, now: str, step: str) -> None:
    assert unit.step(at(now)) == step


def test_an_extension_starts_the_ladder_again_under_the_new_limit() -> None:
    unit = TWO.extended(day("10/7"), at("2/7 08:00"))
    assert unit.step(at("3/7 07:10")) == ""
    assert unit.step(at("13/7 07:10")) == "rung-1"


# -- incomplete ---------------------------------------------------------------------------

# returned on 24/6: the cure period ends before 30/6 (Tuesday), so working day 1 is 30/6, 3 is 2/7
INCOMPLETE = LATE.sent(at("24/6 16:00"), "returned")


@pytest.mark.parametrize(
    ("unit", "now", "step"),
    [
        (INCOMPLETE, "29/6 23:59:59", "held: cure"),
        (INCOMPLETE, "30/6", "rung-1"),
        (INCOMPLETE.climbed(1, at("30/6 07:10")), "1/7 07:10", ""),
        (INCOMPLETE.climbed(1, at("30/6 07:10")), "2/7 07:10", "rung-2"),
        (ONE.sent(at("25/6 10:00"), "returned"), "1/7 07:10", ""),
        (  # found blank at a second look: overdue, so the ladder counts from the limit again
            LATE.sent(at("24/6 16:00"), "returned").rechecked(at("26/6 08:00"), "returned", counts=False),
            "26/6 09:00", "rung-1",
        ),
        (ONE.sent(at("25/6 10:00"), "returned"), "3/7 07:10", "rung-2"),
    ],
)
def test_an_incomplete_unit_climbs_from_the_end_of_its_cure_period(
    unit: UnitFacts, now: str, step: str
) -> None:
    assert unit.step(at(now)) == step


# -- what the answer carries --------------------------------------------------------------


def test_the_answer_shows_facts_as_known_then() -> None:
    answer = LATE.exempted(at("30/6")).owed(at("26/6"))
    assert answer.facts.exemptions == () and answer.restart == 0


@pytest.mark.parametrize(
    ("unit", "now", "words"),
    [
        (ONE.was_proposed(2, at("29/6 07:10")), "30/6", "bậc 2 ngày 29/6/2026 đang chờ phê duyệt"),
        (ONE.was_proposed(2, at("29/6"), "decline"), "30/6", "Bậc 2: ngày 29/6/2026 đã quyết định chưa gửi"),
        (ONE.was_proposed(2, at("29/6"), "approve"), "30/6", "Bậc 2 đã được duyệt"),
        (LATE.was_owed("rung-1", at("25/6")), "26/6", "Thư bậc 1 đang chờ gửi"),
        (LATE.was_owed("rung-1", at("25/6"), unknown=True), "26/6", "chờ chuyên viên quyết định"),
        (LATE.promised(day("2/7"), at("25/6")), "26/6", "hết ngày 02/7/2026"),
        (INCOMPLETE, "26/6", "bổ sung đến hết ngày 29/6/2026"),
        (LATE.sent(at("25/6")), "26/6", "chờ kiểm tra"),
        (LATE.has_an_undecided_item(at("25/6")), "26/6", "mục đến số 1"),
        (LATE.has_an_undecided_item(at("25/6"), outcome="claim"), "26/6", "gửi qua kênh khác (mục đến số 1)"),
        (FRESH.was_owed("invitation", at("4/6")), "26/6", "máy chủ thư nhận"),
    ],
)
def test_every_hold_says_why(unit: UnitFacts, now: str, words: str) -> None:
    hold = unit.owed(at(now)).hold
    assert hold and words in hold.reason


def test_the_ladder_starts_without_restarts() -> None:
    assert owed(LATE.facts, LADDER, the_calendar(), at("25/6 07:10")).restart == 0
