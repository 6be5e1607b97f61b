"""The status of an obligation, one table per question."""

from __future__ import annotations

import pytest

from tasks.rules.status import DONE, LATE, WAITING, State
from tests.builders import UnitFacts, a_unit, at, day

UNIT = a_unit().due(day("25/6"))
IN_TIME, LATE_BY_A_DAY = at("24/6 16:30"), at("25/6 08:00")


@pytest.mark.parametrize(
    ("now", "state"),
    [
        ("4/6 08:00", State.NOT_DUE),
        ("15/6 23:59:59", State.NOT_DUE),
        ("16/6", State.DUE_SOON),
        ("23/6 23:59:59", State.DUE_SOON),
        ("24/6", State.DUE_TODAY),
        ("24/6 23:59:59", State.DUE_TODAY),
        ("25/6", State.OVERDUE),
        ("30/12", State.OVERDUE),
    ],
)
def test_a_silent_unit_over_time(now: str, state: State) -> None:
    assert UNIT.status(at(now)).state is state


def test_a_round_without_reminders_is_never_due_soon() -> None:
    """The limit is a Monday, so the last working day before it is not the last good day."""
    unit = a_unit().due(day("29/6"), reminders=())
    assert unit.status(at("26/6")).state is State.NOT_DUE
    assert unit.status(at("28/6")).state is State.DUE_TODAY


@pytest.mark.parametrize(
    ("unit", "now", "state"),
    [
        (UNIT.sent(IN_TIME), "24/6 17:00", State.SUBMITTED),
        (UNIT.sent(IN_TIME), "30/6 17:00", State.SUBMITTED),
        (UNIT.sent(IN_TIME, "accepted"), "24/6 17:00", State.DONE_ON_TIME),
        (UNIT.sent(LATE_BY_A_DAY, "accepted"), "25/6 17:00", State.DONE_LATE),
        (UNIT.sent(IN_TIME, "returned"), "24/6 17:00", State.RETURNED),
        (UNIT.sent(IN_TIME, "returned"), "29/6 23:59:59", State.RETURNED),
        (UNIT.sent(IN_TIME, "returned"), "30/6", State.INCOMPLETE),
        (UNIT.sent(IN_TIME, "returned").sent(at("26/6 08:00")), "26/6 09:00", State.RESUBMITTED),
        (UNIT.sent(IN_TIME, "returned").sent(at("10/7 08:00")), "10/7 09:00", State.RESUBMITTED),
        (UNIT.sent(LATE_BY_A_DAY, "returned"), "26/6 09:00", State.RETURNED),
        (UNIT.sent(IN_TIME, "returned", counts=False), "24/6 17:00", State.DUE_TODAY),
        (UNIT.sent(IN_TIME, "returned", counts=False), "25/6 17:00", State.OVERDUE),
        (UNIT.exempted(at("20/6")), "26/6 09:00", State.EXEMPT),
        (UNIT.sent(IN_TIME, "accepted").exempted(at("25/6")), "26/6 09:00", State.EXEMPT),
        (UNIT.extended(day("30/6"), at("24/6")), "26/6 09:00", State.DUE_SOON),
        (UNIT.sent(IN_TIME, "returned").extended(day("10/7"), at("30/6")), "1/7 09:00", State.RETURNED),
        (UNIT.sent(IN_TIME, "accepted").sent(at("26/6 08:00"), "returned"), "30/7", State.DONE_ON_TIME),
        (UNIT.sent(IN_TIME, "accepted").sent(at("26/6 08:00")), "26/6 09:00", State.DONE_ON_TIME),
    ],
)
def test_what_arrived_makes_the_state(unit: UnitFacts, now: str, state: State) -> None:
    assert unit.status(at(now)).state is state


def test_every_state_is_reached_by_the_tables_above() -> None:
    tables = [test_a_silent_unit_over_time, test_what_arrived_makes_the_state]
    rows = [mark.args[1] for t in tables for mark in t.pytestmark]  # type: ignore[attr-defined]
    assert {state for table in rows for *_, state in table} == set(State)


