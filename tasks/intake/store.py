"""Archive first: an item's bytes are durable before a row speaks of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from db import audit
from db.archive import Archive
from db.models import FileRow, InboundRow

from .arrival import arrival, doubtful
from .channels import Found
from .headers import file_name
from .mail import read_head

LOCK = 20260516


def one_at_a_time(session: Session) -> None:
    """Two intakes must not both find an item new. SQLite's BEGIN IMMEDIATE already sees to it."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": LOCK})


def store(
    session: Session,
    archive: Archive,
    channel: str,
    found: Found,
    *,
    since: datetime | None,
    now: datetime,
    rehearsal: bool,
    limits: Sequence[datetime],
) -> InboundRow:
    """One ``InboundRow`` (and, for a file, its ``FileRow``) with its audit row."""
    sha256 = archive.put(found.data)
    arrived = arrival(found.times, since, now, rehearsal=rehearsal)
    row = InboundRow(
        channel=channel,
        reference=found.reference,
        sha256=sha256,
        size=len(found.data),
        kind=found.kind,
        arrived_at=arrived.at,
        arrived_how=arrived.how,
        arrival_doubt=doubtful(arrived, since, limits),
        recorded_at=now,
        sender="",
        subject="",
        message_id="",
        automatic=False,
    )
    if found.kind == "mail":
        head = read_head(found.data)
        row.sender, row.subject, row.message_id = head.sender, head.subject, head.message_id
        row.automatic = head.automatic
    session.add(row)
    session.flush()
    if found.kind == "file":
        session.add(FileRow(inbound_id=row.id, name=file_name(found.name), sha256=sha256, size=row.size))
    audit.record(
        session,
        at=now,
        actor="system",
        action="inbound.stored",
        subject=f"inbound:{row.id}",
        channel=channel,
        sha256=sha256,
        arrived_at=arrived.at.isoformat(),
        how=arrived.how,
        doubt=row.arrival_doubt,
        flag=found.flag,
    )
    return row
