"""A limit at an hour: everybody is told the hour, and nobody that the day is good to its end."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from db.session import reading
from flows.artifacts import planned
from flows.overview import Waits, overview
from tasks.chase.bulletin import coming
from tasks.chase.explain import explain
from tasks.consolidate.letters import urging_letter
from tasks.consolidate.page import page
from tasks.consolidate.report import digest_of
from tasks.desk.common import DeskError
from tests.unit.consolidate.reading import everything

from .installation import Installation, at

ROUND = "2026-dx1"
LIMIT = "16 giờ 00 ngày 24/6/2026"
EVENING = "2026-06-24T18:00"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """Three units until 24/6 at four in the afternoon; SXD was given two days more."""
    made = Installation(tmp_path / "var", at("2026-06-02T06:00"))
    asked = {"form": "quarterly", "period_from": "2026-03-15", "period_to": "2026-06-14"}
    made.ad_hoc("2026-06-02T06:30", "SYT, SXD, SCT", "2026-06-24", until_time="16:00", **asked)
    made.day("2026-06-02T07:10")
    told = made.desk("extend", "2026-06-03T08:00", round=ROUND, units="SXD", until="2026-06-26", until_time="16:00")
    assert told == "Đã gia hạn 1 đơn vị đến 16 giờ 00 ngày 26/6/2026"
    yield made
    made.office.engine.dispose()


def why(here: Installation, unit: str, now: str) -> dict[str, str]:
    with reading(here.office.engine) as session:
        return dict(explain(session, here.office, unit, ROUND, at(now))["lines"])


def texts(here: Installation, unit: str) -> str:
    """Every mail to the unit, its lines joined."""
    to = f"{unit.lower()}@"
    bodies = [m.get_body(("plain",)) for m in here.mails() if str(m["To"]).startswith(to)]
    return " ".join(" ".join(b.get_content().split()) for b in bodies if b)


def test_a_file_an_hour_late_is_late_in_every_line_of_its_answer(here: Installation) -> None:
    here.answer("SYT", ROUND)
    here.day("2026-06-24T17:10")
    told = texts(here, "SYT")
    assert "(nhận lúc 17 giờ 10 phút ngày 24/6/2026, quá hạn trong ngày)" in told
    assert "Về thời hạn: quá hạn trong ngày" in told
    assert "đúng hạn" not in told and "00 ngày" not in told.replace("16 giờ 00 ngày", "")
    assert why(here, "SYT", EVENING)["Kết luận"] == "Hoàn thành quá hạn"


def test_why_names_the_hour_of_limit_extension_and_what_was_taken_back(here: Installation) -> None:
    assert why(here, "SCT", EVENING)["Thời hạn"] == f"trước {LIMIT}"
    assert why(here, "SXD", EVENING)["Gia hạn"].endswith("đến 16 giờ 00 ngày 26/6/2026; thử")
    here.day("2026-06-03T13:10")
    here.desk("take_back", "2026-06-04T09:00", round=ROUND, units="SXD", what="extension")
    here.day("2026-06-04T13:10")
    assert "gia hạn đến 16 giờ 00 ngày 26/6/2026, ghi" in why(here, "SXD", EVENING)["Đã rút lại"]
    assert "đến 16 giờ 00 ngày 26/6/2026 đã thông báo trước đây được rút lại" in texts(here, "SXD")


def test_a_new_limit_that_is_not_later_is_refused_with_the_limit_to_the_hour(here: Installation) -> None:
    with pytest.raises(DeskError, match=f"đang áp dụng: trước {LIMIT}$"):
        here.desk("extend", "2026-06-10T09:00", round=ROUND, units="SCT", until="2026-06-24", until_time="15:00")


def test_the_pages_and_drafts_of_that_evening_say_the_hour(here: Installation) -> None:
    summary = here.summary(ROUND, EVENING)
    shown = overview(here.office, summary, Waits(), None)
    assert f"hạn: **{LIMIT}**, **đã quá hạn trong ngày**" in shown
    d = digest_of(here.office, ROUND, at(EVENING))
    assert f"trước {LIMIT}" in page(d) and "0 ngày;" not in page(d)
    letter = everything(urging_letter(here.office, ROUND, at(EVENING), None, here.folder))
    assert f"trước {LIMIT} để tổng hợp" in letter.replace("\u00a0", " ")
    days = {what: day.isoformat() for day, what, _ in planned(here.office, summary.round)}
    assert next(day for what, day in days.items() if what.startswith("NGÀY CUỐI")) == "2026-06-24"
    soon = coming(here.office, [summary.round], at("2026-06-22T08:00").date())
    assert {"date": "24/6/2026", "text": f"Ngày cuối: {summary.round.short}"} in soon
