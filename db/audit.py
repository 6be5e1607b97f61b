"""The audit: append-only, hash-chained, written in the transaction of the fact it tells."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import insert, select, text
from sqlalchemy.orm import Session

from .models import AuditRow

GENESIS = "0" * 64
TAIL = select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)
COLUMNS = ("at", "actor", "action", "subject", "details", "previous", "hash")
INSERT = insert(AuditRow.__table__)  # type: ignore[arg-type]


def record(
    session: Session, *, at: datetime, actor: str, action: str, subject: str, **details: Any
) -> None:
    """Append one row. ``details`` carries codes and numbers, never names or addresses."""
    record_all(session, at=at, actor=actor, action=action, told=[(subject, details)])


def record_all(
    session: Session, *, at: datetime, actor: str, action: str, told: Sequence[tuple[str, Mapping[str, Any]]]
) -> None:
    """Append a row for each (subject, details) of ``told``, in their order, in one go."""
    if not told:
        return
    session.flush()  # the facts stand before their rows
    _lock_tail(session)
    connection = session.connection()  # not through the session: half the cost, and there are many
    previous = connection.scalar(TAIL) or GENESIS
    rows = []
    for subject, details in told:
        row = AuditRow(
            at=at, actor=actor, action=action, subject=subject, details=dict(details), previous=previous
        )
        row.hash = previous = digest(row)
        rows.append({name: getattr(row, name) for name in COLUMNS})
    connection.execute(INSERT, rows)


def _lock_tail(session: Session) -> None:
    """Two writers must not chain to one row. SQLite's BEGIN IMMEDIATE already sees to it."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(20260515)"))


def digest(row: AuditRow) -> str:
    """SHA-256 over the row's content and the hash before it."""
    content = [
        row.previous,
        row.at.astimezone(UTC).isoformat(timespec="microseconds"),
        row.actor,
        row.action,
        row.subject,
        row.details,
    ]
    text_ = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text_.encode()).hexdigest()
