"""Inside the sending transaction: is the queued step still owed? (design §6; rulings 11, 14)"""

from __future__ import annotations

import pytest

from tests.builders import UnitFacts, a_unit, at, day

LATE = a_unit().due(day("25/6")).was_told()
ONE = LATE.climbed(1, at("25/6 07:10"))
APPROVED = ONE.was_proposed(2, at("29/6 07:10"), "approve", at("29/6 09:00")).was_owed(
    "rung-2", at("29/6 09:10")
)


@pytest.mark.parametrize(
    ("unit", "step", "now"),
    [
        (a_unit(), "invitation", "4/6 07:10"),
        (a_unit(), "invitation", "26/6 07:10"),
        (a_unit().has_an_undecided_item(at("1/6")), "invitation", "4/6 07:10"),
        (a_unit().has_an_undecided_item(at("1/6")), "invitation", "24/6 23:59:59"),
        (LATE, "reminder-7", "16/6 07:10"),
        (LATE, "reminder-7", "19/6 16:00"),
        (LATE, "reminder-1", "24/6 16:59"),
        (LATE, "rung-1", "25/6 07:10"),
        (LATE, "rung-1", "10/7 07:10"),
        (APPROVED, "rung-2", "29/6 09:10"),
        (APPROVED, "rung-2", "30/6 16:59"),
        (APPROVED.was_told("rung-2", at("29/6 09:11")), "rung-2", "29/6 09:20"),
        (LATE.promised(day("30/6"), at("20/6")), "reminder-1", "24/6 07:10"),
        (LATE.extended(day("30/6"), at("24/6")), "invitation", "25/6 07:10"),
    ],
)
def test_what_is_still_owed_leaves(unit: UnitFacts, step: str, now: str) -> None:
    assert unit.last_look(step, at(now)) == ""


@pytest.mark.parametrize(
    ("unit", "step", "now", "why"),
    [
        (LATE.sent(at("25/6 08:00")), "rung-1", "25/6 08:01", "chưa có kết quả kiểm tra"),
        (LATE.sent(at("25/6 08:00"), "accepted"), "rung-1", "25/6 08:01", "đến sau thời hạn"),
        (LATE.sent(at("25/6 08:00"), "returned"), "rung-1", "25/6 08:01", "trong thời gian bổ sung"),
        (LATE.exempted(at("25/6 08:00")), "rung-1", "25/6 08:01", "Được miễn"),
        (LATE.exempted(at("5/6 08:00")), "invitation", "5/6 08:01", "Được miễn"),
        (LATE.has_an_undecided_item(at("25/6 08:00")), "rung-1", "25/6 08:01", "mục đến số 1"),
        (LATE.has_an_undecided_item(at("26/6 08:00")), "invitation", "26/6 08:01", "mục đến số 1"),
        (LATE.promised(day("30/6"), at("25/6 08:00")), "rung-1", "25/6 08:01", "cam kết"),
        (a_unit().has_an_undecided_item(at("1/6")), "invitation", "25/6", "mục đến số 1"),
        (LATE.has_an_undecided_item(at("1/6")), "reminder-1", "24/6 07:10", "mục đến số 1"),
        (LATE, "reminder-1", "25/6", "Đã qua thời hạn"),
        (LATE, "reminder-7", "22/6 07:10", "lần nhắc mới hơn"),
        (LATE, "reminder-3", "24/6 07:10", "lần nhắc mới hơn"),
        (LATE, "rung-1", "24/6 23:59", "Chưa quá thời hạn"),
        (a_unit().due(day("25/6")), "rung-1", "25/6 07:10", "máy chủ thư nhận"),
        (LATE, "rung-2", "29/6 07:10", "Thư bậc dưới"),
        (ONE, "rung-3", "1/7 07:10", "Thư bậc dưới"),
        (ONE, "rung-2", "29/6 07:10", "Chưa được phê duyệt"),
        (ONE.was_proposed(2, at("29/6 07:10")), "rung-2", "29/6 09:10", "Chưa được phê duyệt"),
        (ONE.was_proposed(2, at("29/6 07:10"), "decline"), "rung-2", "29/6 09:10", "Chưa được phê duyệt"),
        (ONE.was_proposed(2, at("29/6 07:10"), "left_out"), "rung-2", "29/6 09:10", "Chưa được phê duyệt"),
        (APPROVED, "rung-2", "1/7 07:10", "Quá một ngày làm việc"),
        (LATE.was_proposed(2, at("29/6"), "approve"), "rung-2", "29/6 09:10", "Thư bậc dưới"),
        (ONE.was_proposed(2, at("26/6"), "approve"), "rung-2", "26/6 09:10", "Chưa đến ngày"),
        (
            APPROVED.was_proposed(2, at("30/6"), "approve", lapsed=at("2/7")),
            "rung-2",
            "2/7 09:10",
            "Quá một ngày làm việc",
        ),
    ],
)
def test_what_is_no_longer_owed_is_dropped_with_a_reason(
    unit: UnitFacts, step: str, now: str, why: str
) -> None:
    assert why in unit.last_look(step, at(now))


