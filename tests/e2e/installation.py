"""A throw-away installation driven by the clock, as ``dondoc day --now`` drives it."""

from __future__ import annotations

import random
import shutil
from copy import copy
from datetime import datetime
from email import policy
from email.message import EmailMessage
from email.parser import BytesParser
from pathlib import Path
from typing import Any, cast

from sqlalchemy import select

from config.plan_files import load_plan
from config.settings import PLANS, Settings
from db import controls
from db.migrate import upgrade
from db.models import AuditRow, NoticeRow, ObligationRow
from db.plans import save_plan
from db.session import make_engine, reading, writing
from flows.demo.clerk import fill
from flows.round import Pass, play_day
from tasks.chase.summary import RoundSummary, summarise
from tasks.desk.registry import submit
from tasks.forms.build import build, file_name
from tasks.forms.prefill import spec_for
from tasks.office import open_office


def at(text: str) -> datetime:
    """Vietnamese time."""
    return datetime.fromisoformat(text + "+07:00")


class Installation:
    def __init__(self, folder: Path, start: datetime, url: str = "") -> None:
        folder.mkdir(parents=True, exist_ok=True)
        settings = Settings(_env_file=None, data=folder, database_url=url)
        engine = make_engine(settings.url, durable=False)
        upgrade(engine)
        plan = load_plan(PLANS / "2026")
        with writing(engine) as session:
            save_plan(session, plan, start)
            controls.put(session, controls.INSTALLED, "yes", at=start, by="system")
            controls.put(session, controls.REHEARSAL, "yes", at=start, by="system")
        self.office = open_office(settings, plan.code, engine, durable=False)
        self.folder = folder

    def copied(self, folder: Path) -> Installation:
        """The same installation elsewhere, quicker than living through it again. Its engine must rest."""
        shutil.copytree(self.folder, folder)
        settings = Settings(_env_file=None, data=folder)
        engine = make_engine(settings.url, durable=False)
        other = copy(self)
        other.office, other.folder = open_office(settings, self.office.plan.code, engine, durable=False), folder
        return other

    def ad_hoc(self, now: str, units: str, until: str, **more: Any) -> None:
        """A round of a few units: a day of it costs a tenth of a whole province's."""
        asked = {"round": "2026-dx1", "title": "báo cáo kết quả quý II năm 2026", "content": "Kết quả."}
        self.desk("open_ad_hoc", now, units=units, until=until, **asked | {"reminders": "7, 3, 1"} | more)

    def day(self, now: str) -> Pass:
        return play_day(self.office, at(now))

    def form(self, unit: str, round_code: str) -> tuple[str, bytes]:
        with reading(self.office.engine) as session:
            obligation = session.scalars(
                select(ObligationRow.id).where(ObligationRow.unit == unit, ObligationRow.round == round_code)
            ).one()
            spec = spec_for(session, self.office, obligation)
        return file_name(spec), build(spec)

    def answer(self, unit: str, round_code: str, progress: float = 0.4) -> None:
        """The unit's filled workbook lies in the drop folder."""
        name, data = self.form(unit, round_code)
        filled = fill(data, name, random.Random(unit), progress, unit)
        inbox = self.folder / "inbox"
        inbox.mkdir(exist_ok=True)
        (inbox / name).write_bytes(filled)

    def desk(self, name: str, now: str, /, **fields: Any) -> str:
        return submit(self.office, name, {"by": "CV1", "reason": "thử", **fields}, at(now))

    def summary(self, round_code: str, now: str) -> RoundSummary:
        with reading(self.office.engine) as session:
            return summarise(session, self.office, round_code, at(now))

    def notices(self, **where: Any) -> list[NoticeRow]:
        with reading(self.office.engine) as session:
            query = select(NoticeRow).filter_by(**where).order_by(NoticeRow.id)
            return list(session.scalars(query))

    def audit_rows(self) -> int:
        with reading(self.office.engine) as session:
            return len(session.scalars(select(AuditRow.id)).all())

    def mails(self) -> list[EmailMessage]:
        """Every held mail, parsed."""
        parser = BytesParser(policy=policy.default)
        files = sorted((self.folder / "outbox").glob("*.eml"))
        return [cast(EmailMessage, parser.parsebytes(f.read_bytes())) for f in files]
