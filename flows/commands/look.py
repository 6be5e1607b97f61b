"""status, why, figures: conclusions and their reasons."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any

import typer
from rich.console import Console
from rich.table import Table
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.models import (
    CheckRow,
    ExemptionRow,
    FigureDecisionRow,
    FigureRow,
    FileRow,
    ObligationRow,
    RoundRow,
    SubmissionRow,
)
from db.revoked import revoked
from db.session import reading
from tasks.chase.explain import explain
from tasks.chase.summary import RoundSummary, summarise
from tasks.office import Office, for_round
from tasks.rules.digits import vietnamese
from tasks.rules.words import show_before, show_moment

from .common import Data, Json, PlanCode, UsageError, looking_at, show_json, telling_mistakes, the_office

AsOf = Annotated[str | None, typer.Option("--as-of", "--now", help="Tình trạng vào thời điểm hoặc ngày nào")]
WIDE = 200
RoundCode = Annotated[str, typer.Argument(metavar="ROUND")]


def status(
    round_code: RoundCode, as_of: AsOf = None, data: Data = None, plan: PlanCode = None, as_json: Json = False
) -> None:
    """Tình trạng của một đợt: từng đơn vị và tổng số."""
    with telling_mistakes():
        office = for_round(the_office(data, plan), round_code)
        with reading(office.engine) as session:
            summary = summarise(session, office, round_code, _latest(office, session, as_of))
        if as_json:
            show_json(status_facts(summary))
        else:
            _print(summary)


def _latest(office: Office, session: Session, as_of: str | None) -> datetime:
    """In a rehearsal "now" is its newest instant: its clock is not ours."""
    if as_of is None and office.rehearsal:
        from db.models import AuditRow

        newest = session.scalar(select(AuditRow.at).order_by(AuditRow.at.desc()).limit(1))
        if newest:
            return newest
    return looking_at(as_of)


def status_facts(summary: RoundSummary) -> dict[str, Any]:
    return {
        "round": summary.round.code,
        "title": summary.round.title,
        "limit": summary.round.limit_at.isoformat(),
        "as_of": summary.as_of.isoformat(),
        "counts": summary.counts,
        "waiting": summary.waiting,
        "units": [
            {
                "unit": x.unit,
                "name": x.name,
                "status": x.state.value,
                "label": x.label,
                "limit": x.limit,
                "extended": x.extended,
                "days_late": x.days_late,
                "rung": x.rung,
                "arrived_at": x.arrived_at.isoformat() if x.arrived_at else None,
                "rule": x.rule,
                "hold": x.hold,
                "hold_code": x.hold_code,
            }
            for x in summary.lines
        ],
    }


def _print(summary: RoundSummary) -> None:
    console = _console()
    console.print(f"[bold]{summary.round.title}[/] · {show_before(summary.round.limit_at)}")
    console.print(f"Tính đến {show_moment(summary.as_of)}")
    table = Table("Mã", "Đơn vị", "Tình trạng", "Quá hạn", "Bậc", "Tạm giữ vì")
    for x in summary.lines:
        table.add_row(x.unit, x.name, x.label, str(x.days_late or ""), str(x.rung or ""), x.hold)
    console.print(table)
    console.print("  ".join(f"{k}={v}" for k, v in summary.counts.items()))


def _console() -> Console:
    """A pipe has no width of its own; a table cut to 80 columns would say nothing."""
    return Console() if Console().is_terminal else Console(width=WIDE)


def why(
    unit: str,
    round_code: RoundCode,
    as_of: AsOf = None,
    data: Data = None,
    plan: PlanCode = None,
    as_json: Json = False,
) -> None:
    """Vì sao: thời hạn, điều khoản, bằng chứng, quy tắc đã áp dụng."""
    with telling_mistakes():
        office = for_round(the_office(data, plan), round_code)
        with reading(office.engine) as session:
            at = _latest(office, session, as_of)
            facts = explain(session, office, unit, round_code, at)
        if as_json:
            show_json(facts)
            return
        for label, text in facts["lines"]:
            typer.echo(f"{label:<22} {text}")


def figures(round_code: RoundCode, data: Data = None, plan: PlanCode = None, as_json: Json = False) -> None:
    """Mọi số liệu của một đợt, kèm nguồn: tệp, trang tính, ô."""
    with telling_mistakes():
        office = for_round(the_office(data, plan), round_code)
        rows = figure_facts(office, round_code)
        if as_json:
            show_json(rows)
            return
        table = Table("Số", "Đơn vị", "Chỉ tiêu", "Mục", "Ghi trong tệp", "Giá trị", "Dấu", "Ô")
        for r in rows:
            where = f"{r['sheet']}!{r['cell']}"
            value = "" if r["value"] is None else vietnamese(r["value"])
            table.add_row(
                str(r["id"]), r["unit"], r["indicator"], r["field"], r["raw"], value, r["flag"], where
            )
        _console().print(table)


def figure_facts(office: Office, round_code: str) -> list[dict[str, Any]]:
    """Every figure of every checked version; ``counts``: the report uses its version."""
    query = (
        select(ObligationRow.unit, SubmissionRow, CheckRow, FigureRow, FileRow.sha256)
        .join(SubmissionRow, SubmissionRow.obligation_id == ObligationRow.id)
        .join(CheckRow, CheckRow.submission_id == SubmissionRow.id)
        .join(FigureRow, FigureRow.check_id == CheckRow.id)
        .outerjoin(FileRow, FileRow.id == SubmissionRow.file_id)
        .where(ObligationRow.plan == office.plan.code, ObligationRow.round == round_code)
        .order_by(ObligationRow.id, SubmissionRow.version, CheckRow.id, FigureRow.id)
    )
    with reading(office.engine) as session:
        known = session.scalar(
            select(RoundRow.id).where(RoundRow.plan == office.plan.code, RoundRow.code == round_code)
        )
        if known is None:
            raise UsageError(f"đợt {round_code} chưa mở hoặc không có")
        rows = session.execute(query).tuples().all()
        decided = {
            d.figure_id: d for d in session.scalars(select(FigureDecisionRow).order_by(FigureDecisionRow.id))
        }
        speaking = _speaking(session, [(u, s, c) for u, s, c, _, _ in rows])
    return [
        {
            "id": f.id,
            "unit": u,
            "indicator": f.indicator,
            "field": f.field,
            "raw": f.raw,
            "value": f.value,
            "uom": f.uom,
            "flag": f.flag,
            "note": f.note,
            "file_sha256": sha256 or "",
            "sheet": f.sheet,
            "cell": f.cell,
            "version": s.version,
            "verdict": c.verdict,
            "counts": c.id in speaking,
            "confirmed": f.id in decided,
            "confirmed_value": decided[f.id].value if f.id in decided else None,
        }
        for u, s, c, f, sha256 in rows
    ]


def _speaking(session: Session, checked: list[tuple[str, SubmissionRow, CheckRow]]) -> set[int]:
    """Checks of the newest accepted version that stands, of each unit that is not exempt."""
    gone = set(session.scalars(revoked(SubmissionRow)))
    excused = select(ExemptionRow.obligation_id).where(ExemptionRow.id.not_in(revoked(ExemptionRow)))
    exempt = set(session.scalars(excused))
    standing = [(u, c) for u, s, c in checked if s.id not in gone and s.obligation_id not in exempt]
    return set({u: c.id for u, c in standing if c.verdict == "accepted"}.values())
