"""Everything one round's consolidated report speaks of, gathered once from the database."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import Area, Form, Plan, Round, Unit
from db.models import ObligationRow, SubmissionRow
from db.revoked import revoked
from tasks.facts import load_facts, open_rounds
from tasks.rules.facts import Facts, as_of
from tasks.rules.status import Status, status
from tasks.rules.working_days import Calendar

from . import frames

if TYPE_CHECKING:
    import pandas as pd

SUBMISSION = (
    "unit", "name", "letter_name", "group", "state", "label", "limit", "extended", "days_late",
    "arrived_at", "versions", "returns", "document_number", "urged", "promised", "member", "rule",
    "flags", "certainty",
)  # fmt: skip
CHASES = ("reminder", "rung")


@dataclass(frozen=True)
class RoundData:
    """Frames of one round as known at ``as_of``. ``quarters``: this round and the ones before it."""

    plan: Plan
    round: Round
    as_of: datetime
    assumed: bool  # may rows by assumption be used (never live)?
    submission: pd.DataFrame
    figures: pd.DataFrame  # accepted figures of all ``quarters``: the provenance
    progress: pd.DataFrame  # accepted rows of all ``quarters``
    narrative: pd.DataFrame
    sector: pd.DataFrame  # texts of the sector reports of the same period (plan l.135, 143)
    findings: pd.DataFrame
    extensions: pd.DataFrame
    exemptions: pd.DataFrame
    quarters: tuple[Round, ...]
    audience: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # round → units that owed
    reported: Mapping[str, frozenset[str]] = field(default_factory=dict)  # … whose report was accepted
    faults: Mapping[str, tuple[str, ...]] = field(default_factory=dict)  # unit → what must be mended
    earlier: pd.DataFrame | None = None  # submission of the round before, at the same instant

    def unit(self, code: str) -> Unit | None:
        return self.plan.unit_by_code.get(code)

    def unit_name(self, code: str) -> str:
        unit = self.unit(code)
        return unit.name if unit else code


def judge(
    session: Session, plan: Plan, round_code: str, now: datetime, *, rehearsal: bool
) -> tuple[list[Facts], dict[str, Status]]:
    """Facts of the round's obligations and the status of each unit at ``now``."""
    calendar = Calendar.of(plan.holidays)
    facts = load_facts(session, plan.code, [round_code], rehearsal=rehearsal)
    return facts, {f.unit: status(f, calendar, now) for f in facts}


def gather(
    session: Session,
    plan: Plan,
    round_code: str,
    now: datetime,
    statuses: Mapping[str, Status],
    *,
    facts: Sequence[Facts] = (),
    earlier: Mapping[str, Status] | None = None,
    assumed: bool = True,
) -> RoundData:
    """Frames of ``round_code`` as known at ``now``; ``LookupError`` where there is no such round."""
    opened = {code: r for code, (r, _) in open_rounds(session, plan.code).items()}
    round_ = opened.get(round_code) or plan.round_by_code.get(round_code)
    if round_ is None:
        raise LookupError(f"kế hoạch {plan.code} không có đợt báo cáo {round_code}")
    rounds = plan.round_by_code | opened
    quarters = _quarters(round_, rounds)
    codes = [r.code for r in quarters]
    checks = frames.accepted(session, plan.code, codes, now)
    sector = frames.accepted(session, plan.code, sector_rounds(round_, rounds), now)
    before = quarters[-2].code if len(quarters) > 1 else ""
    return RoundData(
        plan=plan,
        round=round_,
        as_of=now,
        assumed=assumed,
        submission=_submission(session, plan, round_code, now, statuses, facts),
        figures=frames.figures(session, checks, now),
        progress=frames.progress(session, checks),
        narrative=_own(frames.narrative(session, checks), round_code),
        sector=frames.narrative(session, sector),
        findings=_own(frames.findings(session, checks), round_code),
        extensions=frames.extensions(session, plan.code, round_code, now),
        exemptions=frames.exemptions(session, plan.code, round_code, now),
        quarters=quarters,
        audience=_audience(session, plan.code, codes, now),
        reported={c: frozenset(k["unit"] for k in checks.values() if k["round"] == c) for c in codes},
        faults=frames.faults(session, plan.code, round_code, now),
        earlier=_submission(session, plan, before, now, earlier, ()) if earlier and before else None,
    )


def _own(table: pd.DataFrame, round_code: str) -> pd.DataFrame:
    return table[table["round"] == round_code].reset_index(drop=True)


def _quarters(round_: Round, rounds: Mapping[str, Round]) -> tuple[Round, ...]:
    """The round and the ones it continues, oldest first."""
    chain = [round_]
    while (code := chain[-1].previous) and code in rounds and rounds[code] not in chain:
        chain.append(rounds[code])
    return tuple(reversed([r for r in chain if r.form is round_.form or r.form is Form.QUARTERLY]))


