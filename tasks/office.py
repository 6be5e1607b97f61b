"""What every step works with: settings, database, archive, plan."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from sqlalchemy import Engine

from config.plan import Plan
from config.settings import MailMode, Settings
from db.archive import Archive
from db.controls import is_rehearsal
from db.plans import load_plan, plan_codes, plan_of_round
from db.session import make_engine, reading


@dataclass(frozen=True)
class Office:
    """One installation working on one plan. Opened once per process or flow run."""

    settings: Settings
    engine: Engine
    plan: Plan
    rehearsal: bool  # a database that has been told the time; it never goes live
    durable: bool = True  # False only in plays on a virtual clock (make demo, dondoc rehearse)

    @cached_property
    def archive(self) -> Archive:
        return Archive(self.data / "archive", durable=self.durable)

    @property
    def data(self) -> Path:
        return self.settings.data

    @property
    def assumed(self) -> bool:
        """May assumed leads and assignments be used? Never live (ruling 1)."""
        return self.settings.mail.mode is not MailMode.LIVE


def open_office(
    settings: Settings, plan_code: str, engine: Engine | None = None, *, durable: bool = True
) -> Office:
    """Open the database of ``settings``; it must have been initialised (``dondoc init``)."""
    engine = engine or make_engine(settings.url, durable=durable)
    with reading(engine) as session:
        plan = load_plan(session, plan_code)
        rehearsal = is_rehearsal(session)
    return Office(settings=settings, engine=engine, plan=plan, rehearsal=rehearsal, durable=durable)


def with_settings(office: Office, settings: Settings) -> Office:
    return replace(office, settings=settings)


def for_round(office: Office, round_code: str) -> Office:
    """``office`` working on the plan that ``round_code`` belongs to; two plans may live side by side."""
    with reading(office.engine) as session:
        code = plan_of_round(session, round_code)
    if code is None or code == office.plan.code:
        return office
    return open_office(office.settings, code, office.engine, durable=office.durable)


def every_plan(office: Office) -> list[Office]:
    """One office for each loaded plan, oldest first."""
    with reading(office.engine) as session:
        codes = plan_codes(session)
    return [
        office
        if code == office.plan.code
        else open_office(office.settings, code, office.engine, durable=office.durable)
        for code in codes
    ]
