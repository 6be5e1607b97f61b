"""Servers as they are: few connections, long-winded replies, goodbyes in mid-conversation."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db.session import writing
from tasks.post import deliver as delivering
from tasks.post.deliver import Delivery, Switch, deliver, release_unknown

from .office import ALLOWED, NOW, Books, again, live, open_test_office, owe, plain_parts, still_owed
from .servers import Fault, Proxy, Sink

LATER = NOW + timedelta(hours=7)


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink(delay=0.01) as server:
        yield server


@pytest.fixture
def proxy(sink: Sink) -> Iterator[Proxy]:
    with Proxy(sink.port) as server:
        yield server


def send(office, now=NOW) -> Delivery:  # type: ignore[no-untyped-def]
    return deliver(office, now, compose=plain_parts, rejudge=still_owed)


@pytest.mark.parametrize("most", [1, 2])
def test_a_server_that_allows_fewer_connections_than_we_like_gets_all_mails_on_those(
    tmp_path: Path, sink: Sink, proxy: Proxy, most: int
) -> None:
    proxy.most = most
    office = open_test_office(tmp_path, live(proxy.port, connections=6))
    owe(office, 30)
    did = send(office)
    print(f"{most} of 6 connections: {did.sent} sent, turned away {proxy.turned_away} times")
    assert (did.sent, did.stopped) == (30, "")
    assert sink.duplicates() == 0
    assert 1 <= proxy.turned_away <= 6  # it is not asked again and again
    assert {a.code for a in Books(office.engine).attempts()} == {250}


@pytest.mark.parametrize(
    ("at", "reply", "state"),
    [
        ("RCPT", "451-4.7.1 greylisted,\r\n451-4.7.1 see our page\r\n451 4.7.1 come back", "queued"),
        ("RCPT", "550-5.1.1 no such\r\n550 5.1.1 user", "failed"),
        ("DOT", "250-2.0.0 taken\r\n250 2.0.0 as 12345", "sent"),
        ("DOT", "554-5.7.1 we do not\r\n554 5.7.1 like it", "failed"),
        ("DOT", "421-4.3.2 shutting down\r\n421 4.3.2 bye", "queued"),
    ],
)
def test_a_reply_of_several_lines_is_one_reply(
    tmp_path: Path, proxy: Proxy, at: str, reply: str, state: str
) -> None:
    office = open_test_office(tmp_path, live(proxy.port))
    (notice,) = owe(office, rung=2)
    proxy.fault = Fault(at, reply, times=1)
    send(office)
    books = Books(office.engine)
    assert books.notice(notice).state == state
    assert books.attempts(notice)[0].code == int(reply[:3])
    assert "\n" in books.attempts(notice)[0].text  # all of it is kept


@pytest.mark.parametrize(
    ("at", "reply", "state"),
    [("RCPT", "550 kh\udcf4ng có", "failed"), ("DOT", "250 nh\udcean\0", "sent"), ("MAIL", "450 \udcff", "queued")],
)
def test_a_reply_that_is_no_utf_8_is_recorded_like_any_other(
    tmp_path: Path, proxy: Proxy, at: str, reply: str, state: str
) -> None:
    """An outcome that cannot be written down would be sent again and again."""
    office = open_test_office(tmp_path, live(proxy.port))
    (notice,) = owe(office)
    proxy.fault = Fault(at, reply, times=1)
    send(office)
    books = Books(office.engine)
    assert books.notice(notice).state == state
    assert books.attempts(notice)[0].code == int(reply[:3])


@pytest.mark.parametrize("at", ["MAIL", "RCPT", "DATA", "DOT"])
def test_a_server_that_says_goodbye_again_and_again_ends_the_run_not_every_mails_patience(
    tmp_path: Path, sink: Sink, proxy: Proxy, at: str
) -> None:
    office = open_test_office(tmp_path, live(proxy.port))
    owe(office, 20, rung=2)
    proxy.fault = Fault(at, "421 4.3.2 closing")
    assert send(office).stopped == "unstable"
    books = Books(office.engine)
    assert 1 <= len(books.attempts()) <= 4
    assert books.states() == {"queued": 20}  # a goodbye is no doubt: not even an escalation waits for a person
    proxy.fault = None
    send(office, LATER)
    assert books.states() == {"sent": 20}
    assert sink.duplicates() == 0


def test_a_server_that_refuses_everybody_ends_the_run_before_every_address_is_taken_for_dead(
    tmp_path: Path, sink: Sink, proxy: Proxy
) -> None:
    office = open_test_office(tmp_path, live(proxy.port))
    owe(office, 40)
    proxy.fault = Fault("RCPT", "554 5.7.1 relay access denied")
    assert send(office).stopped == "refuses_all"
    books = Books(office.engine)
    assert books.states() == {"failed": 10, "queued": 30}
    proxy.fault = None
    assert send(office, LATER).sent == 30


def test_many_bad_addresses_among_good_ones_do_not_stop_the_post(tmp_path: Path, sink: Sink) -> None:
    office = open_test_office(tmp_path, live(sink.port))
    owe(office, 30)
    for n in [n for n in range(1, 31) if n % 8]:
        sink.answers[f"vanthu{n}@{ALLOWED}"] = "550 5.1.1 unknown"
    did = send(office)
    assert (did.sent, did.refused, did.stopped) == (3, 27, "")


def test_greylisting_for_hours_costs_no_mail_and_no_second_copy(tmp_path: Path, sink: Sink, proxy: Proxy) -> None:
    office = open_test_office(tmp_path, live(proxy.port))
    (notice,) = owe(office, nature="answer")
    proxy.fault = Fault("RCPT", "450 4.2.0 greylisted", times=5)
    now = NOW
    for _ in range(200):
        send(office, now)
        now += timedelta(minutes=5)
    books = Books(office.engine)
    assert books.outcomes(notice) == ["deferred"] * 5 + ["accepted"]
    assert sink.versions() == 1
    waits = [b.started_at - a.started_at for a, b in zip(books.attempts(), books.attempts()[1:], strict=False)]
    assert waits == sorted(waits)  # patient, and ever more so


def test_a_server_that_states_a_smaller_size_in_mid_run_is_believed(tmp_path: Path, proxy: Proxy) -> None:
    office = open_test_office(tmp_path, live(proxy.port))
    first, second = owe(office, 2)
    proxy.fault = Fault("DOT", "552 5.3.4 message exceeds the size of this box", times=1)
    did = send(office)
    assert (did.refused, did.sent) == (1, 1)
    assert Books(office.engine).notice(first).state == "failed"
    assert send(again(office, live(proxy.port)), LATER) == Delivery()


def test_a_redirected_letter_in_doubt_that_a_person_saw_arrive_is_still_not_sent(tmp_path: Path, proxy: Proxy) -> None:
    mail = live(proxy.port, mode="redirect", redirect_to="thu@kiemthu.example", allow_domains=())
    office = open_test_office(tmp_path, mail)
    (notice,) = owe(office, rung=2)
    proxy.fault = Fault("DOT", "swallow", times=1)
    assert send(office).unknown == 1
    with writing(office.engine) as session:
        release_unknown(session, notice, "CV1", LATER, resend=False)
    books = Books(office.engine)
    assert books.notice(notice).state == "redirected"
    assert books.outcomes(notice) == ["unknown", "redirected"]


def test_a_letter_that_asks_while_the_switch_is_read_waits_for_the_next_reading(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The switch is thrown during the first reading: who asked after that must see it."""
    begun, thrown = threading.Event(), threading.Event()
    readings: list[bool] = []

    def slowly(run: object) -> bool:
        seen = not thrown.is_set()
        begun.set()
        if not readings:
            thrown.wait(10)
        readings.append(seen)
        return seen

    async def ask() -> list[bool]:
        switch = Switch(None)  # type: ignore[arg-type]
        early = [asyncio.create_task(switch.is_on()) for _ in range(3)]
        await asyncio.to_thread(begun.wait, 10)
        late = [asyncio.create_task(switch.is_on()) for _ in range(3)]
        await asyncio.sleep(0)
        thrown.set()
        return [await task for task in (*early, *late)]

    monkeypatch.setattr(delivering, "switch_is_on", slowly)
    assert asyncio.run(ask()) == [True] * 3 + [False] * 3
    assert readings == [True, False]  # shared by those who asked together


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"security": "starttls", "ca_file": Path("/khong/co.pem")}, "tls"),
        ({"security": "starttls", "ca_file": Path(__file__)}, "tls"),
        ({"security": "starttls", "ca_file": Path(__file__).parent}, "tls"),
        ({"security": "starttls", "host": "thu..example"}, "unreachable"),
        ({"security": "starttls", "host": "x" * 70 + ".example"}, "unreachable"),
        ({"security": "starttls", "host": "thu.example\n"}, "unreachable"),
    ],
)
def test_a_setting_no_connection_can_be_made_with_stops_the_run_with_its_reason(
    tmp_path: Path, changes: dict[str, object], reason: str
) -> None:
    office = open_test_office(tmp_path, live(1, **changes))
    owe(office, 2)
    assert send(office).stopped == reason
    assert Books(office.engine).states() == {"queued": 2}
    assert Books(office.engine).attempts() == []
