"""Archive first: an item's bytes are durable before a row speaks of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import text
from sqlalchemy.orm import Session

from db import audit
from db.archive import Archive
from db.models import FileRow, InboundRow

from .arrival import Arrived, arrival, doubtful
from .channels import Found
from .headers import clean_name, file_name
from .mail import Head, read_head

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
    row = _row(channel, found, sha256, arrived, now)
    row.arrival_doubt = doubtful(arrived, since, limits)
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


def _row(channel: str, found: Found, sha256: str, arrived: Arrived, now: datetime) -> InboundRow:
    """``subject`` of a file is its place in the channel: folders may name the unit."""
    head = read_head(found.data) if found.kind == "mail" else Head(subject=clean_name(found.place)[-500:])
    return InboundRow(
        channel=channel,
        reference=found.reference,
        sha256=sha256,
        size=len(found.data),
        kind=found.kind,
        arrived_at=arrived.at,
        arrived_how=arrived.how,
        arrival_doubt=False,
        recorded_at=now,
        sender=head.sender,
        subject=head.subject,
        message_id=head.message_id,
        automatic=found.kind == "mail" and head.automatic,
        flag=found.flag,
    )
