"""Switches and marks of one database."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from . import audit
from .models import ControlRow

INSTALLED = "installed"
REHEARSAL = "rehearsal"
SENDING = "sending"  # "on" or "off": pause and kill switch, read before each message
RESTART = "ladder_restart"  # how often every ladder was started again (going live)


def get(session: Session, name: str, default: str = "") -> str:
    row = session.get(ControlRow, name)
    return row.value if row else default


def put(session: Session, name: str, value: str, *, at: datetime, by: str) -> None:
    row = session.get(ControlRow, name) or ControlRow(name=name)
    row.value, row.at, row.by = value, at, by
    session.add(row)
    audit.record(session, at=at, actor=by, action="control.set", subject=name, value=value)


def installed_at(session: Session) -> datetime | None:
    row = session.get(ControlRow, INSTALLED)
    return row.at if row else None


def is_rehearsal(session: Session) -> bool:
    return get(session, REHEARSAL) == "yes"


def sending_allowed(session: Session) -> bool:
    return get(session, SENDING, "on") == "on"


def ladder_restart(session: Session) -> int:
    return int(get(session, RESTART, "0"))
