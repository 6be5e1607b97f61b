"""Opening a round: its obligations, each with an unguessable token."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import ZONE, Certainty, Plan, Role, Round, Unit
from db import audit
from db.controls import installed_at
from db.models import ObligationRow, RoundRow
from db.session import writing
from tasks.office import Office
from tasks.rules.tokens import new_token


class RoundError(ValueError):
    """A round cannot be opened; the message says why and what to do (Vietnamese)."""


@dataclass(frozen=True)
class Opened:
    round: str
    obligations: int
    without_contact: tuple[str, ...]  # unit codes whose clerk has no address: held, never blocking


def opens_at(plan: Plan, round_: Round) -> datetime:
    """The first pass of the opening day."""
    return datetime.combine(round_.opens, plan.policy.chasing.passes[0], ZONE)


def waiting_rounds(
    session: Session, plan: Plan, now: datetime, among: Sequence[Round] | None = None
) -> tuple[list[Round], list[Round]]:
    """(to open now, waiting for a person) of ``among``, or of the plan's: due, and not open yet.

    A round opens by itself only if its opening lies after the database's first ``init`` and
    nothing about it is assumed (ruling 3).
    """
    due = [r for r in (plan.rounds if among is None else among) if opens_at(plan, r) <= now]
    if not due:
        return [], []
    known = set(session.scalars(select(RoundRow.code).where(RoundRow.plan == plan.code)))
    due = [r for r in due if r.code not in known]
    installed = installed_at(session) if due else None

    def by_itself(r: Round) -> bool:
        after_init = installed is not None and opens_at(plan, r) >= installed
        return after_init and r.certainty is Certainty.CONFIRMED

    return [r for r in due if by_itself(r)], [r for r in due if not by_itself(r)]


def unopened(session: Session, plan: Plan, now: datetime) -> list[Round]:
    """Rounds that wait for a person while their limit has not passed: nobody is told of them yet."""
    _, waiting = waiting_rounds(session, plan, now, [r for r in plan.rounds if r.limit_at > now])
    return waiting


def open_due_rounds(office: Office, now: datetime) -> list[Opened]:
    with writing(office.engine) as session:
        ready, _ = waiting_rounds(session, office.plan, now)
        return [open_round(session, office, r, now, by="system") for r in ready]


def open_round(session: Session, office: Office, round_: Round, now: datetime, *, by: str) -> Opened:
    """Open ``round_`` with its obligations; ``RoundError`` where it is open already or empty."""
    plan = office.plan
    if session.scalar(select(RoundRow.id).where(RoundRow.plan == plan.code, RoundRow.code == round_.code)):
        raise RoundError(f"đợt {round_.code} đã mở")
    audience = plan.audience_of(round_, assumed=office.assumed)
    session.add(
        RoundRow(
            plan=plan.code,
            code=round_.code,
            definition=round_.model_dump(mode="json"),
            opened_at=now,
            opened_by=by,
        )
    )
    owed = [_obligation(office, round_, unit, certainty, now) for unit, certainty in audience]
    session.add_all(owed)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=by,
        action="round.opened",
        subject=round_.code,
        plan=plan.code,
        limit=round_.limit_at.isoformat(),
        obligations=[[o.id, o.unit, o.certainty] for o in owed],
        definition=round_.model_dump(mode="json"),  # from the audit alone a status can be told again
    )
    missing = tuple(u.code for u, _ in audience if not plan.contacts_of(u.code, Role.CLERK, Role.LIAISON))
    return Opened(round_.code, len(audience), missing)


def _obligation(
    office: Office, round_: Round, unit: Unit, certainty: Certainty, now: datetime
) -> ObligationRow:
    return ObligationRow(
        plan=office.plan.code,
        round=round_.code,
        unit=unit.code,
        token=new_token(secrets.token_bytes(8)),
        certainty=certainty.value,
        created_at=now,
    )