def sector_rounds(round_: Round, rounds: Mapping[str, Round]) -> list[str]:
    """The plan's rounds in which Công an tỉnh and Sở Nội vụ report on their area for the same period.

    An ad hoc round of that area has no line in the plan and is no part of the quarter's report.
    """
    if round_.area is not Area.GENERAL or round_.period_to is None:
        return []
    return [
        r.code
        for r in rounds.values()
        if r.area is not Area.GENERAL and r.period_to == round_.period_to and r.line is not None
    ]


def _audience(session: Session, plan: str, codes: Sequence[str], now: datetime) -> dict[str, tuple[str, ...]]:
    """Units that owe each round and are not exempt."""
    exempt = frames.exempt(session, now)
    query = select(ObligationRow).where(ObligationRow.plan == plan, ObligationRow.round.in_(codes))
    found: dict[str, list[str]] = {code: [] for code in codes}
    for row in session.scalars(query.order_by(ObligationRow.id)):
        if row.id not in exempt:
            found[row.round].append(row.unit)
    return {code: tuple(units) for code, units in found.items()}


def _submission(
    session: Session,
    plan: Plan,
    round_code: str,
    now: datetime,
    statuses: Mapping[str, Status],
    facts: Sequence[Facts],
) -> pd.DataFrame:
    """One row per obligation, in the order of the plan's units."""
    arrived = _arrivals(session, plan.code, round_code, now)
    returned = frames.returns(session, plan.code, round_code, now)
    by_unit = {f.unit: f for f in facts}
    order = {u.code: n for n, u in enumerate(plan.units)}
    rows = [
        _row(plan, code, statuses[code], by_unit.get(code), arrived.get(code, []), now)
        | {"returns": returned.get(code, 0)}
        for code in sorted(statuses, key=lambda c: (order.get(c, len(order)), c))
    ]
    return frames.frame(rows, SUBMISSION)


def _row(
    plan: Plan,
    code: str,
    status_: Status,
    facts: Facts | None,
    versions: list[SubmissionRow],
    now: datetime,
) -> dict[str, Any]:
    unit = plan.unit_by_code.get(code)
    counted = next(
        (v for v in versions if status_.arrival and v.id == status_.arrival.submission),
        versions[-1] if versions else None,
    )
    member = plan.member_by_code.get(unit.member) if unit and unit.member else None
    return {
        "unit": code,
        "name": unit.name if unit else code,
        "letter_name": unit.letter_name if unit else code,
        "group": unit.group.value if unit else "khac",
        "state": status_.state.value,
        "label": status_.label,
        "limit": status_.limit,
        "extended": status_.extended,
        "days_late": status_.days_late,
        "arrived_at": counted.arrived_at if counted else None,
        "versions": len(versions),
        "document_number": next((v.document_number for v in reversed(versions) if v.document_number), ""),
        "urged": urgings(facts, now) if facts else (),
        "promised": _promised(facts, now) if facts else None,
        "member": member.title if member else "",
        "rule": status_.rule,
        "flags": tuple(counted.flags) if counted else (),
        "certainty": (unit.certainty.value if unit else "assumed"),
    }


def urgings(facts: Facts, now: datetime) -> tuple[datetime, ...]:
    """When the unit was reminded or urged by a letter that counts as sent, one instant a day."""
    sent = sorted(
        x.sent_at
        for x in facts.letters
        if x.sent_at and x.sent_at <= now and not x.bounced_at and x.step.startswith(CHASES)
    )
    days: dict[Any, datetime] = {}
    for at in sent:
        days.setdefault((at + timedelta(hours=7)).date(), at)
    return tuple(days.values())


def _promised(facts: Facts, now: datetime) -> datetime | None:
    known = as_of(facts, now).promises
    return max(known, key=lambda p: p.at).promised if known else None


def _arrivals(session: Session, plan: str, round_code: str, now: datetime) -> dict[str, list[SubmissionRow]]:
    query = (
        select(ObligationRow.unit, SubmissionRow)
        .join(SubmissionRow, SubmissionRow.obligation_id == ObligationRow.id)
        .where(
            ObligationRow.plan == plan,
            ObligationRow.round == round_code,
            SubmissionRow.recorded_at <= now,
            SubmissionRow.id.not_in(revoked(SubmissionRow, now)),
        )
        .order_by(SubmissionRow.version)
    )
    found: dict[str, list[SubmissionRow]] = {}
    for unit, row in session.execute(query).tuples():
        found.setdefault(unit, []).append(row)
    return found
