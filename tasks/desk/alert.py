"""What the operators must hear of at once: a failed flow, a dead process, a proposal that waits."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from config.plan import Role
from db.models import DecisionRow, ProposalRow
from db.session import writing
from tasks.chase.judge import calendar_of
from tasks.office import Office
from tasks.post import contexts
from tasks.post.outbox import NewNotice, queue
from tasks.rules.words import show_day
from tasks.rules.working_days import chasing_allowed, local_day

TO = {
    "head": "thủ trưởng đơn vị",
    "member": "thành viên Ban Chỉ đạo phụ trách",
    "chair": "Trưởng Ban Chỉ đạo",
}


def operator_addresses(office: Office) -> list[str]:
    """Declared operators and the plan's own; each once."""
    declared = [o.email for o in office.settings.desk.operators if o.email]
    contacts = office.plan.contacts_of(office.plan.policy.receiver, Role.OPERATOR)
    return list(dict.fromkeys([*declared, *(c.email for c in contacts)]))


def queue_alert(
    office: Office, title: str, lines: Sequence[str], advice: str, now: datetime, *, occasion: str
) -> int:
    """Owe an alert to each operator, once per ``occasion``; how many were queued."""
    context = {"title": title, "lines": list(lines), "advice": advice}
    return _owe(office, "alert", occasion, context, now)


def remind_waiting(office: Office, now: datetime) -> int:
    """Tell the operators of undecided proposals: when a new one appears, and every working day.

    Silence never sends anything: it only brings this reminder again.
    """
    if not chasing_allowed(calendar_of(office), office.plan.policy.chasing, now):
        return 0
    with writing(office.engine) as session:
        query = (
            select(ProposalRow)
            .outerjoin(DecisionRow, DecisionRow.proposal_id == ProposalRow.id)
            .where(
                ProposalRow.plan == office.plan.code,
                DecisionRow.id.is_(None),
                ProposalRow.created_at <= now,
                ProposalRow.lapsed_at.is_(None),
            )
            .order_by(ProposalRow.id)
        )
        waiting = session.scalars(query).all()
    if not waiting:
        return 0
    rows = [_row(office, p) for p in waiting]
    occasion = f"{local_day(now).isoformat()}-{waiting[-1].id}"
    return _owe(office, "proposal_waiting", occasion, {"proposals": rows}, now)


def _row(office: Office, proposal: ProposalRow) -> dict[str, Any]:
    rung = office.plan.policy.ladder.rungs[proposal.rung - 1]
    count = sum(len(letter["units"]) for letter in proposal.letters)
    what = "Dự thảo văn bản" if rung.draft_only else "Thư"
    to = TO.get(rung.to.value, rung.to.value)
    return {
        "title": f"Đề xuất số {proposal.id}: {what} gửi {to}, bậc {proposal.rung}, đợt {proposal.round}",
        "since": show_day(proposal.created_at),
        "count": count,
    }


def _owe(office: Office, kind: str, occasion: str, context: dict[str, Any], now: datetime) -> int:
    queued = 0
    with writing(office.engine) as session:
        for recipient in operator_addresses(office):
            notice = NewNotice(
                plan=office.plan.code,
                round="*",
                unit="*",
                recipient=recipient,
                kind=kind,
                occasion=occasion,
                nature="office",
                context=contexts.common(office, now, "Chuyên viên theo dõi") | context,
            )
            queued += queue(session, notice, now) is not None
    return queued
