"""Production in small: PostgreSQL twice, Prefect servers, a process work pool and its workers.

Everything as `docs/quan-tri` says it: the same commands, each its own process, mail in mode
``rehearse`` to our own catcher. Time is told to the runs, so a schedule of the real clock would
disturb; it is paused.
"""

from __future__ import annotations

import asyncio
import mailbox
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import psycopg
import requests
from sqlalchemy import select

from config.plan import Audience, Plan
from config.plan_files import load_plan
from config.settings import PLANS, Mail, MailMode, Settings
from db import controls, instance
from db.migrate import upgrade
from db.models import NoticeRow
from db.plans import save_plan
from db.session import make_engine, reading, writing
from flows.child import Child
from flows.launcher import environment
from tasks.office import Office, open_office
from tasks.post.catcher import Catcher
from tests.integration.post.postgres import running
from tests.prefect_house import free_port, wait_for

ROUND = "2026-q2"
POOL = "dondoc"
CONNECTIONS = 2
ENDED = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED"}
DONDOC = [sys.executable, "-c", "from flows.cli import main; main()"]


class SlowCatcher(Catcher):
    """Takes its time over each mail, so that a process can be killed among them."""

    seconds = 0.15

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        await asyncio.sleep(self.seconds)
        return await super().handle_DATA(server, session, envelope)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text + "+07:00")


def quarter_of(units: int) -> Plan:
    """The plan of 2026 with its second quarter only, asked of ``units`` units."""
    plan = load_plan(PLANS / "2026")
    reachable = {c.unit for c in plan.contacts}
    codes = tuple(u.code for u in plan.units if u.code in reachable)[:units]
    assert len(codes) == units
    asked = {"audience": Audience.LISTED, "units": codes, "previous": None}
    return plan.model_copy(update={"rounds": (plan.round_by_code[ROUND].model_copy(update=asked),)})


@dataclass
class Province:
    """The running installation with what tests ask of it."""

    root: Path
    office: Office
    catcher: Catcher
    env: Mapping[str, str]
    port: int
    servers: list[Child] = field(default_factory=list)
    workers: list[Child] = field(default_factory=list)

    def call(self, method: str, path: str, body: Any = None, port: int = 0) -> Any:
        url = f"http://127.0.0.1:{port or self.port}/api{path}"
        answer = requests.request(method, url, json=body, timeout=30)
        answer.raise_for_status()
        return answer.json() if answer.content else None

    # -- processes ----------------------------------------------------------------------

    def child(self, name: str, *argv: str, **env: str) -> Child:
        return Child(name, argv, dict(self.env) | env, self.root / f"{name}.log", well=lambda: True)

    def start_server(self, port: int, *options: str, **env: str) -> Child:
        listen = ("--host", "127.0.0.1", "--port", str(port), *options)
        server = self.child(f"server-{port}", sys.executable, "-m", "prefect", "server", "start", *listen, **env)
        server.well = lambda: healthy(port)
        server.start()
        self.servers.append(server)
        wait_for(server.is_well, 150, f"the server, see {server.log}")
        return server

    def start_worker(self, name: str, **env: str) -> Child:
        command = ("-m", "prefect", "worker", "start", "--pool", POOL, "--name", name, "--limit", "2")
        worker = self.child(name, sys.executable, *command, **env)
        worker.start()
        self.workers.append(worker)
        wait_for(lambda: name in self.online(), 90, f"{name}, see {worker.log}")
        return worker

    def online(self) -> set[str]:
        found = self.call("POST", f"/work_pools/{POOL}/workers/filter", {})
        return {w["name"] for w in found if w["status"] == "ONLINE"}

    def deploy(self) -> None:
        """`dondoc deploy`, then no run but those that a test triggers."""
        command = self.child("deploy", *DONDOC, "deploy", "--pool", POOL)
        command.start()
        wait_for(lambda: command.exited is not None, 150, f"the deployments, see {command.log}")
        assert command.exited == 0, command.log.read_text("utf-8")
        for deployment in self.call("POST", "/deployments/filter", {"limit": 200}):
            if deployment["schedules"]:
                self.call("POST", f"/deployments/{deployment['id']}/pause_deployment")

    # -- runs ---------------------------------------------------------------------------

    def trigger(self, name: str, now: str, port: int = 0) -> str:
        """A run of ``flow/deployment`` that is told the time, as this rehearsal database allows."""
        deployment = self.call("GET", f"/deployments/name/{name}", port=port)
        body = {"parameters": {"now": at(now).isoformat()}, "enforce_parameter_schema": False}
        return str(self.call("POST", f"/deployments/{deployment['id']}/create_flow_run", body, port)["id"])

    def state(self, run: str, port: int = 0) -> str:
        return str(self.call("GET", f"/flow_runs/{run}", port=port)["state_type"])

    def finished(self, run: str, port: int = 0, seconds: float = 120) -> str:
        wait_for(lambda: self.state(run, port) in ENDED, seconds, f"run {run}")
        return self.state(run, port)

    def runner_of(self, run: str) -> Child:
        """The worker whose log says that it took the run."""
        return next(w for w in self.workers if run in w.log.read_text("utf-8", errors="replace"))

    # -- what left, what the books say ----------------------------------------------------

    def received(self) -> dict[str, list[tuple[str, bytes]]]:
        """(Message-ID, bytes as they were sent) by address, from the Maildirs."""
        boxes: dict[str, list[tuple[str, bytes]]] = {}
        for folder in sorted((self.root / "mail").iterdir()):
            box = mailbox.Maildir(folder, create=False)
            boxes[folder.name] = [(str(m["Message-ID"]), _as_sent(box.get_bytes(key))) for key, m in box.items()]
        return boxes

    def notices(self) -> list[NoticeRow]:
        with reading(self.office.engine) as session:
            return list(session.scalars(select(NoticeRow).order_by(NoticeRow.id)))


