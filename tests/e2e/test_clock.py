"""A clock that is a day ahead chases nobody, tells the operators, and goes on once it is right again."""

from __future__ import annotations

from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest

from config.plan import Form
from config.settings import Settings, Share
from db.session import reading
from flows.overview import Reading, Waits, overview
from flows.round import play_round
from flows.witnesses import hear
from tasks import steps
from tasks.chase.explain import explain
from tasks.desk.common import DeskError
from tasks.rules.clock import Heard, Tick

from .installation import Installation, at

ROUND = "2026-q2"
STARTED = at("2026-05-30T00:00")
DAY = timedelta(days=1)


def morning(here: Installation, true: str, off: timedelta = timedelta(0), told: bool = False) -> None:
    """A pass at the ``true`` moment by a clock that is ``off``; ``told``: another machine is asked too."""
    now, really = at(true) + off, at(true)
    tick = Tick("boot", (really - STARTED).total_seconds())
    steps.note_clock(here.office, now, Heard(tick, {"máy chủ web": really} if told else {}))
    here.day(now.strftime("%Y-%m-%dT%H:%M"))


def page_of(here: Installation, now: str) -> str:
    did = play_round(here.office, at(now), (Form.QUARTERLY,))
    assert did.rounds == [ROUND] and did.collected is None
    doubt = Reading(0, False, did.clock_doubt)
    return overview(here.office, here.summary(ROUND, now), Waits(), doubt)


def chased(here: Installation) -> list[tuple[str, str]]:
    return sorted({(n.kind, n.state) for n in here.notices(nature="chase", unit="SYT")})


def test_a_day_ahead_on_the_last_good_day_nobody_is_chased(tmp_path: Path) -> None:
    here = Installation(tmp_path, at("2026-06-01T06:00"))
    morning(here, "2026-06-01T07:10")
    before = chased(here)
    here.answer("SXD", ROUND)
    morning(here, "2026-06-24T07:10", off=DAY)
    assert chased(here) == before
    alerts = {n.context["title"] for n in here.notices(kind="alert")}
    assert "đồng hồ máy chủ chưa tin được" in alerts
    with reading(here.office.engine) as session:
        told = explain(session, here.office, "SYT", ROUND, at("2026-06-25T07:20"))
    assert told["hold"].startswith("Đồng hồ máy chủ chưa tin được: đồng hồ máy là 07 giờ 10 phút ngày 25/6/2026")
    assert here.notices(unit="SXD", kind="accepted") == []  # nothing was read by that clock
    page = page_of(here, "2026-06-25T07:20")
    assert "> ⚠ **Đồng hồ máy chủ chưa tin được:** đồng hồ máy là 07 giờ 10 phút ngày 25/6/2026" in page
    morning(here, "2026-06-24T13:10")  # set right: the reminder of the last day leaves
    assert ("reminder", "held") in chased(here)
    (line,) = [x for x in here.summary(ROUND, "2026-06-24T14:00").lines if x.unit == "SXD"]
    assert line.state.value == "done_on_time"
    assert [n.rung for n in here.notices(kind="overdue")] == []


def test_a_letter_already_queued_waits_too(tmp_path: Path) -> None:
    here = Installation(tmp_path, at("2026-06-01T06:00"))
    morning(here, "2026-06-01T07:10")
    steps.remind(here.office, at("2026-06-16T07:10"), channels_complete=True)
    steps.note_clock(here.office, at("2026-06-16T07:10"), Heard(told={"máy chủ web": at("2026-06-15T07:10")}))
    steps.deliver(here.office, at("2026-06-16T07:10"), channels_complete=True)
    assert {n.state for n in here.notices(kind="reminder")} == {"queued"}
    assert {n.state for n in here.notices(kind="alert")} == {"held"}  # the operators hear of it at once


def test_a_person_vouches_for_the_clock_and_only_for_a_doubted_one(tmp_path: Path) -> None:
    here = Installation(tmp_path, at("2026-06-01T06:00"))
    with pytest.raises(DeskError, match="không bị nghi ngờ"):
        here.desk("clock_checked", "2026-06-01T06:30")
    morning(here, "2026-06-01T07:10", off=DAY)  # wrong since the machine was started
    morning(here, "2026-06-03T07:10")  # set right: only the count, which began wrong, disagrees
    here.desk("clock_checked", "2026-06-03T08:00")
    morning(here, "2026-06-03T13:10")
    with reading(here.office.engine) as session:
        assert explain(session, here.office, "SYT", ROUND, at("2026-06-03T14:00"))["hold"] == ""
    morning(here, "2026-06-04T07:10", off=DAY, told=True)
    here.desk("clock_checked", "2026-06-05T08:00")
    morning(here, "2026-06-04T13:10", off=DAY, told=True)  # the other machine still disagrees
    with reading(here.office.engine) as session:
        assert "máy chủ web báo" in explain(session, here.office, "SYT", ROUND, at("2026-06-16T14:00"))["hold"]


class Server(BaseHTTPRequestHandler):
    date = ""
    more: dict[str, str] = {}

    def do_HEAD(self) -> None:
        self.send_response_only(200)
        for name, value in {"Date": self.date, **self.more}.items():
            self.send_header(name, value)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.mark.parametrize(
    ("date", "more", "said"),
    [
        ("Wed, 24 Jun 2026 00:10:00 GMT", {}, at("2026-06-24T07:10")),
        ("Wed, 24 Jun 2026 00:10:00 GMT", {"Age": "86400"}, None),  # an old answer out of a cache
        ("hôm nay", {}, None),
    ],
)
def test_a_web_server_says_the_time_by_its_date(date: str, more: dict[str, str], said: datetime | None) -> None:
    handler = type("Handler", (Server,), {"date": date.encode().decode("latin-1"), "more": more})
    with HTTPServer(("127.0.0.1", 0), handler) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        url = f"http://127.0.0.1:{server.server_port}/"
        heard = hear(Settings(_env_file=None, clock_urls=(url,)))
        server.shutdown()
    assert heard.told == ({"máy chủ 127.0.0.1": said} if said else {})


def test_a_server_that_cannot_be_reached_is_not_heard_and_the_machine_counts_on() -> None:
    first = hear(Settings(_env_file=None, clock_urls=("http://127.0.0.1:9/",)))
    second = hear(Settings(_env_file=None))
    assert first.told == {} and first.tick and second.tick
    assert second.tick.boot == first.tick.boot and second.tick.seconds >= first.tick.seconds


def test_a_share_whose_authority_cannot_be_read_is_not_heard() -> None:
    share = Share(url="https://127.0.0.1:9/", ca_file=Path("/khong/co.pem"))
    assert hear(Settings(_env_file=None, share=share)).told == {}


def test_a_witness_that_is_no_web_page_is_refused() -> None:
    with pytest.raises(ValueError, match="địa chỉ trang web"):
        Settings(_env_file=None, clock_urls=("ninhbinh.gov.vn",))
