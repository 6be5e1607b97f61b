"""What an answer says: facts of one item put into the words of its template."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.archive import ArchiveError
from db.models import (
    CheckRow,
    FigureRow,
    FileRow,
    FindingRow,
    InboundRow,
    NoticeRow,
    ObligationRow,
    SubmissionRow,
)
from tasks.chase.judge import calendar_of
from tasks.facts import load_facts
from tasks.forms.annotate import annotate
from tasks.forms.prefill import spec_for
from tasks.office import Office
from tasks.post import contexts
from tasks.rules.facts import Facts, as_of
from tasks.rules.findings import Finding, Severity
from tasks.rules.limits import days_late, effective_limit
from tasks.rules.status import State, Status, status
from tasks.rules.viet import fold
from tasks.rules.words import show_lateness, show_moment, show_second, show_until

from .context import registered_units
from .outcome import Outcome
from .reply_words import NOTES, WORDS, listed, size

XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class Reply:
    kind: str
    round: str
    unit: str
    context: dict[str, Any]
    token: str = ""
    attachments: list[dict[str, Any]] = field(default_factory=list)
    thread: str = ""


@dataclass(frozen=True)
class _About:
    """The obligation an answer speaks of, judged now."""

    row: ObligationRow
    facts: Facts
    status: Status
    context: dict[str, Any]
    thread: str  # the References root that our other mails about it carry


def _about(session: Session, office: Office, obligation_id: int, now: datetime) -> _About:
    row = session.get_one(ObligationRow, obligation_id)
    (facts,) = load_facts(session, row.plan, rehearsal=office.rehearsal, ids=[obligation_id])
    facts = as_of(facts, now)
    calendar = calendar_of(office)
    judged = status(facts, calendar, now)
    context = contexts.to_unit(office, now, row.unit, tag=contexts.tag_of(row.token))
    context["item"] = contexts.item(facts, judged, calendar, now)
    query = select(NoticeRow.thread).where(
        NoticeRow.plan == row.plan,
        NoticeRow.round == row.round,
        NoticeRow.unit == row.unit,
        NoticeRow.thread != "",
    )
    return _About(row, facts, judged, context, session.scalar(query.order_by(NoticeRow.id).limit(1)) or "")


def verdict(
    session: Session, office: Office, inbound: InboundRow, submission_id: int, check_id: int, now: datetime
) -> Reply:
    """Accepted, or returned with the findings and the sender's own workbook marked."""
    submission = session.get_one(SubmissionRow, submission_id)
    check = session.get_one(CheckRow, check_id)
    about = _about(session, office, submission.obligation_id, now)
    findings = [_finding(f) for f in session.scalars(_findings(check_id))]
    must = [f for f, level in findings if level == Severity.MUST_FIX]
    ask = [f for f, level in findings if level == Severity.PLEASE_EXPLAIN]
    context = about.context | {
        "receipt": _receipt(session, office, inbound, about, submission if check.counts else None),
        "questions": listed(ask),
        "document": _document(submission),
    }
    if check.verdict == "accepted":
        context |= _accepted(session, office, about, check)
        return _reply(about, "accepted", context)
    attached = _annotated(session, office, submission, [*must, *ask])
    context |= {"findings": listed(must), "annotated": bool(attached)} | _cure(about, now)
    return _reply(about, "returned", context, attached)


def not_counted(
    session: Session,
    office: Office,
    inbound: InboundRow,
    obligation_id: int | None,
    reason: str,
    now: datetime,
) -> Reply | None:
    if obligation_id is None:
        return None
    about = _about(session, office, obligation_id, now)
    context = about.context | {
        "findings": [{"place": "", "text": WORDS[reason]}],
        "receipt": _receipt(session, office, inbound, about, None),
    }
    return _reply(about, "not_counted", context)


def noted(
    session: Session,
    office: Office,
    inbound: InboundRow,
    obligation_id: int | None,
    reason: str,
    now: datetime,
) -> Reply | None:
    """A mail without a new answer in it: no file, a picture, the same file again."""
    if obligation_id is None:
        return None
    about = _about(session, office, obligation_id, now)
    again = reason == "same_bytes"
    if about.status.accepted and not again:
        return None  # a word of thanks after the verdict
    context = about.context | {
        "notes": list(NOTES["accepted_before" if about.status.accepted else reason]),
        "receipt": _receipt(session, office, inbound, about, None) if again else None,
    }
    return _reply(about, "noted", context)


