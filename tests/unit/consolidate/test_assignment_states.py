"""Four official states; "quá hạn chưa hoàn thành" is computed, never picked (ruling 8)."""

from __future__ import annotations

from datetime import date, datetime

import pytest

from config.plan import ZONE
from tasks.consolidate.assignments import Progress, judge
from tasks.consolidate.report import digest_of

from .world import Q2, Q3, SEPTEMBER_30

DUE = date(2026, 7, 31)


@pytest.mark.parametrize(
    ("said", "today", "state"),
    [
        ("Đã hoàn thành", date(2026, 9, 30), Progress.DONE),
        ("Đã hoàn thành quá hạn", date(2026, 9, 30), Progress.DONE_LATE),
        ("Đang thực hiện", DUE, Progress.GOING),
        ("Đang thực hiện", date(2026, 8, 1), Progress.OVERDUE),
        ("Chưa hoàn thành", DUE, Progress.GOING),
        ("Quá hạn chưa hoàn thành", DUE, Progress.GOING),
        ("", date(2026, 8, 1), Progress.OVERDUE),
        ("", DUE, Progress.GOING),
        ("đã hoàn thành", date(2026, 8, 1), Progress.DONE),
        ("cơ bản xong", date(2026, 8, 1), Progress.OVERDUE),
    ],
)
def test_state_follows_from_word_and_date(said, today, state):
    assert judge(said, DUE, today) is state


def test_without_a_due_date_nothing_is_overdue():
    assert judge("Đang thực hiện", None, date(2030, 1, 1)) is Progress.GOING


def test_the_newest_accepted_report_counts_and_days_are_calendar_days(world):
    world.opens(Q2, ["STC"])
    world.opens(Q3, ["STC"])
    world.sends(Q2, "STC", progress={"NV-STC-1": "Đang thực hiện"})
    item = next(i for i in digest_of(world.office, Q3, SEPTEMBER_30).items if i.assignment.code == "NV-STC-1")
    assert (item.state, item.days, item.reported) == (Progress.OVERDUE, 61, Q2)
    world.sends(Q3, "STC", datetime(2026, 9, 20, tzinfo=ZONE), progress={"NV-STC-1": "Đã hoàn thành quá hạn"})
    item = next(i for i in digest_of(world.office, Q3, SEPTEMBER_30).items if i.assignment.code == "NV-STC-1")
    assert (item.state, item.reported) == (Progress.DONE_LATE, Q3)


def test_a_unit_cannot_report_another_units_assignment(world):
    world.opens(Q3, ["STC", "SYT"])
    world.sends(Q3, "SYT", datetime(2026, 9, 20, tzinfo=ZONE), progress={"NV-STC-1": "Đã hoàn thành"})
    item = next(i for i in digest_of(world.office, Q3, SEPTEMBER_30).items if i.assignment.code == "NV-STC-1")
    assert item.state is Progress.OVERDUE
    assert item.reported == ""
