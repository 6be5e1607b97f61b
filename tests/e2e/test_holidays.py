"""The ladder and the cure period count working days; Tết has none (16 to 20 February 2026)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from .installation import Installation, at

ROUND = "2026-dx1"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """ "Trước ngày 13/2" (a Friday). SYT's scan came in time and was returned; SXD is silent."""
    made = Installation(tmp_path / "var", at("2026-02-01T06:00"))
    made.ad_hoc("2026-02-09T06:30", "SYT, SXD", "2026-02-12", reminders="1")
    made.day("2026-02-09T07:10")
    (made.folder / "inbox" / "quet.pdf").write_bytes(b"%PDF-1.7\nban quet\n%%EOF\n")
    made.day("2026-02-12T07:10")
    made.desk("assign", "2026-02-12T09:00", round=ROUND, unit="SYT", inbound=1)
    made.day("2026-02-12T13:10")
    yield made
    made.office.engine.dispose()


def passes(here: Installation, *days: str) -> None:
    for day in days:
        here.desk("register_reading", f"2026-02-{day}T06:50", through=at(f"2026-02-{day}T06:50"))
        here.day(f"2026-02-{day}T07:10")


def line(here: Installation, unit: str, now: str) -> Any:
    return next(x for x in here.summary(ROUND, now).lines if x.unit == unit)


def rungs(here: Installation, unit: str) -> list[int]:
    return [n.rung for n in here.notices(unit=unit, nature="chase") if n.rung]


def test_the_cure_lasts_three_working_days_over_the_holiday(here: Installation) -> None:
    assert line(here, "SYT", "2026-02-12T14:00").state.value == "returned"
    passes(here, "13", "16", "18", "23", "24")
    assert (line(here, "SYT", "2026-02-24T23:59").hold_code, rungs(here, "SYT")) == ("cure", [])
    passes(here, "25")
    assert (line(here, "SYT", "2026-02-25T08:00").state.value, rungs(here, "SYT")) == ("incomplete", [1])


def test_a_file_mended_on_the_last_evening_is_on_time(here: Installation) -> None:
    passes(here, "13", "23", "24")
    here.answer("SYT", ROUND)
    here.day("2026-02-24T23:50")
    assert line(here, "SYT", "2026-02-24T23:59").state.value == "done_on_time"
    passes(here, "25", "26")
    assert rungs(here, "SYT") == []


def test_the_second_rung_waits_for_the_third_working_day(here: Installation) -> None:
    passes(here, "13")
    assert rungs(here, "SXD") == [1]
    passes(here, "16", "17", "18", "19", "20", "23")
    assert line(here, "SXD", "2026-02-23T08:00").hold_code != "approval"
    passes(here, "24")
    assert line(here, "SXD", "2026-02-24T08:00").hold_code == "approval"
    assert line(here, "SXD", "2026-02-24T08:00").days_late == 12  # what is shown counts calendar days
