"""What Prefect itself watches: a run that failed or crashed, a work pool without a worker.

The flows' own hooks owe the same alert first; the automation catches what no hook could tell
(the process was killed). An alert is unique per flow and hour, so both together make one mail.
"""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from prefect.automations import AutomationCore, EventTrigger
from prefect.client.orchestration import get_client
from prefect.events.actions import RunDeployment
from prefect.events.schemas.automations import Posture

ALARM = "Cảnh báo/theo sự kiện"
FAILED = "Đôn Đốc: luồng lỗi hoặc dừng đột ngột → thư cảnh báo"
NO_WORKER = "Đôn Đốc: không còn tiến trình chạy luồng → thư cảnh báo"
QUIET = timedelta(minutes=1)


async def ensure_automations() -> None:
    """Create or renew both automations; each is known by its name."""
    async with get_client() as client:
        alarm = await client.read_deployment_by_name(ALARM)
        for automation in (_failed(alarm.id), _no_worker(alarm.id)):
            known = await client.read_automations_by_name(automation.name)
            if known:
                await client.update_automation(known[0].id, automation)
            else:
                await client.create_automation(automation)


def _failed(alarm: Any) -> AutomationCore:
    return AutomationCore(
        name=FAILED,
        description="Kể cả khi tiến trình bị giết và luồng không tự báo được.",
        trigger=EventTrigger(
            expect={"prefect.flow-run.Failed", "prefect.flow-run.Crashed"},
            match={"prefect.resource.id": "prefect.flow-run.*"},
            match_related={"prefect.resource.id": "prefect.tag.dondoc", "prefect.resource.role": "tag"},
            posture=Posture.Reactive,
            threshold=1,
            within=timedelta(0),
        ),
        actions=[
            RunDeployment(
                deployment_id=alarm,
                parameters={
                    "flow": _template("{{ flow.name }}"),
                    "run": _template("{{ flow_run.name }}"),
                    "state": _template("{{ flow_run.state.name }}"),
                },
            )
        ],
    )


def _no_worker(alarm: Any) -> AutomationCore:
    return AutomationCore(
        name=NO_WORKER,
        description="Nhóm tiến trình (work pool) không còn tiến trình nào báo nhịp.",
        trigger=EventTrigger(
            expect={"prefect.work-pool.not-ready"},
            match={"prefect.resource.id": "prefect.work-pool.*"},
            posture=Posture.Reactive,
            threshold=1,
            within=QUIET,
        ),
        actions=[
            RunDeployment(
                deployment_id=alarm,
                parameters={"flow": "nhóm tiến trình chạy luồng", "run": "", "state": "Crashed"},
            )
        ],
    )


def _template(text: str) -> dict[str, str]:
    return {"__prefect_kind": "jinja", "template": text}
