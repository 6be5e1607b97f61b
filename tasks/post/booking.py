"""The post office's books: one transaction claims mails and records how earlier ones ended.

A claim and its ``in_flight`` attempt are committed before a server hears of the mail; the
outcome after. What a crash leaves ``in_flight`` is taken up when its lease has run out.
"""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import exists, select

from config.settings import MailMode
from db import controls, instance
from db.session import reading, writing

from . import outcomes
from .caps import lock
from .claiming import Run, claim, in_window, may_leave
from .smtp import Letter, Outcome

__all__ = ["Run", "book", "in_window", "switch_is_on", "take_up"]


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
        if mail.mode is not MailMode.HOLD and not instance.still_named(session, run.office.settings):
            run.stop("not_here")  # moved, or another database confirmed, while this pass was under way
            return []
        return claim(session, run, places, now)


def take_up(run: Run) -> bool:
    """Before any connection: what a dead sender left, and whether sending is allowed at all.

    False where there is nothing to send; most passes end here, after one question.
    """
    now, plan = run.clock(), run.office.plan.code
    leaving = may_leave(run, now)
    with reading(run.office.engine) as session:
        if not session.scalar(select(exists().where(leaving | outcomes.expired(plan, now)))):
            return False
    with writing(run.office.engine) as session:
        lock(session)
        outcomes.take_up_expired(session, run.office.settings.mail, plan, run.did, now)
        if not controls.sending_allowed(session):
            run.stop("paused")
            return False
        return bool(session.scalar(select(exists().where(leaving))))


def switch_is_on(run: Run) -> bool:
    """The kill switch, read anew; a failure to read it is an error for the caller."""
    with reading(run.office.engine) as session:
        return controls.sending_allowed(session)
