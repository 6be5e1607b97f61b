"""At risk: by the last quarter's pace against the target, with the arithmetic shown."""

from __future__ import annotations

from config.plan import Indicator
from tasks.consolidate.entries import Entry, Kind
from tasks.consolidate.indicators import Point, pace, province

TARGET = Indicator(
    code="C4", name="x", wording="x", line=1, area="a", area_name="a", uom="%", target=70, strength="dat"
)


def two_quarters(before: float | None, now: float, names=("Quý II", "Quý III")):
    rows = [
        Entry("U1", "C4", Kind.COUNTED, now, now, 100.0),
        Entry("U2", "C4", Kind.COUNTED, now, now, 100.0),
    ]
    trend = (Point("q2", names[0], before, 2, 2), Point("q3", names[1], now, 2, 2))
    return pace(province(TARGET, rows, trend))


def test_a_slow_rise_is_at_risk_and_says_how_it_was_reckoned():
    found = two_quarters(60.0, 63.0)
    assert found.at_risk
    assert "mỗi quý tăng 3 điểm %" in found.text
    assert "63 + 1 × 3 = 66, thấp hơn mục tiêu 70" in found.text


def test_a_rise_that_reaches_the_target_exactly_is_no_risk():
    assert not two_quarters(62.0, 66.0).at_risk


def test_a_fall_is_told_as_a_fall():
    assert "giảm 2 điểm %" in two_quarters(60.0, 58.0).text


def test_no_earlier_value_no_forecast():
    assert two_quarters(None, 58.0) is None


def test_a_met_target_needs_no_forecast():
    assert two_quarters(60.0, 75.0) is None


def test_after_the_last_quarter_nothing_is_left_to_come():
    assert "còn 0 quý" in two_quarters(60.0, 65.0, ("Quý III", "Quý IV")).text
