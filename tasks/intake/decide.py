"""What a person decides about arriving items. Each decision has a reason, who, and an audit row."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.archive import Archive
from db.models import (
    UNREAD,
    CheckRow,
    FileRow,
    InboundRow,
    ReadingRow,
    RecognitionRow,
    SubmissionRow,
)
from tasks.rules.words import show_date

from .context import known_by_id
from .headers import file_name
from .outcome import Outcome
from .queries import undecided_items
from .recognise import Recognition
from .settle import recognition, submit

REGISTER = "register"


class DecisionError(ValueError):
    """The decision cannot be taken; the message says why (Vietnamese)."""


def assign(
    session: Session,
    inbound_id: int,
    file_id: int | None,
    obligation_id: int,
    by: str,
    reason: str,
    now: datetime,
) -> SubmissionRow:
    """The item (or one file of it) is this obligation's answer; it is checked and answered next.

    ``file_id`` None takes the item's first undecided file, or none where it has no file.
    """
    _need(reason)
    inbound = _inbound(session, inbound_id)
    file = _file(session, inbound_id, file_id)
    known = known_by_id(session, obligation_id)
    if known is None:
        raise DecisionError(f"không có nghĩa vụ báo cáo số {obligation_id}")
    if file and file.sha256 in known.files:
        raise DecisionError("tệp này đã được ghi nhận cho nghĩa vụ báo cáo này")
    found = Recognition(Outcome.SUBMISSION, obligation_id, (known.unit,), reason)
    _close_siblings(session, inbound_id, file.id if file else None, found, by, now)
    recognition(session, inbound_id, file.id if file else None, found, by, now)
    row = submit(session, inbound, file, obligation_id, now, flags=("assigned_by_hand",), by=by)
    if file is None:
        _vouch(session, row, by, now)
    return row


def set_aside(session: Session, inbound_id: int, by: str, reason: str, now: datetime) -> int:
    """Not relevant: every undecided part of the item stops holding anybody; the number of parts."""
    _need(reason)
    _inbound(session, inbound_id)
    parts = [i.file_id for i in undecided_items(session) if i.inbound_id == inbound_id]
    if not parts:
        raise DecisionError(f"mục đến số {inbound_id} không còn phần nào chờ quyết định")
    for file_id in parts:
        recognition(session, inbound_id, file_id, Recognition(Outcome.IRRELEVANT, reason=reason), by, now)
    return len(parts)


def record_by_hand(
    session: Session,
    archive: Archive,
    obligation_id: int,
    *,
    document_number: str,
    document_date: date | None,
    arrived_at: datetime,
    file: bytes | None,
    file_name: str,
    by: str,
    reason: str,
    now: datetime,
    accept: bool | None = None,
) -> SubmissionRow:
    """An answer that came by QLVB&ĐH or on paper. The register's arrival time counts (ruling 12).

    With a file the usual check follows, unless ``accept`` says that the person vouches for it;
    without a file the person always does (``accept=False``: returned, what is missing is asked for).
    """
    _need(reason)
    if arrived_at > now:
        raise DecisionError("thời điểm đến không thể ở tương lai")
    known = known_by_id(session, obligation_id)
    if known is None:
        raise DecisionError(f"không có nghĩa vụ báo cáo số {obligation_id}")
    inbound = _by_hand(
        session, archive, document_number, document_date, arrived_at, file, obligation_id, by, now
    )
    row_file = _stored(session, archive, inbound, file, file_name) if file is not None else None
    found = Recognition(Outcome.SUBMISSION, obligation_id, (known.unit,), reason)
    recognition(session, inbound.id, row_file.id if row_file else None, found, by, now)
    shown = document_number + (f" ngày {show_date(document_date)}" if document_date else "")
    row = submit(
        session,
        inbound,
        row_file,
        obligation_id,
        now,
        flags=("recorded_by_hand",),
        by=by,
        document_number=shown.strip(),
    )
    if accept or row_file is None:
        _vouch(session, row, by, now, accepted=accept is not False)
    _confirm_claims(session, obligation_id, inbound.id, by, now)
    return row


def record_register_reading(session: Session, through: datetime, by: str, now: datetime) -> ReadingRow:
    """ "Đã đối chiếu sổ đến … giờ": the register was read by a person through that instant."""
    if through > now:
        raise DecisionError("không thể đối chiếu sổ đến một thời điểm ở tương lai")
    row = ReadingRow(
        channel=REGISTER, started_at=now, through=through, complete=True, items=0, error="", by=by
    )
    session.add(row)
    session.flush()
    audit.record(
        session, at=now, actor=by, action="channel.read", subject=REGISTER, through=through.isoformat()
    )
    return row


def _confirm_claims(session: Session, obligation_id: int, inbound_id: int, by: str, now: datetime) -> None:
    """The claims "we sent it by the document system" that this entry proves hold nobody any more."""
    for item in undecided_items(session):
        if item.outcome is Outcome.CLAIM and item.obligation_id == obligation_id:
            proved = Recognition(Outcome.IRRELEVANT, obligation_id, item.hints, proved_by(inbound_id))
            recognition(session, item.inbound_id, item.file_id, proved, by, now)


def proved_by(inbound_id: int) -> str:
    """The reason of a claim that was closed because the entry ``inbound_id`` is what it spoke of."""
    return f"mục đến số {inbound_id}"


def _need(reason: str) -> None:
    if not reason.strip():
        raise DecisionError("cần ghi lý do")


def _inbound(session: Session, inbound_id: int) -> InboundRow:
    row = session.get(InboundRow, inbound_id)
    if row is None:
        raise DecisionError(f"không có mục đến số {inbound_id}")
    return row


def _file(session: Session, inbound_id: int, file_id: int | None) -> FileRow | None:
    query = select(FileRow).where(FileRow.inbound_id == inbound_id).order_by(FileRow.id)
    files = list(session.scalars(query))
    if file_id is not None:
        chosen = next((f for f in files if f.id == file_id), None)
        if chosen is None:
            raise DecisionError(f"mục đến số {inbound_id} không có tệp số {file_id}")
        return chosen
    waiting = {i.file_id for i in undecided_items(session) if i.inbound_id == inbound_id}
    return next((f for f in files if f.id in waiting), files[0] if files else None)


def _parts(session: Session, inbound_id: int) -> list[int | None]:
    """The parts of an item that have a recognition (None: the item as a whole)."""
    query = select(RecognitionRow.file_id).where(RecognitionRow.inbound_id == inbound_id).distinct()
    return list(session.scalars(query)) or [None]


def _close_siblings(
    session: Session, inbound_id: int, file_id: int | None, found: Recognition, by: str, now: datetime
) -> None:
    """The item as a whole was undecided and one of its files is now chosen: the whole is decided."""
    if file_id is not None and None in _parts(session, inbound_id):
        recognition(session, inbound_id, None, Recognition(Outcome.IRRELEVANT, reason=found.reason), by, now)


def _by_hand(
    session: Session,
    archive: Archive,
    number: str,
    day: date | None,
    arrived_at: datetime,
    file: bytes | None,
    obligation_id: int,
    by: str,
    now: datetime,
) -> InboundRow:
    described = f"{obligation_id}|{number}|{day}|{arrived_at.isoformat()}".encode()
    content = file if file is not None else described
    reference = hashlib.sha256(described + b"|" + (file or b"")).hexdigest()[:32]
    query = select(InboundRow.id).where(InboundRow.channel == REGISTER, InboundRow.reference == reference)
    if session.scalar(query):
        raise DecisionError("văn bản này đã được ghi nhận")
    row = InboundRow(
        channel=REGISTER,
        reference=reference,
        sha256=archive.put(content),
        size=len(content),
        kind="register",
        arrived_at=arrived_at,
        arrived_how="person",
        arrival_doubt=False,
        recorded_at=now,
        sender="",
        subject="",
        message_id="",
        automatic=False,
    )
    session.add(row)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=by,
        action="inbound.recorded_by_hand",
        subject=f"inbound:{row.id}",
        obligation=obligation_id,
        sha256=row.sha256,
        arrived_at=arrived_at.isoformat(),
    )
    return row


def _stored(session: Session, archive: Archive, inbound: InboundRow, data: bytes, name: str) -> FileRow:
    row = FileRow(inbound_id=inbound.id, name=file_name(name), sha256=archive.put(data), size=len(data))
    session.add(row)
    session.flush()
    return row


def _vouch(session: Session, row: SubmissionRow, by: str, now: datetime, *, accepted: bool = True) -> None:
    """A person's own verdict, where there is nothing a program could read."""
    verdict = "accepted" if accepted else "returned"
    session.add(CheckRow(submission_id=row.id, at=now, by=by, verdict=verdict, counts=True, kind=UNREAD))
    session.flush()
    audit.record(
        session,
        at=now,
        actor=by,
        action="submission.checked",
        subject=f"submission:{row.id}",
        verdict=verdict,
    )
