"""How much may leave now, and when a failed mail is tried again."""

from __future__ import annotations

import random
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from config.plan import Plan
from config.settings import Mail, MailMode
from db.models import AttemptRow, NoticeRow

TEN_MINUTES = timedelta(minutes=10)
FIRST_WAIT = timedelta(minutes=1)
LONGEST_WAIT = timedelta(hours=6)
ON_A_SERVER = ("live", "redirect", "rehearse")
BOOKING_LOCK = 20260516


@dataclass
class Room:
    """How many more mails the last ten minutes leave room for; a part is kept for answers."""

    answers: int
    others: int

    def fits(self, nature: str) -> bool:
        return (self.answers if nature == "answer" else self.others) > 0

    def take(self, nature: str) -> None:
        self.answers -= 1
        self.others = min(self.others - (nature != "answer"), self.answers)


def lock(session: Session) -> None:
    """One booking at a time, so that two senders cannot both see the last free place.

    SQLite's BEGIN IMMEDIATE sees to it; PostgreSQL takes an advisory lock until the commit.
    """
    if session.get_bind().dialect.name == "postgresql":
        session.execute(text(f"SELECT pg_advisory_xact_lock({BOOKING_LOCK})"))


def room_now(session: Session, mail: Mail, now: datetime) -> Room:
    """Places left under the 10-minute cap; everything tried on a server counts, also failures."""
    if mail.mode is MailMode.HOLD:
        return Room(1_000_000, 1_000_000)
    query = (
        select(NoticeRow.nature, func.count())
        .select_from(AttemptRow)
        .join(NoticeRow, NoticeRow.id == AttemptRow.notice_id)
        .where(AttemptRow.started_at > now - TEN_MINUTES, AttemptRow.mode.in_(ON_A_SERVER))
        .group_by(NoticeRow.nature)
    )
    used = dict(session.execute(query).tuples().all())
    left = mail.cap_per_10_minutes - sum(used.values())
    others = left - mail.answer_reserve + used.get("answer", 0)
    return Room(answers=left, others=min(left, others))


def run_cap(mail: Mail, plan: Plan) -> int:
    """The most one run may send: a run that wants more is wrong and stops (ruling 19)."""
    return mail.cap_per_run or 4 * sum(u.active for u in plan.units)


def wait(notice_id: int, attempts: int) -> timedelta:
    """Back-off after the ``attempts``-th failure: 1, 3, 9 … minutes up to 6 hours, ±half.

    The jitter is drawn from the notice's id, so that a replay waits alike.
    """
    plain = min(FIRST_WAIT * int(3 ** min(attempts - 1, 20)), LONGEST_WAIT)
    return plain * random.Random(f"{notice_id}/{attempts}").uniform(0.5, 1.5)
