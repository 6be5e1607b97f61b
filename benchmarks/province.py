"""A province of any size, and an installation that works for it on a virtual clock."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from config.plan import Plan
from config.plan_files import load_plan
from config.settings import PLANS, Settings
from db import controls
from db.migrate import upgrade
from db.plans import save_plan
from db.session import make_engine, writing
from tasks.office import Office, open_office

INSTALLED = datetime.fromisoformat("2026-06-01T06:10:00+07:00")


def timed(work: Callable[[], object]) -> float:
    """Seconds that ``work`` takes."""
    began = time.perf_counter()
    work()
    return time.perf_counter() - began


def cpu(work: Callable[[], object]) -> float:
    """Seconds of this process's CPU that ``work`` takes: a busy machine does not lengthen them."""
    began = time.process_time()
    work()
    return time.process_time() - began


def plan_of(units: int) -> Plan:
    """The 2026 plan with ``units`` communes and departments (copies of the real ones)."""
    plan = load_plan(PLANS / "2026")
    active = [u for u in plan.units if u.active]
    contacts = {u.code: plan.contacts_of(u.code) for u in active}
    more_units, more_contacts = [], []
    for n in range(units - len(active)):
        model = active[n % len(active)]
        code = f"{model.code}-{n}"
        more_units.append(model.model_copy(update={"code": code}))
        more_contacts += [
            c.model_copy(update={"unit": code, "email": f"{n}.{c.email}"}) for c in contacts[model.code]
        ]
    return plan.model_copy(
        update={"units": (*plan.units, *more_units), "contacts": (*plan.contacts, *more_contacts)}
    )


def install(folder: Path, plan: Plan) -> Office:
    folder.mkdir(parents=True, exist_ok=True)
    settings = Settings(_env_file=None, data=folder)
    engine = make_engine(settings.url)
    upgrade(engine)
    with writing(engine) as session:
        save_plan(session, plan, INSTALLED)
        controls.put(session, controls.INSTALLED, "yes", at=INSTALLED, by="system")
        controls.put(session, controls.REHEARSAL, "yes", at=INSTALLED, by="system")
    return open_office(settings, plan.code, engine)
