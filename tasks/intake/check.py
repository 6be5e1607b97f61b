"""The verdict on a submission: accepted unless something must be fixed (ruling 8)."""

from __future__ import annotations

import logging
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import astuple, dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.archive import ArchiveError
from db.bulk import insert_rows
from db.models import (
    Base,
    CheckRow,
    FigureRow,
    FileRow,
    FindingRow,
    NarrativeRow,
    ObligationRow,
    ProgressRow,
    SubmissionRow,
)
from db.revoked import revoked
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
BATCH = 25  # files whose verdicts share a transaction; a kill costs their reading, nothing else


@dataclass(frozen=True)
class Checked:
    accepted: int = 0
    returned: int = 0
    failed: int = 0  # bytes missing or damaged in the archive: stays in check, a person must look
    questions: int = 0  # accepted with questions

    def __add__(self, more: Checked) -> Checked:
        return Checked(*(a + b for a, b in zip(astuple(self), astuple(more), strict=True)))

    @classmethod
    def of(cls, verdicts: Collection[Verdict], failed: int) -> Checked:
        accepted = [v for v in verdicts if v.verdict == ACCEPTED]
        asked = sum(bool(v.findings) for v in accepted)
        return cls(len(accepted), len(verdicts) - len(accepted), failed, asked)


@dataclass(frozen=True)
class Work:
    submission_id: int
    obligation_id: int
    unit: str
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
    """Check every submission that has no verdict yet, in order of arrival; once each.

    Files are read outside the transaction; the verdicts of ``BATCH`` files share one.
    """
    done = Checked()
    names = frozenset(n for u in office.plan.units for n in (u.name, u.letter_name, *u.alt_names))
    for batch in _batches(_waiting(office)):
        verdicts = {w.submission_id: v for w in batch if (v := _verdict(office, w, names))}
        with writing(office.engine) as session:
            one_at_a_time(session)
            checked = _checked(session, list(verdicts))
            new = {number: v for number, v in verdicts.items() if number not in checked}
            record_all(session, new, now)
        done += Checked.of(new.values(), failed=len(batch) - len(verdicts))
    return done


def _batches(waiting: Iterable[Work]) -> Iterator[list[Work]]:
    """Lists of at most ``BATCH``, no unit twice in one: what it is asked depends on its last verdict."""
    batch: dict[str, Work] = {}
    for work in waiting:
        if len(batch) == BATCH or work.unit in batch:
            yield list(batch.values())
            batch = {}
        batch[work.unit] = work
    if batch:
        yield list(batch.values())


def _verdict(office: Office, work: Work, names: frozenset[str]) -> Verdict | None:
    """None where the archive has lost or spoilt the bytes: the submission stays in check."""
    try:
        data = office.archive.get(work.sha256)
    except ArchiveError:
        log.error("Kho lưu thiếu hoặc hỏng tệp của bản gửi số %s", work.submission_id)
        return None
    with reading(office.engine) as session:
        expected = expected_of(spec_for(session, office, work.obligation_id), names)
    return judge(read(data, work.name), expected, with_pdf=work.with_pdf)


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
                ObligationRow.unit,
                FileRow.sha256,
                FileRow.name,
                FileRow.inbound_id,
            )
            .join(FileRow, FileRow.id == SubmissionRow.file_id)
            .join(ObligationRow, ObligationRow.id == SubmissionRow.obligation_id)
            .where(SubmissionRow.id.not_in(select(CheckRow.submission_id)))
            .where(SubmissionRow.id.not_in(revoked(SubmissionRow)))
            .where(ObligationRow.plan == office.plan.code)
            .order_by(SubmissionRow.id)
        )
        rows = session.execute(query).tuples().all()
        pdf = _with_pdf(session, [inbound for *_, inbound in rows])
    return [Work(i, o, unit, sha256, name, inbound in pdf) for i, o, unit, sha256, name, inbound in rows]


def _with_pdf(session: Session, inbound: Sequence[int]) -> set[int]:
    if not inbound:
        return set()
    query = select(FileRow.inbound_id, FileRow.name).where(FileRow.inbound_id.in_(inbound), FileRow.size > 0)
    return {i for i, name in session.execute(query).tuples() if name.lower().endswith(".pdf")}


def _checked(session: Session, submissions: Sequence[int]) -> set[int]:
    """Those of ``submissions`` that another pass has judged meanwhile."""
    query = select(CheckRow.submission_id).where(CheckRow.submission_id.in_(submissions))
    return set(session.scalars(query))


def record_all(
    session: Session, verdicts: Mapping[int, Verdict], now: datetime, *, by: str = "system"
) -> None:
    """The verdicts (submission → verdict) with everything that was read, and their audit rows."""
    rows = [
        CheckRow(
            submission_id=n, at=now, by=by, verdict=v.verdict, counts=v.counts, kind=v.reading.kind.value
        )
        for n, v in verdicts.items()
    ]
    session.add_all(rows)
    session.flush()
    pairs = [(row.id, verdict) for row, verdict in zip(rows, verdicts.values(), strict=True)]
    insert_rows(session, FindingRow, [_finding(f) | {"check_id": n} for n, v in pairs for f in v.findings])
    for table, part, names in CONTENTS:
        contents = [
            _columns(item, names) | {"check_id": n} for n, v in pairs for item in getattr(v.reading, part)
        ]
        insert_rows(session, table, contents)
    told = [(f"submission:{n}", _told(v)) for n, v in verdicts.items()]
    audit.record_all(session, at=now, actor=by, action="submission.checked", told=told)


def _told(verdict: Verdict) -> dict[str, object]:
    return {
        "verdict": verdict.verdict,
        "counts": verdict.counts,
        "kind": verdict.reading.kind.value,
        "findings": sorted({f.code for f in verdict.findings}),
    }


def _finding(finding: Finding) -> dict[str, object]:
    return {
        "code": finding.code,
        "severity": severity(finding).value,
        "sheet": finding.sheet,
        "cell": finding.cell,
        "was": finding.was.replace("\0", ""),
        "params": dict(finding.params),
    }


PLACE = ("sheet", "cell")
FIGURE = (*PLACE, "indicator", "field", "raw", "value", "flag", "uom", "note", "basis", "source", "remark")
PROGRESS = (*PLACE, "assignment", "result", "state", "difficulty", "proposal")
NARRATIVE = (*PLACE, "section", "key", "text", "body", "reason")
CONTENTS: tuple[tuple[type[Base], str, tuple[str, ...]], ...] = (
    (FigureRow, "figures", FIGURE),
    (ProgressRow, "progress", PROGRESS),
    (NarrativeRow, "narrative", NARRATIVE),
)


def _columns(item: object, names: Sequence[str]) -> dict[str, object]:
    """The fields ``names`` as columns; a NUL, which PostgreSQL refuses, is left out."""
    values = {name: getattr(item, name) for name in names}
    return {k: v.replace("\0", "") if isinstance(v, str) else v for k, v in values.items()}
