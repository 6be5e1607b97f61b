"""A clock is doubted where another machine, or the machine's own count of seconds, disagrees with it."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from tasks.rules.clock import SLACK, Anchor, Heard, Tick, clock_doubt
from tests.builders import SECOND, at

NOW = at("24/6 07:10")
DAY = timedelta(days=1)
ANCHOR = Anchor(NOW - timedelta(hours=6), Tick("a", 1000))
COUNT = Tick("a", 1000 + 6 * 3600)


@pytest.mark.parametrize("off", [timedelta(0), SLACK, -SLACK])
def test_a_clock_within_the_slack_is_believed(off: timedelta) -> None:
    assert clock_doubt(NOW + off, Heard(COUNT), ANCHOR) == ""
    assert clock_doubt(NOW + off, Heard(told={"máy chủ web": NOW}), None) == ""


@pytest.mark.parametrize("off", [DAY, -DAY, SLACK + SECOND, -SLACK - SECOND])
def test_beyond_it_either_witness_doubts_and_says_both_times(off: timedelta) -> None:
    by_count = clock_doubt(NOW + off, Heard(COUNT), ANCHOR)
    by_other = clock_doubt(NOW + off, Heard(told={"máy chủ web": NOW}), None)
    for said in (by_count, by_other):
        assert "07 giờ 10 phút ngày 24/6/2026" in said
    assert by_other.endswith("máy chủ web báo 07 giờ 10 phút ngày 24/6/2026")
    assert by_count.startswith("đồng hồ máy là ") and "thời gian máy đã chạy" in by_count


@pytest.mark.parametrize(
    ("heard", "anchor"),
    [
        (Heard(), ANCHOR),
        (Heard(COUNT), None),
        (Heard(Tick("after a new start", 30)), ANCHOR),
    ],
)
def test_without_a_witness_nothing_speaks_against_it(heard: Heard, anchor: Anchor | None) -> None:
    assert clock_doubt(NOW + DAY, heard, anchor) == ""


def test_a_clock_set_right_is_believed_although_the_count_began_when_it_was_wrong() -> None:
    wrong = Anchor(NOW + DAY - timedelta(hours=6), Tick("a", 1000))
    assert clock_doubt(NOW, Heard(COUNT), wrong) != ""
    assert clock_doubt(NOW, Heard(COUNT, {"máy chủ web": NOW}), wrong) == ""


def test_ten_minutes_are_borne() -> None:
    assert timedelta(minutes=10) == SLACK


def test_of_two_that_disagree_the_same_one_is_always_named() -> None:
    told: dict[str, datetime] = {"máy chủ b": NOW - DAY, "máy chủ a": NOW - 2 * DAY}
    assert "máy chủ a báo" in clock_doubt(NOW, Heard(COUNT, told), ANCHOR)


def test_one_of_two_servers_that_disagrees_is_enough() -> None:
    told: dict[str, datetime] = {"máy chủ a": NOW, "máy chủ b": NOW - DAY}
    assert "máy chủ b" in clock_doubt(NOW, Heard(COUNT, told), ANCHOR)
