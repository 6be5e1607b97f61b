"""Stops, kills and restarts: waiting approvals survive, dead runs are told, nothing piles up."""

from __future__ import annotations

import os
import signal
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import NoticeRow
from db.session import reading
from tests.prefect_house import a_house, wait_for

pytestmark = [pytest.mark.soak, pytest.mark.xdist_group("prefect")]


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
        assert house.run(run)["state_type"] in ("CRASHED", "COMPLETED")
        assert house.do("Phòng thư/theo lịch")["state_type"] == "COMPLETED"
        if house.run(run)["state_type"] == "CRASHED":
            wait_for(lambda: bool(_alerts(house.office.engine)), 120, "an alert")


def _alerts(engine: object) -> list[NoticeRow]:
    with reading(engine) as session:  # type: ignore[arg-type]
        return list(session.scalars(select(NoticeRow).where(NoticeRow.kind == "alert")))
