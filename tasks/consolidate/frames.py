"""What the tables hold for consolidation, as rows of pandas frames.

Only the newest accepted version of an obligation speaks, and only what was recorded by
``now``: a past day can be consolidated as it was known then.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import (
    UNREAD,
    CheckRow,
    ExemptionRow,
    ExtensionRow,
    FigureDecisionRow,
    FigureRow,
    FileRow,
    FindingRow,
    NarrativeRow,
    ObligationRow,
    ProgressRow,
    SubmissionRow,
)
from db.revoked import revoked
from tasks.rules.findings import CATALOGUE, Finding, Severity, wording

from .words import printable

if TYPE_CHECKING:
    import pandas as pd

FIGURES = (
    "round", "unit", "indicator", "field", "raw", "value", "flag", "uom", "note", "basis",
    "source", "remark", "sheet", "cell", "file", "sha256", "version", "figure", "decided", "reason",
)  # fmt: skip
PROGRESS = ("round", "unit", "assignment", "result", "state", "difficulty", "proposal", "sheet", "cell")
NARRATIVE = ("round", "unit", "section", "key", "text", "body", "reason", "sheet", "cell")
FINDINGS = ("round", "unit", "code", "severity", "sheet", "cell", "was")
DECISIONS = ("unit", "at", "until", "reason")


def frame(rows: Iterable[Mapping[str, Any]], columns: Sequence[str]) -> pd.DataFrame:
    """A frame with all ``columns`` even where there is no row; texts cleaned of control characters."""
    import pandas as pd

    cleaned = [{c: _clean(r[c]) for c in columns} for r in rows]
    return pd.DataFrame(cleaned, columns=list(columns), dtype=object)  # instants stay Python's


def _clean(value: Any) -> Any:
    return printable(value) if isinstance(value, str) else value


def rows_of(table: pd.DataFrame) -> list[Any]:
    """Rows with their columns as attributes."""
    return list(table.itertuples(index=False))


def accepted(session: Session, plan: str, rounds: Sequence[str], now: datetime) -> dict[int, dict[str, Any]]:
    """check id → round, unit, version, file of the accepted version of each obligation that speaks.

    That is the newest that was read; a document that a person vouched for (``UNREAD``) holds no figure
    and replaces none. The newest check of a version counts; exempt obligations are left out.
    """
    exempted = exempt(session, now)
    query = (
        select(
            ObligationRow.id.label("obligation"),
            ObligationRow.round,
            ObligationRow.unit,
            SubmissionRow.id.label("submission"),
            SubmissionRow.version,
            CheckRow.id.label("check"),
            CheckRow.verdict,
            CheckRow.kind,
            FileRow.name.label("file"),
            FileRow.sha256,
        )
        .join(SubmissionRow, SubmissionRow.obligation_id == ObligationRow.id)
        .join(CheckRow, CheckRow.submission_id == SubmissionRow.id)
        .outerjoin(FileRow, FileRow.id == SubmissionRow.file_id)
        .where(ObligationRow.plan == plan, ObligationRow.round.in_(rounds), CheckRow.at <= now)
        .where(SubmissionRow.id.not_in(revoked(SubmissionRow, now)))
        .order_by(SubmissionRow.version, CheckRow.id)
    )
    verdicts: dict[int, dict[str, Any]] = {}
    for row in session.execute(query).mappings():
        verdicts[row["submission"]] = dict(row)  # the newest check of this version
    newest = {
        r["obligation"]: r
        for r in sorted(verdicts.values(), key=lambda r: (r["kind"] != UNREAD, int(r["version"])))
        if r["verdict"] == "accepted" and r["obligation"] not in exempted
    }
    return {r["check"]: r for r in newest.values()}


def exempt(session: Session, now: datetime) -> set[int]:
    """Obligations with an exemption that holds at ``now``."""
    query = select(ExemptionRow.obligation_id).where(
        ExemptionRow.at <= now, ExemptionRow.id.not_in(revoked(ExemptionRow, now))
    )
    return set(session.scalars(query))


def figures(session: Session, checks: Mapping[int, Mapping[str, Any]], now: datetime) -> pd.DataFrame:
    """Every figure of ``checks``; a person's decision (the newest) replaces the value."""
    decisions = {
        d.figure_id: d
        for d in session.scalars(
            select(FigureDecisionRow).where(FigureDecisionRow.at <= now).order_by(FigureDecisionRow.id)
        )
    }

    def rows() -> Iterable[dict[str, Any]]:
        for f in _of(session, FigureRow, checks):
            decision = decisions.get(f.id)
            yield checks[f.check_id] | {  # type: ignore[operator]
                "indicator": f.indicator,
                "field": f.field,
                "raw": f.raw,
                "value": decision.value if decision else f.value,
                "flag": f.flag,
                "uom": f.uom,
                "note": f.note,
                "basis": f.basis,
                "source": f.source,
                "remark": f.remark,
                "sheet": f.sheet,
                "cell": f.cell,
                "figure": f.id,
                "decided": decision is not None,
                "reason": decision.reason if decision else "",
                "file": checks[f.check_id]["file"] or "",
                "sha256": checks[f.check_id]["sha256"] or "",
            }

    return frame(rows(), FIGURES).astype({"value": float})


