"""``dondoc run``: one launcher for the Prefect server and the process that runs the flows.

It starts both, waits until they are well, restarts what dies (with back-off, and tells the
operator by mail), and stops both in order on Ctrl-C or SIGTERM. Prefect itself is imported only
by the children, so the launcher stays small and quick.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
import tomllib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType
from typing import Any

import requests

from config.settings import Settings, SettingsError
from flows.child import Child
from tasks.system.prefect_api import LOOPBACK, PrefectApi, past_proxies, reach

CHECKOUT = Path(__file__).resolve().parents[1]
PATIENCE = 180.0  # seconds for a child to be well; a first start migrates Prefect's own database
LOOK = 0.5  # seconds between looks at the children
PULSE = 60.0  # seconds between looks whether flows still run
DRAIN = 30.0  # seconds that running flows get to finish before a stop
Tell = Callable[[str], None]


def refuse(settings: Settings) -> None:
    """Reaching the API is running code on this machine: off 127.0.0.1 it needs a password."""
    if settings.prefect.host not in LOOPBACK and not settings.prefect.auth_string.get_secret_value():
        raise SettingsError(
            f"DONDOC_PREFECT__HOST={settings.prefect.host} mở giao diện ra ngoài máy này: cần đặt "
            "DONDOC_PREFECT__AUTH_STRING (người-dùng:mật-khẩu), và một proxy TLS ở phía trước"
        )


def prefect_settings(path: Path = CHECKOUT / "prefect.toml") -> dict[str, str]:
    """prefect.toml as environment values, so that they hold in whatever folder we are started."""
    with path.open("rb") as file:
        return dict(_flat("PREFECT", tomllib.load(file)))


def _flat(prefix: str, table: dict[str, Any]) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for name, value in table.items():
        key = f"{prefix}_{name.upper()}"
        if isinstance(value, dict):
            found += _flat(key, value)
        else:
            found.append((key, str(value).lower() if isinstance(value, bool) else str(value)))
    return found


def environment(settings: Settings) -> dict[str, str]:
    """What both children are told: our settings, their own home under the data folder."""
    data, house = settings.data.resolve(), settings.prefect
    env = dict(os.environ) | prefect_settings()
    env |= {
        "DONDOC_DATA": str(data),
        "DONDOC_PREFECT__PORT": str(house.port),
        "PREFECT_HOME": str(data / "prefect"),
        "PREFECT_API_URL": f"http://{reach(house.host)}:{house.port}/api",
        "PREFECT_SERVER_API_HOST": house.host,
        "PREFECT_SERVER_API_PORT": str(house.port),
        "PREFECT_PROFILES_PATH": str(data / "prefect" / "profiles.toml"),
        "DO_NOT_TRACK": "1",
        "PYTHONUNBUFFERED": "1",
    }
    env |= past_proxies(os.environ)
    if secret := house.auth_string.get_secret_value():
        env |= {
            "PREFECT_SERVER_API_AUTH_STRING": secret,
            "PREFECT_API_AUTH_STRING": secret,
            "PREFECT_SERVER_CSRF_PROTECTION_ENABLED": "true",
        }
    return env


@dataclass
class Launcher:
    """Both children and what keeps them alive. ``alert(title, lines)`` reaches the operator."""

    settings: Settings
    tell: Tell
    alert: Callable[[str, list[str]], None]
    pulse: Callable[[], None]  # tells the operator itself where no flow has run for long
    children: list[Child] = field(default_factory=list)
    stopping: bool = False

    def run(self) -> int:
        """Until Ctrl-C or SIGTERM; 0 after a clean stop, 1 where the start failed."""
        house = self.settings.prefect
        env = environment(self.settings)
        home = self.settings.data.resolve() / "prefect"
        logs = self.settings.data.resolve() / "log"
        home.mkdir(parents=True, exist_ok=True)
        logs.mkdir(parents=True, exist_ok=True)
        ready = home / "ready"
        python = sys.executable
        listen = ["--host", house.host, "--port", str(house.port)]
        server = Child(
            "máy chủ Prefect",
            [python, "-m", "prefect", "server", "start", *listen],
            env,
            logs / "prefect-server.log",
            well=self._healthy,
        )
        flows = Child(
            "tiến trình chạy luồng",
            [python, "-m", "flows.serving", str(ready)],
            env,
            logs / "flows.log",
            well=ready.exists,
            before=lambda: ready.unlink(missing_ok=True),
        )
        self.children = [server, flows]
        self._listen_to_signals()
        try:
            started = all(self._start(child) for child in self.children)
            if started and not self.stopping:
                self._welcome()
                self._watch()
        finally:
            self._stop()
        return 0 if started or self.stopping else 1

    # -- start --------------------------------------------------------------------------

    def _start(self, child: Child) -> bool:
        if self.stopping:
            return True
        self.tell(f"Đang khởi động {child.name} …")
        child.start()
        deadline = time.monotonic() + PATIENCE
        while not child.is_well() and not self.stopping:
            if child.exited is not None or time.monotonic() > deadline:
                self.tell(f"Không khởi động được {child.name}; xem {child.log}")
                return False
            time.sleep(LOOK / 2)
        return True

    def _healthy(self) -> bool:
        with PrefectApi(self.settings.prefect, timeout=2) as api:
            return api.answers()

    def _welcome(self) -> None:
        house, data = self.settings.prefect, self.settings.data
        self.tell("")
        self.tell(f"Đôn Đốc đang chạy. Mở giao diện điều hành: http://{reach(house.host)}:{house.port}")
        self.tell(f"Dữ liệu: {data} · Nhật ký: {data / 'log'} · Thư: chế độ {self.settings.mail.mode.value}")
        if self.settings.mail.mode.value == "hold":
            self.tell(f"Chưa gửi thư nào ra ngoài: thư đến hạn nằm ở {data / 'outbox'} (.eml) để xem trước.")
        self.tell("Dừng: Ctrl-C")

    # -- while it runs ------------------------------------------------------------------

    def _watch(self) -> None:
        looked = time.monotonic()
        while not self.stopping:
            for child in self.children:
                if child.exited is not None and child.due():
                    self._revive(child)
            if time.monotonic() - looked >= PULSE:
                looked = time.monotonic()
                self.pulse()
            time.sleep(LOOK)

    def _revive(self, child: Child) -> None:
        """Start a dead child again; the first death of an hour is told by mail."""
        code = child.exited
        self.tell(f"{child.name} đã dừng (mã {code}); khởi động lại lần {child.restarts + 1}")
        lines = [
            f"{child.name} đã dừng ngoài ý muốn (mã {code}).",
            f"Đã tự khởi động lại, lần {child.restarts + 1}. Không có thư nào bị mất.",
        ]
        self.alert(f"{child.name} bị dừng, đã khởi động lại", lines)
        child.restart()

    # -- stop ---------------------------------------------------------------------------

    def _listen_to_signals(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._asked_to_stop)

    def _asked_to_stop(self, number: int, _frame: FrameType | None) -> None:
        if self.stopping:
            for child in self.children:
                child.kill()  # asked twice: at once
            return
        self.stopping = True
        self.tell("")
        self.tell("Đang dừng …")

    def _stop(self) -> None:
        """Flows first, so that they can still tell the server how they ended."""
        self._drain()
        for child in reversed(self.children):
            child.stop()
        self.tell("Đã dừng.")

    def _drain(self) -> None:
        """Let running flows finish: a mail being handed over should be recorded as sent."""
        deadline = time.monotonic() + DRAIN
        told = False
        while time.monotonic() < deadline and all(c.alive for c in self.children):
            if not self._running():
                return
            if not told:
                self.tell("Chờ lượt chạy dở kết thúc (Ctrl-C lần nữa để dừng ngay) …")
                told = True
            time.sleep(LOOK)

    def _running(self) -> int:
        body = {"flow_runs": {"state": {"type": {"any_": ["RUNNING", "PENDING"]}}}}
        try:
            with PrefectApi(self.settings.prefect, timeout=2) as api:
                return int(api.ask("flow_runs/count", body))
        except (requests.RequestException, ValueError, KeyError, TypeError):
            return 0


def port_is_free(host: str, port: int) -> bool:
    with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
