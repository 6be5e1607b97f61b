"""Hold, redirect, live, rehearse: watched at the socket."""

from __future__ import annotations

import email
from collections.abc import Iterator
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import Mail
from db import controls
from db.models import AuditRow
from db.session import reading, writing
from tasks.office import Office
from tasks.post import modes
from tasks.post.catcher import Catcher
from tasks.post.contract import Delivery
from tasks.post.deliver import deliver

from .office import (
    ALLOWED,
    NOW,
    Books,
    again,
    an_item,
    an_obligation,
    at,
    live,
    open_test_office,
    owe,
    plain_parts,
    still_owed,
)
from .servers import Proxy, Sink

TEST_BOX = "thu@kiemthu.example"


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture
def proxy(sink: Sink) -> Iterator[Proxy]:
    with Proxy(sink.port) as server:
        yield server


def send(office: Office) -> Delivery:
    return deliver(office, NOW, compose=plain_parts, rejudge=still_owed)


def rehearse(port: int) -> Mail:
    return live(port, mode="rehearse", allow_domains=())


def redirect(port: int) -> Mail:
    return live(port, mode="redirect", redirect_to=TEST_BOX, allow_domains=())


def hold(port: int) -> Mail:
    return live(port, mode="hold", allow_domains=())


def test_hold_opens_no_connection_and_leaves_readable_files(tmp_path: Path, proxy: Proxy, sink: Sink) -> None:
    office = open_test_office(tmp_path, hold(proxy.port))
    notice, _ = owe(office, 2)
    assert send(office) == Delivery(held=2)
    assert sink.connections == 0
    files = sorted((tmp_path / "outbox").iterdir())
    assert [f.name for f in files] == [f"20260624-0800-vanthu{n}@{ALLOWED}-{n}.eml" for n in (1, 2)]
    message = email.message_from_bytes(files[0].read_bytes(), policy=default)
    assert message["Subject"] == "Đề nghị báo cáo U1"
    assert message["Message-ID"] == Books(office.engine).notice(notice).message_id
    assert Books(office.engine).outcomes() == ["held", "held"]


def test_a_held_files_name_is_ascii_whatever_the_address_says(tmp_path: Path, proxy: Proxy) -> None:
    office = open_test_office(tmp_path, hold(proxy.port))
    owe(office, recipient="..o'brien/x{y}|z*@ninhbinh.example")
    owe(office, first=2, recipient="o'brien/x{y}|z*@ninhbinh.example")
    did = send(office)
    assert (did.held, did.refused) == (1, 1)  # two dots in a row are no address
    (file,) = (tmp_path / "outbox").iterdir()
    assert file.name == "20260624-0800-o_brien_x_y__z_@ninhbinh.example-2.eml"


def test_redirect_names_only_the_test_address_to_the_server(tmp_path: Path, proxy: Proxy, sink: Sink) -> None:
    office = open_test_office(tmp_path, redirect(proxy.port))
    owe(office, 5)
    assert send(office) == Delivery(redirected=5)
    assert proxy.rcpts() == [TEST_BOX] * 5
    message = email.message_from_bytes(sink.contents[TEST_BOX], policy=default)
    assert message["Subject"] == f"Đề nghị báo cáo U5 [gửi thử thay cho vanthu5@{ALLOWED}]"
    assert message["X-DonDoc-Original-To"] == f"vanthu5@{ALLOWED}"
    assert message["To"] == TEST_BOX


def test_live_never_names_an_address_outside_the_allowed_domains(tmp_path: Path, proxy: Proxy) -> None:
    office = open_test_office(tmp_path, live(proxy.port))
    outside = ["a@ngoai.example", "a%b.example@ninhbinh.example", "b@ninhbinh.example.evil.example", "khong-co-a-cong"]
    for n, recipient in enumerate(outside):
        owe(office, first=10 + n, recipient=recipient)
    owe(office, 3)
    did = send(office)
    assert (did.sent, did.refused) == (3, len(outside))
    assert all(r.endswith(f"@{ALLOWED}") for r in proxy.rcpts())
    assert len(proxy.rcpts()) == 3


def test_the_last_look_before_rcpt_stops_even_a_letter_that_slipped_through(
    tmp_path: Path, proxy: Proxy, monkeypatch: pytest.MonkeyPatch
) -> None:
    from tasks.post import claiming

    monkeypatch.setattr(claiming, "permitted", lambda mail, recipient: True)
    office = open_test_office(tmp_path, live(proxy.port))
    owe(office, recipient="a@ngoai.example")
    assert send(office).refused == 1
    assert proxy.rcpts() == []


