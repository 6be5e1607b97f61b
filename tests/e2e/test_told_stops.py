"""When the post stops, somebody hears of it: the round's page at once, the operators by mail (ruling 19)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from db.session import reading
from flows.artifacts import waits_of
from flows.overview import overview
from tasks.desk.alert import TOLD_STOPS, tell_stopped
from tasks.post.contract import STOPS
from tasks.post.smtp import CATCHER
from tests.e2e.installation import Installation, at
from tests.integration.post.office import again, live
from tests.integration.post.servers import Fault, Proxy, Sink

OPENING = "2026-06-01T07:10"


@pytest.fixture
def proxy() -> Iterator[Proxy]:
    with Sink(greets_as=CATCHER) as sink, Proxy(sink.port) as server:
        yield server


def page(house: Installation, stopped: str = "") -> str:
    summary = house.summary("2026-q2", OPENING)
    with reading(house.office.engine) as session:
        waits = replace(waits_of(session, house.office, summary), stopped=stopped)
    return overview(house.office, summary, waits, None)


def test_a_server_that_refuses_everybody_is_told_of_once_and_stands_on_the_page(tmp_path: Path, proxy: Proxy) -> None:
    house = Installation(tmp_path, at("2026-06-01T06:00"))
    house.office = again(house.office, live(proxy.port, mode="rehearse", allow_domains=()))
    proxy.fault = Fault("RCPT", "554 5.7.1 relay access denied")
    for now in (OPENING, "2026-06-01T13:10"):
        did = house.day(now)
        assert did.delivered is not None
        assert did.delivered.stopped == "refuses_all"
    alerts = house.notices(kind="alert", occasion="post-refuses_all-2026-06-01")
    assert len({a.recipient for a in alerts}) == len(alerts) > 0
    assert STOPS["refuses_all"] in alerts[0].context["lines"][0]
    shown = page(house, "refuses_all")
    assert f"**Dừng gửi thư:** {STOPS['refuses_all']}" in shown
    assert "Thư không gửi được, cần sửa địa chỉ hoặc bỏ: thông báo số" in shown


def test_a_quiet_page_speaks_of_no_stop_and_no_failed_mail(tmp_path: Path) -> None:
    house = Installation(tmp_path, at("2026-06-01T06:00"))
    house.day(OPENING)
    assert "Dừng gửi thư" not in page(house)
    assert "Thư không gửi được" not in page(house)


def test_a_cap_that_only_defers_alarms_nobody(tmp_path: Path) -> None:
    house = Installation(tmp_path, at("2026-06-01T06:00"))
    assert set(STOPS) >= TOLD_STOPS
    assert [tell_stopped(house.office, r, at(OPENING)) for r in ("cap_10_minutes", "paused")] == [0, 0]
