"""What the operators must hear of at once: a failed flow, a dead process, a proposal or a round
that waits for a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select

from config.plan import Certainty, Role, Round, Rung
from db.models import DecisionRow, ProposalRow
from db.session import reading, writing
from tasks.chase.judge import calendar_of
from tasks.chase.rounds import unopened
from tasks.office import Office
from tasks.post import contexts
from tasks.post.contract import STOPS
from tasks.post.outbox import NewNotice, queue
from tasks.rules.words import show_before, show_day, show_moment
from tasks.rules.working_days import chasing_allowed, local_day

TOLD_STOPS = frozenset(
    {
        "auth",
        "tls",
        "unreachable",
        "unstable",
        "sender_refused",
        "refuses_all",
        "run_cap",
        "switch_unreadable",
    }
)
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


def tell_stopped(office: Office, reason: str, now: datetime) -> int:
    """Tell the operators why the post stopped, once a day for each reason that a person must mend.

    Where it is the mail itself that fails, this leaves with the first mail that can; until then the
    round's page says it.
    """
    if reason not in TOLD_STOPS:
        return 0
    lines = [f"{show_moment(now)}: {STOPS[reason]}."]
    advice = (
        "Thư chưa gửi vẫn được giữ nguyên. Xem nguyên nhân bằng dondoc doctor và sửa; "
        "nếu việc gửi đang tạm dừng thì mở lại ở bàn làm việc."
    )
    occasion = f"post-{reason}-{local_day(now).isoformat()}"
    return queue_alert(office, "Việc gửi thư bị dừng", lines, advice, now, occasion=occasion)


def remind_waiting(office: Office, now: datetime) -> int:
    """Tell the operators of undecided proposals: when a new one appears, and every working day.

    Silence never sends anything: it only brings this reminder again.
    """
    if not chasing_allowed(calendar_of(office), office.plan.policy.chasing, now):
        return 0
    with reading(office.engine) as session:
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
    ladder = office.plan.policy.ladder
    rows = [_row(p, rung) for p in waiting if (rung := ladder.rung(p.rung))]
    if not rows:
        return 0
    occasion = f"{local_day(now).isoformat()}-{waiting[-1].id}"
    return _owe(office, "proposal_waiting", occasion, {"proposals": rows}, now)


def remind_unopened(office: Office, now: datetime) -> int:
    """Tell the operators of rounds that only a person may open (ruling 3), once for each newest one.

    A round that nobody opens reminds nobody: the unit would miss its limit unwarned.
    """
    if not chasing_allowed(calendar_of(office), office.plan.policy.chasing, now):
        return 0
    with reading(office.engine) as session:
        waiting = unopened(session, office.plan, now)
    if not waiting:
        return 0
    lines = [
        f"{r.code}: {r.title}, thời hạn {show_before(r.limit_at)}; {_why_unopened(r)}"
        for r in waiting
    ]
    title = f"{len(waiting)} đợt đã tới ngày mở, chờ người mở"
    advice = (
        "Mở ở bàn làm việc, biểu Mở đợt của kế hoạch (dondoc desk open_round). "
        "Đợt chưa mở thì không đơn vị nào được thông báo hay nhắc."
    )
    newest = max(waiting, key=lambda r: (r.opens, r.code))
    return queue_alert(office, title, lines, advice, now, occasion=f"unopened-{newest.code}")


def _why_unopened(round_: Round) -> str:
    if round_.certainty is Certainty.ASSUMED:
        return "thời hạn còn là giả định"
    return "ngày mở trước ngày khởi tạo"


def _row(proposal: ProposalRow, rung: Rung) -> dict[str, Any]:
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
