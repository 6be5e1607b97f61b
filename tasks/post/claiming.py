"""Which mails leave next: judged once more, written, leased; inside one transaction."""

from __future__ import annotations

import secrets
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from config.plan import ZONE, Plan, midnight
from config.settings import Mail, MailMode
from db import audit
from db.models import AttemptRow, NoticeItemRow, NoticeRow
from tasks.office import Office
from tasks.rules.working_days import Calendar, chasing_allowed

from . import letters, outcomes
from .caps import room_now
from .contract import Clock, Compose, Delivery, Judgement, Rejudge
from .modes import destination, permitted, redirected
from .smtp import Letter

WAIT = timedelta(minutes=1)  # a notice that may not leave in this run is looked at in the next
WRITERS = 8  # files made durable at a time


def in_window(plan: Plan, now: datetime) -> bool:
    return chasing_allowed(Calendar.of(plan.holidays), plan.policy.chasing, now)


@dataclass
class Run:
    """One run of the post: what it works with, what it may still send, what it did."""

    office: Office
    compose: Compose
    rejudge: Rejudge
    clock: Clock
    left: int  # of the run cap
    chasing: Callable[[Plan, datetime], bool] = in_window
    who: str = field(default_factory=lambda: secrets.token_hex(8))
    did: Delivery = field(default_factory=Delivery)

    @property
    def mail(self) -> Mail:
        return self.office.settings.mail

    def stop(self, reason: str) -> None:
        self.did.stopped = self.did.stopped or reason


@dataclass
class Draft:
    """A notice that leaves now; ``data`` where it was written just now, else it is in the archive."""

    notice: NoticeRow
    data: bytes | None
    stored: Future[str] | None  # its SHA-256 once ``data`` is durable


def may_leave(run: Run, now: datetime) -> ColumnElement[bool]:
    natures = ["answer", "office"] + (["chase"] if run.chasing(run.office.plan, now) else [])
    return and_(
        NoticeRow.plan == run.office.plan.code,
        NoticeRow.state == "queued",
        NoticeRow.not_before <= now,
        NoticeRow.nature.in_(natures),
    )


def claim(session: Session, run: Run, places: int, now: datetime) -> list[Letter]:
    """Up to ``places`` claims, answers first.

    Every candidate looked at leaves the queue, is put off, or stops the run: so this ends.
    """
    first = case((NoticeRow.nature == "answer", 0), else_=1)
    ids = select(NoticeRow.id).where(may_leave(run, now)).order_by(first, NoticeRow.id).limit(places)
    query = (  # sorted by id alone: sorting whole rows would read every waiting mail's context
        select(NoticeRow)
        .where(NoticeRow.id.in_(ids.scalar_subquery()), NoticeRow.state == "queued")
        .order_by(first, NoticeRow.id)
        .with_for_update(skip_locked=True)
    )
    drafts: list[Draft] = []
    with ThreadPoolExecutor(WRITERS) as writers:  # one mail is made durable while the next is written
        while not drafts and not run.did.stopped:
            candidates = list(session.scalars(query))
            drafts = _drafts(session, run, candidates, places, now, writers)
            session.flush()
            if not candidates:
                return []
    return _lease(session, run, drafts, now) if drafts else []


def _drafts(
    session: Session,
    run: Run,
    candidates: list[NoticeRow],
    places: int,
    now: datetime,
    writers: ThreadPoolExecutor,
) -> list[Draft]:
    room = room_now(session, run.mail, now)
    chased = _chased_today(session, candidates, now)
    items = live_items(session, candidates)
    drafts: list[Draft] = []
    for notice in candidates:
        if len(drafts) == places or run.did.stopped:
            break
        if run.left <= 0:
            run.stop("run_cap")
        elif not room.fits(notice.nature):
            waiting = select(func.count()).where(may_leave(run, now), NoticeRow.id.not_in(_ids(drafts)))
            run.did.deferred += session.scalar(waiting) or 0
            run.stop("cap_10_minutes")
        elif notice.nature == "chase" and chased.get(notice.recipient, {notice.id}) != {notice.id}:
            notice.not_before = midnight(now.astimezone(ZONE).date() + timedelta(days=1))
            run.did.deferred += 1
        elif draft := _draft(session, run, notice, items.get(notice.id, []), now, writers):
            room.take(notice.nature)
            run.left -= 1
            drafts.append(draft)
            if notice.nature == "chase":
                chased.setdefault(notice.recipient, set()).add(notice.id)
    return drafts


def _ids(drafts: Iterable[Draft]) -> list[int]:
    return [d.notice.id for d in drafts]


def _chased_today(session: Session, candidates: list[NoticeRow], now: datetime) -> dict[str, set[int]]:
    """Who was chased today, by which notices: at most one such mail a day (ruling 6)."""
    query = (
        select(NoticeRow.recipient, NoticeRow.id)
        .join(AttemptRow, NoticeRow.id == AttemptRow.notice_id)
        .where(
            NoticeRow.recipient.in_({n.recipient for n in candidates if n.nature == "chase"}),
            NoticeRow.nature == "chase",
            NoticeRow.state != "cancelled",
            AttemptRow.started_at >= midnight(now.astimezone(ZONE).date()),
            AttemptRow.outcome.in_([*outcomes.MAYBE_REACHED, "in_flight"]),
        )
    )
    chased: dict[str, set[int]] = {}
    for recipient, notice in session.execute(query).tuples():
        chased.setdefault(recipient, set()).add(notice)
    return chased


