"""Recognition applied: files, decision and submission of one item, in one transaction."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.plan import Plan
from db import audit
from db.archive import Archive
from db.controls import installed_at
from db.models import (
    BounceRow,
    FileRow,
    InboundRow,
    NoticeRow,
    ReadingRow,
    RecognitionRow,
    SubmissionRow,
)

from .arrival import counted
from .bounces import Bounced, Report
from .context import answered_with, gather, known_by_id, limit_of
from .evidence import Seen, head_only, open_file, open_mail
from .look import Look
from .match import notice_of
from .outcome import Outcome
from .recognise import Context, Recognition, recognise

SYSTEM = "system"
# What may go wrong inside the standard library on a hostile item; the item then waits for a person.
STUMBLES = (
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RecursionError,
    OverflowError,
    MemoryError,
    EOFError,
)

TOLD = ("too_large", "sealed")  # an honest sender's: answered
DECIDED_BY_HEAD = (Outcome.IRRELEVANT, Outcome.BOUNCE, Outcome.AUTO_REPLY, Outcome.CLASSIFIED)
TOO_MUCH = (*TOLD, "too_complex", "too_deep", "too_many_files", "too_many_parts", "unreadable_item")


def open_item(archive: Archive, sha256: str, kind: str, name: str, place: str = "") -> Seen | None:
    """The evidence of a stored item; None where it cannot be opened at all (then: unknown)."""
    data = archive.get(sha256)
    try:
        return open_mail(data) if kind == "mail" else open_file(name, data, place)
    except STUMBLES:
        return _head_of(data) if kind == "mail" else None


def _head_of(data: bytes) -> Seen | None:
    try:
        return head_only(data)
    except STUMBLES:
        return None


def settle(
    session: Session, archive: Archive, plan: Plan, inbound: InboundRow, seen: Seen | None, now: datetime
) -> list[RecognitionRow]:
    """Recognise ``inbound``; its rows are added, nothing is committed here."""
    if seen is None:
        lost = Recognition(Outcome.UNKNOWN, reason="unreadable_item")
        return [_recognised(session, inbound, None, lost, now)]
    seen, context = gather(session, plan, seen, automatic=inbound.automatic)
    if seen.bounced and not seen.evidence.own:
        _bounced(session, inbound, seen.bounced, now)
    files = {f.sha256: _file(session, archive, inbound, f) for f in seen.files}
    if inbound.flag:
        seen = replace(seen, flags=seen.flags | {inbound.flag})
    if seen.flags.intersection(TOO_MUCH):
        return [_too_much(session, inbound, seen, context, now)]
    rows = []
    for look in seen.judged or (None,):
        found = _judge(session, plan, seen, context, look)
        file = files[look.sha256] if look else None
        rows.append(_apply(session, inbound, file, found, now))
        context = _renewed(session, context)
    return rows


def _judge(session: Session, plan: Plan, seen: Seen, context: Context, look: Look | None) -> Recognition:
    """What a workbook calls its unit may be any text; a unit that does not exist holds nobody, and what
    names no other is shown as a stranger's."""
    if look:
        context = replace(context, same_bytes=answered_with(session, look.sha256))
    found = recognise(seen.about(look), context)
    known = {k.unit for k in (*context.by_token.values(), *context.same_bytes)} | plan.unit_by_code.keys()
    return replace(found, hints=tuple(u for u in found.hints if u in known))


def _renewed(session: Session, context: Context) -> Context:
    """After a submission the same bytes are a duplicate, within one mail too."""
    known = {t: known_by_id(session, k.id) or k for t, k in context.by_token.items()}
    return replace(context, by_token=known)


def _too_much(
    session: Session, inbound: InboundRow, seen: Seen, context: Context, now: datetime
) -> RecognitionRow:
    """A mail that is beyond all measure or sealed is not opened by us; whoever it may concern is held.

    Where its head bears one round's token, the unit is told at once why nothing could be read."""
    units = {k.unit for k in context.by_token.values()} | context.sender_units | context.named
    reason = next(r for r in TOO_MUCH if r in seen.flags)
    found = recognise(replace(seen.evidence, file=None), context)
    if found.outcome is Outcome.CLAIM and reason in TOLD:
        found = replace(found, hints=tuple(sorted(units)), reason=reason)
    elif found.outcome not in DECIDED_BY_HEAD:
        found = Recognition(Outcome.UNKNOWN, hints=tuple(sorted(units)), reason=reason)
    return _recognised(session, inbound, None, found, now)


