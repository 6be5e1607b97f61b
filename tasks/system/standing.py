"""Before a person confirms a restored or copied database: what it is, and what would leave."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from config.settings import Settings
from db import audit, instance
from db.audit_check import head
from db.models import AuditRow, NoticeRow

WAITING = ("queued", "in_flight", "unknown")


@dataclass(frozen=True)
class Waiting:
    """Notices of one kind that would leave, by round and unit (no recipient's address)."""

    plan: str
    round: str
    kind: str
    nature: str
    units: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """``refusal`` empty: the database belongs here."""

    refusal: str
    here: str
    places: tuple[str, ...]
    audit_rows: int
    newest: datetime | None  # what happened later elsewhere this database does not know
    waiting: tuple[Waiting, ...]


def standing(session: Session, settings: Settings) -> Standing:
    identity = instance.of_database(session)
    known = head(session)
    return Standing(
        refusal=instance.belongs_here(session, settings),
        here=instance.here(session, settings),
        places=identity.places if identity else (),
        audit_rows=known.id,
        newest=session.scalar(select(AuditRow.at).where(AuditRow.id == known.id)),
        waiting=tuple(would_leave(session)),
    )


def would_leave(session: Session) -> list[Waiting]:
    """Everything in the outbox of every plan, grouped as an operator reads it."""
    query = select(NoticeRow).where(NoticeRow.state.in_(WAITING)).order_by(NoticeRow.id)
    groups: dict[tuple[str, str, str, str], Counter[str]] = {}
    for n in session.scalars(query):
        groups.setdefault((n.plan, n.round, n.kind, n.nature), Counter())[n.unit] += 1
    return [Waiting(*key, tuple(units)) for key, units in groups.items()]


def cancel_waiting(session: Session, *, at: datetime, by: str, reason: str) -> int:
    """Cancel what waits: the database it was copied from may have sent it. How many."""
    ids = list(
        session.scalars(select(NoticeRow.id).where(NoticeRow.state.in_(WAITING)).order_by(NoticeRow.id))
    )
    if ids:
        session.execute(
            update(NoticeRow)
            .where(NoticeRow.id.in_(ids))
            .values(state="cancelled", claimed_by="", lease_until=None)
        )
        audit.record(
            session, at=at, actor=by, action="notices.cancelled", subject="post", reason=reason, notices=ids
        )
    return len(ids)
