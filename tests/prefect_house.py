"""A small installation with a history, and a real Prefect server that serves its flows.

The history lies in the days before the real present, because flows ask the real clock:
fourteen units, five rounds whose limit is over, a proposal of each that waits for a person.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from datetime import time as hour
from pathlib import Path
from typing import Any
from unittest.mock import patch

import pytest
import requests
from sqlalchemy import select

from config.plan import ZONE, Audience, Form, Plan
from config.plan_files import load_plan
from config.settings import PLANS, Settings, load_settings
from db import controls, instance
from db.migrate import upgrade
from db.models import DecisionRow, ProposalRow
from db.plans import save_plan
from db.session import make_engine, reading, writing
from flows.child import Child
from flows.launcher import environment
from flows.round import play_day
from tasks.desk.registry import submit
from tasks.office import Office, open_office
from tasks.rules.working_days import Calendar, local_day

ROUND = "2026-q3"
READ_ONLY = "2026-dx4"  # no test decides its proposal: the house is shared by files in any order
ROUNDS = {  # disjoint, so that each round has its own proposal
    ROUND: ("SYT", "SNV", "STC", "14329"),
    "2026-dx1": ("14371",),
    "2026-dx2": ("SXD", "SCT"),
    "2026-dx3": ("SGDDT",),
    READ_ONLY: ("STP", "SVHTT", "SDL", "SNgV", "TTT", "BQLKKT"),
}
UNITS = ("SKHCN", *(unit for units in ROUNDS.values() for unit in units))
OPERATORS = '[{"code": "CV1", "name": "Chuyên viên", "email": "cv1@ninhbinh.example"}, \
{"code": "LD1", "name": "Lãnh đạo", "email": "ld1@ninhbinh.example"}]'
DAY = timedelta(days=1)


def small_plan(today: datetime) -> Plan:
    """The plan of 2026 with few units and rounds whose limit was six working days ago."""
    plan = load_plan(PLANS / "2026")
    assert set(UNITS) <= {u.code for u in plan.units}, set(UNITS) - {u.code for u in plan.units}
    limit = Calendar.of(()).before(local_day(today), 6)
    model = plan.round_by_code[ROUND].model_copy(
        update={
            "audience": Audience.LISTED,
            "opens": limit - 20 * DAY,
            "limit": limit,
            "period_from": limit - 100 * DAY,
            "period_to": limit - 10 * DAY,
            "consolidates": limit + 60 * DAY,
            "previous": None,
        }
    )
    rounds = [
        model.model_copy(update={"code": code, "units": units} | ({} if code == ROUND else _ad_hoc(code)))
        for code, units in ROUNDS.items()
    ]
    return plan.model_copy(
        update={
            "rounds": tuple(rounds),
            "units": tuple(u for u in plan.units if u.code in UNITS),
            "contacts": tuple(c for c in plan.contacts if c.unit in UNITS),
            "assignments": tuple(a for a in plan.assignments if a.unit in UNITS),
            "holidays": (),
        }
    )


def _ad_hoc(code: str) -> dict[str, Any]:
    title = f"báo cáo đột xuất {code[-1]} về chữ ký số"
    return {"form": Form.FREE, "title": title, "short": title, "content": "Số chữ ký số đã cấp"}


def found(data: Path, settings: Settings, now: datetime) -> Office:
    """A rehearsal installation (held mail counts as sent) with its history played."""
    for name in ("inbox", "outbox", "desk"):
        (data / name).mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.url)
    upgrade(engine)
    plan = small_plan(now)
    start = now - 60 * DAY
    with writing(engine) as session:
        save_plan(session, plan, start)
        controls.put(session, controls.INSTALLED, "yes", at=start, by="system")
        controls.put(session, controls.REHEARSAL, "yes", at=start, by="system")
        instance.establish(session, settings, at=start, by="system")
    office = open_office(settings, plan.code, engine)
    _history(office, data)
    return office


def _history(office: Office, data: Path) -> None:
    calendar, round_ = Calendar.of(()), office.plan.rounds[0]
    first = calendar.on_or_after(round_.limit)
    play_day(office, _at(calendar.on_or_after(round_.opens)))
    play_day(office, _at(first))
    (data / "inbox" / "giay-moi-hoi-thao.pdf").write_bytes(b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\n%%EOF\n")
    third = _at(calendar.after(first, 2))
    reading_ = {"through": third - timedelta(hours=1), "by": "CV1", "reason": "Đối chiếu sổ buổi sáng"}
    submit(office, "register_reading", reading_, third - timedelta(minutes=5))
    play_day(office, third)


def _at(day: Any) -> datetime:
    return datetime.combine(day, hour(7, 10), ZONE)


def free_port() -> int:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return int(s.getsockname()[1])


@dataclass
class House:
    """The running server with what tests ask of it."""

    office: Office
    data: Path
    port: int
    env: Mapping[str, str]
    server: Child
    flows: Child

    @property
    def api(self) -> str:
        return f"http://127.0.0.1:{self.port}/api"

    @property
    def ui(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def get(self, path: str) -> Any:
        return self._answer("GET", path)

    def post(self, path: str, body: Any = None) -> Any:
        return self._answer("POST", path, body or {})

    def _answer(self, method: str, path: str, body: Any = None) -> Any:
        """On a busy machine the server's SQLite is "locked" now and then (503), or silent for a while."""
        only_asks = method == "GET" or path.endswith("/filter")  # what starts a run is not sent twice
        for left in reversed(range(5)):
            try:
                answer = requests.request(method, f"{self.api}{path}", json=body, timeout=60)
            except requests.Timeout:
                if not (only_asks and left):
                    raise
                continue
            if answer.status_code != 503:
                break
            time.sleep(1)
        answer.raise_for_status()
        return answer.json()

    def deployment(self, name: str) -> dict[str, Any]:
        return dict(self.get(f"/deployments/name/{name}"))

    def start(self, name: str, **parameters: Any) -> str:
        """Start a run of the deployment ``flow/name``; its id."""
        body = {"parameters": parameters, "enforce_parameter_schema": True}
        return str(self.post(f"/deployments/{self.deployment(name)['id']}/create_flow_run", body)["id"])

    def run(self, run_id: str) -> dict[str, Any]:
        return dict(self.get(f"/flow_runs/{run_id}"))

    def finished(self, run_id: str, seconds: float = 90) -> dict[str, Any]:
        """The run once it has ended or waits for a person."""
        ends = {"COMPLETED", "FAILED", "CRASHED", "CANCELLED", "PAUSED"}
        wait_for(lambda: self.run(run_id)["state_type"] in ends, seconds, f"run {run_id}")
        return self.run(run_id)

    def do(self, name: str, **parameters: Any) -> dict[str, Any]:
        """Run a deployment to its end; one that its own schedule was just running is asked again."""
        for _ in range(4):
            run = self.finished(self.start(name, **parameters))
            if run["state_type"] != "CANCELLED":  # limit 1, cancel new (ruling 17)
                return run
            time.sleep(3)
        return run

    def approval(self, proposal: int) -> str:
        """The waiting approval run of a proposal; a mailroom pass is made if there is none."""

        def waiting() -> str:
            body = {"flow_runs": {"state": {"type": {"any_": ["PAUSED"]}}}, "limit": 200}
            runs = [r for r in self.post("/flow_runs/filter", body) if r["parameters"].get("proposal") == proposal]
            return str(runs[0]["id"]) if runs else ""

        if not waiting():
            assert self.do("Phòng thư/theo lịch")["state_type"] == "COMPLETED"
        wait_for(lambda: bool(waiting()), 60, f"approval of {proposal}")
        return waiting()

    def resume(self, run_id: str, **answer: Any) -> dict[str, Any]:
        return dict(self.post(f"/flow_runs/{run_id}/resume", {"run_input": answer}))

    def proposals(self) -> list[ProposalRow]:
        with reading(self.office.engine) as session:
            return list(session.scalars(select(ProposalRow).order_by(ProposalRow.id)))

    def decisions(self, proposal: int) -> list[DecisionRow]:
        query = select(DecisionRow).where(DecisionRow.proposal_id == proposal)
        with reading(self.office.engine) as session:
            return list(session.scalars(query))


