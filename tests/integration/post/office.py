"""An office with a small plan, a database of its own, and notices to send."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from config.plan import ZONE, Area, Ladder, Plan, Policy, Rung, RungTo, Unit
from config.settings import Mail, Settings
from db import audit, controls, instance
from db.models import (
    AttemptRow,
    AuditRow,
    Base,
    NoticeItemRow,
    NoticeRow,
    ObligationRow,
)
from db.plans import save_plan
from db.session import make_engine, reading, writing
from tasks.office import Office
from tasks.post import modes
from tasks.post.contract import Judgement, Parts
from tasks.post.outbox import Item, NewNotice, queue

NOW = datetime(2026, 6, 24, 8, 0, tzinfo=ZONE)  # a Wednesday morning, inside the chasing window
LIMIT = datetime(2026, 6, 25, tzinfo=ZONE)
ALLOWED = "ninhbinh.example"


def small_plan() -> Plan:
    units = tuple(
        Unit.model_validate(
            {"code": f"U{n}", "name": f"Xã số {n}", "letter_name": f"UBND xã số {n}", "group": "xa"}
        )
        for n in range(1, 6)
    )
    ladder = Ladder(rungs=(Rung(number=1, to=RungTo.UNIT, after=1, approval=False),))
    policy = Policy(
        code="2026",
        year=2026,
        title="Kế hoạch",
        issuer="Ban Chỉ đạo",
        receiver="U1",
        area_owner=dict.fromkeys(Area, "U1"),
        ladder=ladder,
    )
    return Plan(
        policy=policy,
        rounds=(),
        units=units,
        contacts=(),
        members=(),
        indicators=(),
        assignments=(),
        holidays=(),
    )


def live(port: int, **changes: Any) -> Mail:
    values: dict[str, Any] = {
        "mode": "live",
        "host": "127.0.0.1",
        "port": port,
        "security": "none",
        "allow_domains": (ALLOWED,),
        "sender": f"dondoc@{ALLOWED}",
        "timeout_seconds": 5,
        "cap_per_10_minutes": 1_000_000,
        "cap_per_run": 1_000_000,
        "connections": 1,
    }
    return Mail.model_validate(values | changes)


def open_test_office(
    data: Path, mail: Mail, *, rehearsal: bool = False, confirmed: bool = True, url: str = ""
) -> Office:
    data.mkdir(parents=True, exist_ok=True)
    settings = Settings(data=data, mail=mail, database_url=url, _env_file=None)  # type: ignore[call-arg,arg-type]
    engine = make_engine(settings.url)
    Base.metadata.create_all(engine)
    plan = small_plan()
    with writing(engine) as session:
        if save_plan(session, plan, NOW):
            if confirmed:
                controls.put(session, modes.LIVE_CONFIRMED, "yes", at=NOW, by="test")
                instance.establish(session, settings, at=NOW, by="test")
            if rehearsal:
                controls.put(session, controls.REHEARSAL, "yes", at=NOW, by="test")
    return Office(settings=settings, engine=engine, plan=plan, rehearsal=rehearsal)


def again(office: Office, mail: Mail) -> Office:
    """The same installation with another mail setting."""
    return Office(
        settings=office.settings.model_copy(update={"mail": mail}),
        engine=office.engine,
        plan=office.plan,
        rehearsal=office.rehearsal,
    )


def owe(office: Office, number: int = 1, *, first: int = 1, **changes: Any) -> list[int]:
    """Queue ``number`` notices, each to its own recipient; their ids."""
    ids = []
    with writing(office.engine) as session:
        for n in range(first, first + number):
            values: dict[str, Any] = {
                "plan": "2026",
                "round": "2026-q2",
                "unit": f"U{n}",
                "recipient": f"vanthu{n}@{ALLOWED}",
                "kind": "reminder",
                "occasion": "reminder-3",
                "nature": "chase",
            }
            row = queue(session, NewNotice(**(values | changes)), NOW, domain=ALLOWED)
            if row is not None:
                ids.append(row.id)
    return ids


def an_obligation(session: Session, unit: str = "U1", round_: str = "2026-q2") -> int:
    row = ObligationRow(
        plan="2026",
        round=round_,
        unit=unit,
        token=f"token-{round_}-{unit}",
        certainty="confirmed",
        created_at=NOW,
    )
    session.add(row)
    session.flush()
    return row.id


def an_item(obligation: int, step: str = "reminder-3", restart: int = 0) -> Item:
    return Item(obligation_id=obligation, step=step, effective_limit=LIMIT, restart=restart)


def plain_parts(notice: NoticeRow, items: list[NoticeItemRow]) -> Parts:
    """A mail whose text lists its items and context, so that tests can see what was written."""
    return Parts(
        subject=f"Đề nghị báo cáo {notice.unit}",
        text=f"Kính gửi {notice.unit}\n.một dòng bắt đầu bằng dấu chấm\n{[i.id for i in items]} {notice.context}\n",
        html=f"<p>Kính gửi {notice.unit}</p>",
        attachments=[("Biểu mẫu báo cáo quý II.xlsx", "application/vnd.ms-excel", b"PK" + bytes(range(256)))],
    )


def still_owed(session: Session, notice: NoticeRow, now: datetime) -> Judgement:
    return Judgement()


@dataclass
class Books:
    """What the database says, read anew."""

    engine: Engine
    notices: list[NoticeRow] = field(default_factory=list)

    def states(self) -> dict[str, int]:
        with reading(self.engine) as session:
            rows = session.execute(select(NoticeRow.state, func.count()).group_by(NoticeRow.state))
            return dict(rows.tuples().all())

    def notice(self, notice_id: int) -> NoticeRow:
        with reading(self.engine) as session:
            row = session.get_one(NoticeRow, notice_id)
            session.expunge_all()
            return row

    def attempts(self, notice_id: int | None = None) -> list[AttemptRow]:
        query = select(AttemptRow).order_by(AttemptRow.id)
        if notice_id is not None:
            query = query.where(AttemptRow.notice_id == notice_id)
        with reading(self.engine) as session:
            rows = list(session.scalars(query))
            session.expunge_all()
            return rows

    def outcomes(self, notice_id: int | None = None) -> list[str]:
        return [a.outcome for a in self.attempts(notice_id)]

    def audit_is_whole(self) -> bool:
        previous = audit.GENESIS
        with reading(self.engine) as session:
            for row in session.scalars(select(AuditRow).order_by(AuditRow.id)):
                if row.previous != previous or audit.digest(row) != row.hash:
                    return False
                previous = row.hash
        return True


def at(instant: datetime) -> Callable[[], datetime]:
    return lambda: instant


def a_day(day: date, hour: int) -> datetime:
    return datetime(day.year, day.month, day.day, hour, tzinfo=ZONE)
