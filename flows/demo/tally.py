"""``summary.json`` of the demo: counted from the database, recounted by an independent test."""

from __future__ import annotations

import json
from collections import Counter
from datetime import datetime
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table
from sqlalchemy import select

from db.models import AttemptRow, DecisionRow, NoticeItemRow, NoticeRow, ObligationRow, ProposalRow
from db.session import reading
from tasks.chase.summary import summarise
from tasks.office import Office

from .deeds import Players
from .play import ROUNDS


def tally(office: Office, now: datetime, players: Players, seed: int) -> dict[str, Any]:
    with reading(office.engine) as session:
        rounds = {
            code: {
                **summarise(session, office, code, now).counts,
                "notices": _notices(session, code),
                "escalations": _escalations(session, code),
            }
            for code in ROUNDS
        }
        office_mail = _notices(session, "*")
    return {
        "seed": seed,
        "from": "2026-05-04",
        "to": now.date().isoformat(),
        "rounds": rounds,
        "other_notices": office_mail,
        "played": dict(sorted(players.done.items())),
    }


def _notices(session: Any, round_code: str) -> dict[str, int]:
    """Mails a server accepted, by kind."""
    sent = select(AttemptRow.notice_id).where(AttemptRow.outcome == "accepted")
    query = select(NoticeRow.kind).where(NoticeRow.round == round_code, NoticeRow.id.in_(sent))
    return dict(sorted(Counter(session.scalars(query)).items()))


def _escalations(session: Any, round_code: str) -> dict[str, dict[str, int]]:
    """By rung: units whose letter was sent; above the first: proposals, approved, declined, waiting."""
    sent = select(AttemptRow.notice_id).where(AttemptRow.outcome == "accepted")
    steps = session.scalars(
        select(NoticeItemRow.step)
        .join(ObligationRow, ObligationRow.id == NoticeItemRow.obligation_id)
        .where(
            ObligationRow.round == round_code,
            NoticeItemRow.step.like("rung-%"),
            NoticeItemRow.dropped_at.is_(None),
            NoticeItemRow.notice_id.in_(sent),
        )
    )
    rungs: dict[str, Counter[str]] = {}
    for step in steps:
        rungs.setdefault(step.removeprefix("rung-"), Counter())["units_told"] += 1
    decided = select(ProposalRow, DecisionRow).outerjoin(
        DecisionRow, DecisionRow.proposal_id == ProposalRow.id
    )
    for proposal, decision in session.execute(decided.where(ProposalRow.round == round_code)):
        count = rungs.setdefault(str(proposal.rung), Counter())
        count["proposals"] += 1
        count[
            {"approve": "approved", "decline": "declined"}[decision.verdict] if decision else "waiting"
        ] += 1
        count["left_out"] += len(decision.left_out) if decision else 0
    return {rung: dict(sorted(c.items())) for rung, c in sorted(rungs.items())}


def write(summary: dict[str, Any], path: Path) -> None:
    path.write_text(
        json.dumps(summary, ensure_ascii=False, indent=1, sort_keys=True) + "\n", encoding="utf-8"
    )


COLUMNS = {
    "obligations": "Nghĩa vụ",
    "on_time": "Đúng hạn",
    "late": "Quá hạn",
    "in_check": "Chờ kiểm tra",
    "returned": "Trả lại",
    "incomplete": "Chưa đầy đủ",
    "missing": "Chưa gửi",
    "exempt": "Miễn",
    "extended": "Gia hạn",
}


def show(summary: dict[str, Any], console: Console) -> None:
    """A column per round: eight measures beside each other would not fit 80 characters."""
    rounds = summary["rounds"].values()
    table = Table("Đợt", *summary["rounds"])
    for key, title in COLUMNS.items():
        table.add_row(title, *[str(counts[key]) for counts in rounds])
    sent = [str(sum(counts["notices"].values())) for counts in rounds]
    table.add_row("Thư đã gửi", *sent, end_section=True)
    for rung in sorted({r for counts in rounds for r in counts["escalations"]}):
        told = [counts["escalations"].get(rung, {}) for counts in rounds]
        table.add_row(f"Đơn vị nhận thư bậc {rung}", *[str(c.get("units_told", 0)) for c in told])
    console.print(table)
