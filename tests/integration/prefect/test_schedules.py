"""A real server: schedules become runs, two passes are one, choices follow the rounds."""

from __future__ import annotations

import pytest
from sqlalchemy import func, select

from db.models import AuditRow, NoticeRow, ObligationRow, ProposalRow
from db.session import reading
from flows.schedule import SCHEDULED, duties
from tests.prefect_house import ROUND, House, wait_for

pytestmark = pytest.mark.xdist_group("prefect")


def test_every_scheduled_flow_gets_runs_in_vietnamese_time(house: House) -> None:
    body = {"flow_runs": {"state": {"type": {"any_": ["SCHEDULED"]}}}, "limit": 200}

    def flows_with_runs() -> set[str]:
        return {r["flow_id"] for r in house.post("/flow_runs/filter", body) if r["auto_scheduled"]}

    wait_for(lambda: len(flows_with_runs()) == len(SCHEDULED), 60, "scheduled runs of every flow")
    quarterly = house.deployment("Báo cáo quý/theo lịch")
    runs = house.post("/flow_runs/filter", {**body, "deployments": {"id": {"any_": [quarterly["id"]]}}})
    hours = {r["expected_start_time"][11:16] for r in runs}
    assert hours == {"00:10", "06:10"}  # 07:10 and 13:10 in Việt Nam


def test_scheduled_deployments_cancel_a_second_run_and_the_desk_lets_it_wait(house: House) -> None:
    strategies = {
        d["name"]: d["concurrency_options"]["collision_strategy"]
        for d in house.post("/deployments/filter", {"limit": 200})
    }
    assert strategies == {
        "theo lịch": "CANCEL_NEW",
        "bàn làm việc": "ENQUEUE",
        "chờ duyệt": "ENQUEUE",
        "theo sự kiện": "ENQUEUE",
    }


def test_every_duty_is_deployed_by_a_module_entrypoint(house: House) -> None:
    entrypoints = {d["entrypoint"] for d in house.post("/deployments/filter", {"limit": 200})}
    assert entrypoints == {duty.entrypoint for duty in duties()}
    assert not any(":" in e or "/" in e for e in entrypoints)


def test_a_second_round_pass_changes_nothing(house: House) -> None:
    first = house.do("Báo cáo quý/theo lịch")
    assert first["state_type"] == "COMPLETED", first["state"]
    before = _facts(house)
    second = house.do("Báo cáo quý/theo lịch")
    assert second["state_type"] == "COMPLETED", second["state"]
    assert _facts(house) == before


def test_a_run_is_named_after_its_round_and_leaves_its_page(house: House) -> None:
    run = house.do("Báo cáo quý/theo lịch")
    assert run["name"].startswith(f"{ROUND} · ")
    page = house.get(f"/artifacts/tong-quan-{ROUND}/latest")["data"]
    assert "đơn vị đã hoàn thành" in page
    assert "Chờ tôi quyết định" in page
    assert "Sở Nội vụ" in house.get(f"/artifacts/lich-su-{ROUND}/latest")["data"]
    assert "@" not in page


def test_the_form_offers_the_rounds_that_are_open(house: House) -> None:
    properties = house.deployment("Gia hạn/bàn làm việc")["parameter_openapi_schema"]["properties"]
    assert [r.split(" · ")[0] for r in properties["round"]["enum"]].count(ROUND) == 1
    assert properties["by"]["enum"] == ["CV1", "LD1"]
    assert properties["until"]["format"] == "date"


def _facts(house: House) -> dict[str, object]:
    """Everything that a pass could have changed; the audit tells of each change."""
    with reading(house.office.engine) as session:
        counts = {
            t.__tablename__: session.scalar(select(func.count()).select_from(t))
            for t in (NoticeRow, ObligationRow, ProposalRow)
        }
        actions = list(
            session.scalars(
                select(AuditRow.action).where(AuditRow.action.notin_(("channel.read", "post.run")))
            )
        )
        states = sorted(session.execute(select(NoticeRow.id, NoticeRow.state)).tuples())
    return {"counts": counts, "actions": actions, "states": states}


def test_prefect_watches_for_failures_and_missing_workers(house: House) -> None:
    found = {a["name"]: a["enabled"] for a in house.post("/automations/filter", {"limit": 50})}
    assert found == {
        "Đôn Đốc: luồng lỗi hoặc dừng đột ngột → thư cảnh báo": True,
        "Đôn Đốc: không còn tiến trình chạy luồng → thư cảnh báo": True,
    }
