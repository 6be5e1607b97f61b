"""The process that runs the flows beside an embedded server (child of ``dondoc run``).

    python -m flows.serving READY_FILE

It never pauses a schedule when it stops, so there is nothing to resume, and a pause that an
operator set in the UI stays. What fell due while nobody was there is made up for by one run of
each flow, not by all that were missed: a run recomputes everything from the database.
"""

from __future__ import annotations

import asyncio
import logging
import sys
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from prefect.client.orchestration import PrefectClient, get_client
from prefect.client.schemas.filters import (
    DeploymentFilter,
    DeploymentFilterId,
    FlowRunFilter,
    FlowRunFilterState,
    FlowRunFilterStateType,
)
from prefect.client.schemas.objects import FlowRun, State, StateType
from prefect.deployments.runner import RunnerDeployment
from prefect.exceptions import ObjectNotFound
from prefect.runner import Runner
from prefect.states import Crashed

from flows.automations import ensure_automations
from flows.desk.choices import choices_of
from flows.engine import clock, the_office
from flows.schedule import deployments

AT_ONCE = 4  # runs at a time; each is a process of about 150 MB
PAGE = 200


async def serve(ready: Path) -> None:
    """Register every deployment, make up for what was missed, then run what falls due."""
    now = clock()
    made = deployments(choices_of(the_office(), now))
    async with get_client() as client:
        await bury(client, made)
        owed = await clear_missed(client, made, now)
        runner = Runner(name="dondoc", pause_on_shutdown=False, limit=AT_ONCE)
        for deployment in made:
            await runner.aadd_deployment(deployment)
        for name in owed:
            await make_up(client, name)
    await ensure_automations()
    ready.touch()
    await runner.start()


async def bury(client: PrefectClient, made: Sequence[RunnerDeployment]) -> int:
    """Runs that a killed process left behind as running: they hold slots and will never end."""
    gone = 0
    unfinished = (StateType.RUNNING, StateType.PENDING, StateType.CANCELLING)
    for deployment in made:
        for run in await _runs(client, deployment, *unfinished):
            died: State[Any] = Crashed(message="Tiến trình chạy luồng đã dừng trước khi xong")
            await client.set_flow_run_state(run.id, died, force=True)
            gone += 1
    return gone


async def clear_missed(client: PrefectClient, made: Sequence[RunnerDeployment], now: datetime) -> list[str]:
    """Delete scheduled runs whose time has passed; the full names of deployments that had some."""
    owed = []
    for deployment in (d for d in made if d.schedules):
        missed = [
            run
            for run in await _runs(client, deployment, StateType.SCHEDULED)
            if run.auto_scheduled and run.expected_start_time and run.expected_start_time < now
        ]
        for run in missed:
            await client.delete_flow_run(run.id)
        if missed:
            owed.append(_full_name(deployment))
    return owed


async def make_up(client: PrefectClient, name: str) -> None:
    deployment = await client.read_deployment_by_name(name)
    if not deployment.paused:
        await client.create_flow_run_from_deployment(deployment.id, tags=["bu-luot-lo"])


async def _runs(client: PrefectClient, made: RunnerDeployment, *states: StateType) -> list[FlowRun]:
    try:
        deployment = await client.read_deployment_by_name(_full_name(made))
    except ObjectNotFound:
        return []
    found: list[FlowRun] = []
    while True:
        page = await client.read_flow_runs(
            deployment_filter=DeploymentFilter(id=DeploymentFilterId(any_=[deployment.id])),
            flow_run_filter=FlowRunFilter(
                state=FlowRunFilterState(type=FlowRunFilterStateType(any_=list(states)))
            ),
            limit=PAGE,
            offset=len(found),
        )
        found += page
        if len(page) < PAGE:
            return found


def _full_name(made: RunnerDeployment) -> str:
    return f"{made.flow_name}/{made.name}"


def main() -> None:
    logging.getLogger("prefect.runner").setLevel(logging.WARNING)
    asyncio.run(serve(Path(sys.argv[1])))


if __name__ == "__main__":
    main()
