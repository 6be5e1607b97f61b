"""Editions: each version of a consolidated report, frozen with its hashes (never changed silently)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.archive import Archive
from db.models import EditionRow

from .report import ReportSet
from .snapshot import changes, encode

FACTS = "du-lieu.json"  # the facts an edition was made from, kept in the archive beside its files


class EditionError(ValueError):
    """An edition cannot be approved; the message says why (Vietnamese)."""


def new_edition(
    session: Session, archive: Archive, report: ReportSet, now: datetime, by: str = "system"
) -> EditionRow | None:
    """Freeze ``report`` as the next edition of its round; None where the facts are the last one's.

    The caller's transaction stores the row; the files' bytes go into the archive first.
    """
    last = newest(session, report.plan, report.round)
    if last and last.facts_sha256 == report.facts_sha256:
        return None
    files = [{"name": f.name, "sha256": archive.put(f.read_bytes())} for f in report.files]
    files.append({"name": FACTS, "sha256": archive.put(encode(report.facts))})
    row = EditionRow(
        plan=report.plan,
        round=report.round,
        number=last.number + 1 if last else 1,
        as_of=report.as_of,
        created_at=now,
        facts_sha256=report.facts_sha256,
        files=files,
        summary=list(report.summary),
        changes=changes(_facts(archive, last), report.facts) if last else [],
        approved_by="",
    )
    session.add(row)
    session.flush()
    audit.record(
        session, at=now, actor=by, action="edition.created", subject=f"{row.round}#{row.number}",
        facts=row.facts_sha256, files={f["name"]: f["sha256"] for f in files},
    )  # fmt: skip
    return row


def newest(session: Session, plan: str, round_code: str) -> EditionRow | None:
    query = (
        select(EditionRow)
        .where(EditionRow.plan == plan, EditionRow.round == round_code)
        .order_by(EditionRow.number.desc())
    )
    return session.scalars(query.limit(1)).first()


def _facts(archive: Archive, edition: EditionRow) -> dict[str, Any]:
    sha256 = next(f["sha256"] for f in edition.files if f["name"] == FACTS)
    facts: dict[str, Any] = json.loads(archive.get(sha256))
    return facts


def approve_edition(session: Session, edition_id: int, by: str, now: datetime) -> EditionRow:
    """Record a person's approval; the first one stands. Raises ``EditionError``.

    An edition that a newer one has replaced can no longer be approved.
    """
    row = session.get(EditionRow, edition_id)
    if row is None:
        raise EditionError(f"không có bản tổng hợp số {edition_id}")
    if row.approved_at:
        return row
    last = newest(session, row.plan, row.round)
    if last and last.number > row.number:
        raise EditionError(
            f"báo cáo tổng hợp {row.round} lần {row.number} đã có lần {last.number} mới hơn; hãy "
            f"duyệt lần {last.number}"
        )
    row.approved_at, row.approved_by = now, by
    session.flush()
    audit.record(
        session, at=now, actor=by, action="edition.approved", subject=f"{row.round}#{row.number}",
        facts=row.facts_sha256,
    )  # fmt: skip
    return row


def edition_files(archive: Archive, edition: EditionRow) -> dict[str, bytes]:
    """The documents of an edition exactly as they were frozen, by name (without the facts)."""
    return {f["name"]: archive.get(f["sha256"]) for f in edition.files if f["name"] != FACTS}
