"""The audit: append-only, hash-chained, written in the transaction of the fact it tells."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select, text
from sqlalchemy.orm import Session

from .models import AuditRow

GENESIS = "0" * 64


def record(
    session: Session, *, at: datetime, actor: str, action: str, subject: str, **details: Any
) -> AuditRow:
    """Append one row. ``details`` carries codes and numbers, never names or addresses."""
    _lock_tail(session)
    previous = session.scalar(select(AuditRow.hash).order_by(AuditRow.id.desc()).limit(1)) or GENESIS
    row = AuditRow(at=at, actor=actor, action=action, subject=subject, details=details, previous=previous)
    row.hash = digest(row)
    session.add(row)
    session.flush()
    return row


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