def test_a_rehearsal_database_never_sends_live(tmp_path: Path, proxy: Proxy, sink: Sink) -> None:
    office = open_test_office(tmp_path, live(proxy.port), rehearsal=True)
    owe(office)
    assert send(office) == Delivery(stopped="rehearsal")
    with pytest.raises(modes.NotLive):
        modes.go_live(office, NOW, "CV1")
    assert sink.connections == 0


def test_a_rehearsal_reaches_our_own_catcher_and_its_maildirs(tmp_path: Path) -> None:
    with Catcher(tmp_path / "mail", at(NOW)) as catcher:
        office = open_test_office(tmp_path / "var", rehearse(catcher.port), rehearsal=True)
        owe(office, 3)
        assert send(office) == Delivery(sent=3)
    boxes = sorted(p.name for p in (tmp_path / "mail").iterdir())
    assert boxes == [f"vanthu{n}@{ALLOWED}" for n in (1, 2, 3)]
    (file,) = (tmp_path / "mail" / boxes[0] / "new").iterdir()
    first = file.read_bytes().split(b"\r\n")[:2]
    assert first == [
        b"Received: from sender by dondoc-catcher.invalid with ESMTP id 1;",
        b" Wed, 24 Jun 2026 08:00:00 +0700",
    ]
    assert email.message_from_bytes(file.read_bytes(), policy=default)["To"] == f"vanthu1@{ALLOWED}"


def test_a_rehearsal_is_refused_by_any_server_that_is_not_our_catcher(
    tmp_path: Path, proxy: Proxy, sink: Sink
) -> None:
    office = open_test_office(tmp_path, rehearse(proxy.port), rehearsal=True)
    owe(office)
    assert send(office).stopped == "not_catcher"
    assert b"MAIL" not in proxy.heard


def test_rehearse_is_refused_in_a_real_database(tmp_path: Path) -> None:
    with Catcher(tmp_path / "mail", at(NOW)) as catcher:
        office = open_test_office(tmp_path / "var", rehearse(catcher.port))
        owe(office)
        assert send(office).stopped == "not_rehearsal"
        assert catcher.received == 0


def test_going_live_shows_asks_cancels_what_was_held_and_restarts_the_ladders(
    tmp_path: Path, proxy: Proxy, sink: Sink
) -> None:
    office = open_test_office(tmp_path, hold(proxy.port), confirmed=False)
    with writing(office.engine) as session:
        item = an_item(an_obligation(session))
    held, old = owe(office, items=[item]) + owe(office, first=2, nature="answer")
    send(office)
    chase = owe(office, first=3)[0]
    answer = owe(office, first=4, nature="answer")[0]
    now_live = again(office, live(proxy.port))
    assert send(now_live) == Delivery(stopped="not_confirmed")
    assert [leaving.notice_id for leaving in modes.going_live(now_live, NOW, "CV1")] == [answer]
    with pytest.raises(modes.NotLive):
        modes.go_live(office, NOW, "CV1")  # the setting still says hold
    assert modes.go_live(now_live, NOW, "CV1") == 3
    assert modes.go_live(now_live, NOW, "CV1") == 0  # twice changes nothing
    books = Books(office.engine)
    assert [books.notice(n).state for n in (held, old, chase, answer)] == ["cancelled"] * 3 + ["queued"]
    assert send(now_live) == Delivery(sent=1)
    with reading(office.engine) as session:
        restart = controls.ladder_restart(session)
        assert restart == 1
        assert session.scalars(select(AuditRow.details).where(AuditRow.action == "post.live")).one()["restart"] == 1
    fresh = owe(office, items=[an_item(item.obligation_id, restart=restart)])
    assert len(fresh) == 1  # the same notice may be owed again after the restart
    assert send(now_live) == Delivery(sent=1)
    assert proxy.rcpts() == [f"vanthu{n}@{ALLOWED}" for n in (4, 1)]


def test_a_run_on_hold_takes_the_confirmation_back(tmp_path: Path, proxy: Proxy) -> None:
    office = open_test_office(tmp_path, live(proxy.port))
    send(again(office, hold(proxy.port)))
    owe(office)
    assert send(office).stopped == "not_confirmed"
    assert proxy.rcpts() == []