def test_a_moved_limit_stops_every_letter_but_the_invitation() -> None:
    before = LATE.limit
    unit = LATE.extended(day("30/6"), at("24/6 08:00"))
    from tasks.rules.last_look import no_longer_owed
    from tests.builders import LADDER, the_calendar

    def look(step: str) -> str:
        return no_longer_owed(
            unit.facts, LADDER, the_calendar(), at("24/6 08:10"),
            step=step, limit=before, restart=0, current_restart=0,
        )  # fmt: skip

    assert look("reminder-1") == "Thời hạn đã thay đổi" and look("invitation") == ""


def test_a_restarted_ladder_stops_the_letters_of_before() -> None:
    assert (
        LATE.after_restarts(1).last_look("rung-1", at("25/6 07:10"), restart=0)
        == "Thang đôn đốc đã bắt đầu lại"
    )
    assert LATE.after_restarts(1).last_look("rung-1", at("25/6 07:10"), restart=1) == ""


def test_a_bounce_below_stops_the_letter_above() -> None:
    bounced = LATE.was_told("rung-1", at("25/6 07:10"), bounced_at=at("29/6 09:05"))
    approved = bounced.was_proposed(2, at("29/6 07:10"), "approve", at("29/6 09:00"))
    assert approved.last_look("rung-2", at("29/6 09:04")) == ""
    assert "Thư bậc dưới" in approved.last_look("rung-2", at("29/6 09:10"))


def test_an_approval_is_for_what_it_saw() -> None:
    """Approved as "sent nothing", found incomplete at sending: other words, so a new approval."""
    unit = ONE.sent(at("24/6 16:00"), "returned", at("24/6 17:00"), recorded=at("24/6 16:30"))
    seen = unit.was_proposed(2, at("3/7 07:10"), "approve", at("3/7 09:00"))
    assert seen.last_look("rung-2", at("3/7 09:10")) == ""
    unseen = ONE.sent(at("24/6 16:00"), "returned", at("24/6 17:00"), recorded=at("3/7 08:00"))
    unseen = unseen.was_proposed(2, at("3/7 07:10"), "approve", at("3/7 09:00"))
    assert "Tình trạng đã khác" in unseen.last_look("rung-2", at("3/7 09:10"))


def test_the_newest_approval_counts() -> None:
    unit = ONE.was_proposed(2, at("6/7"), "approve", at("6/7 09:00")).was_proposed(
        2, at("29/6"), "approve", at("29/6 09:00")
    )
    assert unit.last_look("rung-2", at("7/7 09:10")) == ""


@pytest.mark.parametrize("number", [0, 5])
def test_a_rung_that_the_plan_has_not_is_climbed_by_nobody(number: int) -> None:
    assert "không còn bậc này" in ONE.last_look(f"rung-{number}", at("10/7 09:10"))


def test_a_draft_for_the_chair_needs_no_mail() -> None:
    unit = (
        ONE.climbed(2, at("29/6 07:30"))
        .climbed(3, at("1/7 07:30"))
        .was_proposed(4, at("8/7"), "approve", at("8/7 09:00"))
    )
    assert unit.last_look("rung-4", at("8/7 09:10")) == ""
