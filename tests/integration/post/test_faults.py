"""A server that fails at each verb in each way: nothing is lost, nothing sent twice but in doubt."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest

from db.session import writing
from tasks.office import Office
from tasks.post.deliver import Delivery, deliver, release_unknown, retry_failed

from .office import (
    ALLOWED,
    NOW,
    Books,
    again,
    live,
    open_test_office,
    owe,
    plain_parts,
    still_owed,
)
from .servers import Fault, Proxy, Sink

LATER = NOW + timedelta(hours=7)  # after every back-off, still inside the chasing window
BEFORE_THE_DOT = ["EHLO", "MAIL", "RCPT", "DATA"]


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink() as server:
        yield server


@pytest.fixture
def proxy(sink: Sink) -> Iterator[Proxy]:
    with Proxy(sink.port) as server:
        yield server


@pytest.fixture
def office(tmp_path: Path, proxy: Proxy) -> Office:
    return open_test_office(tmp_path, live(proxy.port, timeout_seconds=0.5))


def send(office: Office, now=NOW) -> Delivery:  # type: ignore[no-untyped-def]
    return deliver(office, now, compose=plain_parts, rejudge=still_owed)


@pytest.mark.parametrize("do", ["drop", "swallow", "silence", "451 4.3.0 later", "nonsense"])
@pytest.mark.parametrize("verb", BEFORE_THE_DOT)
def test_a_failure_before_the_final_dot_is_tried_again_and_arrives_once(
    office: Office, proxy: Proxy, sink: Sink, verb: str, do: str
) -> None:
    do = "999 not SMTP" if do == "nonsense" else do
    ids = owe(office, 2, rung=2)  # escalations: nothing here may need a person
    proxy.fault = Fault(verb, do, times=1)
    first = send(office)
    assert first.unknown == 0
    assert proxy.faults == 1
    proxy.fault = None
    send(office, LATER)
    books = Books(office.engine)
    assert books.states() == {"sent": 2}
    assert sorted(r for r, _, _ in sink.accepted) == [f"vanthu{n}@{ALLOWED}" for n in (1, 2)]
    assert all("accepted" in books.outcomes(i) for i in ids)


@pytest.mark.parametrize(("verb", "code"), [("RCPT", "550 5.1.1 no such user"), ("DATA", "554 5.6.0 no"),
                                            ("DOT", "554 5.7.1 refused"), ("MAIL", "552 5.3.4 too big")])
def test_a_permanent_refusal_waits_for_a_person_and_only_of_that_mail(
    office: Office, proxy: Proxy, sink: Sink, verb: str, code: str
) -> None:
    first, second = owe(office, 2)
    proxy.fault = Fault(verb, code, times=1)
    did = send(office)
    books = Books(office.engine)
    assert (did.refused, did.sent) == (1, 1)
    assert books.notice(first).state == "failed"
    assert books.attempts(first)[0].code == int(code[:3])
    assert send(office, LATER) == Delivery()
    with writing(office.engine) as session:
        retry_failed(session, first, "CV1", LATER)
    proxy.fault = None
    assert send(office, LATER).sent == 1
    assert sink.duplicates() == 0
    assert books.notice(second).state == "sent"


@pytest.mark.parametrize(("at", "do"), [("BODY", "drop"), ("DOT", "drop"), ("DOT", "swallow"), ("DOT", "silence")])
def test_after_a_lost_reply_to_the_dot_a_reminder_goes_again_with_the_same_id_and_bytes(
    office: Office, proxy: Proxy, sink: Sink, at: str, do: str
) -> None:
    (notice,) = owe(office)
    proxy.fault = Fault(at, do, times=1)
    assert send(office).deferred == 1
    books = Books(office.engine)
    assert books.outcomes(notice) == ["unknown"]
    assert books.notice(notice).state == "queued"
    assert send(office, LATER).sent == 1
    assert books.outcomes(notice) == ["unknown", "accepted"]
    assert sink.duplicates() == (0 if do == "drop" else 1)
    assert sink.versions() == 1


@pytest.mark.parametrize("resend", [True, False])
@pytest.mark.parametrize("do", ["swallow", "silence"])
def test_after_a_lost_reply_to_the_dot_an_escalation_waits_for_a_person(
    office: Office, proxy: Proxy, sink: Sink, do: str, resend: bool
) -> None:
    (notice,) = owe(office, rung=2)
    proxy.fault = Fault("DOT", do, times=1)
    assert send(office).unknown == 1
    books = Books(office.engine)
    assert books.notice(notice).state == "unknown"
    assert send(office, LATER) == Delivery()
    with writing(office.engine) as session:
        release_unknown(session, notice, "CV1", LATER, resend=resend)
    assert send(office, LATER).sent == (1 if resend else 0)
    assert books.notice(notice).state == "sent"
    assert books.outcomes(notice) == ["unknown", "accepted"]
    assert len(sink.accepted) == (2 if resend else 1)
    assert sink.versions() == 1


def test_a_reply_that_trickles_in_slower_than_the_timeout_is_a_silent_server(
    office: Office, proxy: Proxy, sink: Sink
) -> None:
    (notice,) = owe(office, rung=2)
    proxy.fault, proxy.byte_seconds = Fault("DOT", "trickle", times=1), 1.0
    assert send(office).unknown == 1
    proxy.fault, proxy.faults = Fault("RCPT", "trickle", times=1), 0
    owe(office, first=2, rung=2)
    assert send(office).deferred == 1
    assert Books(office.engine).notice(notice).state == "unknown"


def test_a_reply_that_trickles_in_within_the_timeout_is_a_reply(office: Office, proxy: Proxy, sink: Sink) -> None:
    owe(office)
    proxy.fault, proxy.byte_seconds = Fault("DOT", "trickle"), 0.02
    assert send(office).sent == 1


@pytest.mark.parametrize(("at", "do"), [("CONNECT", "drop"), ("CONNECT", "554 no service"), ("CONNECT", "421 busy"),
                                        ("CONNECT", "silence"), ("EHLO", "silence")])
def test_a_server_that_cannot_be_reached_costs_no_notice_a_try(
    office: Office, proxy: Proxy, sink: Sink, at: str, do: str
) -> None:
    owe(office, 3)
    proxy.fault = Fault(at, do)
    assert send(office).stopped == "unreachable"
    books = Books(office.engine)
    assert books.attempts() == []
    assert books.states() == {"queued": 3}
    proxy.fault = None
    assert send(office).sent == 3


def test_a_server_that_closed_an_idle_connection_is_just_called_again(office: Office, proxy: Proxy) -> None:
    owe(office, 3)
    proxy.fault = Fault("MAIL", "421 4.4.2 timeout", times=1)
    owe(office, 0)
    did = send(office)
    assert did.sent + did.deferred == 3
    proxy.fault = None
    send(office, LATER)
    assert Books(office.engine).states() == {"sent": 3}


def test_a_server_that_keeps_hanging_up_ends_the_run_instead_of_every_notices_patience(
    office: Office, proxy: Proxy
) -> None:
    owe(office, 20)
    proxy.fault = Fault("RCPT", "drop")
    did = send(office)
    assert did.stopped == "unstable"
    assert len(Books(office.engine).attempts()) == 3


def test_a_sender_that_the_server_refuses_ends_the_run_and_every_mail_stays_owed(office: Office, proxy: Proxy) -> None:
    owe(office, 5)
    proxy.fault = Fault("MAIL", "550 5.7.1 not your address")
    assert send(office).stopped == "sender_refused"
    assert Books(office.engine).states() == {"queued": 5}
    assert len(Books(office.engine).attempts()) == 1


def test_a_mail_that_never_gets_through_ends_visibly_failed(office: Office, proxy: Proxy) -> None:
    (notice,) = owe(office, nature="answer")
    proxy.fault = Fault("RCPT", "450 4.2.1 greylisted")
    now = NOW
    for _ in range(20):
        send(office, now)
        now += timedelta(hours=10)
    books = Books(office.engine)
    assert books.outcomes(notice) == ["deferred"] * 8
    assert books.notice(notice).state == "failed"


def test_a_mail_larger_than_the_server_takes_is_refused_before_it_is_offered(tmp_path: Path) -> None:
    with Sink(size=500) as sink, Proxy(sink.port) as proxy:
        office = open_test_office(tmp_path, live(proxy.port))
        (notice,) = owe(office)
        assert send(office).refused == 1
        assert b"MAIL" not in proxy.heard
        assert Books(office.engine).attempts(notice)[0].code == 552
        smaller = again(office, live(proxy.port, max_bytes=100))
        owe(smaller, first=2)
        assert send(smaller).refused == 1


def test_a_refused_recipient_does_not_spoil_the_next_mail_on_the_connection(office: Office, sink: Sink) -> None:
    sink.answers[f"vanthu1@{ALLOWED}"] = "550 5.1.1 unknown"
    owe(office, 3)
    did = send(office)
    assert (did.sent, did.refused) == (2, 1)
    assert sink.connections == 1