def receipt(
    session: Session,
    office: Office,
    inbound: InboundRow,
    obligation_id: int | None,
    outcome: str,
    now: datetime,
) -> Reply | None:
    """A receipt alone: the verdict is not ready, or the mail reports difficulties."""
    if outcome == Outcome.DIFFICULTY:
        return _difficulty(session, office, inbound, now)
    if obligation_id is None:
        return None
    about = _about(session, office, obligation_id, now)
    submission = session.scalars(
        select(SubmissionRow)
        .where(SubmissionRow.inbound_id == inbound.id, SubmissionRow.obligation_id == obligation_id)
        .order_by(SubmissionRow.id.desc())
    ).first()
    facts = _receipt(session, office, inbound, about, submission)
    return _reply(about, "receipt", about.context | {"receipt": facts} | facts)


def _difficulty(session: Session, office: Office, inbound: InboundRow, now: datetime) -> Reply | None:
    units = sorted(registered_units(office.plan, inbound.sender))
    if not units:
        return None
    context = contexts.to_unit(office, now, units[0])
    context |= {
        "received_at": show_second(inbound.arrived_at),
        "files": _files(session, inbound.id),
        "item": None,
    }
    return Reply("difficulty_receipt", "*", units[0], context)


def _reply(
    about: _About, kind: str, context: dict[str, Any], attached: list[dict[str, Any]] | None = None
) -> Reply:
    return Reply(
        kind, about.row.round, about.row.unit, context, about.row.token, attached or [], about.thread
    )


def _receipt(
    session: Session, office: Office, inbound: InboundRow, about: _About, submission: SubmissionRow | None
) -> dict[str, Any]:
    arrived = submission.arrived_at if submission else inbound.arrived_at
    flags = set(submission.flags) if submission else set()
    return {
        "received_at": show_second(inbound.arrived_at),
        "receipt_code": f"{about.row.plan}-{inbound.id:06d}",
        "files": _files(session, inbound.id),
        "verdict": _standing(effective_limit(about.facts), arrived) if submission else "",
        "doubt": bool(flags & {"unregistered_sender", "arrival_doubt"}),
    }


def _standing(limit: datetime, arrived: datetime) -> str:
    return "đúng hạn" if arrived < limit else show_lateness(days_late(limit, arrived))


def _files(session: Session, inbound_id: int) -> list[dict[str, str]]:
    rows = session.scalars(select(FileRow).where(FileRow.inbound_id == inbound_id).order_by(FileRow.id))
    return [{"name": r.name, "size": size(r.size), "sha": r.sha256} for r in rows]


def _findings(check_id: int) -> Any:
    return select(FindingRow).where(FindingRow.check_id == check_id).order_by(FindingRow.id)


def _finding(row: FindingRow) -> tuple[Finding, str]:
    return Finding(row.code, row.sheet, row.cell, row.was, dict(row.params)), row.severity


def _document(submission: SubmissionRow) -> str:
    return f"Báo cáo số {submission.document_number}" if submission.document_number else ""


def _accepted(session: Session, office: Office, about: _About, check: CheckRow) -> dict[str, Any]:
    wanted = {i.code for i in spec_for(session, office, about.row.id).indicators}
    query = select(FigureRow.indicator).where(FigureRow.check_id == check.id, FigureRow.value.is_not(None))
    arrival = about.status.arrival
    when = f"nhận lúc {show_moment(arrival.arrived_at)}, " if arrival else ""
    late = about.status.state is State.DONE_LATE
    return {
        "punctuality": when + (show_lateness(about.status.days_late) if late else "đúng hạn"),
        "figures_read": len(wanted & set(session.scalars(query))),
        "figures_total": len(wanted),
    }


def _cure(about: _About, now: datetime) -> dict[str, str]:
    """Until when the first arrival keeps its standing; empty once that is over or never began."""
    cure = about.status.cure_until
    if cure is None or now >= cure:
        return {"cure_until": "", "first_arrival": ""}
    first = min((a for a in about.facts.arrivals if a.counts), key=lambda a: a.arrived_at)
    return {"cure_until": show_until(cure), "first_arrival": show_moment(first.arrived_at)}


def _annotated(
    session: Session, office: Office, submission: SubmissionRow, findings: list[Finding]
) -> list[dict[str, Any]]:
    """The sender's own workbook with the cells marked, kept in the archive; none for other files."""
    file = session.get(FileRow, submission.file_id) if submission.file_id else None
    if file is None or any(f.code == "classified" for f in findings):
        return []  # what bears a secrecy marking never leaves by mail (ruling 20)
    try:
        data = annotate(office.archive.get(file.sha256), file.name, findings)
    except ArchiveError:  # lost since the check: the answer is owed all the same, a person hears elsewhere
        data = None
    if data is None:
        return []
    name = "-".join(fold(file.name.rpartition(".")[0]).split())[:36] or "bieu-so-lieu"
    return [{"name": f"{name}-can-sua.xlsx", "sha256": office.archive.put(data), "media_type": XLSX}]
