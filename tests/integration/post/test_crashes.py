"""Killed anywhere, raced, frozen: every notice accounted for, duplicates only where nobody can know."""

from __future__ import annotations

import os
import random
import signal
import time
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from tasks.office import Office

from .office import Books, live, open_test_office, owe
from .sender import FAILPOINTS, fork_server, start
from .servers import Sink

LEASE = 60


def wait_for(condition: Callable[[], bool], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.005)


def finish(data: Path, sink: Sink, origin: float, later: float, **options: object) -> None:
    process = start(data, sink.port, origin=origin, later=later, lease_seconds=LEASE, **options)
    process.join(120)
    assert process.exitcode == 0


def check(office: Office, sink: Sink, owed: list[int], *, doubtful: int) -> dict[str, int]:
    """Every notice is accepted or visibly doubtful; every duplicate is the same mail again."""
    books = Books(office.engine)
    states = books.states()
    assert set(states) <= {"sent", "unknown"}
    assert sum(states.values()) == len(owed)
    assert states.get("unknown", 0) <= doubtful
    sent = {books.notice(n).message_id for n in owed if books.notice(n).state == "sent"}
    assert sent <= {message_id for _, message_id, _ in sink.accepted}  # none is called sent that was not
    assert sink.versions() == 1
    assert books.audit_is_whole()
    return states


@pytest.mark.parametrize(
    ("failpoint", "connections"), [*((f, 1) for f in FAILPOINTS), ("before_commit", 3), ("after_payload", 3)]
)
def test_a_kill_at_any_point_loses_nothing(tmp_path: Path, failpoint: str, connections: int) -> None:
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port))
        owed = [owe(office, first=n, rung=2 * (n % 2))[0] for n in range(1, 13)]
        origin, kills = time.time(), 0
        for number in (2, 5):
            victim = start(
                tmp_path, sink.port, origin=origin, later=kills * (LEASE + 1), lease_seconds=LEASE,
                failpoint=f"{failpoint}:{number}", connections=connections,
            )
            victim.join(60)
            kills += victim.exitcode == -signal.SIGKILL
        assert kills >= 1
        finish(tmp_path, sink, origin, kills * (LEASE + 1), connections=connections)
        states = check(office, sink, owed, doubtful=kills * connections)
        escalations = {Books(office.engine).notice(n).message_id for n in owed[::2]}
        twice = Counter(m for _, m, _ in sink.accepted if m in escalations)
        print(f"{failpoint} k={connections}: {kills} kills, {sink.duplicates()} duplicates, {states}")
        assert sink.duplicates() <= kills * connections
        assert max(twice.values(), default=1) == 1  # an escalation never twice without a person
        if connections == 1 and failpoint not in ("after_payload", "before_commit"):
            assert sink.duplicates() == 0


def kill_while_sending(tmp_path: Path, seed: int, mails: int, connections: int, steps: int) -> None:
    dice = random.Random(seed)
    with Sink(delay=0.004) as sink:
        office = open_test_office(tmp_path, live(sink.port))
        owed = owe(office, mails)
        origin, kills = time.time(), 0
        books = Books(office.engine)
        while set(books.states()) & {"queued", "in_flight"}:
            ready = fork_server().Event()
            victim = start(
                tmp_path, sink.port, origin=origin, later=kills * (LEASE + 1), lease_seconds=LEASE,
                connections=connections, ready=ready, max_attempts=100,
            )
            ready.wait(30)
            enough = len(sink.accepted) + dice.randint(0, steps)
            wait_for(lambda victim=victim, enough=enough: len(sink.accepted) >= enough or not victim.is_alive())
            victim.join(dice.uniform(0, 0.01))  # somewhere between two of the server's replies
            if victim.exitcode is None:
                victim.kill()
                victim.join(30)
                kills += 1
            assert victim.exitcode in (0, -signal.SIGKILL)
        check(office, sink, owed, doubtful=0)
        print(f"seed {seed}, k={connections}: {mails} mails, {kills} kills, {sink.duplicates()} duplicates, 0 lost")
        assert kills > 0
        assert sink.duplicates() <= kills * connections


