"""``dondoc run`` as an operator starts and stops it: one command, no orphans, nothing lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import requests

from config.settings import SettingsError, load_settings
from flows.launcher import environment, prefect_settings, refuse
from flows.schedule import SCHEDULED
from tests.prefect_house import free_port, wait_for

pytestmark = pytest.mark.xdist_group("prefect")
RUN = [sys.executable, "-c", "from flows.cli import main; main()", "run"]


@contextmanager
def dondoc_run(data: Path, port: int, said: Path) -> Iterator[subprocess.Popen[bytes]]:
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DONDOC_", "PREFECT_"))}
    with said.open("wb") as out:
        process = subprocess.Popen(
            [*RUN, "--data", str(data), "--port", str(port)], env=env, stdout=out, stderr=subprocess.STDOUT
        )
        try:
            wait_for(
                lambda: "Mở giao diện" in said.read_text("utf-8") or process.poll() is not None, 150, str(said)
            )
            yield process
        finally:
            if process.poll() is None:
                process.kill()
            process.wait()


def stop(process: subprocess.Popen[bytes], number: int = signal.SIGINT) -> int:
    process.send_signal(number)
    return process.wait(90)


def alive(data: Path) -> list[int]:
    """Processes that still work for this data folder."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            try:
                told = (entry / "environ").read_bytes()
            except OSError:
                continue
            if f"DONDOC_DATA={data}".encode() in told.split(b"\0"):
                found.append(int(entry.name))
    return found


def active(port: int) -> dict[str, bool]:
    """Deployments with a schedule: is it active?"""
    answer = requests.post(f"http://127.0.0.1:{port}/api/deployments/filter", json={"limit": 200}, timeout=20)
    return {
        d["entrypoint"]: not d["paused"] and all(s["active"] for s in d["schedules"])
        for d in answer.json()
        if d["schedules"]
    }


def test_it_comes_up_schedules_and_stops_cleanly(tmp_path: Path) -> None:
    data, port = tmp_path / "var", free_port()
    with dondoc_run(data, port, tmp_path / "first.txt") as process:
        assert (data / "dondoc.db").exists()
        assert requests.get(f"http://127.0.0.1:{port}/", timeout=20).ok
        assert len(active(port)) == len(SCHEDULED) and all(active(port).values())
        assert stop(process) == 0
    assert alive(data) == []
    assert "Đã dừng." in (tmp_path / "first.txt").read_text("utf-8")


@pytest.mark.soak
def test_a_second_start_resumes_and_a_killed_server_comes_back(tmp_path: Path) -> None:
    data, port = tmp_path / "var", free_port()
    with dondoc_run(data, port, tmp_path / "first.txt") as process:
        assert stop(process) == 0
    with dondoc_run(data, port, tmp_path / "second.txt") as process:
        assert len(active(port)) == len(SCHEDULED) and all(active(port).values())
        (server, *_) = alive(data)
        os.kill(server, signal.SIGKILL)
        wait_for(lambda: "khởi động lại" in (tmp_path / "second.txt").read_text("utf-8"), 60, "a restart")
        wait_for(lambda: _answers(port), 90, "the server again")
        assert stop(process, signal.SIGTERM) == 0
    assert alive(data) == []


def test_a_second_launcher_on_the_same_data_is_refused(tmp_path: Path) -> None:
    import fcntl

    data = tmp_path / "var"
    data.mkdir()
    with (data / "run.lock").open("a") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        done = subprocess.run([*RUN, "--data", str(data)], capture_output=True, text=True, timeout=60)
    assert done.returncode == 2
    assert "đã có một dondoc run khác" in done.stderr
    assert "Traceback" not in done.stderr


def test_a_server_open_to_others_needs_a_password(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("DONDOC_PREFECT__HOST", "0.0.0.0")
    with pytest.raises(SettingsError, match="DONDOC_PREFECT__AUTH_STRING"):
        refuse(load_settings(data=tmp_path))
    monkeypatch.setenv("DONDOC_PREFECT__AUTH_STRING", "dieuhanh:mat-khau")
    settings = load_settings(data=tmp_path)
    refuse(settings)
    env = environment(settings)
    assert env["PREFECT_SERVER_API_AUTH_STRING"] == "dieuhanh:mat-khau"
    assert env["PREFECT_SERVER_CSRF_PROTECTION_ENABLED"] == "true"


def test_the_checkouts_prefect_settings_hold_everywhere() -> None:
    told = prefect_settings()
    assert told["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert told["PREFECT_SERVER_UI_API_URL"] == "/api"
    assert told["PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE"] == "100"


def test_an_office_behind_a_web_proxy_reaches_its_own_server(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("http_proxy", "http://proxy.noi-bo:3128")
    monkeypatch.setenv("NO_PROXY", "mail.noi-bo")
    near = environment(load_settings(data=tmp_path))["NO_PROXY"].split(",")
    assert {"mail.noi-bo", "127.0.0.1", "localhost"} <= set(near)


def _answers(port: int) -> bool:
    try:
        return requests.get(f"http://127.0.0.1:{port}/api/health", timeout=2).ok
    except requests.RequestException:
        time.sleep(0.2)
        return False
