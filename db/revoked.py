"""Which decisions of people were taken back, for queries that read those tables directly."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Select, select

from .models import (
    AcknowledgementRow,
    ExemptionRow,
    ExtensionRow,
    PunctualityRow,
    RevocationRow,
    SubmissionRow,
)

Revocable = ExtensionRow | ExemptionRow | AcknowledgementRow | PunctualityRow | SubmissionRow
REVOCABLE: tuple[type[Revocable], ...] = (
    ExtensionRow,
    ExemptionRow,
    AcknowledgementRow,
    PunctualityRow,
    SubmissionRow,
)


def revoked(table: type[Revocable], by: datetime | None = None) -> Select[tuple[int]]:
    """Row ids of ``table`` that were taken back (by the instant ``by``)."""
    query = select(RevocationRow.fact_id).where(RevocationRow.fact == table.__tablename__)
    return query if by is None else query.where(RevocationRow.at <= by)