def _as_sent(data: bytes) -> bytes:
    """Without the three lines that the catcher puts on top, of which the first is folded."""
    return data.split(b"\n", 4)[4]


@dataclass(frozen=True)
class Reckoning:
    """How a round's mail ended: notices without an end, repeated mails, mails that differ."""

    lost: int
    duplicated: int
    wrong: int
    sent: int


def reckon(province: Province, units: int) -> Reckoning:
    """Each unit owes one invitation: count what is missing, repeated, or not the same mail again."""
    notices = [n for n in province.notices() if n.kind == "invitation"]
    mails = [(box, *mail) for box, found in province.received().items() for mail in found]
    times = Counter(message_id for _, message_id, _ in mails)
    versions = {message_id: {d for _, m, d in mails if m == message_id} for message_id in times}
    lost = units - len({n.unit for n in notices})
    lost += sum(n.state not in ("sent", "failed", "unknown") for n in notices)
    lost += sum(n.state == "sent" and not times[n.message_id] for n in notices)
    wrong = sum(len(v) > 1 for v in versions.values())
    wrong += sum(len({m for m, _ in found}) > 1 for found in province.received().values())
    return Reckoning(lost, sum(n - 1 for n in times.values()), wrong, len(times))


def kill_tree(child: Child) -> int:
    """What a power cut does to a machine: the process and all that it started, by SIGKILL."""
    assert child.process is not None
    ids = [child.process.pid]
    for pid in ids:
        ids += _children(pid)
    for pid in ids:
        os.kill(pid, signal.SIGKILL)
    child.process.wait(20)
    return len(ids)


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for path in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(n) for n in path.read_text().split()]
    return found


def healthy(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/api/health", timeout=2).ok
    except requests.RequestException:
        return False


@contextmanager
def a_province(root: Path, units: int, **server_env: str) -> Iterator[Province]:
    """Databases, catcher, first server, deployments; workers are the test's to start."""
    with ExitStack() as stack:
        facts = stack.enter_context(running())
        catcher = stack.enter_context(SlowCatcher(root / "mail", lambda: datetime.now(UTC)))
        settings = _settings(root, facts, catcher.port)
        office = _found(settings, quarter_of(units))
        port = free_port()
        province = Province(root, office, catcher, _environment(settings, facts, port) | server_env, port)
        try:
            province.start_server(port)
            province.deploy()
            yield province
        finally:
            for child in (*reversed(province.workers), *reversed(province.servers)):
                child.kill()
            office.engine.dispose()


def _settings(root: Path, facts: str, smtp_port: int) -> Settings:
    mail = Mail(
        mode=MailMode.REHEARSE, host="127.0.0.1", port=smtp_port, security="none", connections=CONNECTIONS
    )
    (root / "data").mkdir(parents=True)
    return Settings(_env_file=None, data=root / "data", database_url=facts, mail=mail)  # type: ignore[arg-type]


def _found(settings: Settings, plan: Plan) -> Office:
    start = at("2026-05-29T08:00")
    engine = make_engine(settings.url)
    upgrade(engine)
    with writing(engine) as session:
        save_plan(session, plan, start)
        controls.put(session, controls.INSTALLED, "yes", at=start, by="system")
        controls.put(session, controls.REHEARSAL, "yes", at=start, by="system")
        instance.establish(session, settings, at=start, by="system")
    return open_office(settings, plan.code, engine)


def _environment(settings: Settings, facts: str, port: int) -> dict[str, str]:
    with psycopg.connect(facts, autocommit=True) as connection:
        connection.execute("CREATE DATABASE prefect")
    prefect = facts.replace("postgresql://", "postgresql+asyncpg://").replace("/postgres", "/prefect")
    mail = settings.mail
    known = {k: v for k, v in environment(settings).items() if not k.startswith("DONDOC_")}
    return known | {
        "DONDOC_DATA": str(settings.data),
        "DONDOC_DATABASE_URL": facts,
        "DONDOC_MAIL__MODE": mail.mode.value,
        "DONDOC_MAIL__HOST": mail.host,
        "DONDOC_MAIL__PORT": str(mail.port),
        "DONDOC_MAIL__SECURITY": mail.security,
        "DONDOC_MAIL__CONNECTIONS": str(mail.connections),
        "PREFECT_API_URL": f"http://127.0.0.1:{port}/api",
        "PREFECT_SERVER_API_PORT": str(port),
        "PREFECT_SERVER_DATABASE_CONNECTION_URL": prefect,
        "PREFECT_WORKER_QUERY_SECONDS": "2",
    }
