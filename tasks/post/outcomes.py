"""What becomes of a notice after an attempt, a crash, a judgement or a person's word."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, select, update
from sqlalchemy.orm import Session, defer

from config.settings import Mail
from db import audit, controls
from db.models import AttemptRow, NoticeItemRow, NoticeRow

from .caps import lock, wait
from .contract import Delivery
from .smtp import Letter, Outcome

ESCALATION = 2  # rungs above the unit: after a doubtful attempt they wait for a person
ENDS = {"accepted": "sent", "held": "held", "redirected": "redirected"}
REACHED = tuple(ENDS)
MAYBE_REACHED = (*REACHED, "unknown")
NO_SERVER = "none"  # mode of an attempt that no server heard of: under no cap, no try


def record(
    session: Session,
    mail: Mail,
    who: str,
    done: Sequence[tuple[Letter, Outcome]],
    did: Delivery,
    now: datetime,
) -> None:
    """Write how attempts ended. Each attempt row is ours alone; the notice may be another's by now."""
    rows = _rows(session, done)
    for letter, outcome in done:
        attempt = rows.attempts[letter.attempt_id]
        attempt.outcome, attempt.finished_at = outcome.kind, now
        attempt.code, attempt.text = outcome.code, _storable(outcome.text)
        attempt.mode = attempt.mode if outcome.tried else NO_SERVER
    session.flush()
    told: dict[str, str] = {}
    for letter, outcome in done:
        notice = rows.notices[letter.notice_id]
        state = _next_state(session, mail, who, notice, outcome, now)
        told[str(notice.id)] = f"{outcome.kind}/{state}"
        _count(did, outcome.kind, state)
        if outcome.stop:
            did.stopped = did.stopped or outcome.stop
        if outcome.stop == "auth":
            pause_after_refused_login(session, now)
    if told:
        session.flush()
        audit.record(session, at=now, actor="system", action="post.outcomes", subject="post", notices=told)


def _storable(text: str) -> str:
    """A server's words as every database takes them; what cannot be recorded would be sent again.

    Bytes that are no UTF-8 come as surrogates, which no database stores; PostgreSQL takes no NUL either.
    """
    return text.encode("utf-8", "replace").decode().replace("\0", "")[:1000]


@dataclass(frozen=True)
class _Rows:
    attempts: dict[int, AttemptRow]
    notices: dict[int, NoticeRow]


def _rows(session: Session, done: Sequence[tuple[Letter, Outcome]]) -> _Rows:
    """What ``done`` speaks of, in two queries; the notices locked."""
    tries = select(AttemptRow).where(AttemptRow.id.in_([letter.attempt_id for letter, _ in done]))
    mails = (  # without what the mail was made from: it is large
        select(NoticeRow)
        .options(defer(NoticeRow.context), defer(NoticeRow.attachments))
        .where(NoticeRow.id.in_([letter.notice_id for letter, _ in done]))
    )
    return _Rows(
        {a.id: a for a in session.scalars(tries)},
        {n.id: n for n in session.scalars(mails.order_by(NoticeRow.id).with_for_update())},
    )


def _next_state(
    session: Session, mail: Mail, who: str, notice: NoticeRow, outcome: Outcome, now: datetime
) -> str:
    if notice.state == "in_flight" and notice.claimed_by == who:
        notice.state = _after(session, mail, notice, outcome, now)
        notice.claimed_by, notice.lease_until = "", None
    elif outcome.kind in REACHED and notice.state in ("queued", "unknown"):
        notice.state = ENDS[outcome.kind]  # we were taken for dead, and bring certain news
    return notice.state


def _after(session: Session, mail: Mail, notice: NoticeRow, outcome: Outcome, now: datetime) -> str:
    if outcome.kind in REACHED:
        return ENDS[outcome.kind]
    if _has(session, notice.id, "accepted"):
        return "sent"  # an earlier sender, taken for dead, had brought it there
    if outcome.kind == "refused":
        return "failed"
    if outcome.kind == "unknown" and notice.rung >= ESCALATION:
        return "unknown"
    if not outcome.tried:
        return "queued"
    tries = attempts(session, notice.id)
    if tries >= mail.max_attempts:
        return "unknown" if outcome.kind == "unknown" else "failed"
    notice.not_before = now + wait(notice.id, tries)
    return "queued"


def expired(plan: str, now: datetime) -> ColumnElement[bool]:
    """Mails under way whose sender's lease has run out: it is taken for dead."""
    return and_(NoticeRow.plan == plan, NoticeRow.state == "in_flight", NoticeRow.lease_until <= now)


def take_up_expired(session: Session, mail: Mail, plan: str, did: Delivery, now: datetime) -> None:
    """Mails whose sender died: again with the same Message-ID and bytes, escalations to a person."""
    query = select(NoticeRow).where(expired(plan, now))
    told: dict[str, str] = {}
    for notice in session.scalars(query.with_for_update(skip_locked=True)):
        lost = session.scalars(
            select(AttemptRow).where(AttemptRow.notice_id == notice.id, AttemptRow.outcome == "in_flight")
        ).all()
        doubtful = any(a.mode != "hold" for a in lost)
        for attempt in lost:
            attempt.outcome, attempt.finished_at = "unknown", now
            attempt.text = "tiến trình gửi ngừng giữa chừng"
        waits = doubtful and (notice.rung >= ESCALATION or attempts(session, notice.id) >= mail.max_attempts)
        notice.state = "unknown" if waits else "queued"
        notice.claimed_by, notice.lease_until, notice.not_before = "", None, now
        told[str(notice.id)] = notice.state
        did.unknown += notice.state == "unknown"
    if told:
        session.flush()
        audit.record(session, at=now, actor="system", action="post.expired", subject="post", notices=told)


