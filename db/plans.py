"""A plan in the database: what ``init`` loads and every worker reads."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from pydantic import BaseModel
from sqlalchemy import delete, insert, select
from sqlalchemy.orm import Session

from config.plan import Plan

from . import audit
from .models import (
    AssignmentRow,
    ContactRow,
    IndicatorRow,
    MemberRow,
    ObligationRow,
    PlanRow,
    RoundRow,
    UnitRow,
)

TABLES: dict[str, type[Any]] = {
    "units": UnitRow,
    "contacts": ContactRow,
    "members": MemberRow,
    "indicators": IndicatorRow,
    "assignments": AssignmentRow,
}


def fingerprint(plan: Plan) -> str:
    return hashlib.sha256(plan.model_dump_json().encode()).hexdigest()


class PlanInUse(ValueError):
    """The plan lacks what an open round still needs; the message says what and what to do (Vietnamese)."""


def save_plan(session: Session, plan: Plan, now: datetime, by: str = "system") -> bool:
    """Store ``plan`` whole; False where the same plan is already there.

    ``PlanInUse`` where a unit of an open round is no longer in it: nobody could say whom it is about.
    """
    sha256 = fingerprint(plan)
    row = session.get(PlanRow, plan.code)
    if row and row.sha256 == sha256:
        return False
    _keeps_who_owes(session, plan)
    row = row or PlanRow(code=plan.code)
    row.sha256, row.loaded_at = sha256, now
    row.policy = plan.policy.model_dump(mode="json")
    row.rounds = [r.model_dump(mode="json") for r in plan.rounds]
    row.holidays = [h.model_dump(mode="json") for h in plan.holidays]
    session.add(row)
    session.flush()
    for name, table in TABLES.items():
        _replace(session, table, plan.code, getattr(plan, name))
    audit.record(session, at=now, actor=by, action="plan.loaded", subject=plan.code, sha256=sha256)
    return True


def _keeps_who_owes(session: Session, plan: Plan) -> None:
    owing = session.scalars(select(ObligationRow.unit).where(ObligationRow.plan == plan.code).distinct())
    if missing := sorted(set(owing) - set(plan.unit_by_code)):
        raise PlanInUse(
            f"Đơn vị {', '.join(missing)} còn trong đợt đã mở của kế hoạch {plan.code}: giữ dòng ấy trong "
            "units.csv và đặt active = false; muốn thôi đôn đốc thì miễn báo cáo ở bàn làm việc"
        )


def _replace(session: Session, table: type[Any], plan: str, models: Iterable[BaseModel]) -> None:
    session.execute(delete(table).where(table.plan == plan))
    rows = [_columns(m) | {"plan": plan, "position": n} for n, m in enumerate(models)]
    if rows:
        session.execute(insert(table), rows)


def _columns(model: BaseModel) -> dict[str, Any]:
    """Field values as the columns hold them: tuples as lists, enums as their text."""
    values = model.model_dump()
    return {k: list(v) if isinstance(v, tuple) else v for k, v in values.items()}


def load_plan(session: Session, code: str) -> Plan:
    """The plan as stored; ``LookupError`` where it was never loaded."""
    row = session.get(PlanRow, code)
    if row is None:
        raise LookupError(f"kế hoạch {code} chưa được nạp: hãy chạy dondoc init")
    tables = {name: _models(session, table, code) for name, table in TABLES.items()}
    return Plan.model_validate(
        {"policy": row.policy, "rounds": row.rounds, "holidays": row.holidays} | tables
    )


def _models(session: Session, table: type[Any], plan: str) -> list[dict[str, Any]]:
    columns = [c for c in table.__table__.columns if c.name not in ("id", "plan", "position")]
    query = select(*columns).where(table.plan == plan).order_by(table.position)
    return [dict(r) for r in session.execute(query).mappings()]


def plan_codes(session: Session) -> list[str]:
    return list(session.scalars(select(PlanRow.code).order_by(PlanRow.code)))


def plan_of_round(session: Session, round_code: str) -> str | None:
    """The newest plan in which ``round_code`` was opened, else whose calendar has it."""
    opened = select(RoundRow.plan).where(RoundRow.code == round_code).order_by(RoundRow.id.desc())
    if found := session.scalar(opened.limit(1)):
        return found
    rows = session.execute(select(PlanRow.code, PlanRow.rounds).order_by(PlanRow.code.desc())).tuples()
    return next((code for code, rounds in rows if any(r["code"] == round_code for r in rounds)), None)
