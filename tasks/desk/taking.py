"""Taking back a person's decision: the fact stays, a later one says that it holds no more.

The newest standing decision of the asked kind is taken back, unit by unit. A unit that had been
told of it is told; a letter about it that has not left yet is kept back instead.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import (
    AcknowledgementRow,
    CheckRow,
    ExemptionRow,
    ExtensionRow,
    NoticeRow,
    PunctualityRow,
    RevocationRow,
    SubmissionRow,
)
from db.revoked import Revocable, revoked
from db.session import writing
from tasks.intake.withdraw import BY_HAND, put_back
from tasks.office import Office
from tasks.post.outcomes import cancel_notice
from tasks.rules.facts import Facts
from tasks.rules.words import show_last_day, show_until

from . import forms
from .common import EVERY, DeskError, find, tell

TABLES: dict[str, type[Revocable]] = {
    "extension": ExtensionRow,
    "exemption": ExemptionRow,
    "promise": AcknowledgementRow,
    "on_time": PunctualityRow,
    "assignment": SubmissionRow,
}
WORDS = {
    "extension": "gia hạn",
    "exemption": "miễn báo cáo",
    "promise": "cam kết",
    "on_time": "chấp nhận đúng hạn",
    "assignment": "tệp gán hoặc ghi nhận thủ công",
}
LETTERS = {"extension": "extension", "exemption": "exemption", "promise": "acknowledged"}
LEFT = ("in_flight", "sent", "held", "redirected", "unknown")  # states of a mail that may have been read


def take_back(office: Office, form: forms.TakeBack, now: datetime) -> str:
    with writing(office.engine) as session:
        chosen = [(f, _newest(session, form, f)) for f in find(session, office, form.round, form.units, now)]
        missing = [f.unit for f, row in chosen if row is None]
        if missing and (form.units != (EVERY,) or len(missing) == len(chosen)):
            whom = "đơn vị nào của đợt" if form.units == (EVERY,) else ", ".join(missing)
            raise DeskError(f"Không có quyết định {WORDS[form.what]} còn hiệu lực của {whom}")
        done = [_take_back(session, office, form, f, row, now) for f, row in chosen if row is not None]
    told = sum(done)
    return f"Đã rút lại {WORDS[form.what]} của {len(done)} đơn vị; báo cho {told} đơn vị đã được biết"


def _newest(session: Session, form: forms.TakeBack, f: Facts) -> Revocable | None:
    """The newest standing decision of the asked kind about ``f``; of files only those a person gave."""
    table = TABLES[form.what]
    query = select(table).where(table.obligation_id == f.obligation, table.id.not_in(revoked(table)))
    rows: list[Any] = list(session.scalars(query.order_by(table.id.desc())))
    if form.what == "assignment":
        rows = [r for r in rows if isinstance(r, SubmissionRow) and BY_HAND & set(r.flags)]
    if form.version is not None:
        rows = [r for r in rows if isinstance(r, SubmissionRow) and r.version == form.version]
    return next(iter(rows), None)


def _take_back(
    session: Session, office: Office, form: forms.TakeBack, f: Facts, row: Revocable, now: datetime
) -> bool:
    """Record it; was the unit told?"""
    session.add(
        RevocationRow(
            obligation_id=f.obligation,
            at=now,
            by=form.by,
            reason=form.reason,
            fact=row.__tablename__,
            fact_id=row.id,
        )
    )
    known = _known_to_unit(session, form, f, row, now)
    if isinstance(row, SubmissionRow):
        put_back(session, row, form.by, form.reason, now)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=form.by,
        action="taken_back",
        subject=form.round,
        units=[f.unit],
        what=form.what,
        recorded=_recorded(row).isoformat(),
        fact=row.id,
        reason=form.reason,
        told=known,
    )
    if known:
        tell(session, office, f, "taken_back", _words(form, row), now)
    return known


def _recorded(row: Revocable) -> datetime:
    return row.recorded_at if isinstance(row, SubmissionRow) else row.at


def _words(form: forms.TakeBack, row: Revocable) -> dict[str, Any]:
    words = {"what": form.what, "reason": form.reason, "document": "", "until": ""}
    if isinstance(row, SubmissionRow):
        words["document"] = row.document_number
    if isinstance(row, ExtensionRow):
        words["until"] = show_until(row.until)
    if isinstance(row, AcknowledgementRow):
        words["until"] = show_last_day(row.promised)
    return words


def _known_to_unit(
    session: Session, form: forms.TakeBack, f: Facts, row: Revocable, now: datetime
) -> bool:
    """Has a mail about the decision left, or may it have? One that still waits is cancelled here."""
    known = False
    for notice in _letters(session, form, f, row):
        if notice.state == "queued":
            cancel_notice(session, notice.id, form.by, now, "quyết định được rút lại trước khi thư đi")
        known = known or notice.state in LEFT
    return known


def _letters(session: Session, form: forms.TakeBack, f: Facts, row: Revocable) -> list[NoticeRow]:
    """The mails that told the unit of the decision."""
    query = select(NoticeRow).where(
        NoticeRow.round == f.round.code, NoticeRow.unit == f.unit, NoticeRow.nature == "answer"
    )
    if isinstance(row, SubmissionRow):
        checks = session.scalars(select(CheckRow.id).where(CheckRow.submission_id == row.id))
        occasions = [f"receipt-{row.id}", *(f"check-{c}" for c in checks)]
        return list(session.scalars(query.where(NoticeRow.occasion.in_(occasions))))
    kind = LETTERS.get(form.what, "")
    return list(session.scalars(query.where(NoticeRow.kind == kind, NoticeRow.queued_at == row.at)))
