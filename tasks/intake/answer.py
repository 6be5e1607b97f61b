"""Every recognised item is answered within the cycle: receipt and verdict in one mail.

Answers go to the unit's registered clerks, and to the sender only where registered for that
unit (ruling 9): whoever forges a mail learns nothing. Machines are never answered (RFC 3834).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import Role
from db.models import (
    CheckRow,
    InboundRow,
    NoticeRow,
    ObligationRow,
    RecognitionRow,
    SubmissionRow,
)
from db.revoked import revoked
from db.session import reading, writing
from tasks.office import Office
from tasks.post.outbox import NewNotice, queue

from .check import ACCEPTED
from .outcome import Outcome
from .reply import Reply, not_counted, noted, receipt, verdict

HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Due:
    """One answer owed: to an item's submission of one obligation, or to the item itself.

    ``occasion`` makes it unique; ``check_id`` is set where the verdict is ready.
    """

    occasion: str
    inbound_id: int
    obligation_id: int | None
    outcome: str
    reason: str
    submission_id: int | None = None
    check_id: int | None = None


def queue_answers(office: Office, now: datetime) -> int:
    """Queue what is owed and not yet queued; the number of notices."""
    with reading(office.engine) as session:
        owed = _owed(session, office)
        if not owed:
            return 0
        allowance = _Allowance(session, office, now)
        senders = _senders(session, owed)
    queued = 0
    for due in owed:
        sender = senders[due.inbound_id]
        if not allowance.left(sender):
            continue  # the rest of this sender's answers follow in the next hour
        number = _answer(office, due, now)
        if number:
            allowance.use(sender)
        queued += number
    return queued


def _owed(session: Session, office: Office) -> list[Due]:
    """Unanswered items in order of arrival."""
    owed = [*_submissions(session, office.plan.code), *_items(session)]
    if not owed:
        return []
    answers = (NoticeRow.plan == office.plan.code, NoticeRow.nature == "answer")
    done = set(session.scalars(select(NoticeRow.occasion).where(*answers)))
    return [d for d in sorted(owed, key=lambda d: d.inbound_id) if d.occasion not in done]


def _submissions(session: Session, plan: str) -> list[Due]:
    """Per item and obligation its accepted submission, else the newest, with its newest verdict if any.

    Whoever forwards our mail sends the empty form, or the one that was returned, beside the good one.
    """
    query = (
        select(
            SubmissionRow.id,
            SubmissionRow.inbound_id,
            SubmissionRow.obligation_id,
            CheckRow.id,
            CheckRow.verdict,
        )
        .join(InboundRow, InboundRow.id == SubmissionRow.inbound_id)
        .join(ObligationRow, ObligationRow.id == SubmissionRow.obligation_id)
        .outerjoin(CheckRow, CheckRow.submission_id == SubmissionRow.id)
        .where(InboundRow.automatic.is_(False), ObligationRow.plan == plan)
        .where(SubmissionRow.id.not_in(revoked(SubmissionRow)))
        .order_by(SubmissionRow.id, CheckRow.id)
    )
    newest: dict[int, tuple[bool, Due]] = {}  # of each submission: is it accepted, what is owed
    for submission, inbound, obligation, check, said in session.execute(query).tuples():
        occasion = f"check-{check}" if check else f"receipt-{submission}"
        due = Due(occasion, inbound, obligation, Outcome.SUBMISSION, "", submission, check)
        newest[submission] = (said == ACCEPTED, due)
    best = sorted(newest.items(), key=lambda item: (item[1][0], item[0]))
    return list({(due.inbound_id, due.obligation_id): due for _, (_, due) in best}.values())


EARLIER = "workbook_of_earlier_round"  # told so, though a person decides
ANSWERED = (Outcome.DUPLICATE, Outcome.REJECTED, Outcome.CLAIM, Outcome.DIFFICULTY)


def _items(session: Session) -> list[Due]:
    """Items that are answered without being a submission; only as the system took them."""
    query = (
        select(RecognitionRow)
        .join(InboundRow, InboundRow.id == RecognitionRow.inbound_id)
        .where(InboundRow.automatic.is_(False), RecognitionRow.by == "system")
        .where(RecognitionRow.outcome.in_(ANSWERED) | (RecognitionRow.reason == EARLIER))
        .order_by(RecognitionRow.id)
    )
    return [
        Due(f"item-{r.id}", r.inbound_id, r.obligation_id, r.outcome, r.reason)
        for r in session.scalars(query)
    ]


class _Allowance:
    """At most so many answers per sender and hour: two machines must not talk for ever."""

    def __init__(self, session: Session, office: Office, now: datetime) -> None:
        self.most = office.settings.mail.answers_per_sender_hour
        query = select(NoticeRow.context).where(
            NoticeRow.nature == "answer", NoticeRow.queued_at > now - HOUR
        )
        mails = {c.get("inbound_id") for c in session.scalars(query) if c.get("inbound_id")}
        senders = select(InboundRow.sender).where(InboundRow.id.in_(mails))
        self.used = Counter(session.scalars(senders))

    def left(self, sender: str) -> bool:
        return not sender or self.used[sender] < self.most

    def use(self, sender: str) -> None:
        self.used[sender] += 1


def _senders(session: Session, owed: Sequence[Due]) -> dict[int, str]:
    query = select(InboundRow.id, InboundRow.sender).where(InboundRow.id.in_({d.inbound_id for d in owed}))
    return dict(session.execute(query).tuples().all())


def _answer(office: Office, due: Due, now: datetime) -> int:
    with reading(office.engine) as session:
        inbound = session.get_one(InboundRow, due.inbound_id)
        reply = _reply(session, office, due, inbound, now)
        sender, message_id = inbound.sender, inbound.message_id
    if reply is None:
        return 0
    recipients = _recipients(office, reply.unit, sender)
    queued = 0
    with writing(office.engine) as session:
        for recipient in recipients:
            notice = replace(
                _notice(office, due, reply),
                recipient=recipient,
                in_reply_to=message_id if recipient.lower() == sender else "",
            )
            queued += queue(session, notice, now, domain=_domain(office)) is not None
    return queued


def _reply(session: Session, office: Office, due: Due, inbound: InboundRow, now: datetime) -> Reply | None:
    if due.outcome == Outcome.SUBMISSION and due.check_id and due.submission_id:
        return verdict(session, office, inbound, due.submission_id, due.check_id, now)
    if due.outcome in (Outcome.DUPLICATE, Outcome.CLAIM, Outcome.CONTRADICTION):
        return noted(session, office, inbound, due.obligation_id, due.reason, now)
    if due.outcome == Outcome.REJECTED:
        return not_counted(session, office, inbound, due.obligation_id, due.reason, now)
    return receipt(session, office, inbound, due.obligation_id, due.outcome, now)


def _notice(office: Office, due: Due, reply: Reply) -> NewNotice:
    return NewNotice(
        plan=office.plan.code,
        round=reply.round,
        unit=reply.unit,
        recipient="",
        kind=reply.kind,
        occasion=due.occasion,
        nature="answer",
        context=reply.context | {"inbound_id": due.inbound_id},
        attachments=reply.attachments,
        token=reply.token,
        thread=reply.thread,
    )


def _recipients(office: Office, unit: str, sender: str) -> list[str]:
    """The unit's clerks (its liaison where it has none), and the sender where registered for it."""
    plan = office.plan
    contacts = plan.contacts_of(unit, Role.CLERK) or plan.contacts_of(unit, Role.LIAISON)
    addresses = [c.email for c in contacts if c.email]
    own = [c.email for c in plan.contacts_of(unit) if c.email.lower() == sender]
    return list({a.lower(): a for a in [*addresses, *own[:1]]}.values())


def _domain(office: Office) -> str:
    return office.settings.mail.sender.rpartition("@")[2]
