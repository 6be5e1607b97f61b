"""The same post office on PostgreSQL: claims, caps and queueing hold between processes."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path

import pytest

from db.models import Base
from db.session import make_engine
from tasks.post.contract import Delivery
from tasks.post.deliver import deliver

from . import postgres
from .office import NOW, Books, live, open_test_office, owe, plain_parts, still_owed
from .servers import Fault, Proxy, Sink
from .test_crashes import race


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with postgres.running() as url:
        yield url


@pytest.fixture
def url(server: str) -> Iterator[str]:
    yield server
    engine = make_engine(server)
    Base.metadata.drop_all(engine)
    engine.dispose()


def test_a_round_of_failures_ends_as_on_sqlite(tmp_path: Path, url: str) -> None:
    with Sink() as sink, Proxy(sink.port) as proxy:
        office = open_test_office(tmp_path, live(proxy.port, connections=3, timeout_seconds=1), url=url)
        owe(office, 6)
        owe(office, 3, first=7, rung=2)
        proxy.fault = Fault("DOT", "swallow", times=4)
        did = deliver(office, NOW, compose=plain_parts, rejudge=still_owed)
        assert did.sent + did.deferred + did.unknown == 9
        proxy.fault = None
        deliver(office, NOW + timedelta(hours=7), compose=plain_parts, rejudge=still_owed)
        states = Books(office.engine).states()
        assert set(states) <= {"sent", "unknown"}
        assert sum(states.values()) == 9
        assert sink.versions() == 1
        assert sink.duplicates() <= 4
        assert Books(office.engine).audit_is_whole()


def test_a_reply_no_database_could_store_is_recorded_all_the_same(tmp_path: Path, url: str) -> None:
    with Sink() as sink, Proxy(sink.port) as proxy:
        office = open_test_office(tmp_path, live(proxy.port), url=url)
        owe(office)
        proxy.fault = Fault("DOT", "250 2.0.0 nh\udcean\0 r\udcf4i", times=1)
        assert deliver(office, NOW, compose=plain_parts, rejudge=still_owed).sent == 1
        assert Books(office.engine).attempts()[0].text == "2.0.0 nh?n r?i"


def test_two_senders_on_postgresql_send_no_notice_twice(tmp_path: Path, url: str) -> None:
    race(tmp_path, 2, 40, url=url)


def test_two_senders_together_stay_under_one_ten_minute_cap(tmp_path: Path, url: str) -> None:
    with Sink(delay=0.01) as sink:
        mail = live(sink.port, connections=4, cap_per_10_minutes=15, answer_reserve=0)
        offices = [open_test_office(tmp_path, mail, url=url) for _ in range(2)]
        owe(offices[0], 40)
        with ThreadPoolExecutor(2) as pool:
            runs = [pool.submit(deliver, o, NOW, compose=plain_parts, rejudge=still_owed) for o in offices]
            done: list[Delivery] = [r.result() for r in runs]
        assert sum(d.sent for d in done) == len(sink.accepted) == 15


def test_the_same_notice_queued_by_two_processes_at_once_is_owed_once(tmp_path: Path, url: str) -> None:
    offices = [open_test_office(tmp_path, live(1), url=url) for _ in range(4)]
    with ThreadPoolExecutor(4) as pool:
        ids = [i for made in pool.map(lambda o: owe(o, 20), offices) for i in made]
    assert len(ids) == 20
    assert Books(offices[0].engine).states() == {"queued": 20}
    assert Books(offices[0].engine).audit_is_whole()
