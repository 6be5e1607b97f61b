"""Personal data of plans long over goes; what happened, its hashes and the audit stay.

Gone: contacts, addresses and bytes of mails, texts that may hold an address. Kept: units,
limits, versions, verdicts, figures, the workbooks and documents that are the reports
themselves, every hash, the whole audit. Purposes and periods: docs/privacy.md.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, delete, func, literal, or_, select, update
from sqlalchemy.orm import Session

from config.plan import ZONE, Round
from db import audit
from db.models import (
    AttemptRow,
    BounceRow,
    ContactRow,
    InboundRow,
    MemberRow,
    NoticeItemRow,
    NoticeRow,
    ObligationRow,
    PlanRow,
    ProposalItemRow,
    ProposalRow,
    RecognitionRow,
    RoundRow,
    SubmissionRow,
)
from db.session import reading, writing
from tasks.office import Office

from .drill import PURGED
from .purge_files import Gone, disk_files, kept_hashes, remove, unrecognised_files

GONE = "(đã xóa)"
ADDRESS = re.compile(r"[^\s<>\"',;:()]+@[^\s<>\"',;:()]+")
FILES_PER_ROW = 500
SUPPORT = ("support_name", "support_phone", "support_email")


class PurgeError(ValueError):
    """The purge is refused; the message says why and what to do (Vietnamese)."""


@dataclass(frozen=True)
class Purge:
    """What goes, or went. ``plans``: those whose last day lies before the date."""

    before: date
    plans: tuple[str, ...] = ()
    contacts: int = 0
    mails: int = 0  # inbound
    notices: int = 0
    files: int = 0  # bytes in the archive
    copies: int = 0  # files under outbox/ and in our own mailbox folder
    done: bool = False


@dataclass
class _Chosen:
    plans: list[str]
    contacts: int
    inbound: list[int] = field(default_factory=list)
    notices: list[int] = field(default_factory=list)
    gone: Gone = field(default_factory=Gone)


def purge(
    office: Office, before: date, now: datetime, *, by: str = "", reason: str = "", dry_run: bool = True
) -> Purge:
    """Remove personal data of plans that ended before ``before``; by default only count it.

    ``PurgeError`` where ``before`` is younger than the retention period of the settings.
    """
    youngest = _months_before(now.astimezone(ZONE).date(), office.settings.retention_months)
    if before > youngest:
        raise PurgeError(
            f"chỉ được xóa dữ liệu trước ngày {youngest:%d/%m/%Y} "
            f"(DONDOC_RETENTION_MONTHS={office.settings.retention_months})"
        )
    if dry_run:
        with reading(office.engine) as session:
            return _told(_choose(session, office, before), before, done=False)
    if not by or not reason:
        raise PurgeError("cần người quyết định (--by) và lý do (--reason)")
    with writing(office.engine) as session:
        chosen = _choose(session, office, before)
        _forget(session, chosen)
        _record(session, chosen, before, now, by, reason)
    with reading(office.engine) as session:
        remove(session, office, chosen.gone, GONE)
    return _told(chosen, before, done=True)


def _told(chosen: _Chosen, before: date, *, done: bool) -> Purge:
    return Purge(
        before=before,
        plans=tuple(chosen.plans),
        contacts=chosen.contacts,
        mails=len(chosen.inbound),
        notices=len(chosen.notices),
        files=len(chosen.gone.hashes),
        copies=len(chosen.gone.paths),
        done=done,
    )


def _choose(session: Session, office: Office, before: date) -> _Chosen:
    plans = past_plans(session, before)
    contacts = select(func.count()).where(ContactRow.plan.in_(plans))
    chosen = _Chosen(plans, session.scalar(contacts) or 0)
    start = datetime(before.year, before.month, before.day, tzinfo=ZONE)
    inbound = session.scalars(select(InboundRow).where(_old_mail(plans, start))).all()
    notices = session.scalars(select(NoticeRow).where(_old_notice(plans, start))).all()
    chosen.inbound, chosen.notices = [r.id for r in inbound], [n.id for n in notices]
    hashes = {r.sha256 for r in inbound} | {n.eml_sha256 for n in notices if n.eml_sha256}
    hashes |= unrecognised_files(session, chosen.inbound)
    kept = kept_hashes(session, set(chosen.inbound), set(chosen.notices), GONE)
    chosen.gone = Gone(sorted(hashes - kept), disk_files(session, office, inbound, chosen.notices))
    return chosen


def past_plans(session: Session, before: date) -> list[str]:
    """Plans whose last limit and last consolidation, ad hoc rounds included, lie before ``before``."""
    last: dict[str, date] = {}
    planned = [(p.code, d) for p in session.scalars(select(PlanRow)) for d in p.rounds]
    opened = [(r.plan, r.definition) for r in session.scalars(select(RoundRow))]
    for code, definition in [*planned, *opened]:
        round_ = Round.model_validate(definition)
        last[code] = max(last.get(code, date.min), round_.limit, round_.consolidates or date.min)
    return sorted(code for code, day in last.items() if day < before)


def _old_mail(plans: list[str], start: datetime) -> ColumnElement[bool]:
    """Mails recorded before ``start`` that have to do with no plan still running."""
    running = select(ObligationRow.id).where(ObligationRow.plan.not_in(plans))
    recognised = select(RecognitionRow.inbound_id).where(RecognitionRow.obligation_id.in_(running))
    submitted = select(SubmissionRow.inbound_id).where(SubmissionRow.obligation_id.in_(running))
    return and_(
        literal(bool(plans)),
        InboundRow.kind == "mail",
        InboundRow.recorded_at < start,
        InboundRow.subject != GONE,
        InboundRow.id.not_in(recognised),
        InboundRow.id.not_in(submitted),
    )


def _old_notice(plans: list[str], start: datetime) -> ColumnElement[bool]:
    fresh = ~NoticeRow.recipient.startswith(GONE)
    return and_(NoticeRow.plan.in_(plans), NoticeRow.queued_at < start, fresh)


def _forget(session: Session, chosen: _Chosen) -> None:
    plans = chosen.plans
    session.execute(delete(ContactRow).where(ContactRow.plan.in_(plans)))
    session.execute(update(MemberRow).where(MemberRow.plan.in_(plans)).values(email=""))
    for plan in session.scalars(select(PlanRow).where(PlanRow.code.in_(plans))):
        plan.policy = plan.policy | dict.fromkeys(SUPPORT, "")
    mails = InboundRow.id.in_(chosen.inbound)
    session.execute(update(InboundRow).where(mails).values(sender="", subject=GONE, message_id=""))
    for notice in chosen.notices:
        _forget_notice(session, notice)
    bounced = or_(BounceRow.inbound_id.in_(chosen.inbound), BounceRow.notice_id.in_(chosen.notices))
    session.execute(update(BounceRow).where(bounced).values(address=""))
    for proposal in session.scalars(select(ProposalRow).where(ProposalRow.plan.in_(plans))):
        proposal.letters = without_addresses(proposal.letters)
        items = ProposalItemRow.proposal_id == proposal.id
        session.execute(update(ProposalItemRow).where(items).values(recipient=GONE))


def _forget_notice(session: Session, notice: int) -> None:
    """The recipient's stand-in keeps the unique keys unique."""
    stand_in = f"{GONE} #{notice}"
    row = update(NoticeRow).where(NoticeRow.id == notice)
    session.execute(row.values(recipient=stand_in, context={}, claimed_by=""))
    session.execute(update(NoticeItemRow).where(NoticeItemRow.notice_id == notice).values(recipient=stand_in))
    session.execute(update(AttemptRow).where(AttemptRow.notice_id == notice).values(text=""))