def _draft(
    session: Session,
    run: Run,
    notice: NoticeRow,
    items: list[NoticeItemRow],
    now: datetime,
    writers: ThreadPoolExecutor,
) -> Draft | None:
    """Judge once more and write at the first claim; None where nothing is to be sent."""
    dropped = _rejudge(session, run, notice, items, now)
    if dropped is None:
        return None
    problem, data = "", None
    to = destination(run.mail, notice.recipient)
    if run.mail.mode is not MailMode.HOLD and not permitted(run.mail, to):
        problem = "địa chỉ không hợp lệ hoặc ngoài các miền được phép (allow_domains)"
    elif dropped or not notice.eml_sha256:
        try:
            left = [i for i in items if i.dropped_at is None]
            data = letters.write(notice, left, compose=run.compose, mail=run.mail, now=now)
        except letters.UNWRITABLE as error:
            problem = f"không lập được thư: {type(error).__name__}: {error}"[:500]
    if problem:
        outcomes.fail(session, run.mail, notice, problem, run.did, now)
        return None
    return Draft(notice, data, writers.submit(run.office.archive.put, data) if data is not None else None)


def _rejudge(
    session: Session, run: Run, notice: NoticeRow, items: list[NoticeItemRow], now: datetime
) -> bool | None:
    """Were rows dropped since the mail was written? None: it must not leave, and why is recorded."""
    judgement = run.rejudge(session, notice, now)
    if judgement.wait:
        notice.not_before = now + WAIT
        run.did.deferred += 1
        return None
    if judgement.cancel:
        outcomes.cancel(session, notice, judgement.cancel, run.did, now)
        return None
    newly = [i for i in items if i.id in judgement.dropped]
    if newly and len(newly) == len(items):
        _drop(session, notice, newly, judgement, now)
        outcomes.cancel(session, notice, "không còn nội dung nào phải gửi", run.did, now)
        return None
    if newly and outcomes.maybe_reached(session, notice.id):
        outcomes.doubt(session, notice, "thư có thể đã tới, nay một phần không còn đúng", run.did, now)
        return None
    if newly:
        _drop(session, notice, newly, judgement, now)
    if judgement.context is not None and (newly or not notice.eml_sha256):
        notice.context = judgement.context
    return bool(newly)


def live_items(session: Session, notices: list[NoticeRow]) -> dict[int, list[NoticeItemRow]]:
    """What each notice still carries, by notice id."""
    query = select(NoticeItemRow).where(
        NoticeItemRow.notice_id.in_([n.id for n in notices]), NoticeItemRow.dropped_at.is_(None)
    )
    found: dict[int, list[NoticeItemRow]] = {}
    for item in session.scalars(query.order_by(NoticeItemRow.id)):
        found.setdefault(item.notice_id, []).append(item)
    return found


def _drop(
    session: Session, notice: NoticeRow, items: list[NoticeItemRow], judgement: Judgement, now: datetime
) -> None:
    for item in items:
        item.dropped_at, item.dropped_why = now, judgement.dropped[item.id]
        item.revoked = item.id  # the same step may be owed again later
    audit.record(
        session,
        at=now,
        actor="system",
        action="notice.items_dropped",
        subject=f"notice:{notice.id}",
        items=[i.id for i in items],
        version_before=notice.eml_sha256,
    )


def _lease(session: Session, run: Run, drafts: list[Draft], now: datetime) -> list[Letter]:
    """Record the attempts, take the leases; what was written is durable by now, or this fails."""
    for draft in drafts:
        if draft.stored is not None:
            draft.notice.eml_sha256 = draft.stored.result()
    until = now + timedelta(seconds=run.mail.lease_seconds)
    attempts = [_attempt(run, d.notice, until, now) for d in drafts]
    session.add_all(attempts)
    session.flush()
    ids = _ids(drafts)
    audit.record(session, at=now, actor="system", action="post.claimed", subject="post", notices=ids)
    first = _first_tries(session, ids) if run.mail.mode is MailMode.HOLD else {}
    return [
        Letter(
            notice_id=draft.notice.id,
            attempt_id=attempt.id,
            recipient=destination(run.mail, draft.notice.recipient),
            data=_bytes(run, draft),
            lease_until=until,
            file_name=letters.file_name(draft.notice, first.get(draft.notice.id, now)),
        )
        for draft, attempt in zip(drafts, attempts, strict=True)
    ]


def _attempt(run: Run, notice: NoticeRow, until: datetime, now: datetime) -> AttemptRow:
    notice.state, notice.claimed_by, notice.lease_until = "in_flight", run.who, until
    return AttemptRow(
        notice_id=notice.id,
        started_at=now,
        finished_at=None,
        outcome="in_flight",
        mode=run.mail.mode.value,
        code=None,
        text="",
    )


def _first_tries(session: Session, ids: list[int]) -> dict[int, datetime]:
    """When each notice was first tried: a held file keeps its name on every try."""
    query = select(AttemptRow.notice_id, func.min(AttemptRow.started_at)).where(AttemptRow.notice_id.in_(ids))
    return dict(session.execute(query.group_by(AttemptRow.notice_id)).tuples().all())


def _bytes(run: Run, draft: Draft) -> bytes:
    notice = draft.notice
    data = draft.data if draft.data is not None else run.office.archive.get(notice.eml_sha256)
    if run.mail.mode is MailMode.REDIRECT:
        return redirected(data, notice.recipient, notice.subject, run.mail.redirect_to)
    return data