def _file(session: Session, archive: Archive, inbound: InboundRow, look: Look) -> FileRow:
    query = select(FileRow).where(FileRow.inbound_id == inbound.id, FileRow.sha256 == look.sha256)
    row = session.scalar(query)
    if row is None:
        archive.put(look.data)
        row = FileRow(inbound_id=inbound.id, name=look.name, sha256=look.sha256, size=len(look.data))
        session.add(row)
        session.flush()
    return row


def _apply(
    session: Session, inbound: InboundRow, file: FileRow | None, found: Recognition, now: datetime
) -> RecognitionRow:
    row = _recognised(session, inbound, file, found, now)
    if found.outcome is Outcome.SUBMISSION and found.obligation_id is not None:
        submit(session, inbound, file, found.obligation_id, now, flags=found.flags)
    return row


def _recognised(
    session: Session, inbound: InboundRow, file: FileRow | None, found: Recognition, now: datetime
) -> RecognitionRow:
    return recognition(session, inbound.id, file.id if file else None, found, SYSTEM, now)


def recognition(
    session: Session, inbound_id: int, file_id: int | None, found: Recognition, by: str, now: datetime
) -> RecognitionRow:
    row = RecognitionRow(
        inbound_id=inbound_id,
        file_id=file_id,
        at=now,
        by=by,
        outcome=found.outcome.value,
        obligation_id=found.obligation_id,
        hints=list(found.hints),
        reason=found.reason,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=by,
        action="inbound.recognised",
        subject=f"inbound:{inbound_id}",
        file=file_id,
        outcome=row.outcome,
        obligation=row.obligation_id,
        units=row.hints,
        reason=row.reason if by == SYSTEM else "",
    )
    return row


def submit(
    session: Session,
    inbound: InboundRow,
    file: FileRow | None,
    obligation_id: int,
    now: datetime,
    *,
    flags: tuple[str, ...] = (),
    by: str = SYSTEM,
    document_number: str = "",
) -> SubmissionRow:
    """The next version of an obligation's answer. In doubt about the limit it is on time, flagged."""
    known = known_by_id(session, obligation_id)
    if known is None:
        raise LookupError(f"không có nghĩa vụ báo cáo số {obligation_id}")
    limit = limit_of(session, known)
    in_doubt = inbound.arrival_doubt and straddles(session, inbound, limit)
    version = select(func.max(SubmissionRow.version)).where(SubmissionRow.obligation_id == obligation_id)
    row = SubmissionRow(
        obligation_id=obligation_id,
        inbound_id=inbound.id,
        file_id=file.id if file else None,
        version=(session.scalar(version) or 0) + 1,
        arrived_at=counted(inbound.arrived_at, limit, in_doubt),
        recorded_at=now,
        document_number=document_number,
        flags=sorted({*flags, *(["arrival_doubt"] if in_doubt else [])}),
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=by,
        action="submission.recorded",
        subject=f"submission:{row.id}",
        obligation=obligation_id,
        inbound=inbound.id,
        version=row.version,
        arrived_at=row.arrived_at.isoformat(),
        flags=row.flags,
    )
    return row


def straddles(session: Session, inbound: InboundRow, limit: datetime) -> bool:
    """Does the interval in which ``inbound`` may have arrived contain ``limit``?"""
    before = previous_reading(session, inbound.channel, inbound.arrived_at)
    return (before is None or before < limit) and limit <= inbound.arrived_at


def previous_reading(session: Session, channel: str, before: datetime) -> datetime | None:
    """Through when the channel had been read completely, before the reading at ``before``."""
    query = select(func.max(ReadingRow.through)).where(
        ReadingRow.channel == channel, ReadingRow.complete, ReadingRow.through < before
    )
    return session.scalar(query) or installed_at(session)


def _bounced(session: Session, inbound: InboundRow, bounced: Bounced, now: datetime) -> None:
    for report in bounced.reports:
        notice = notice_of(session, report, bounced.originals)
        if notice is None and bounced.reports != (report,):
            continue  # of several addresses named in a free text only those we wrote to matter
        _bounce(session, inbound, report, notice, now)


def _bounce(session: Session, inbound: InboundRow, report: Report, notice: int | None, now: datetime) -> None:
    # A report may name an address behind the one we wrote to: what failed for us is ours.
    recipient = session.get_one(NoticeRow, notice).recipient.lower() if notice else ""
    row = BounceRow(
        notice_id=notice,
        inbound_id=inbound.id,
        address=recipient,
        permanent=report.permanent and notice is not None,
        status=report.status,
        at=now,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=SYSTEM,
        action="notice.bounced",
        subject=f"notice:{notice}" if notice else f"inbound:{inbound.id}",
        inbound=inbound.id,
        permanent=row.permanent,
        status=row.status,
    )
