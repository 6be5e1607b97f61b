"""Which notice a bounce speaks of."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import NoticeRow

from .bounces import Report

LEFT = ("sent", "in_flight", "unknown", "redirected", "held")


def notice_of(session: Session, report: Report, originals: tuple[str, ...]) -> int | None:
    """The notice's id: by its Message-ID; where the report quotes none, the newest that left to
    the reported address. None where we wrote no such mail: a stranger cannot mark an address."""
    if originals:
        query = select(NoticeRow.id).where(
            NoticeRow.message_id.in_(originals), func.lower(NoticeRow.recipient) == report.address
        )
        by_id = session.scalar(query.order_by(NoticeRow.id.desc()).limit(1))
        if by_id is not None:
            return by_id
        # Forwarded inside the recipient's organisation: the report names the inner address.
        return session.scalar(select(NoticeRow.id).where(NoticeRow.message_id.in_(originals)).limit(1))
    query = select(NoticeRow.id).where(
        func.lower(NoticeRow.recipient) == report.address, NoticeRow.state.in_(LEFT)
    )
    return session.scalar(query.order_by(NoticeRow.id.desc()).limit(1))
