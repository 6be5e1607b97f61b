"""The post office's books: one transaction claims mails and records how earlier ones ended.

A claim and its ``in_flight`` attempt are committed before a server hears of the mail; the
outcome after. What a crash leaves ``in_flight`` is taken up when its lease has run out.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, and_, case, func, select
from sqlalchemy.orm import Session

from config.plan import ZONE, Plan, midnight
from config.settings import MailMode
from db import audit, controls
from db.models import AttemptRow, NoticeItemRow, NoticeRow
from db.session import reading, writing
from tasks.office import Office
from tasks.rules.working_days import Calendar, chasing_allowed

from . import letters, outcomes
from .caps import lock, room_now
from .contract import Clock, Compose, Delivery, Judgement, Rejudge
from .modes import destination, permitted, redirected
from .smtp import Letter, Outcome

CANDIDATES_AT_ONCE = 64
WAIT = timedelta(minutes=1)  # a notice that may not leave in this run is looked at in the next


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

    def stop(self, reason: str) -> None:
        self.did.stopped = self.did.stopped or reason


def book(run: Run, done: Sequence[tuple[Letter, Outcome]], places: int) -> list[Letter]:
    """Record ``done``, then claim up to ``places`` mails.

    Two transactions: what a server has accepted is on record before anything new is judged and
    written, so that a crash in between repeats nothing.
    """
    mail = run.office.settings.mail
    if done:
        with writing(run.office.engine) as session:
            lock(session)
            outcomes.record(session, mail, run.who, done, run.did, run.clock())
    if run.did.stopped or places <= 0:
        return []
    now = run.clock()
    with writing(run.office.engine) as session:
        lock(session)
        outcomes.take_up_expired(session, mail, run.office.plan.code, run.did, now)
        if not controls.sending_allowed(session):
            run.stop("paused")
            return []
        return _claim(session, run, places, now)


def take_up(run: Run) -> None:
    """Before any connection: what a dead sender left, and whether sending is allowed at all."""
    with writing(run.office.engine) as session:
        lock(session)
        outcomes.take_up_expired(
            session, run.office.settings.mail, run.office.plan.code, run.did, run.clock()
        )
        if not controls.sending_allowed(session):
            run.stop("paused")


def anything_waits(run: Run) -> bool:
    with reading(run.office.engine) as session:
        return session.scalar(select(func.count()).where(_may_leave(run, run.clock()))) != 0


def switch_is_on(run: Run) -> bool:
    """The kill switch, read anew; a failure to read it is an error for the caller."""
    with reading(run.office.engine) as session:
        return controls.sending_allowed(session)


def _may_leave(run: Run, now: datetime) -> ColumnElement[bool]:
    natures = ["answer", "office"] + (["chase"] if run.chasing(run.office.plan, now) else [])
    return and_(
        NoticeRow.plan == run.office.plan.code,
        NoticeRow.state == "queued",
        NoticeRow.not_before <= now,
        NoticeRow.nature.in_(natures),
    )


def _claim(session: Session, run: Run, places: int, now: datetime) -> list[Letter]:
    """Claims, answers first. Every candidate looked at leaves the queue, is put off, or stops the run."""
    query = (
        select(NoticeRow)
        .where(_may_leave(run, now))
        .order_by(case((NoticeRow.nature == "answer", 0), else_=1), NoticeRow.id)
        .limit(CANDIDATES_AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    claimed: list[Letter] = []
    room = room_now(session, run.office.settings.mail, now)
    while not claimed and not run.did.stopped:
        candidates = list(session.scalars(query))
        for notice in candidates:
            if len(claimed) == places or run.did.stopped:
                break
            if run.left <= 0:
                run.stop("run_cap")
            elif not room.fits(notice.nature):
                run.did.deferred += session.scalar(select(func.count()).where(_may_leave(run, now))) or 0
                run.stop("cap_10_minutes")
            elif letter := _prepare(session, run, notice, now):
                room.take(notice.nature)
                run.left -= 1
                claimed.append(letter)
        session.flush()
        if not candidates:
            break
    if claimed:
        ids = [c.notice_id for c in claimed]
        audit.record(session, at=now, actor="system", action="post.claimed", subject="post", notices=ids)
    return claimed


def _prepare(session: Session, run: Run, notice: NoticeRow, now: datetime) -> Letter | None:
    """Judge once more, write at the first claim, take the lease; None where nothing is to be sent."""
    mail = run.office.settings.mail
    if _chased_today(session, notice, now):
        notice.not_before = midnight(now.astimezone(ZONE).date() + timedelta(days=1))
        run.did.deferred += 1
        return None
    dropped = _rejudge(session, run, notice, now)
    if dropped is None:
        return None
    problem = ""
    if mail.mode is not MailMode.HOLD and not permitted(mail, destination(mail, notice.recipient)):
        problem = "địa chỉ không hợp lệ hoặc ngoài các miền được phép (allow_domains)"
    elif (dropped or not notice.eml_sha256):
        problem = _write(session, run, notice, now)
    if problem:
        outcomes.fail(session, mail, notice, problem, run.did, now)
        return None
    return _lease(session, run, notice, now)


def _chased_today(session: Session, notice: NoticeRow, now: datetime) -> bool:
    """At most one chasing mail per recipient and day, whatever was queued (ruling 6)."""
    if notice.nature != "chase":
        return False
    today = (
        select(AttemptRow.id)
        .join(NoticeRow, NoticeRow.id == AttemptRow.notice_id)
        .where(
            NoticeRow.recipient == notice.recipient,
            NoticeRow.nature == "chase",
            NoticeRow.id != notice.id,
            NoticeRow.state != "cancelled",
            AttemptRow.started_at >= midnight(now.astimezone(ZONE).date()),
            AttemptRow.outcome.in_([*outcomes.MAYBE_REACHED, "in_flight"]),
        )
    )
    return session.scalar(today.limit(1)) is not None


def _rejudge(session: Session, run: Run, notice: NoticeRow, now: datetime) -> bool | None:
    """Were rows dropped since the mail was written? None: it must not leave, and why is recorded."""
    judgement = run.rejudge(session, notice, now)
    if judgement.wait:
        notice.not_before = now + WAIT
        run.did.deferred += 1
        return None
    if judgement.cancel:
        outcomes.cancel(session, notice, judgement.cancel, run.did, now)
        return None
    items = live_items(session, notice.id)
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


def live_items(session: Session, notice_id: int) -> list[NoticeItemRow]:
    query = select(NoticeItemRow).where(NoticeItemRow.notice_id == notice_id).order_by(NoticeItemRow.id)
    return list(session.scalars(query.where(NoticeItemRow.dropped_at.is_(None))))


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


def _write(session: Session, run: Run, notice: NoticeRow, now: datetime) -> str:
    """Fix subject and bytes; the reason where this notice cannot be written."""
    office = run.office
    session.flush()
    try:
        letters.write(
            notice,
            live_items(session, notice.id),
            compose=run.compose,
            mail=office.settings.mail,
            archive=office.archive,
            now=now,
        )
    except letters.UNWRITABLE as error:
        return f"không lập được thư: {type(error).__name__}: {error}"[:500]
    return ""


def _lease(session: Session, run: Run, notice: NoticeRow, now: datetime) -> Letter:
    mail = run.office.settings.mail
    attempt = AttemptRow(
        notice_id=notice.id,
        started_at=now,
        finished_at=None,
        outcome="in_flight",
        mode=mail.mode.value,
        code=None,
        text="",
    )
    session.add(attempt)
    session.flush()
    lease_until = now + timedelta(seconds=mail.lease_seconds)
    notice.state, notice.claimed_by, notice.lease_until = "in_flight", run.who, lease_until
    first = session.scalar(select(func.min(AttemptRow.started_at)).where(AttemptRow.notice_id == notice.id))
    data = run.office.archive.get(notice.eml_sha256)
    if mail.mode is MailMode.REDIRECT:
        data = redirected(data, notice.recipient, notice.subject, mail.redirect_to)
    return Letter(
        notice_id=notice.id,
        attempt_id=attempt.id,
        recipient=destination(mail, notice.recipient),
        data=data,
        lease_until=lease_until,
        file_name=letters.file_name(notice, first or now),
    )