@pytest.mark.parametrize(
    ("unit", "state", "late", "why"),
    [
        (
            UNIT.sent(IN_TIME, "returned").sent(at("29/6 23:59:59"), "accepted"),
            State.DONE_ON_TIME, 0, "accepted inside the cure period: the first arrival counts",
        ),
        (
            UNIT.sent(IN_TIME, "returned").sent(at("30/6"), "accepted"),
            State.DONE_LATE, 6, "accepted after the cure period: the accepted arrival counts",
        ),
        (
            UNIT.sent(LATE_BY_A_DAY, "returned").sent(at("26/6 08:00"), "accepted"),
            State.DONE_LATE, 1, "the first arrival was late",
        ),
        (
            UNIT.sent(IN_TIME, "returned", counts=False).sent(at("26/6 08:00"), "accepted"),
            State.DONE_LATE, 2, "a blank workbook gives no standing",
        ),
        (
            UNIT.sent(IN_TIME, "returned").sent(at("30/6 08:00"), "returned").sent(at("2/7 08:00"), "accepted"),
            State.DONE_LATE, 8, "a second return gave no second period",
        ),
        (
            UNIT.sent(IN_TIME, "returned").sent(at("26/6"), "accepted").sent(at("10/7"), "accepted"),
            State.DONE_ON_TIME, 0, "a correction after acceptance takes nothing away",
        ),
        (
            UNIT.sent(IN_TIME, "returned").sent(at("1/7"), "accepted").sent(at("10/7"), "accepted"),
            State.DONE_LATE, 7, "of two late ones the first accepted counts",
        ),
        (
            UNIT.sent(LATE_BY_A_DAY, "accepted").accepted_as_punctual(at("26/6")),
            State.DONE_ON_TIME, 0, "an official lets it stand as punctual",
        ),
        (
            UNIT.sent(IN_TIME, "returned").rechecked(at("10/7"), "accepted"),
            State.DONE_ON_TIME, 0, "a person accepts the first file after all",
        ),
        (
            UNIT.extended(day("30/6"), at("24/6")).sent(at("30/6 20:00"), "accepted"),
            State.DONE_ON_TIME, 0, "before the extended limit",
        ),
        (
            UNIT.sent(at("26/6 08:00"), "accepted").sent(IN_TIME, "accepted", recorded=at("27/6")),
            State.DONE_ON_TIME, 0, "the register shows an earlier arrival",
        ),
    ],
)  # fmt: skip
def test_punctuality(unit: UnitFacts, state: State, late: int, why: str) -> None:
    judged = unit.status(at("15/7 09:00"))
    assert (judged.state, judged.days_late) == (state, late), why


def test_an_earlier_file_still_in_check_is_taken_for_a_real_answer() -> None:
    judged = UNIT.sent(IN_TIME).sent(at("26/6"), "accepted").status(at("27/6"))
    assert judged.state is State.DONE_ON_TIME
    assert judged.arrival and judged.arrival.version == 1


def test_two_arrivals_at_one_instant_are_told_apart_by_version() -> None:
    judged = UNIT.sent(IN_TIME, "returned").sent(IN_TIME, "accepted").status(at("15/7"))
    assert judged.arrival and judged.arrival.version == 1
    assert judged.accepted and judged.accepted.version == 2


def test_an_incomplete_unit_shows_its_newest_file_and_counts_from_the_limit() -> None:
    judged = UNIT.sent(IN_TIME, "returned").sent(at("26/6"), "returned").status(at("30/6 08:00"))
    assert (judged.state, judged.days_late) == (State.INCOMPLETE, 6)
    assert judged.arrival and judged.arrival.version == 2


