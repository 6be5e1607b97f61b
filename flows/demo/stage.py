"""The demo's stage: an installation of its own, the catcher, a Prefect server, the virtual clock."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import requests

from config.plan_files import load_plan
from config.settings import PLANS, Desk, Mail, MailMode, Operator, Settings
from db import controls
from db.migrate import upgrade
from db.plans import save_plan
from db.session import make_engine, writing
from tasks.office import Office, open_office
from tasks.post.catcher import Catcher, folder_name
from tasks.system.prefect_api import past_proxies

OFFICE_ADDRESS = "dondoc@ninhbinh.example"
OPERATOR = "CV1"


class VirtualClock:
    """The time of the play; everything that asks, asks here."""

    def __init__(self, start: datetime) -> None:
        self.now = start

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Stage:
    root: Path
    clock: VirtualClock
    catcher: Catcher
    office: Office
    api: str = ""


@contextmanager
def set_up(root: Path, start: datetime) -> Iterator[Stage]:
    """A fresh installation under ``root`` whose mails can only reach the catcher."""
    clear(root)
    clock = VirtualClock(start)
    with Catcher(root / "mail", clock) as catcher:
        yield Stage(root, clock, catcher, install(root, catcher.port, start))


def clear(root: Path) -> None:
    """Remove an earlier play, and nothing else: the folder must be empty or carry our mark."""
    mark = root / ".dondoc-demo"
    if root.exists() and any(root.iterdir()) and not mark.exists():
        raise SystemExit(f"{root} có dữ liệu khác, không xoá; hãy chọn thư mục khác")
    shutil.rmtree(root, ignore_errors=True)
    (root / "mail").mkdir(parents=True)
    mark.touch()


def install(root: Path, smtp_port: int, now: datetime) -> Office:
    for name in [n for n in os.environ if n.startswith("DONDOC_")]:
        del os.environ[name]  # the play knows no other mailbox, share or server
    settings = Settings(
        _env_file=None,
        data=root,
        plan=PLANS / "2026",
        mailbox=root / "mail" / folder_name(OFFICE_ADDRESS),
        mail=Mail(
            mode=MailMode.REHEARSE,
            host="127.0.0.1",
            port=smtp_port,
            security="none",
            sender=OFFICE_ADDRESS,
            cap_per_10_minutes=400,
            connections=4,
        ),
        desk=Desk(operators=(Operator(code=OPERATOR, name="Chuyên viên theo dõi"),)),
    )
    engine = make_engine(settings.url, durable=False)
    upgrade(engine)
    plan = load_plan(settings.plan)
    with writing(engine) as session:
        save_plan(session, plan, now)
        controls.put(session, controls.INSTALLED, "yes", at=now, by="system")
        controls.put(session, controls.REHEARSAL, "yes", at=now, by="system")
    return open_office(settings, plan.code, engine, durable=False)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@contextmanager
def prefect_server(home: Path) -> Iterator[str]:
    """A Prefect server of its own on 127.0.0.1, with its history under ``home``."""
    port = free_port()
    os.environ.update(past_proxies(os.environ))  # the flows of this process ask the server too
    env = os.environ | prefect_environment(home)
    log = (home.parent / "prefect-server.log").open("wb")
    process = subprocess.Popen(
        [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)],
        env=env,
        stdout=log,
        stderr=subprocess.STDOUT,
    )
    try:
        wait_healthy(f"http://127.0.0.1:{port}/api", process)
        yield f"http://127.0.0.1:{port}/api"
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
        log.close()


def prefect_environment(home: Path) -> dict[str, str]:
    """Settings that the embedded server and its clients share (docs/decisions)."""
    return {
        "PREFECT_HOME": str(home.resolve()),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        "PREFECT_SERVER_UI_SHOW_PROMOTIONAL_CONTENT": "false",
        "PREFECT_SERVER_UI_API_URL": "/api",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
        "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
        "PREFECT_LOGGING_EXTRA_LOGGERS": "dondoc",
    }


def wait_healthy(api: str, process: subprocess.Popen[bytes], seconds: float = 180) -> None:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if process.poll() is not None:
            raise SystemExit(f"máy chủ Prefect dừng ngay khi khởi động (mã {process.returncode})")
        try:
            if requests.get(f"{api}/health", timeout=2).ok:
                return
        except requests.RequestException:
            pass
        time.sleep(0.2)
    raise SystemExit(f"máy chủ Prefect không trả lời sau {seconds:.0f} giây")
