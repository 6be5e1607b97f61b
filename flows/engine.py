"""How flows meet Prefect: steps as tasks, the office of this process, the clock.

The only place, beside the command line, where the time is asked.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from typing import Any

from prefect import task
from prefect.cache_policies import NO_CACHE

from config.plan import ZONE
from config.settings import load_settings
from db.plans import plan_codes
from db.session import make_engine, reading
from tasks.office import Office, open_office
from tasks.steps import STEPS

OFFICE: list[Office] = []  # set by a launcher that plays flows in its own process


@cache
def _task_of(step: Callable[..., Any]) -> Callable[..., Any]:
    title = STEPS[step]
    return task(name=title.name, retries=title.retries, cache_policy=NO_CACHE, persist_result=False)(step)


def as_task(step: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Run a step as one Prefect task run."""
    return _task_of(step)(*args, **kwargs)


def the_office(plan: str | None) -> Office:
    """The installation that this process works for, with ``plan`` (the newest where None)."""
    if OFFICE:
        return OFFICE[-1]
    settings = load_settings()
    engine = make_engine(settings.url)
    with reading(engine) as session:
        codes = plan_codes(session)
    if not codes:
        raise LookupError("cơ sở dữ liệu chưa có kế hoạch nào: hãy chạy dondoc init")
    return open_office(settings, plan or codes[-1], engine)


def clock() -> datetime:
    """The real time."""
    return datetime.now(UTC)


def moment(now: datetime | None) -> datetime:
    return now or clock()


def run_name(prefix: str) -> Callable[[], str]:
    """Names such as "2026-q3 · 24/09 07:10"."""

    def name() -> str:
        from prefect.runtime import flow_run

        given = (flow_run.parameters or {}).get("now")
        at = datetime.fromisoformat(given) if isinstance(given, str) else given or clock()
        return f"{prefix} · {at.astimezone(ZONE):%d/%m %H:%M}"

    return name


def ticking(now: datetime | None) -> Callable[[], datetime] | None:
    """The clock for the post: real in real runs, standing still when the time was given."""
    return None if now or os.environ.get("DONDOC_STILL") else clock
