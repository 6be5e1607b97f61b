"""The last look, inside the transaction that claims a notice for sending (design §6, ruling 14).

A unit that has meanwhile sent its file, was exempted, extended or is held is dropped,
visibly; what is left is rendered with the counts and the moment of sending.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from db.controls import ladder_restart
from db.models import NoticeItemRow, NoticeRow
from tasks.office import Office
from tasks.post import contexts
from tasks.post.contract import Judgement, Rejudge
from tasks.rules.facts import Facts, as_of
from tasks.rules.last_look import no_longer_owed
from tasks.rules.status import Status, status
from tasks.rules.words import show_moment

from .clock import doubt_of
from .freshness import FreshFacts
from .judge import Addresses, addresses, calendar_of
from .owner import named

DIGESTS = ("member", "chair")


def rejudger(office: Office, *, channels_complete: bool, channel_note: bool = False) -> Rejudge:
    """``channels_complete``: every channel was read completely in this run; without it no
    escalation leaves (ruling 11), while reminders before the limit do, with a note."""

    fresh = FreshFacts(office)
    reach: Addresses | None = None  # asked once: nobody changes a contact in the middle of a run

    def rejudge(session: Session, notice: NoticeRow, now: datetime) -> Judgement:
        nonlocal reach
        if notice.rung and not channels_complete:
            return Judgement(wait="Lượt này chưa đọc trọn vẹn mọi kênh nhận tệp")
        if notice.nature == "chase" and (doubt := doubt_of(session)):
            return Judgement(wait=f"Đồng hồ máy chủ chưa tin được: {doubt}")
        if notice.nature != "chase":
            return Judgement(context=_with_common(office, notice, now))
        query = select(NoticeItemRow).where(
            NoticeItemRow.notice_id == notice.id, NoticeItemRow.dropped_at.is_(None)
        )
        items = session.scalars(query.order_by(NoticeItemRow.id)).all()
        ids = [i.obligation_id for i in items]
        known = fresh.of(session, notice.plan, ids)
        reach = reach or addresses(session, office)
        dropped = _dropped(session, office, items, known, now)
        dropped = _readdressed(reach, notice, items, known, dropped)
        facts = {o: as_of(f, now) for o, f in known.items()}
        judged = {o: status(f, calendar_of(office), now) for o, f in facts.items()}
        left = [i for i in items if i.id not in dropped]
        if not left:
            return Judgement(dropped=dropped, cancel="" if dropped else "Không còn nội dung")
        context = _chase_context(office, notice, left, facts, judged, now)
        if notice.kind == "reminder":
            context["channel_note"] = channel_note or not channels_complete
        return Judgement(dropped=dropped, context=context)

    return rejudge


def _dropped(
    session: Session, office: Office, items: Sequence[NoticeItemRow], facts: dict[int, Facts], now: datetime
) -> dict[int, str]:
    """Item id → why its step is no longer owed."""
    calendar, ladder = calendar_of(office), office.plan.policy.ladder
    current = ladder_restart(session)
    reasons = {
        i.id: no_longer_owed(
            facts[i.obligation_id],
            ladder,
            calendar,
            now,
            step=i.step,
            limit=i.effective_limit,
            restart=i.restart,
            current_restart=current,
        )
        for i in items
    }
    return {item: why for item, why in reasons.items() if why}


def _readdressed(
    reach: Addresses,
    notice: NoticeRow,
    items: Sequence[NoticeItemRow],
    facts: dict[int, Facts],
    dropped: dict[int, str],
) -> dict[int, str]:
    """``dropped``, and what would go today to somebody else than when it was queued (ruling 14)."""
    left = [i for i in items if i.id not in dropped]
    moved = [i for i in left if reach.for_step(facts[i.obligation_id].unit, notice.rung) != notice.recipient]
    return dropped | dict.fromkeys([i.id for i in moved], "Người nhận đã thay đổi từ lúc soạn thư")


def _with_common(office: Office, notice: NoticeRow, now: datetime) -> contexts.Context:
    if "mail_prefix" in notice.context:
        return dict(notice.context)
    known = notice.unit in office.plan.unit_by_code
    base = (
        contexts.to_unit(office, now, notice.unit, tag=contexts.tag_of(notice.token))
        if known
        else contexts.to_department(office, now)
    )
    return base | notice.context


def _chase_context(
    office: Office,
    notice: NoticeRow,
    left: Sequence[NoticeItemRow],
    facts: dict[int, Facts],
    judged: dict[int, Status],
    now: datetime,
) -> contexts.Context:
    calendar = calendar_of(office)
    pairs = [(facts[i.obligation_id], judged[i.obligation_id]) for i in left]
    if notice.kind in DIGESTS:
        return digest_context(office, dict(notice.context), pairs, now)
    items = [contexts.item(f, s, calendar, now) for f, s in pairs]
    if notice.kind == "head":
        return dict(notice.context) | {"as_of": show_moment(now), "items": items}
    tag = contexts.tag_of(notice.token)
    base = contexts.to_unit(office, now, notice.unit, tag=tag) | {"items": items}
    if len(pairs) == 1:
        base |= named(office.plan, pairs[0][0].round, [notice.unit])
    return base | {"respond_by": contexts.respond_by(calendar, now)}


def digest_context(
    office: Office, approved: contexts.Context, pairs: Sequence[tuple[Facts, Status]], now: datetime
) -> contexts.Context:
    """A digest with only the rows that are still owed; nothing else changes but count and moment."""
    calendar = calendar_of(office)
    rows = [
        contexts.row(
            office.plan.unit_by_code[f.unit].name, contexts.item(f, s, calendar, now), contexts.urgings(f)
        )
        for f, s in pairs
    ]
    return approved | {"as_of": show_moment(now), "rows": rows, "count": len(rows)}