def wait_for(condition: Callable[[], bool], seconds: float, what: str) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.4)
    raise AssertionError(f"waited {seconds} s in vain for {what}")


@contextmanager
def a_house(data: Path, *, desk: str = OPERATORS, second: str = "") -> Iterator[House]:
    """Found the installation, start the server and the process that runs the flows, stop both."""
    told = {
        "DONDOC_DATA": str(data),
        "DONDOC_DESK__OPERATORS": desk,
        "DONDOC_DESK__SECOND_APPROVER": second,
    }
    with patch.dict(os.environ, told):  # for the children alone: other tests of this process see no operators
        port = free_port()
        settings = load_settings(data=data, prefect={"port": port})
        office = found(data, settings, datetime.now(UTC))
        env = environment(settings) | {"PREFECT_RUNNER_POLL_FREQUENCY": "1"}
    server, flows = children(data, port, env)
    try:
        for child in (server, flows):
            child.start()
            wait_for(child.is_well, 120, f"{child.name}, see {child.log}")
        yield House(office, data, port, env, server, flows)
    finally:
        flows.stop()
        server.stop()


def children(data: Path, port: int, env: Mapping[str, str]) -> tuple[Child, Child]:
    import sys

    home = data / "prefect"
    home.mkdir(exist_ok=True)
    ready = home / "ready"
    listen = ["--host", "127.0.0.1", "--port", str(port)]
    server = Child(
        "server",
        [sys.executable, "-m", "prefect", "server", "start", *listen],
        env,
        data / "server.log",
        well=lambda: _healthy(port),
    )
    flows = Child(
        "flows",
        [sys.executable, "-m", "flows.serving", str(ready)],
        env,
        data / "flows.log",
        well=ready.exists,
        before=lambda: ready.unlink(missing_ok=True),
    )
    return server, flows


def _healthy(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/api/health", timeout=2).ok
    except requests.RequestException:
        return False


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    with a_house(tmp_path_factory.mktemp("house")) as running:
        yield running
