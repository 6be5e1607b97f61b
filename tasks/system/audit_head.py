"""The audit's head leaves the house once a day: whoever keeps the mails can prove the audit."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from db.audit_check import Head, head, keep_head
from db.session import reading, writing
from tasks.office import Office
from tasks.post import contexts
from tasks.post.outbox import NewNotice, queue
from tasks.rules.words import show_moment
from tasks.rules.working_days import local_day


def queue_audit_head(office: Office, now: datetime) -> bool:
    """Keep today's head beside the database and owe it to ``audit_head_to``; once a day.

    True where a mail was queued. Without that setting the head is only kept in the data folder.
    """
    with reading(office.engine) as session:
        known = head(session)
    if not known.id:
        return False
    keep_head(office.data, known, now)
    recipient = office.settings.audit_head_to
    if not recipient:
        return False
    with writing(office.engine) as session:
        return _queue(session, office, recipient, known, now)


def _queue(session: Session, office: Office, recipient: str, known: Head, now: datetime) -> bool:
    notice = NewNotice(
        plan=office.plan.code,
        round="*",
        unit="*",
        recipient=recipient,
        kind="audit_head",
        occasion=local_day(now).isoformat(),
        nature="office",
        context=contexts.common(office, now, "Người lưu giữ mã nhật ký")
        | {"hash": known.hash, "rows": known.id, "at": show_moment(now)},
    )
    return queue(session, notice, now) is not None
