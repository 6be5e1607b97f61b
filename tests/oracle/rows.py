"""A history in the words of the tables: the plan of its office, and its facts as rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from config.plan import Area, Contact, DayKind, Group, Holiday, Member, Plan, Policy, Role, Unit
from db.models import (
    AcknowledgementRow,
    CheckRow,
    ExemptionRow,
    ExtensionRow,
    InboundRow,
    ReadingRow,
    RecognitionRow,
    RevocationRow,
    SubmissionRow,
)

from .history import UnitHistory, World
from .memory import ladder_of

MEMBERS = 3
Fact = tuple[datetime, int, object]  # when recorded, order, row or what writes it


def plan_of(w: World) -> Plan:
    days = [Holiday(date=d, kind=DayKind.OFF, name="nghỉ") for d in sorted(w.almanac.off)]
    days += [Holiday(date=d, kind=DayKind.WORK, name="làm bù") for d in sorted(w.almanac.extra)]
    chair = Member(code="TB", name="", title="Trưởng Ban", role="chair", email="chair@office.example")
    members = [
        Member(code=f"M{n}", name="", title="Thành viên", role="member", email=f"m{n}@office.example")
        for n in range(MEMBERS)
    ]
    units = [
        Unit(code=u.code, name=u.code, letter_name=u.code, group=Group.COMMUNE,
             member=f"M{n % MEMBERS}" if "member" in u.has else None)
        for n, u in enumerate(w.units)
    ]  # fmt: skip
    contacts = [
        Contact(unit=u.code, role=Role(role), email=f"{role}@{u.code}")
        for u in w.units
        for role in sorted(u.has - {"member"})
    ]
    policy = Policy(
        code="2026", year=2026, title="Kế hoạch", issuer="Ban Chỉ đạo", receiver=w.units[0].code,
        area_owner=dict.fromkeys(Area, w.units[0].code), ladder=ladder_of(w),
    )  # fmt: skip
    return Plan(
        policy=policy, rounds=(), units=tuple(units), contacts=tuple(contacts), members=(chair, *members),
        indicators=(), assignments=(), holidays=tuple(days),
    )  # fmt: skip


def an_inbound(reference: str, arrived: datetime, recorded: datetime) -> InboundRow:
    return InboundRow(
        channel="folder", reference=reference, sha256="0" * 64, size=1, kind="file", arrived_at=arrived,
        arrived_how="reading", arrival_doubt=False, recorded_at=recorded, sender="", subject="", message_id="",
        automatic=False,
    )  # fmt: skip


def facts_of(u: UnitHistory, obligation: int) -> list[Fact]:
    """Rows, and functions that write rows, at the instants at which they are recorded."""
    who = {"obligation_id": obligation, "by": "CV1", "reason": "lý do"}
    facts: list[Fact] = []
    rows: dict[str, list[tuple[datetime, Any]]] = {
        "extension": [(at, ExtensionRow(at=at, until=until, **who)) for at, until in u.extensions],
        "exemption": [(at, ExemptionRow(at=at, **who)) for at in u.exemptions],
        "promise": [(at, AcknowledgementRow(at=at, promised=until, **who)) for at, until in u.promises],
        "version": [],
    }
    facts += [(at, 0, row) for kind in rows.values() for at, row in kind]
    for n, v in enumerate(u.arrivals, start=1):
        inbound = an_inbound(f"{u.code}-{n}", v.arrived, v.recorded)
        submission = SubmissionRow(
            obligation_id=obligation, version=n, arrived_at=v.arrived, recorded_at=v.recorded,
            document_number="", flags=[],
        )  # fmt: skip
        rows["version"].append((v.recorded, submission))
        facts.append((v.recorded, 1, _Submitted(inbound, submission)))
        facts += [(at, 2, _Checked(submission, at, verdict, counts)) for at, verdict, counts in v.checks]
    facts += [(at, 4, _Undone(rows[kind][n][1], obligation, at)) for (kind, n), at in u.undone.items()]
    for n, d in enumerate(u.doubts):
        inbound = an_inbound(f"{u.code}-doubt-{n}", d.arrived, d.since)
        facts.append((d.since, 0, _Recognised(inbound, d.since, d.outcome, u.code)))
        if d.until:
            facts.append((d.until, 3, _Recognised(inbound, d.until, "irrelevant", u.code)))
    return facts


@dataclass
class _Submitted:
    inbound: InboundRow
    submission: SubmissionRow

    def __call__(self, session: Session) -> None:
        session.add(self.inbound)
        session.flush()
        self.submission.inbound_id = self.inbound.id
        session.add(self.submission)


@dataclass
class _Undone:
    row: Any
    obligation: int
    at: datetime

    def __call__(self, session: Session) -> None:
        session.add(
            RevocationRow(obligation_id=self.obligation, at=self.at, by="CV1", reason="nhầm",
                          fact=self.row.__tablename__, fact_id=self.row.id)
        )  # fmt: skip


@dataclass
class _Checked:
    submission: SubmissionRow
    at: datetime
    verdict: str
    counts: bool

    def __call__(self, session: Session) -> None:
        session.add(
            CheckRow(submission_id=self.submission.id, at=self.at, by="system", verdict=self.verdict,
                     counts=self.counts, kind="workbook")
        )  # fmt: skip


@dataclass
class _Recognised:
    inbound: InboundRow
    at: datetime
    outcome: str
    code: str

    def __call__(self, session: Session) -> None:
        if self.inbound.id is None:
            session.add(self.inbound)
            session.flush()
        hints = [] if self.outcome == "irrelevant" else [self.code]
        session.add(
            RecognitionRow(inbound_id=self.inbound.id, at=self.at, by="system", outcome=self.outcome,
                           hints=hints, reason="")
        )  # fmt: skip


def register_reading(at: datetime, through: datetime) -> ReadingRow:
    return ReadingRow(
        channel="register", started_at=at, through=through, complete=True, items=0, error="", by="CV1"
    )
