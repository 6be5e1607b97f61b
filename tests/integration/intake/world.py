"""A small office that receives: a database, three units with open obligations, mails and forms."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from email.message import EmailMessage
from functools import cache
from pathlib import Path

from openpyxl import load_workbook
from openpyxl.cell.cell import MergedCell
from sqlalchemy import select

from config.plan import ZONE, Plan
from config.plan_files import load_plan
from config.settings import PLANS, Mail, Settings
from db.controls import INSTALLED, REHEARSAL, put
from db.models import Base, InboundRow, ObligationRow, RecognitionRow, SubmissionRow
from db.plans import save_plan
from db.session import make_engine, reading, writing
from tasks.chase.rounds import open_round
from tasks.forms.build import build
from tasks.forms.prefill import spec_for
from tasks.forms.read import read
from tasks.intake.collect import Collected, collect
from tasks.office import Office, open_office

OFFICE = "dondoc@ninhbinh.example"
UNITS = ("SYT", "SXD", "13669", "14743")


def at(text: str) -> datetime:
    """ "2026-06-20 09:00" in Việt Nam."""
    return datetime.fromisoformat(text).replace(tzinfo=ZONE)


START = at("2026-05-01 08:00")
JUNE = at("2026-06-20 09:00")


@cache
def the_plan() -> Plan:
    return load_plan(PLANS / "2026")


def clerk(unit: str) -> str:
    return next(c.email for c in the_plan().contacts if c.unit == unit and c.role.value == "clerk")


@dataclass
class World:
    office: Office
    now: datetime = JUNE
    _mails: int = 0
    tokens: dict[tuple[str, str], str] = field(default_factory=dict)

    def open(self, code: str, now: datetime | None = None) -> None:
        with writing(self.office.engine) as session:
            open_round(session, self.office, self.office.plan.round_by_code[code], now or START, by="test")
        with reading(self.office.engine) as session:
            for row in session.scalars(select(ObligationRow).where(ObligationRow.round == code)):
                self.tokens[row.unit, code] = row.token

    def obligation(self, unit: str, round_: str) -> int:
        with reading(self.office.engine) as session:
            query = select(ObligationRow.id).where(ObligationRow.unit == unit, ObligationRow.round == round_)
            return session.scalars(query).one()

    def form(self, unit: str, round_: str, fill: str = "Đã triển khai theo kế hoạch.") -> bytes:
        """The unit's own workbook; ``fill`` "" leaves it blank."""
        with reading(self.office.engine) as session:
            data = build(spec_for(session, self.office, self.obligation(unit, round_)))
        return filled(data, fill) if fill else data

    def deliver(self, data: bytes) -> Path:
        """Into the Maildir, as the catcher does."""
        folder = self.office.data / "mailbox" / "new"
        folder.mkdir(parents=True, exist_ok=True)
        self._mails += 1
        path = folder / f"{1700000000 + self._mails}.M{self._mails}.test"
        path.write_bytes(data)
        return path

    def drop(self, name: str, data: bytes) -> Path:
        path = self.office.data / "inbox" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
        return path

    def collect(self, later: timedelta = timedelta(minutes=5)) -> Collected:
        self.now += later
        return collect(self.office, self.now)

    def outcomes(self) -> list[tuple[str, str]]:
        """(outcome, reason) of every item in order."""
        with reading(self.office.engine) as session:
            rows = session.scalars(
                select(RecognitionRow).order_by(RecognitionRow.inbound_id, RecognitionRow.id)
            )
            return [(r.outcome, r.reason) for r in rows]

    def last(self) -> RecognitionRow:
        with reading(self.office.engine) as session:
            row = session.scalars(select(RecognitionRow).order_by(RecognitionRow.id.desc()).limit(1)).one()
            session.expunge_all()
            return row

    def submissions(self) -> list[tuple[str, str, int]]:
        """(unit, round, version) in order."""
        with reading(self.office.engine) as session:
            query = (
                select(ObligationRow.unit, ObligationRow.round, SubmissionRow.version)
                .join(SubmissionRow, SubmissionRow.obligation_id == ObligationRow.id)
                .order_by(SubmissionRow.id)
            )
            return list(session.execute(query).tuples())

    def inbound(self) -> list[InboundRow]:
        with reading(self.office.engine) as session:
            rows = list(session.scalars(select(InboundRow).order_by(InboundRow.id)))
            session.expunge_all()
            return rows


def a_world(
    folder: Path, *, rehearsal: bool = True, rounds: tuple[str, ...] = ("2026-q2",), **settings: object
) -> World:
    folder.mkdir(parents=True, exist_ok=True)
    chosen = Settings(_env_file=None, data=folder, mail=Mail(sender=OFFICE), **settings)  # type: ignore[arg-type, call-arg]
    engine = make_engine(chosen.url)
    Base.metadata.create_all(engine)
    with writing(engine) as session:
        save_plan(session, the_plan(), START)
        put(session, INSTALLED, "yes", at=START, by="test")
        if rehearsal:
            put(session, REHEARSAL, "yes", at=START, by="test")
    world = World(open_office(chosen, "2026", engine))
    for code in rounds:
        world.open(code)
    return world


FILLED = {"numerator": 7, "denominator": 10, "result": 70, "cumulative": 70, "state": "Đang thực hiện",
          "target_q2": 50, "target_q3": 60, "target_q4": 100, "due": "30/9/2026", "basis": "Chính thức",
          "lead": "Sở Y tế"}  # fmt: skip
LEFT_EMPTY = ("claim", "remark", "progress", "intermediate")


def filled(data: bytes, words: str) -> bytes:
    """A form filled as a diligent clerk would: figures, states, and ``words`` for the texts."""
    book = load_workbook(io.BytesIO(data))
    for key, (sheet, cell) in read(data, "form.xlsx").where.items():
        field_ = key.partition(":")[0]
        if field_ not in LEFT_EMPTY:
            book[sheet][cell] = FILLED.get(field_, words)
    if "Biểu 02" in book.sheetnames:
        for row in book["Biểu 02"].iter_rows(min_row=7):
            for cell in row:
                empty = cell.value is None and not isinstance(cell, MergedCell)
                if empty and not cell.protection.locked and row[1].value:
                    cell.value = words
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def a_mail(
    sender: str,
    subject: str,
    *files: tuple[str, bytes],
    text: str = "Kính gửi Sở, đơn vị gửi báo cáo.",
    to: str = OFFICE,
    **headers: str,
) -> bytes:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, to, subject
    mail["Message-ID"] = headers.pop(
        "Message_ID", f"<{abs(hash((sender, subject, files, text)))}@unit.example>"
    )
    for name, value in headers.items():
        mail[name.replace("_", "-")] = value
    mail.set_content(text)
    for name, data in files:
        mail.add_attachment(data, maintype="application", subtype="octet-stream", filename=name)
    return mail.as_bytes()
