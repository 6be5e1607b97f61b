"""A person's decision on a proposal, and sending from the tables what was approved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import audit
from db.models import DecisionRow, ObligationRow, ProposalItemRow, ProposalRow
from db.session import reading, writing
from tasks.intake.queries import UndecidedItem, undecided_items
from tasks.office import Office
from tasks.post.outbox import Item, NewNotice, queue
from tasks.rules.ladder import rung_step
from tasks.rules.words import show_moment
from tasks.rules.working_days import local_day

from .judge import addresses, calendar_of, may_chase
from .remind import mailed_today

VERDICTS = ("approve", "decline")


class DecisionError(ValueError):
    """A decision cannot be taken as asked; the message says why (Vietnamese)."""


@dataclass(frozen=True)
class Decided:
    first: bool  # False: another decision had been recorded before, it stands
    verdict: str
    by: str
    left_out: tuple[str, ...]


def decide(
    session: Session,
    proposal_id: int,
    *,
    verdict: str,
    by: str,
    reason: str,
    now: datetime,
    left_out: Sequence[str] = (),
    strangers_seen: bool = False,
    second_by: str = "",
) -> Decided:
    """Record the decision; the first one wins (ruling 17). Nothing is sent here."""
    proposal = session.get(ProposalRow, proposal_id, with_for_update=True)
    if proposal is None:
        raise DecisionError(f"Không có đề xuất số {proposal_id}")
    if standing := session.scalars(
        select(DecisionRow).where(DecisionRow.proposal_id == proposal_id)
    ).one_or_none():
        return Decided(False, standing.verdict, standing.by, tuple(standing.left_out))
    check_decision(session, proposal, verdict, reason, left_out, strangers_seen)
    row = DecisionRow(
        proposal_id=proposal_id,
        verdict=verdict,
        left_out=sorted(left_out),
        at=now,
        by=by,
        second_by=second_by,
        reason=reason,
    )
    session.add(row)
    audit.record(
        session,
        at=now,
        actor=by,
        action="escalation.decided",
        subject=f"proposal:{proposal_id}",
        verdict=verdict,
        left_out=sorted(left_out),
        reason=reason,
    )
    return Decided(True, verdict, by, tuple(sorted(left_out)))


def check_decision(
    session: Session,
    proposal: ProposalRow,
    verdict: str,
    reason: str,
    left_out: Sequence[str],
    strangers_seen: bool,
) -> None:
    """``DecisionError`` where the decision cannot be taken as asked."""
    if proposal.lapsed_at:
        raise DecisionError(f"Đề xuất số {proposal.id} đã hết hiệu lực lúc {show_moment(proposal.lapsed_at)}")
    if verdict not in VERDICTS:
        raise DecisionError(f"Quyết định phải là {' hoặc '.join(VERDICTS)}, không phải {verdict!r}")
    units = {u for letter in proposal.letters for u in letter["units"]}
    if unknown := sorted(set(left_out) - units):
        raise DecisionError(f"Đề xuất không có đơn vị {', '.join(unknown)}")
    if verdict == "decline" and not reason.strip():
        raise DecisionError("Không duyệt thì phải ghi lý do")
    if verdict == "approve" and not strangers_seen and (left := still_strangers(session, proposal)):
        raise DecisionError(
            f"Còn {len(left)} mục đến chưa rõ của ai; hãy xem và đánh dấu đã xem trước khi duyệt"
        )


def still_strangers(session: Session, proposal: ProposalRow) -> list[UndecidedItem]:
    """The items of nobody's that ``proposal`` lists and that no person has decided since."""
    listed = set(proposal.strangers)
    items = {i.inbound_id: i for i in undecided_items(session) if i.inbound_id in listed}
    return list(items.values())


@dataclass
class Executed:
    queued: int = 0
    drafts: int = 0
    lapsed: int = 0


Draft = Callable[[str, list[str]], object]  # (round, units): write the letter for a leader to sign