def test_a_unit_in_check_or_in_cure_shows_the_newest_file() -> None:
    assert UNIT.sent(IN_TIME).sent(IN_TIME).status(at("26/6")).arrival.version == 2  # type: ignore[union-attr]
    returned = UNIT.sent(IN_TIME, "returned").sent(IN_TIME, "returned").status(at("26/6"))
    assert returned.arrival and returned.arrival.version == 2
    assert returned.cure_until == at("30/6") and returned.days_late == 0


@pytest.mark.parametrize(
    ("unit", "now", "days"),
    [
        (UNIT, "25/6", 1),
        (UNIT, "29/6 10:00", 5),
        (UNIT, "24/6", 0),
        (UNIT.extended(day("30/6"), at("24/6")), "2/7", 2),
    ],
)
def test_days_late_of_a_silent_unit(unit: UnitFacts, now: str, days: int) -> None:
    assert unit.status(at(now)).days_late == days


def test_a_blank_file_never_stands_for_the_answer() -> None:
    unit = UNIT.sent(IN_TIME, "returned").sent(at("25/6"), "returned", counts=False)
    for now in (at("26/6"), at("30/7")):
        assert unit.status(now).arrival.version == 1  # type: ignore[union-attr]


def test_a_file_found_blank_at_a_second_look_gives_no_standing() -> None:
    unit = UNIT.sent(IN_TIME, "returned").rechecked(at("26/6 08:00"), "returned", counts=False)
    assert unit.status(at("26/6 07:59")).state is State.RETURNED
    assert unit.status(at("26/6 08:00")).state is State.OVERDUE


def test_what_a_person_accepts_counts_even_where_the_machine_saw_nothing_in_it() -> None:
    judged = UNIT.sent(IN_TIME, "accepted", counts=False).status(at("26/6"))
    assert judged.state is State.DONE_ON_TIME and judged.arrival


def test_a_status_carries_its_label() -> None:
    assert UNIT.status(at("26/6")).label == "Quá hạn chưa hoàn thành"


def test_the_three_families_of_states_do_not_overlap() -> None:
    assert not (DONE & WAITING) and not (WAITING & LATE) and not (DONE & LATE)


@pytest.mark.parametrize(
    ("unit", "now", "owes"),
    [
        (UNIT, "10/6", True),
        (UNIT, "24/6", True),
        (UNIT, "26/6", True),
        (UNIT.sent(IN_TIME), "26/6", False),
        (UNIT.sent(IN_TIME, "returned"), "26/6", False),
        (UNIT.sent(IN_TIME, "returned"), "2/7", True),
        (UNIT.sent(IN_TIME, "accepted"), "2/7", False),
        (UNIT.exempted(at("1/6")), "2/7", False),
    ],
)
def test_who_owes(unit: UnitFacts, now: str, owes: bool) -> None:
    assert unit.status(at(now)).owes is owes


@pytest.mark.parametrize(
    ("unit", "now", "words"),
    [
        (UNIT, "4/6", "Chưa đến khoảng nhắc"),
        (UNIT, "18/6", "khoảng nhắc trước hạn"),
        (UNIT, "24/6", "ngày cuối"),
        (UNIT, "25/6", "chưa nhận được bản gửi"),
        (UNIT.exempted(at("1/6")), "26/6", "đã giải thể"),
        (UNIT.sent(LATE_BY_A_DAY, "accepted").accepted_as_punctual(at("26/6")), "26/6", "lỗi đường truyền"),
        (UNIT.sent(IN_TIME, "accepted"), "26/6", "đến trước thời hạn"),
        (UNIT.sent(LATE_BY_A_DAY, "accepted"), "26/6", "đến sau thời hạn"),
        (UNIT.sent(IN_TIME), "26/6", "chưa có kết quả kiểm tra"),
        (UNIT.sent(IN_TIME, "returned"), "26/6", "trong thời gian bổ sung"),
        (UNIT.sent(IN_TIME, "returned"), "30/7", "gửi chưa đầy đủ"),
    ],
)
def test_the_status_names_its_rule(unit: UnitFacts, now: str, words: str) -> None:
    assert words in unit.status(at(now)).rule
