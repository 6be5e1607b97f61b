"""Stops, kills and restarts: waiting approvals survive, dead runs are told, nothing piles up."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import NoticeRow
from db.session import reading
from tests.prefect_house import House, a_house, wait_for

COMMAND = "from flows.cli import main; main()"
pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800), pytest.mark.xdist_group("prefect")]


def test_a_waiting_approval_outlives_a_restart_of_everything(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        number = house.proposals()[0].id
        run = house.approval(number)
        for child in (house.flows, house.server):
            child.stop()
        for child in (house.server, house.flows):
            child.start()
            wait_for(child.is_well, 120, child.name)
        assert house.run(run)["state_type"] == "PAUSED"
        answer = {"verdict": "Duyệt", "leave_out": [], "by": "CV1", "reason": "Đã xem", "strangers_seen": True}
        house.resume(run, **answer)
        wait_for(lambda: bool(house.decisions(number)), 60, "the decision")
        assert house.approval(house.proposals()[1].id) != run  # the others are opened again or still wait


def test_a_killed_worker_leaves_no_run_behind_and_the_operator_hears_of_it(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        run = house.start("Phòng thư/theo lịch")
        wait_for(lambda: house.run(run)["state_type"] == "RUNNING", 60, "a running pass")
        assert house.flows.process is not None
        os.killpg(house.flows.process.pid, signal.SIGKILL)
        house.flows.restart()
        wait_for(house.flows.is_well, 120, "the flows again")
        assert house.run(run)["state_type"] == "CRASHED"  # in the UI
        assert house.do("Phòng thư/theo lịch")["state_type"] == "COMPLETED"
        wait_for(lambda: "sent" in _alerts(house), 240, "an alert that has left")  # and by mail


def test_a_worker_that_stays_dead_shows_in_the_ui_and_is_told_by_mail_without_a_flow(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        assert house.do("Phòng thư/theo lịch")["state_type"] == "COMPLETED"
        assert house.flows.process is not None
        os.killpg(house.flows.process.pid, signal.SIGKILL)
        run = house.start("Phòng thư/theo lịch")
        wait_for(lambda: house.run(run)["state_name"] == "Late", 420, "the waiting run shown as late")
        later = (datetime.now(UTC) + timedelta(minutes=21)).isoformat()
        watch = [sys.executable, "-c", COMMAND, "watch", "--data", str(house.data), "--now", later]
        done = subprocess.run(watch, env=dict(house.env), capture_output=True, text=True, check=False)
        assert (done.returncode, done.stderr) == (1, "")
        assert "sent" in _alerts(house)


def test_a_flow_that_fails_shows_in_the_ui_and_is_told_by_mail(tmp_path: Path) -> None:
    with a_house(tmp_path) as house:
        (tmp_path / "archive").rename(tmp_path / "elsewhere")
        (tmp_path / "archive").write_text("not a folder")
        (tmp_path / "inbox" / "moi.pdf").write_bytes(b"%PDF-1.4\nmoi\n%%EOF\n")
        run = house.start("Phòng thư/theo lịch")
        assert house.finished(run, 240)["state_type"] == "FAILED"
        (tmp_path / "archive").unlink()
        (tmp_path / "elsewhere").rename(tmp_path / "archive")
        assert house.do("Phòng thư/theo lịch")["state_type"] == "COMPLETED"
        wait_for(lambda: "sent" in _alerts(house), 240, "an alert that has left")


def _alerts(house: House) -> list[str]:
    """What became of each alert; held in the out-tray is as good as sent in a rehearsal."""
    with reading(house.office.engine) as session:
        states = session.scalars(select(NoticeRow.state).where(NoticeRow.kind == "alert"))
        return ["sent" if s == "held" else s for s in states]
