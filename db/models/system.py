"""The installation's own facts: controls, editions, the audit."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from .base import Base


class ControlRow(Base):
    """A switch or mark of this database: installed, rehearsal, sending, ladder_restart …"""

    __tablename__ = "control"
    name: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    at: Mapped[datetime]
    by: Mapped[str]


class EditionRow(Base):
    """A consolidated report's version, frozen with the hashes of its files."""

    __tablename__ = "edition"
    __table_args__ = (UniqueConstraint("plan", "round", "number"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    plan: Mapped[str]
    round: Mapped[str]
    number: Mapped[int]
    as_of: Mapped[datetime]
    created_at: Mapped[datetime]
    facts_sha256: Mapped[str]  # the same facts make no new edition
    files: Mapped[list[Any]]  # [{"name", "sha256"}]
    summary: Mapped[list[Any]]  # sentences in Vietnamese, for the mails
    changes: Mapped[list[Any]]  # what changed since the last edition, in Vietnamese
    approved_at: Mapped[datetime | None]
    approved_by: Mapped[str]


class AuditRow(Base):
    """Append-only, each row hashed with the one before it."""

    __tablename__ = "audit"
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    actor: Mapped[str]
    action: Mapped[str]
    subject: Mapped[str]
    details: Mapped[dict[str, Any]]
    previous: Mapped[str]
    hash: Mapped[str] = mapped_column(unique=True)
