"""An installed house, migrated as `dondoc init` does it, with a history in its tables."""

from __future__ import annotations

import shutil
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from config.settings import Mail, Settings
from db import controls, instance, triggers
from db.migrate import upgrade
from db.plans import save_plan
from db.session import make_engine, writing
from tasks.desk import forms, terms
from tasks.intake.check import check_submissions
from tasks.office import Office, open_office
from tests.integration.intake.world import START, World, a_mail, at, clerk, the_plan

AFTER = at("2026-06-26 09:00")
UNITS = ("SYT", "SXD", "13669", "14743")


def settings_of(folder: Path, url: str = "", **changes: Any) -> Settings:
    values = {"mail": Mail(sender="dondoc@ninhbinh.example")} | changes
    return Settings(_env_file=None, data=folder, database_url=url, **values)  # type: ignore[call-arg, arg-type]


def a_house(folder: Path, url: str = "", **changes: Any) -> Office:
    settings = settings_of(folder, url, **changes)
    folder.mkdir(parents=True, exist_ok=True)
    engine = make_engine(settings.url, durable=False)
    upgrade(engine)
    with writing(engine) as session:
        save_plan(session, the_plan(), START)
        controls.put(session, controls.INSTALLED, "yes", at=START, by="test")
        instance.establish(session, settings, at=START, by="test")
    return replace(open_office(settings, "2026", engine), durable=False)


def copy_of(house: Office, folder: Path) -> Office:
    """The same house once more, elsewhere, quicker than building it."""
    shutil.copytree(house.data, folder)
    settings = settings_of(folder)
    return replace(house, settings=settings, engine=make_engine(settings.url, durable=False))


def live_through_june(office: Office) -> World:
    """Accepted, returned as blank, extended, exempted, promised: one unit of each in 2026-q2."""
    world = World(office)
    world.open("2026-q2")
    good, blank = world.form("SYT", "2026-q2"), world.form("SXD", "2026-q2", fill="")
    for unit, data in (("SYT", good), ("SXD", blank)):
        tag = f"[{world.tokens[unit, '2026-q2']}]"
        world.deliver(a_mail(clerk(unit), f"Báo cáo quý II {tag}", ("bao-cao.xlsx", data)))
    world.collect()
    check_submissions(office, world.now + timedelta(minutes=1))
    who: dict[str, Any] = {"by": "CV1", "reason": "có văn bản đề nghị", "round": "2026-q2"}
    later = world.now + timedelta(hours=1)
    terms.extend(office, forms.Extend(units=("13669",), until=date(2026, 6, 30), **who), later)
    terms.exempt(office, forms.Exempt(units=("14743",), **who), later)
    terms.acknowledge(office, forms.Acknowledge(unit="SNV", promised=date(2026, 6, 29), **who), later)
    world.now = later
    return world


def as_intruder(engine: Engine, *statements: str) -> None:
    """Somebody with full rights on the database: takes the triggers away first."""
    with engine.begin() as connection:
        triggers.remove(connection)
        for statement in statements:
            connection.execute(text(statement))
        triggers.install(connection)
