"""A round that only a person may open is never forgotten: the operators are told (ruling 3)."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import NoticeRow
from db.session import reading
from flows.round import unopened_rounds
from tasks.desk.alert import remind_unopened
from tasks.desk.registry import submit
from tests.e2e.installation import Installation, at


@pytest.fixture
def late(tmp_path: Path) -> Installation:
    """Installed at eight o'clock on the day on which the second quarter opened at ten past seven."""
    return Installation(tmp_path, at("2026-06-01T08:00"))


def alerts(house: Installation) -> list[str]:
    with reading(house.office.engine) as session:
        rows = session.scalars(select(NoticeRow).where(NoticeRow.kind == "alert"))
        return [" ".join(row.context["lines"]) for row in rows]


def open_by_hand(house: Installation, code: str, now: str) -> None:
    submit(house.office, "open_round", {"by": "CV1", "reason": "đã xem", "round": code}, at(now))


def test_rounds_that_wait_for_a_person_are_told_of_once_with_why(late: Installation) -> None:
    now = at("2026-06-01T13:10")
    assert set(unopened_rounds(late.office, now)) == {"2026-q2", "2026-q2-da06", "2026-q2-cchc"}
    assert remind_unopened(late.office, now) > 0
    assert remind_unopened(late.office, at("2026-06-02T07:10")) == 0
    (told,) = set(alerts(late))
    assert "2026-q2: báo cáo quý II năm 2026, thời hạn trước ngày 25/6/2026; ngày mở trước ngày khởi tạo" in told
    assert "2026-q2-da06" in told and "giả định" in told
    assert "2026-kpi" not in told  # its limit has passed: opening it would chase for the past


def test_a_round_that_a_person_opened_waits_no_more(late: Installation) -> None:
    open_by_hand(late, "2026-q2", "2026-06-01T09:00")
    assert "2026-q2" not in unopened_rounds(late.office, at("2026-06-01T13:10"))


def test_outside_the_window_nobody_is_told(late: Installation) -> None:
    assert remind_unopened(late.office, at("2026-06-06T09:00")) == 0  # a Saturday
    assert remind_unopened(late.office, at("2026-06-01T17:30")) == 0