@pytest.mark.parametrize(("seed", "connections"), [(1, 1), (2, 4)])
def test_random_kills_lose_nothing_and_repeat_at_most_what_was_in_flight(
    tmp_path: Path, seed: int, connections: int
) -> None:
    kill_while_sending(tmp_path, seed, 40, connections, 10)


@pytest.mark.soak
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("connections", [1, 4])
def test_random_kills_over_thousands_of_mails(tmp_path: Path, connections: int) -> None:
    kill_while_sending(tmp_path, 2026, 2000, connections, 12)


def race(tmp_path: Path, senders: int, mails: int, url: str = "") -> None:
    with Sink(delay=0.002) as sink:
        office = open_test_office(tmp_path, live(sink.port), url=url)
        owed = owe(office, mails)
        origin, go = time.time(), fork_server().Event()
        ready = [fork_server().Event() for _ in range(senders)]
        racing = [
            start(tmp_path, sink.port, origin=origin, lease_seconds=LEASE, connections=3, url=url, ready=r, go=go)
            for r in ready
        ]
        for r in ready:
            r.wait(60)
        go.set()
        for process in racing:
            process.join(120)
        assert [p.exitcode for p in racing] == [0] * senders
        check(office, sink, owed, doubtful=0)
        print(f"{senders} senders, {mails} mails, {sink.connections} connections: {sink.duplicates()} duplicates")
        assert sink.duplicates() == 0
        assert sink.connections > 3  # more than one of them really sent


def test_two_senders_at_once_send_no_notice_twice(tmp_path: Path) -> None:
    race(tmp_path, 2, 60)


@pytest.mark.soak
@pytest.mark.timeout(1800)
def test_four_senders_at_once_send_no_notice_twice(tmp_path: Path) -> None:
    race(tmp_path, 4, 2000)


@pytest.mark.parametrize(
    ("frozen_at", "duplicates"),
    [
        ("after_commit:4", 0),  # claimed, not yet sent: it sees that its lease is over
        ("before_payload:3", 1),  # the last look at the lease was just before
        ("after_payload:3", 1),  # the server had it, the books did not
        ("before_commit:4", 1),
    ],
)
def test_a_sender_frozen_past_its_lease_repeats_at_most_the_mail_in_hand(
    tmp_path: Path, frozen_at: str, duplicates: int
) -> None:
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port))
        owed = owe(office, 8)
        origin = time.time()
        frozen = start(
            tmp_path, sink.port, origin=origin, lease_seconds=1, failpoint=frozen_at, sign=signal.SIGSTOP
        )
        wait_for(lambda: _is_stopped(frozen.pid or 0))
        time.sleep(1.1)
        other = start(tmp_path, sink.port, origin=origin, lease_seconds=30)
        if frozen_at.startswith("before_commit"):  # it holds the database: the other must wait
            time.sleep(0.5)
            os.kill(frozen.pid or 0, signal.SIGCONT)
        other.join(60)
        if frozen.exitcode is None:
            os.kill(frozen.pid or 0, signal.SIGCONT)
        frozen.join(60)
        assert (frozen.exitcode, other.exitcode) == (0, 0)
        check(office, sink, owed, doubtful=0)
        print(f"frozen {frozen_at}: {sink.duplicates()} duplicates")
        assert sink.duplicates() <= duplicates


def _is_stopped(pid: int) -> bool:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] == "T"


def test_a_held_mail_killed_at_the_file_is_held_once(tmp_path: Path) -> None:
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port, mode="hold"))
        owed = owe(office, 4) + owe(office, 2, first=5, rung=2)
        origin = time.time()
        for number, later in ((3, 0), (10, 61), (0, 122)):
            process = start(
                tmp_path, sink.port, origin=origin, later=later, lease_seconds=LEASE, mode="hold",
                failpoint=f"after_rename:{number}" if number else "",
            )
            process.join(60)
        assert Books(office.engine).states() == {"held": len(owed)}
        assert len(list((tmp_path / "outbox").glob("[!.]*.eml"))) == len(owed)
        assert sink.connections == 0
