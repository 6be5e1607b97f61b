"""Nothing a person reads is missing: labels, sentences, dates."""

from __future__ import annotations

import unicodedata
from datetime import date, datetime

import pytest

from config.plan import ZONE
from tasks.rules.holds import HoldCode
from tasks.rules.status import LABELS, State
from tasks.rules.words import (
    show_before,
    show_date,
    show_day,
    show_last_day,
    show_lateness,
    show_limit,
    show_moment,
    show_second,
    show_term,
    show_through,
    show_until,
)
from tests.builders import at


def test_every_state_has_its_own_vietnamese_label() -> None:
    assert set(LABELS) == set(State) and len(set(LABELS.values())) == len(State)
    for label in LABELS.values():
        assert label and unicodedata.is_normalized("NFC", label)


def test_every_hold_code_is_raised_somewhere_with_a_sentence() -> None:
    """Each code stands beside a Vietnamese sentence where it is raised."""
    import re
    from pathlib import Path

    import tasks

    folder = Path(tasks.__file__).parent
    sources = "\n".join(p.read_text() for p in [*folder.glob("rules/*.py"), *folder.glob("chase/*.py")])
    raised = set(
        re.findall(r"Hold\(\s*HoldCode\.(\w+),\s*(?:f?\"|why|reason|NEVER_TOLD|_no_contact)", sources)
    )
    assert raised == {code.name for code in HoldCode}


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (date(2026, 6, 5), "05/6/2026"),
        (date(2026, 6, 25), "25/6/2026"),
        (date(2026, 2, 3), "03/02/2026"),
        (date(2026, 1, 31), "31/01/2026"),
        (date(2026, 3, 9), "09/3/2026"),
        (date(2026, 12, 10), "10/12/2026"),
    ],
)
def test_dates_as_nd_30_writes_them(written: date, shown: str) -> None:
    assert show_date(written) == shown


def test_instants_are_shown_in_viet_nam() -> None:
    from datetime import UTC

    late = at("22/6 07:10:05")
    assert show_moment(late.astimezone(UTC)) == "07 giờ 10 phút ngày 22/6/2026"
    assert show_second(late.astimezone(UTC)) == "07 giờ 10 phút 05 giây ngày 22/6/2026"
    assert show_day(at("22/6 00:30").astimezone(UTC)) == "22/6/2026"


def test_a_limit_is_shown_by_its_last_good_day() -> None:
    assert show_last_day(at("25/6")) == "24/6/2026"
    assert show_last_day(at("25/6 17:00")) == "25/6/2026"


@pytest.mark.parametrize(
    ("hour", "minute", "shown"),
    [(0, 0, "25/6/2026"), (17, 0, "17 giờ 00 ngày 25/6/2026"), (0, 30, "00 giờ 30 ngày 25/6/2026")],
)
def test_a_limit_with_an_hour_names_it(hour: int, minute: int, shown: str) -> None:
    assert show_limit(datetime(2026, 6, 25, hour, minute, tzinfo=ZONE)) == shown


def test_a_limit_at_midnight_is_told_by_the_day_before_and_one_at_an_hour_by_its_hour() -> None:
    told = [(show_until(x), show_through(x), show_before(x), show_term(x)) for x in (at("25/6"), at("25/6 17:00"))]
    hour = "17 giờ 00 ngày 25/6/2026"
    assert told == [
        (
            "24/6/2026",
            "hết ngày 24/6/2026",
            "trước ngày 25/6/2026",
            "trước ngày 25/6/2026 (chậm nhất hết ngày 24/6/2026)",
        ),
        (hour, hour, f"trước {hour}", f"trước {hour}"),
    ]


def test_lateness_is_counted_in_days_or_lies_within_the_day() -> None:
    assert [show_lateness(n) for n in (0, 3)] == ["quá hạn trong ngày", "quá hạn 03 ngày"]
