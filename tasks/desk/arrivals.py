"""Deeds about what arrived: recorded by hand, assigned, set aside; the register read; figures settled."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import CheckRow, EditionRow, FigureDecisionRow, FigureRow, ObligationRow, SubmissionRow
from db.session import writing
from tasks.consolidate.editions import EditionError, approve_edition
from tasks.consolidate.words import amount
from tasks.forms.prefill import last_accepted
from tasks.intake import decide, register
from tasks.office import Office
from tasks.rules.words import show_moment, show_second

from . import forms
from .common import DeskError, find, note

LARGEST = 60 * 1024 * 1024  # bytes of one file, as by mail


@contextmanager
def _as_mistakes() -> Iterator[None]:
    """What intake and consolidation refuse is the operator's mistake here."""
    try:
        yield
    except (decide.DecisionError, EditionError) as error:
        text = str(error)
        raise DeskError(text[:1].upper() + text[1:]) from error


def folder(office: Office) -> Path:
    """Where an operator puts a file that a form names."""
    return office.data / "desk"


def _file(office: Office, name: str) -> bytes | None:
    if not name:
        return None
    path = folder(office) / name  # an absolute path (command line) stays as it is
    try:
        if path.stat().st_size > LARGEST:
            raise DeskError(f"Tệp {path} lớn hơn {LARGEST // 1024 // 1024} MB")
        return path.read_bytes()
    except OSError as error:
        raise DeskError(f"Không đọc được tệp {path}: hãy đặt tệp vào thư mục {folder(office)}") from error


def record_by_hand(office: Office, form: forms.RecordByHand, now: datetime) -> str:
    data = _file(office, form.file)
    with writing(office.engine) as session, _as_mistakes():
        (f,) = find(session, office, form.round, [form.unit], now)
        row = decide.record_by_hand(
            session,
            office.archive,
            f.obligation,
            document_number=form.document_number,
            document_date=form.document_date,
            arrived_at=form.arrived,
            file=data,
            file_name=Path(form.file).name,
            by=form.by,
            reason=form.reason,
            now=now,
        )
        note(session, form, now, "arrival.recorded", [form.unit], submission=row.id)
    return f"Đã ghi nhận {form.document_number} của {form.unit}, đến lúc {show_second(form.arrived)}"


def assign(office: Office, form: forms.Assign, now: datetime) -> str:
    with writing(office.engine) as session, _as_mistakes():
        (f,) = find(session, office, form.round, [form.unit], now)
        row = decide.assign(session, form.inbound, form.file, f.obligation, form.by, form.reason, now)
        note(session, form, now, "arrival.assigned", [form.unit], inbound=form.inbound, submission=row.id)
    return f"Đã gán mục đến số {form.inbound} cho {form.unit}, bản gửi lần {row.version}"


def set_aside(office: Office, form: forms.SetAside, now: datetime) -> str:
    with writing(office.engine) as session, _as_mistakes():
        parts = decide.set_aside(session, form.inbound, form.by, form.reason, now)
        note(session, form, now, "arrival.set_aside", [], inbound=form.inbound)
    return f"Đã đặt sang bên mục đến số {form.inbound} ({parts} phần): không liên quan"


def register_reading(office: Office, form: forms.RegisterReading, now: datetime) -> str:
    """The register was checked through a moment; rows of its export become claims to be recorded."""
    data = _file(office, form.file)
    if data is not None:  # an empty file is no register: it is refused, and nothing counts as read
        return _import_register(office, data, form, now)
    with writing(office.engine) as session, _as_mistakes():
        decide.record_register_reading(session, form.through, form.by, now)
        note(session, form, now, "register.read", [], through=form.through.isoformat())
    return f"Đã ghi nhận việc đối chiếu sổ QLVB&ĐH đến {show_moment(form.through)}"


def _import_register(office: Office, data: bytes, form: forms.RegisterReading, now: datetime) -> str:
    with _as_mistakes():
        read = register.read_register_xlsx(office, data, form.by, now, through=form.through)
    with writing(office.engine) as session:
        note(session, form, now, "register.read", [], through=form.through.isoformat(), rows=read.rows)
    told = (
        f"Đã đọc {read.rows} dòng của sổ: {read.claims} văn bản báo cáo chờ ghi nhận, "
        f"{read.unknown} chờ xem, {read.known} đã có, {read.skipped} không liên quan"
    )
    return "; ".join([told, *read.faults])


def confirm_figure(office: Office, form: forms.ConfirmFigure, now: datetime) -> str:
    with writing(office.engine) as session:
        figure = session.get(FigureRow, form.figure)
        if figure is None:
            raise DeskError(f"Không có số liệu số {form.figure}")
        if newer := _replaced_by(session, figure):
            raise DeskError(
                f"Số liệu số {form.figure} thuộc bản gửi đã được thay bằng lần {newer}; "
                "hãy xác nhận số liệu của lần ấy (dondoc figures)"
            )
        session.add(
            FigureDecisionRow(figure_id=figure.id, value=form.value, at=now, by=form.by, reason=form.reason)
        )
        note(session, form, now, "figure.confirmed", [], figure=figure.id, value=form.value)
    shown = "không dùng" if form.value is None else amount(form.value, figure.uom, digits=6).strip()
    return f"Đã xác nhận chỉ tiêu {figure.indicator} ({figure.raw!r}): {shown}"


def _replaced_by(session: Session, figure: FigureRow) -> int | None:
    """The newer accepted version whose figures count instead; what is said of an older one counts nowhere."""
    check = session.get_one(CheckRow, figure.check_id)
    own = session.get_one(SubmissionRow, check.submission_id)
    row = session.get_one(ObligationRow, own.obligation_id)
    counts = last_accepted(session, row.plan, row.round, row.unit)
    if counts is None:
        return None
    newest = session.get_one(SubmissionRow, session.get_one(CheckRow, counts).submission_id)
    return newest.version if newest.version > own.version else None


def approve(office: Office, form: forms.ApproveEdition, now: datetime) -> str:
    """Approve a consolidated report; the first approval stands."""
    query = select(EditionRow).where(
        EditionRow.plan == office.plan.code, EditionRow.round == form.round, EditionRow.number == form.number
    )
    with writing(office.engine) as session, _as_mistakes():
        edition = session.scalars(query).one_or_none()
        if edition is None:
            raise DeskError(f"Chưa có báo cáo tổng hợp lần {form.number} của đợt {form.round}")
        if edition.approved_at:
            raise DeskError(f"{edition.approved_by} đã duyệt lần này lúc {show_moment(edition.approved_at)}")
        approve_edition(session, edition.id, form.by, now)
        note(session, form, now, "edition.approved.by_hand", [], number=form.number)
    return f"Đã duyệt báo cáo tổng hợp {form.round} lần {form.number}"
