"""Registers every flow at a process work pool: production, with workers on as many machines as wanted."""

from __future__ import annotations

import asyncio

from prefect.client.orchestration import get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectNotFound

from .automations import ensure_automations
from .desk.choices import choices_of
from .engine import clock, the_office
from .schedule import deployments


def deploy_all(pool: str) -> list[str]:
    """The full names of what was registered; the pool is created where it is missing."""
    made = deployments(choices_of(the_office(), clock()), pool)
    with get_client(sync_client=True) as client:
        try:
            client.read_work_pool(pool)
        except ObjectNotFound:
            client.create_work_pool(WorkPoolCreate(name=pool, type="process"))
    for deployment in made:
        deployment.apply(work_pool_name=pool)
    asyncio.run(ensure_automations())
    return [f"{d.flow_name}/{d.name}" for d in made]
