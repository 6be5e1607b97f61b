"""Puts escalations before a person: one proposal per round, rung and day, with the exact letters."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import Member, RungTo
from db import audit
from db.models import ObligationRow, ProposalItemRow, ProposalRow, RecognitionRow
from db.session import writing
from tasks.intake.outcome import UNDECIDED
from tasks.office import Office
from tasks.post import contexts
from tasks.post.render import render
from tasks.rules.holds import Hold
from tasks.rules.ladder import Owed
from tasks.rules.words import show_moment, show_through
from tasks.rules.working_days import local_day

from .judge import Addresses, addresses, calendar_of, judge, may_chase
from .owner import named
from .rejudge import digest_context
from .remind import CHANNELS_HOLD

KINDS = {RungTo.HEAD: "head", RungTo.MEMBER: "member", RungTo.CHAIR: "chair"}


@dataclass
class Escalated:
    proposals: int = 0
    units: int = 0
    held: list[tuple[str, str, Hold]] = field(default_factory=list)  # unit, round, why


def escalate(
    office: Office, now: datetime, *, channels_complete: bool, rounds: Sequence[str] | None = None
) -> Escalated:
    """Propose every rung above the first that is due; nothing is sent here.

    Needs a complete reading of every channel in this run, and of the document register
    after the limit (rulings 11, 12).
    """
    result = Escalated()
    if not may_chase(office, now):
        return result
    with writing(office.engine) as session:
        due: dict[tuple[str, int], list[Owed]] = defaultdict(list)
        for o in judge(session, office, now, rounds, owing=True):
            if o.rung < 2:
                continue
            if hold := o.hold or (None if channels_complete else CHANNELS_HOLD):
                result.held.append((o.facts.unit, o.facts.round.code, hold))
            else:
                due[o.facts.round.code, o.rung].append(o)
        for (round_code, rung), items in due.items():
            if propose(session, office, round_code, rung, items, now):
                result.proposals += 1
                result.units += len(items)
    return result


def propose(
    session: Session, office: Office, round_code: str, rung: int, items: list[Owed], now: datetime
) -> ProposalRow | None:
    """Write one proposal with its letters; None where today's stands already."""
    occasion = local_day(now).isoformat()
    plan = office.plan.code
    exists = select(ProposalRow.id).where(
        ProposalRow.plan == plan,
        ProposalRow.round == round_code,
        ProposalRow.rung == rung,
        ProposalRow.occasion == occasion,
    )
    if session.scalar(exists):
        return None
    reach = addresses(session, office)
    letters, recipients = _letters(session, office, reach, rung, items, now)
    row = ProposalRow(
        plan=plan,
        round=round_code,
        rung=rung,
        occasion=occasion,
        created_at=now,
        letters=letters,
        strangers=strangers(session),
        flow_run="",
    )
    session.add(row)
    session.flush()
    for o in items:
        session.add(
            ProposalItemRow(
                proposal_id=row.id,
                obligation_id=o.facts.obligation,
                effective_limit=o.status.limit,
                restart=o.restart,
                recipient=recipients[o.facts.obligation],
            )
        )
    units = [o.facts.unit for o in items]
    audit.record(
        session,
        at=now,
        actor="system",
        action="escalation.proposed",
        subject=f"proposal:{row.id}",
        round=round_code,
        rung=rung,
        units=units,
    )
    return row


def strangers(session: Session) -> list[int]:
    """Items that matched nobody: shown in every approval, to be ticked as seen (ruling 11)."""
    newest: dict[tuple[int, int | None], RecognitionRow] = {}
    for r in session.scalars(select(RecognitionRow).order_by(RecognitionRow.id)):
        newest[r.inbound_id, r.file_id] = r
    return sorted(
        {
            r.inbound_id
            for r in newest.values()
            if r.outcome in UNDECIDED and not r.hints and r.obligation_id is None
        }
    )


def _letters(
    session: Session, office: Office, reach: Addresses, rung: int, items: list[Owed], now: datetime
) -> tuple[list[dict[str, Any]], dict[int, str]]:
    """(letters as they would leave, recipient by obligation)."""
    to = office.plan.policy.ladder.rungs[rung - 1].to
    recipients = {o.facts.obligation: reach.for_step(o.facts.unit, rung) for o in items}
    if to in (RungTo.UNIT, RungTo.HEAD):
        return [_head_letter(office, o, now) for o in items], recipients
    groups: dict[str, list[Owed]] = defaultdict(list)
    for o in items:
        if member := reach.member_of(o.facts.unit, to):  # who has none is held before
            groups[member.code].append(o)
    members = office.plan.member_by_code
    query = select(ObligationRow.unit).where(
        ObligationRow.plan == office.plan.code, ObligationRow.round == items[0].facts.round.code
    )
    owing = [office.plan.unit_by_code[u] for u in session.scalars(query)]
    letters = []
    for code, group in groups.items():
        total = sum(1 for u in owing if to is RungTo.CHAIR or u.member == code)
        letters.append(_digest(office, KINDS[to], members[code], group, total, now))
    return letters, recipients


def _head_letter(office: Office, o: Owed, now: datetime) -> dict[str, Any]:
    calendar = calendar_of(office)
    context = contexts.to_head(office, now, o.facts.unit) | {
        "tag": contexts.tag_of(o.facts.token),
        "items": [contexts.item(o.facts, o.status, calendar, now)],
        "urgings": contexts.urgings(o.facts),
        "respond_by": contexts.respond_by(calendar, now),
    }
    context |= named(office.plan, o.facts.round, [o.facts.unit])
    addressee = context["addressee"]
    return _letter("head", addressee, context, [o])


def _digest(
    office: Office, kind: str, member: Member, group: list[Owed], total: int, now: datetime
) -> dict[str, Any]:
    """A digest for one office holder; ``total``: units of the round in that person's charge."""
    addressee = f"Đồng chí {member.name}, {member.title}" if member.name else f"Đồng chí {member.title}"
    context = contexts.common(office, now, addressee) | {
        "member": {"name": member.name, "title": member.title, "in_charge_of": member.in_charge_of},
        "total": total,
        "round_short": group[0].facts.round.short,
    }
    context |= named(office.plan, group[0].facts.round, [o.facts.unit for o in group])
    context = digest_context(office, context, [(o.facts, o.status) for o in group], now)
    return _letter(kind, addressee, context, group)


def _letter(kind: str, addressee: str, context: dict[str, Any], group: Iterable[Owed]) -> dict[str, Any]:
    mail = render(kind, context)
    return {
        "kind": kind,
        "addressee": addressee,
        "units": [o.facts.unit for o in group],
        "evidence": [_evidence(o) for o in group],
        "subject": mail.subject,
        "text": mail.text,
        "context": context,
    }


def _evidence(o: Owed) -> dict[str, Any]:
    """Why this unit: limit, days late, what was really sent, what arrived."""
    arrival = o.status.arrival
    return {
        "unit": o.facts.unit,
        "limit": show_through(o.status.limit),
        "days_late": o.status.days_late,
        "rule": o.status.rule,
        "urgings": contexts.urgings(o.facts),
        "arrival": show_moment(arrival.arrived_at) if arrival else "",
    }
