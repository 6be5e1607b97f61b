"""Queues what units are owed automatically: invitations, reminders, the first rung."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from config.plan import midnight
from db.models import NoticeRow, SupersededRow
from db.session import writing
from tasks.office import Office
from tasks.post.outbox import Item, NewNotice, queue
from tasks.rules.holds import Hold, HoldCode
from tasks.rules.ladder import INVITATION, Owed
from tasks.rules.working_days import local_day

from .judge import Addresses, addresses, judge, may_chase

CHANNELS_HOLD = Hold(HoldCode.CHANNELS, "Lượt này chưa đọc trọn vẹn mọi kênh nhận tệp")


@dataclass
class Reminded:
    queued: int = 0
    items: int = 0
    held: list[tuple[str, str, Hold]] = field(default_factory=list)  # unit, round, why


def remind(
    office: Office, now: datetime, *, channels_complete: bool, rounds: Sequence[str] | None = None
) -> Reminded:
    """Queue one mail per unit that is owed something and may be chased now.

    ``rounds``: the rounds of the flow that asks; a unit's items of other open rounds ride in
    the same mail, so that it never gets two on one day (design §6).
    """
    result = Reminded()
    if not may_chase(office, now):
        return result
    with writing(office.engine) as session:
        reach = addresses(session, office)
        mailed = mailed_today(session, now)
        owed = judge(session, office, now, owing=True)
        for unit, items in _by_unit(owed, channels_complete, result).items():
            if rounds is not None and not any(o.facts.round.code in rounds for o in items):
                continue
            recipient = reach.for_step(unit, 0)
            if (
                recipient
                and recipient not in mailed
                and _queue(session, office, reach, items, recipient, now)
            ):
                result.queued += 1
                result.items += len(items)
    return result


def _by_unit(all_owed: Iterable[Owed], complete: bool, result: Reminded) -> dict[str, list[Owed]]:
    """What may be sent, by unit; what may not goes to ``result.held`` with its reason."""
    units: dict[str, list[Owed]] = defaultdict(list)
    for o in all_owed:
        if o.rung > 1:
            continue
        hold = o.hold or (CHANNELS_HOLD if o.rung and not complete else None)
        if hold:
            result.held.append((o.facts.unit, o.facts.round.code, hold))
        elif o.step:
            units[o.facts.unit].append(o)
    return units


def mailed_today(session: Session, now: datetime) -> set[str]:
    """Recipients that already have a chasing mail of this day (ruling 6)."""
    start = midnight(local_day(now))
    query = select(NoticeRow.recipient).where(
        NoticeRow.nature == "chase",
        NoticeRow.state != "cancelled",
        NoticeRow.queued_at >= start,
        NoticeRow.queued_at < start + timedelta(days=1),
    )
    return set(session.scalars(query))


def kind_of(items: Sequence[Owed]) -> str:
    """The template for a mail: that of its most pressing item."""
    if any(o.rung for o in items):
        return "overdue"
    return "invitation" if all(o.step == INVITATION for o in items) else "reminder"


def _queue(
    session: Session, office: Office, reach: Addresses, items: list[Owed], recipient: str, now: datetime
) -> NoticeRow | None:
    single = items[0] if len(items) == 1 else None
    first = items[0]
    notice = queue(
        session,
        NewNotice(
            plan=office.plan.code,
            round=single.facts.round.code if single else "*",
            unit=first.facts.unit,
            recipient=recipient,
            kind=kind_of(items),
            occasion=f"{local_day(now).isoformat()}/{first.restart}",
            nature="chase",
            rung=max(o.rung for o in items),
            attachments=[{"form": o.facts.obligation} for o in items if o.step == INVITATION or o.rung == 1],
            token=single.facts.token if single else "",
            items=[Item(o.facts.obligation, o.step, o.status.limit, o.restart) for o in items],
        ),
        now,
    )
    if notice:
        _supersede(session, items, now)
    return notice


def _supersede(session: Session, items: Iterable[Owed], now: datetime) -> None:
    """Older steps that fell due in the meantime are recorded as not sent (design §5)."""
    rows = [
        {
            "obligation_id": o.facts.obligation,
            "step": step,
            "effective_limit": o.status.limit,
            "restart": o.restart,
            "superseded_by": o.step,
            "at": now,
        }
        for o in items
        for step in o.superseded
    ]
    if rows:
        session.execute(insert(SupersededRow), rows)