def fail(session: Session, mail: Mail, notice: NoticeRow, why: str, did: Delivery, now: datetime) -> None:
    """This notice can never leave as it is: visible to a person, with the reason on an attempt."""
    session.add(
        AttemptRow(
            notice_id=notice.id,
            started_at=now,
            finished_at=now,
            outcome="refused",
            mode=NO_SERVER,
            code=None,
            text=why,
        )
    )
    notice.state = "failed"
    did.refused += 1
    _tell(session, notice, "notice.failed", now, "system")


def cancel(session: Session, notice: NoticeRow, why: str, did: Delivery, now: datetime) -> None:
    notice.state = "cancelled"
    did.cancelled += 1
    _tell(session, notice, "notice.cancelled", now, "system", why=why)


def doubt(session: Session, notice: NoticeRow, why: str, did: Delivery, now: datetime) -> None:
    notice.state = "unknown"
    did.unknown += 1
    _tell(session, notice, "notice.unknown", now, "system", why=why)


def release_unknown(session: Session, notice_id: int, by: str, now: datetime, resend: bool) -> None:
    """A person decides on a doubtful mail: send it again, or take the server's acceptance as seen.

    What was redirected to the test address is seen there, and still not sent (ruling 15).
    """
    notice = _of_state(session, notice_id, "unknown")
    if resend:
        notice.state, notice.not_before = "queued", now
    else:
        seen = "redirected" if _last_mode(session, notice_id) == "redirect" else "accepted"
        notice.state = ENDS[seen]
        session.add(
            AttemptRow(
                notice_id=notice.id,
                started_at=now,
                finished_at=now,
                outcome=seen,
                mode="person",
                code=None,
                text=f"{by} xác nhận máy chủ đã nhận",
            )
        )
    _tell(session, notice, "notice.released", now, by, resend=resend)


def retry_failed(session: Session, notice_id: int, by: str, now: datetime) -> None:
    """A person has mended what was wrong; the same bytes go again."""
    notice = _of_state(session, notice_id, "failed")
    notice.state, notice.not_before = "queued", now
    _tell(session, notice, "notice.retried", now, by)


def cancel_notice(session: Session, notice_id: int, by: str, now: datetime, why: str) -> None:
    """A person takes back a mail that has not left. Its steps may be owed again, in a new mail."""
    notice = _of_state(session, notice_id, "queued", "unknown", "failed", "held")
    notice.state = "cancelled"
    free_steps(session, [notice.id])
    _tell(session, notice, "notice.cancelled", now, by, why=why)


def free_steps(session: Session, notices: Sequence[int]) -> None:
    """What these notices carried no longer stands in the way of a new letter for the same step."""
    session.execute(
        update(NoticeItemRow)
        .where(NoticeItemRow.notice_id.in_(notices), NoticeItemRow.revoked == 0)
        .values(revoked=NoticeItemRow.id)
    )


def pause_after_refused_login(session: Session, now: datetime) -> None:
    """Trying a wrong password every few minutes locks the box: a person must open the post again."""
    controls.put(session, controls.SENDING, "off", at=now, by="system")


def attempts(session: Session, notice_id: int) -> int:
    tried = select(func.count()).where(AttemptRow.notice_id == notice_id, AttemptRow.mode != NO_SERVER)
    return session.scalar(tried) or 0


def maybe_reached(session: Session, notice_id: int) -> bool:
    return _has(session, notice_id, *MAYBE_REACHED)


def _has(session: Session, notice_id: int, *outcome: str) -> bool:
    query = select(AttemptRow.id).where(AttemptRow.notice_id == notice_id, AttemptRow.outcome.in_(outcome))
    return session.scalar(query.limit(1)) is not None


def _last_mode(session: Session, notice_id: int) -> str:
    tried = select(AttemptRow.mode).where(AttemptRow.notice_id == notice_id, AttemptRow.mode != NO_SERVER)
    return session.scalar(tried.order_by(AttemptRow.id.desc()).limit(1)) or ""


def _of_state(session: Session, notice_id: int, *states: str) -> NoticeRow:
    """``LookupError`` where there is no such notice in one of ``states``."""
    lock(session)
    notice = session.get(NoticeRow, notice_id, with_for_update=True)
    if notice is None or notice.state not in states:
        raise LookupError(f"thư số {notice_id} không ở trạng thái {' hoặc '.join(states)}")
    return notice


def _count(did: Delivery, outcome: str, state: str) -> None:
    key = {"accepted": "sent", "held": "held", "redirected": "redirected"}.get(outcome)
    if key is None:
        key = {"failed": "refused", "unknown": "unknown"}.get(state, "deferred")
    setattr(did, key, getattr(did, key) + 1)


def _tell(session: Session, notice: NoticeRow, action: str, now: datetime, by: str, **details: Any) -> None:
    session.flush()
    audit.record(
        session,
        at=now,
        actor=by,
        action=action,
        subject=f"notice:{notice.id}",
        round=notice.round,
        unit=notice.unit,
        kind=notice.kind,
        **details,
    )