def execute_decisions(office: Office, now: datetime, draft: Draft) -> Executed:
    """Queue the letters of approved proposals; those approved too long ago, or whose recipient has
    changed since, lapse and are proposed anew (ruling 14). Of a rung that the plan no longer has,
    even an undecided one lapses.

    ``draft`` writes the document of a rung that is never mailed (ruling 13).
    """
    result = Executed()
    gone = DecisionRow.id.is_(None) & (ProposalRow.rung > len(office.plan.policy.ladder.rungs))
    query = (
        select(ProposalRow, DecisionRow)
        .outerjoin(DecisionRow, DecisionRow.proposal_id == ProposalRow.id)
        .where(
            ProposalRow.plan == office.plan.code,
            (DecisionRow.verdict == "approve") | gone,
            ProposalRow.executed_at.is_(None),
            ProposalRow.lapsed_at.is_(None),
        )
        .order_by(ProposalRow.id)
    )
    with reading(office.engine) as session:
        waits = session.execute(query.limit(1)).first()
    if not waits or not may_chase(office, now):
        return result
    with writing(office.engine) as session:
        for proposal, decision in session.execute(query).tuples():
            if decision is None or _outdated(session, office, proposal, decision, now):
                _lapse(session, proposal, now)
                result.lapsed += 1
            else:
                _execute(session, office, proposal, decision, now, result, draft)
    return result


def _outdated(
    session: Session, office: Office, proposal: ProposalRow, decision: DecisionRow, now: datetime
) -> bool:
    """Decided too long ago, of a rung that is gone, or to somebody else today than the approver saw?"""
    rung = office.plan.policy.ladder.rung(proposal.rung)
    late = calendar_of(office).elapsed(local_day(decision.at), local_day(now)) > 1
    return late or rung is None or (not rung.draft_only and _readdressed(session, office, proposal, decision))


def _readdressed(session: Session, office: Office, proposal: ProposalRow, decision: DecisionRow) -> bool:
    """Would a letter go to somebody else today than the approver saw? Then it needs a new approval."""
    reach = addresses(session, office)
    return any(
        reach.for_step(unit, proposal.rung) != item.recipient
        for unit, item in _items(session, proposal).items()
        if unit not in decision.left_out
    )


def _lapse(session: Session, proposal: ProposalRow, now: datetime) -> None:
    proposal.lapsed_at = now
    audit.record(
        session, at=now, actor="system", action="escalation.lapsed", subject=f"proposal:{proposal.id}"
    )


def _execute(
    session: Session,
    office: Office,
    proposal: ProposalRow,
    decision: DecisionRow,
    now: datetime,
    result: Executed,
    draft: Draft,
) -> None:
    """Queue each letter; a recipient that had a chasing mail today keeps its letter for tomorrow."""
    if office.plan.policy.ladder.rungs[proposal.rung - 1].draft_only:
        named = {u for letter in proposal.letters for u in letter["units"]}
        draft(proposal.round, sorted(named - set(decision.left_out)))
        proposal.executed_at = now
        result.drafts += 1
        return
    items = _items(session, proposal)
    busy = mailed_today(session, now)
    waiting = 0
    for number, letter in enumerate(proposal.letters):
        units = [u for u in letter["units"] if u not in decision.left_out]
        mine = [items[u] for u in units]
        if not mine:
            continue
        recipient = mine[0].recipient
        if recipient in busy:
            waiting += 1
        elif queue(session, _notice(office, proposal, letter, number, units, mine), now):
            result.queued += 1
    if not waiting:
        proposal.executed_at = now


def _items(session: Session, proposal: ProposalRow) -> dict[str, ProposalItemRow]:
    query = (
        select(ObligationRow.unit, ProposalItemRow)
        .join(ObligationRow, ObligationRow.id == ProposalItemRow.obligation_id)
        .where(ProposalItemRow.proposal_id == proposal.id)
    )
    return dict(session.execute(query).tuples().all())


def _notice(
    office: Office,
    proposal: ProposalRow,
    letter: dict[str, Any],
    number: int,
    units: list[str],
    items: list[ProposalItemRow],
) -> NewNotice:
    groups: dict[str, list[ProposalItemRow]] = defaultdict(list)
    for i in items:
        groups[i.recipient].append(i)
    recipient = items[0].recipient
    return NewNotice(
        plan=office.plan.code,
        round=proposal.round,
        unit=units[0] if len(letter["units"]) == 1 and letter["kind"] == "head" else "*",
        recipient=recipient,
        kind=letter["kind"],
        occasion=f"proposal-{proposal.id}-{number}",
        nature="chase",
        rung=proposal.rung,
        context=letter["context"],
        items=[
            Item(i.obligation_id, rung_step(proposal.rung), i.effective_limit, i.restart)
            for i in groups[recipient]
        ],
        proposal_id=proposal.id,
    )