def without_addresses(value: Any) -> Any:
    """JSON with every e-mail address replaced."""
    if isinstance(value, str):
        return ADDRESS.sub(GONE, value)
    if isinstance(value, list):
        return [without_addresses(v) for v in value]
    if isinstance(value, dict):
        return {k: without_addresses(v) for k, v in value.items()}
    return value


def _record(session: Session, chosen: _Chosen, before: date, now: datetime, by: str, reason: str) -> None:
    """Hashes of removed files go into the audit, so that their absence is explained for ever."""
    told = _told(chosen, before, done=True)
    counts = {"contacts": told.contacts, "mails": told.mails, "notices": told.notices}
    hashes = chosen.gone.hashes
    for start in range(0, max(len(hashes), 1), FILES_PER_ROW):
        audit.record(
            session,
            at=now,
            actor=by,
            action=PURGED,
            subject=before.isoformat(),
            reason=reason,
            plans=chosen.plans,
            files=hashes[start : start + FILES_PER_ROW],
            **(counts if start == 0 else {}),
        )


def _months_before(day: date, months: int) -> date:
    """The same day so many months ago; the first of the next month where that day does not exist."""
    year, month = divmod(day.year * 12 + day.month - 1 - months, 12)
    try:
        return date(year, month + 1, day.day)
    except ValueError:
        return date(year, month + 2, 1)
