"""The database stops, is locked, or its disk is full while mail leaves."""

from __future__ import annotations

import os
import random
import sqlite3
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

from db.models import Base
from db.session import BUSY_MS, make_engine
from tests.integration.post.postgres import binaries, running
from tests.integration.post.servers import Sink

from .sending import Sending
from .table import Count

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]
MAILS = 60


class Server:
    """The throw-away PostgreSQL, stopped as by a power cut and started again."""

    def __init__(self, url: str) -> None:
        self.url = url
        with psycopg.connect(url) as connection:
            (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
            (options,) = connection.execute("SHOW unix_socket_directories").fetchone() or ("",)
        self.root = Path(str(options))
        self.port = url.rpartition(":")[2].partition("/")[0]
        programs = binaries()
        assert programs is not None
        demoted = ["setpriv", "--reuid=nobody", "--regid=nogroup", "--clear-groups"] if os.getuid() == 0 else []
        self.control = [*demoted, str(programs / "pg_ctl"), "-D", str(data), "-l", str(self.root / "log")]

    def stop(self) -> None:
        self._do("stop", "-m", "immediate")

    def start(self) -> None:
        self._do("start", "-w", "-o", f"-p {self.port} -k {self.root} -c listen_addresses=127.0.0.1 -F")

    def _do(self, *arguments: str) -> None:
        subprocess.run(
            [*self.control, *arguments], check=True, timeout=60, cwd=self.root, stdout=subprocess.DEVNULL
        )


def test_the_database_server_stops_in_mid_step(tmp_path: Path) -> None:
    count = Count("PostgreSQL stopped (immediate) while mail leaves, started again", "1, 2")
    with running() as url:
        server = Server(url)
        for seed in range(6):
            dice = random.Random(seed)
            with Sink(delay=0.02) as sink:
                sending = Sending(tmp_path / str(seed), sink, MAILS, url)
                sender = sending.start()
                sending.after(dice.randint(3, 40))
                server.stop()
                assert not sending.ended(sender), "it noticed"
                time.sleep(0.5)
                server.start()
                count.runs += 1
                sending.finish()
                sending.count(count)
            engine = make_engine(url)
            Base.metadata.drop_all(engine)
            engine.dispose()
    count.tell()
    assert (count.runs, count.lost, count.wrong) == (6, 0, 0)


@pytest.mark.parametrize("seconds", [50, BUSY_MS // 1000 + 10])
def test_another_writer_holds_the_database_for_a_minute(tmp_path: Path, seconds: int) -> None:
    """Shorter than we wait: nobody notices. Longer: the pass ends with an error, the next one mends it."""
    count = Count(f"SQLite's writer lock held for {seconds} s by somebody else", "1, 2")
    with Sink(delay=0.02) as sink:
        sending = Sending(tmp_path, sink, MAILS)
        sender = sending.start()
        sending.after(10)
        other = sqlite3.connect(tmp_path / "dondoc.db", timeout=60, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")
        time.sleep(seconds)
        other.execute("ROLLBACK")
        other.close()
        count.runs += 1
        noticed = not sending.ended(sender)
        sending.finish()
        sending.count(count)
    count.note = "the pass failed" if noticed else "the pass waited"
    count.tell()
    assert noticed == (seconds > BUSY_MS // 1000)
    assert (count.lost, count.wrong) == (0, 0)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    folder = tmp_path / "disk"
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=6m", "tmpfs", str(folder)]
    mounted = subprocess.run(mount, capture_output=True, check=False)
    if mounted.returncode:
        pytest.skip(f"a small disk needs the right to mount: {mounted.stderr.decode().strip()}")
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def test_the_disk_is_full_in_mid_step(small_disk: Path) -> None:
    count = Count("disk full (6 MB tmpfs) while mail leaves, room made afterwards", "1, 2")
    for seed in range(6):
        dice = random.Random(seed)
        with Sink(delay=0.02) as sink:
            sending = Sending(small_disk / str(seed), sink, MAILS)
            sender = sending.start()
            sending.after(dice.randint(3, 15))
            ballast = small_disk / "ballast"
            fill(ballast, leave=dice.randint(0, 60_000))
            struck = not sending.ended(sender)
            ballast.unlink()
            count.runs += struck
            sending.finish()
            sending.count(count)
        subprocess.run(["rm", "-rf", str(small_disk / str(seed))], check=True)
    count.tell()
    assert count.runs > 0
    assert (count.lost, count.wrong) == (0, 0)


def fill(path: Path, leave: int) -> None:
    disk = os.statvfs(path.parent)
    free = disk.f_bavail * disk.f_frsize
    with path.open("wb") as file:
        file.write(b"\0" * max(0, free - leave))
