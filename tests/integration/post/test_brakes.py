"""Caps, pause and kill switch: fail closed."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import text

from db import controls
from db.session import writing
from tasks.office import Office
from tasks.post.contract import Delivery
from tasks.post.deliver import deliver

from .office import NOW, Books, live, open_test_office, owe, plain_parts, still_owed
from .servers import Sink


def send(office: Office, now=NOW, **more: object) -> Delivery:  # type: ignore[no-untyped-def]
    return deliver(office, now, compose=plain_parts, rejudge=still_owed, **more)  # type: ignore[arg-type]


def test_the_ten_minute_cap_defers_the_rest_and_answers_have_their_reserve(tmp_path: Path) -> None:
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port, cap_per_10_minutes=10, answer_reserve=4, connections=3))
        owe(office, 9)
        did = send(office)
        assert (did.sent, did.deferred, did.stopped) == (6, 3, "cap_10_minutes")
        owe(office, 6, first=20, nature="answer")
        did = send(office, NOW + timedelta(minutes=5))
        assert (did.sent, did.stopped) == (4, "cap_10_minutes")
        assert len(sink.accepted) == 10
        did = send(office, NOW + timedelta(minutes=11))
        assert did.sent == 5  # 2 answers, then reminders as long as their part has room
        send(office, NOW + timedelta(minutes=22))
        assert Books(office.engine).states() == {"sent": 15}


def test_failures_count_under_the_cap_too(tmp_path: Path) -> None:
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port, cap_per_10_minutes=5, answer_reserve=0))
        owe(office, 8)
        sink.answers = {f"vanthu{n}@ninhbinh.example": "550 unknown" for n in range(1, 4)}
        did = send(office)
        assert (did.refused, did.sent, did.stopped) == (3, 2, "cap_10_minutes")
        assert len(sink.rcpts) == 5


@pytest.mark.parametrize("connections", [1, 4])
def test_the_run_cap_stops_a_run_that_wants_to_send_too_much(tmp_path: Path, connections: int) -> None:
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port, cap_per_run=None, connections=connections))
        owe(office, 4 * 5 + 1)  # five active units
        did = send(office)
        assert (did.sent, did.stopped) == (20, "run_cap")
        assert len(sink.accepted) == 20
        assert send(office, run_cap=0) == Delivery(stopped="run_cap")


def test_a_run_that_just_fits_its_cap_does_not_alarm_anybody(tmp_path: Path) -> None:
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port))
        owe(office, 3)
        assert send(office, run_cap=3) == Delivery(sent=3)


def test_nothing_leaves_while_sending_is_paused(tmp_path: Path) -> None:
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port))
        owe(office, 3)
        with writing(office.engine) as session:
            controls.put(session, controls.SENDING, "off", at=NOW, by="CV1")
        assert send(office) == Delivery(stopped="paused")
        assert sink.rcpts == []
        with writing(office.engine) as session:
            controls.put(session, controls.SENDING, "on", at=NOW, by="CV1")
        assert send(office).sent == 3


@pytest.mark.parametrize("connections", [1, 4])
def test_the_switch_thrown_in_mid_batch_lets_only_the_mails_in_flight_go(tmp_path: Path, connections: int) -> None:
    with Sink(delay=0.15) as sink:
        office = open_test_office(tmp_path, live(sink.port, connections=connections))
        owe(office, 40)
        result: list[Delivery] = []
        run = threading.Thread(target=lambda: result.append(send(office)))
        run.start()
        while len(sink.accepted) < 3 and run.is_alive():
            time.sleep(0.01)
        with writing(office.engine) as session:
            controls.put(session, controls.SENDING, "off", at=NOW, by="CV1")
        thrown = len(sink.accepted)
        run.join(30)
        print(f"k={connections}: {thrown} when thrown, {len(sink.accepted)} in the end")
        assert len(sink.accepted) <= thrown + connections
        assert result[0].stopped == "paused"
        states = Books(office.engine).states()
        assert states.get("sent", 0) == len(sink.accepted)
        assert sum(states.values()) == 40
        assert "in_flight" not in states


@pytest.mark.parametrize("value", ["", "ON", "bật", "0"])
def test_a_switch_that_cannot_be_understood_is_off(tmp_path: Path, value: str) -> None:
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port))
        owe(office)
        with writing(office.engine) as session:
            controls.put(session, controls.SENDING, value, at=NOW, by="CV1")
        assert send(office).stopped == "paused"
        assert sink.rcpts == []


def test_a_switch_that_cannot_be_read_is_off(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from tasks.post import deliver as module

    def unreadable(run: object) -> bool:
        with writing(office.engine) as session:
            session.execute(text("SELECT value FROM no_such_table"))
        return True

    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port))
        owe(office, 3)
        monkeypatch.setattr(module, "switch_is_on", unreadable)
        assert send(office).stopped == "switch_unreadable"
        assert sink.rcpts == []
    assert Books(office.engine).states() == {"queued": 3}