def progress(session: Session, checks: Mapping[int, Mapping[str, Any]]) -> pd.DataFrame:
    return _texts(session, ProgressRow, checks, PROGRESS)


def narrative(session: Session, checks: Mapping[int, Mapping[str, Any]]) -> pd.DataFrame:
    return _texts(session, NarrativeRow, checks, NARRATIVE)


def findings(session: Session, checks: Mapping[int, Mapping[str, Any]]) -> pd.DataFrame:
    return _texts(session, FindingRow, checks, FINDINGS)


def _texts(
    session: Session, table: type[Any], checks: Mapping[int, Mapping[str, Any]], columns: Sequence[str]
) -> pd.DataFrame:
    own = [c for c in columns if c not in ("round", "unit")]
    rows = (
        {"round": checks[r.check_id]["round"], "unit": checks[r.check_id]["unit"]}
        | {c: getattr(r, c) for c in own}
        for r in _of(session, table, checks)
    )
    return frame(rows, columns)


def _of(session: Session, table: type[Any], checks: Mapping[int, Any]) -> Iterable[Any]:
    """Rows of ``table`` that belong to ``checks``, in the order they were read.

    Columns, not objects: a quarter has 20,000 of them, and making an object takes longer than reading it.
    """
    wanted = sorted(checks)
    for start in range(0, len(wanted), 500):
        part = wanted[start : start + 500]
        query = select(*table.__table__.columns).where(table.check_id.in_(part)).order_by(table.id)
        yield from session.execute(query)


def extensions(session: Session, plan: str, round_code: str, now: datetime) -> pd.DataFrame:
    """Those that hold at ``now``."""
    return _decisions(session, ExtensionRow, plan, round_code, now)


def exemptions(session: Session, plan: str, round_code: str, now: datetime) -> pd.DataFrame:
    return _decisions(session, ExemptionRow, plan, round_code, now)


def _decisions(session: Session, table: type[Any], plan: str, round_code: str, now: datetime) -> pd.DataFrame:
    query = (
        select(table, ObligationRow.unit)
        .join(ObligationRow, ObligationRow.id == table.obligation_id)
        .where(ObligationRow.plan == plan, ObligationRow.round == round_code, table.at <= now)
        .where(table.id.not_in(revoked(table, now)))
        .order_by(table.id)
    )
    rows = (
        {"unit": unit, "at": r.at, "until": getattr(r, "until", None), "reason": r.reason}
        for r, unit in session.execute(query)
    )
    return frame(rows, DECISIONS)


def returns(session: Session, plan: str, round_code: str, now: datetime) -> dict[str, int]:
    """How many versions of each unit were returned."""
    query = (
        select(ObligationRow.unit, SubmissionRow.id)
        .join(SubmissionRow, SubmissionRow.obligation_id == ObligationRow.id)
        .join(CheckRow, CheckRow.submission_id == SubmissionRow.id)
        .where(
            ObligationRow.plan == plan,
            ObligationRow.round == round_code,
            CheckRow.at <= now,
            CheckRow.verdict == "returned",
            SubmissionRow.id.not_in(revoked(SubmissionRow, now)),
        )
        .distinct()
    )
    counts: dict[str, int] = {}
    for unit, _ in session.execute(query):
        counts[unit] = counts.get(unit, 0) + 1
    return counts


def faults(session: Session, plan: str, round_code: str, now: datetime) -> dict[str, tuple[str, ...]]:
    """What must still be mended in each unit's newest version, where that was returned."""
    query = (
        select(ObligationRow.unit, SubmissionRow.version, CheckRow.id, CheckRow.verdict)
        .join(SubmissionRow, SubmissionRow.obligation_id == ObligationRow.id)
        .join(CheckRow, CheckRow.submission_id == SubmissionRow.id)
        .where(ObligationRow.plan == plan, ObligationRow.round == round_code, CheckRow.at <= now)
        .where(SubmissionRow.id.not_in(revoked(SubmissionRow, now)))
        .order_by(SubmissionRow.version, CheckRow.id)
    )
    newest = {unit: (check, verdict) for unit, _, check, verdict in session.execute(query)}
    returned = {check: {"unit": unit} for unit, (check, verdict) in newest.items() if verdict == "returned"}
    found: dict[str, list[str]] = {}
    for row in _of(session, FindingRow, returned):
        if row.severity == Severity.MUST_FIX and row.code in CATALOGUE:
            params = {k: str(v) for k, v in row.params.items()}
            said = wording(Finding(row.code, row.sheet, row.cell, row.was, params))
            found.setdefault(returned[row.check_id]["unit"], []).append(printable(said))
    return {unit: tuple(dict.fromkeys(texts)) for unit, texts in found.items()}
