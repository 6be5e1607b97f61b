"""kill -9 of each process: the Prefect server in mid-step, and everything that ``dondoc run`` starts."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest
import requests
from sqlalchemy import select

from config.settings import load_settings
from db.models import NoticeRow
from db.session import reading
from tasks.desk.alert import queue_alert
from tasks.office import open_office
from tests.integration.prefect.test_run_command import RUN, alive
from tests.integration.scale.province import a_province, healthy, kill_tree, reckon
from tests.prefect_house import OPERATORS, free_port, wait_for

from .table import Count

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800), pytest.mark.xdist_group("prefect")]
UNITS = 40
MAILROOM = "Phòng thư/theo lịch"


def test_the_prefect_server_is_killed_while_mail_leaves(tmp_path: Path) -> None:
    """The step goes on: what it does is in our own tables. The run's state is Prefect's own loss."""
    count = Count("Prefect server killed while mail leaves, started again", "1, 2, 5")
    with a_province(tmp_path, UNITS) as province:
        province.start_worker("tram-1")
        run = province.trigger("Báo cáo quý/theo lịch", "2026-06-01T07:10")
        wait_for(lambda: province.catcher.received >= UNITS // 4, 120, "the first invitations")
        (server,) = province.servers
        kill_tree(server)
        assert province.catcher.received < UNITS
        wait_for(lambda: province.catcher.received == UNITS, 60, "the rest, without a server")
        server.start()
        wait_for(server.is_well, 150, "the server again")
        first = province.finished(run)
        second = province.finished(province.trigger(MAILROOM, "2026-06-01T07:20"))
        found = reckon(province, UNITS)
        count.runs, count.lost, count.duplicated, count.wrong = 1, found.lost, found.duplicated, found.wrong
        count.note = f"the run ended {first}, the next one {second}"
    count.tell()
    assert second == "COMPLETED"
    assert (found.lost, found.duplicated, found.wrong, found.sent) == (0, 0, 0, UNITS)


@dataclass
class Running:
    """``dondoc run`` with mail on hold, and a short lease, so that a test need not wait for it."""

    data: Path
    port: int
    process: subprocess.Popen[bytes] | None = None

    @property
    def env(self) -> dict[str, str]:
        known = {k: v for k, v in os.environ.items() if not k.startswith(("DONDOC_", "PREFECT_"))}
        return known | {"DONDOC_MAIL__LEASE_SECONDS": "5", "DONDOC_DESK__OPERATORS": OPERATORS}

    def start(self) -> None:
        said = self.data.parent / "said.txt"
        with said.open("wb") as out:
            arguments = [*RUN, "--data", str(self.data), "--port", str(self.port)]
            self.process = subprocess.Popen(arguments, env=self.env, stdout=out, stderr=subprocess.STDOUT)
        wait_for(lambda: "Mở giao diện" in said.read_text("utf-8"), 200, str(said))

    def pid_of(self, what: str) -> int:
        """The process whose command line speaks of ``what``; 0 where there is none."""
        if what == "launcher":
            assert self.process is not None
            return self.process.pid
        for pid in alive(self.data):
            try:
                command = Path(f"/proc/{pid}/cmdline").read_bytes().decode().replace("\0", " ")
            except OSError:
                continue
            if what in command:
                return pid
        return 0

    def mailroom(self) -> None:
        """Ask for a pass; while there is no server, the next asking will do."""
        api = f"http://127.0.0.1:{self.port}/api"
        try:
            found = requests.get(f"{api}/deployments/name/{quote(MAILROOM)}", timeout=20).json()
            requests.post(f"{api}/deployments/{found['id']}/create_flow_run", json={}, timeout=20)
        except (requests.RequestException, KeyError):
            return


@contextmanager
def dondoc_run(root: Path) -> Iterator[Running]:
    running = Running(root / "var", free_port())
    running.start()
    try:
        yield running
    finally:
        if running.process and running.process.poll() is None:
            running.process.send_signal(signal.SIGINT)
            running.process.wait(120)


FLOW_RUN = "prefect.engine"
VICTIMS = (FLOW_RUN, "flows.serving", "server start", "launcher")


def test_each_process_of_dondoc_run_is_killed_while_mail_is_owed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(2026)
    monkeypatch.setenv("DONDOC_DESK__OPERATORS", OPERATORS)
    with dondoc_run(tmp_path) as running:
        office = open_office(load_settings(data=running.data), "2026")
        for victim in VICTIMS:
            count = Count(f"kill -9 of `dondoc run`: {victim}", "1, 2")
            for number in range(8):
                queue_alert(
                    office, f"thử {victim} {number}", ["Thử."], "Không phải làm gì.", datetime.now(UTC),
                    occasion=f"{victim}-{number}",
                )  # fmt: skip
            wait_for(_asking(running, lambda: bool(running.pid_of(FLOW_RUN))), 180, "a pass in its own process")
            time.sleep(dice.uniform(0.5, 4))
            target = running.pid_of(victim)
            assert target, f"{victim} ended too early to be killed"
            os.kill(target, signal.SIGKILL)
            count.runs = 1
            _recover(running, victim)
            _until_all_are_held(running, office)
            _reckon(office, running.data, count)
            count.tell()
            assert (count.lost, count.duplicated, count.wrong) == (0, 0, 0)
        office.engine.dispose()


def _recover(running: Running, victim: str) -> None:
    if victim != "launcher":
        wait_for(lambda: healthy(running.port) and bool(running.pid_of("flows.serving")), 200, "both again")
        return
    assert running.process is not None
    running.process.wait(20)
    wait_for(lambda: alive(running.data) == [], 60, "its children ended with it")
    running.start()


def _asking(running: Running, condition: Callable[[], bool]) -> Callable[[], bool]:
    """The condition; while it is not met, a pass is asked for now and then: a busy server may refuse one."""
    asked = [0.0]

    def met() -> bool:
        if time.monotonic() - asked[0] > 15:
            running.mailroom()
            asked[0] = time.monotonic()
        return condition()

    return met


def _until_all_are_held(running: Running, office: Any) -> None:
    done = _asking(running, lambda: all(n.state == "held" for n in _notices(office)))
    wait_for(done, 240, "every notice to be held")


def _notices(office: Any) -> list[NoticeRow]:
    with reading(office.engine) as session:
        return list(session.scalars(select(NoticeRow)))


def _reckon(office: Any, data: Path, count: Count) -> None:
    """On hold each notice is one file; half a file has a name of its own."""
    files = list((data / "outbox").glob("*.eml"))
    ids = Counter(line for f in files for line in f.read_text("utf-8").splitlines() if line.startswith("Message-ID:"))
    owed = {f"Message-ID: {n.message_id}" for n in _notices(office)}
    count.lost = len(owed - set(ids))
    count.duplicated = sum(n - 1 for n in ids.values())
    count.wrong = len(set(ids) - owed)
