"""The verdict on a submission: accepted unless something must be fixed (ruling 8)."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.archive import ArchiveError
from db.bulk import insert_rows
from db.models import (
    CheckRow,
    FigureRow,
    FileRow,
    FindingRow,
    NarrativeRow,
    ObligationRow,
    ProgressRow,
    SubmissionRow,
)
from db.session import reading, writing
from tasks.forms.check import Expected, check, expected_of
from tasks.forms.prefill import spec_for
from tasks.forms.read import read
from tasks.forms.types import SPREADSHEETS, Kind, Reading
from tasks.office import Office
from tasks.rules.findings import Finding, in_reading_order, must_fix, severity

from .store import one_at_a_time

log = logging.getLogger(__name__)
ACCEPTED, RETURNED = "accepted", "returned"


@dataclass(frozen=True)
class Checked:
    accepted: int = 0
    returned: int = 0
    failed: int = 0  # bytes missing or damaged in the archive: stays in check, a person must look
    questions: int = 0  # accepted with questions


@dataclass(frozen=True)
class Work:
    submission_id: int
    obligation_id: int
    sha256: str
    name: str
    with_pdf: bool  # a PDF came with the workbook: it counts even where the workbook is unreadable


@dataclass(frozen=True)
class Verdict:
    verdict: str
    counts: bool
    reading: Reading
    findings: list[Finding]


def check_submissions(office: Office, now: datetime) -> Checked:
    """Check every submission that has no verdict yet, in order of arrival; once each."""
    accepted = returned = failed = questions = 0
    for work in _waiting(office):
        try:
            data = office.archive.get(work.sha256)
        except ArchiveError:
            log.error("Kho lưu thiếu hoặc hỏng tệp của bản gửi số %s", work.submission_id)
            failed += 1
            continue
        verdict = judge(read(data, work.name), _expected(office, work.obligation_id), with_pdf=work.with_pdf)
        with writing(office.engine) as session:
            one_at_a_time(session)
            if not _unchecked(session, work.submission_id):
                continue
            record(session, work.submission_id, verdict, now)
        accepted += verdict.verdict == ACCEPTED
        returned += verdict.verdict == RETURNED
        questions += verdict.verdict == ACCEPTED and bool(verdict.findings)
    return Checked(accepted, returned, failed, questions)


def judge(reading_: Reading, expected: Expected, *, with_pdf: bool = False) -> Verdict:
    """Accepted iff nothing must be fixed. It counts for punctuality where it is a workbook with
    something in it, or a PDF (ruling 7)."""
    findings = in_reading_order(check(reading_, expected))
    fit = reading_.kind in SPREADSHEETS and not must_fix(findings)
    counts = reading_.kind is Kind.PDF or with_pdf or (reading_.kind in SPREADSHEETS and not reading_.blank)
    return Verdict(ACCEPTED if fit else RETURNED, counts, reading_, findings)


def _waiting(office: Office) -> list[Work]:
    with reading(office.engine) as session:
        query = (
            select(
                SubmissionRow.id,
                SubmissionRow.obligation_id,
                FileRow.sha256,
                FileRow.name,
                FileRow.inbound_id,
            )
            .join(FileRow, FileRow.id == SubmissionRow.file_id)
            .join(ObligationRow, ObligationRow.id == SubmissionRow.obligation_id)
            .where(SubmissionRow.id.not_in(select(CheckRow.submission_id)))
            .where(ObligationRow.plan == office.plan.code)
            .order_by(SubmissionRow.id)
        )
        rows = session.execute(query).tuples().all()
        pdf = _with_pdf(session, [inbound for *_, inbound in rows])
    return [Work(i, o, sha256, name, inbound in pdf) for i, o, sha256, name, inbound in rows]


def _with_pdf(session: Session, inbound: Sequence[int]) -> set[int]:
    query = select(FileRow.inbound_id, FileRow.name).where(FileRow.inbound_id.in_(inbound))
    return {i for i, name in session.execute(query).tuples() if name.lower().endswith(".pdf")}


def _unchecked(session: Session, submission_id: int) -> bool:
    query = select(CheckRow.id).where(CheckRow.submission_id == submission_id)
    return session.scalar(query.limit(1)) is None


def _expected(office: Office, obligation_id: int) -> Expected:
    names = {n for u in office.plan.units for n in (u.name, u.letter_name, *u.alt_names)}
    with reading(office.engine) as session:
        return expected_of(spec_for(session, office, obligation_id), frozenset(names))


def record(
    session: Session, submission_id: int, verdict: Verdict, now: datetime, *, by: str = "system"
) -> CheckRow:
    """The verdict with everything that was read, and its audit row."""
    row = CheckRow(
        submission_id=submission_id,
        at=now,
        by=by,
        verdict=verdict.verdict,
        counts=verdict.counts,
        kind=verdict.reading.kind.value,
    )
    session.add(row)
    session.flush()
    _findings(session, row.id, verdict.findings)
    _contents(session, row.id, verdict.reading)
    audit.record(
        session,
        at=now,
        actor=by,
        action="submission.checked",
        subject=f"submission:{submission_id}",
        verdict=row.verdict,
        counts=row.counts,
        kind=row.kind,
        findings=sorted({f.code for f in verdict.findings}),
    )
    return row


def _findings(session: Session, check_id: int, findings: Sequence[Finding]) -> None:
    rows = [
        {
            "check_id": check_id,
            "code": f.code,
            "severity": severity(f).value,
            "sheet": f.sheet,
            "cell": f.cell,
            "was": f.was.replace("\0", ""),
            "params": dict(f.params),
        }
        for f in findings
    ]
    insert_rows(session, FindingRow, rows)


def _contents(session: Session, check_id: int, found: Reading) -> None:
    of_check = {"check_id": check_id}
    insert_rows(session, FigureRow, [_columns(f, FIGURE) | of_check for f in found.figures])
    insert_rows(session, ProgressRow, [_columns(p, PROGRESS) | of_check for p in found.progress])
    insert_rows(session, NarrativeRow, [_columns(n, NARRATIVE) | of_check for n in found.narrative])


PLACE = ("sheet", "cell")
FIGURE = (*PLACE, "indicator", "field", "raw", "value", "flag", "uom", "note", "basis", "source", "remark")
PROGRESS = (*PLACE, "assignment", "result", "state", "difficulty", "proposal")
NARRATIVE = (*PLACE, "section", "key", "text", "body", "reason")


def _columns(item: object, names: Sequence[str]) -> dict[str, object]:
    """The fields ``names`` as columns; a NUL, which PostgreSQL refuses, is left out."""
    values = {name: getattr(item, name) for name in names}
    return {k: v.replace("\0", "") if isinstance(v, str) else v for k, v in values.items()}
