"""The daily bulletin for the Department: how every open round stands, what waits, what is held."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from config.plan import Role, Round
from db.session import writing
from tasks.facts import open_rounds
from tasks.office import Office
from tasks.post import contexts
from tasks.post.outbox import NewNotice, queue
from tasks.rules.limits import last_good_day, working_day_after, working_day_before
from tasks.rules.status import DONE, State
from tasks.rules.words import show_date, show_limit
from tasks.rules.working_days import chasing_allowed, local_day

from .escalate import strangers
from .judge import calendar_of
from .owner import lists_for_owners
from .summary import KIND_LABELS, RoundSummary, sent_on, summarise, waiting_proposals

TAIL = timedelta(days=14)  # a round is told of so long after its consolidation day
SETTLED = DONE | {State.EXEMPT}


def active_rounds(session: Session, office: Office, now: datetime) -> list[Round]:
    """Open rounds that are still worth a line: before their consolidation, or a while after."""
    today = local_day(now)
    return [
        r
        for r, _ in open_rounds(session, office.plan.code).values()
        if today <= (r.consolidates or r.limit) + TAIL
    ]


def queue_bulletin(office: Office, now: datetime) -> int:
    """Owe one bulletin per recipient and working day; returns how many were queued."""
    if not chasing_allowed(calendar_of(office), office.plan.policy.chasing, now):
        return 0
    with writing(office.engine) as session:
        active = active_rounds(session, office, now)
        if not active:
            return 0
        summaries = [summarise(session, office, r.code, now) for r in active]
        if all(line.state in SETTLED for s in summaries for line in s.lines):
            return 0
        context = bulletin_context(session, office, summaries, now)
        recipients = contexts.department_addresses(office, Role.LEADER, Role.OPERATOR)
        for notice in lists_for_owners(session, office, summaries, now):
            queue(session, notice, now)
        return sum(_queue(session, office, r, context, now) for r in recipients)


def _queue(session: Session, office: Office, recipient: str, context: dict[str, Any], now: datetime) -> bool:
    notice = NewNotice(
        plan=office.plan.code,
        round="*",
        unit="*",
        recipient=recipient,
        kind="bulletin",
        occasion=local_day(now).isoformat(),
        nature="office",
        context=context,
    )
    return queue(session, notice, now) is not None


def bulletin_context(
    session: Session, office: Office, summaries: list[RoundSummary], now: datetime
) -> dict[str, Any]:
    sent = sent_on(session, office.plan.code, now)
    return contexts.to_department(office, now) | {
        "rounds": [_round(s) for s in summaries],
        "sent_today": [{"kind_label": KIND_LABELS[k], "count": n} for k, n in sorted(sent.items())],
        "held": [{"unit": x.name, "reason": x.hold} for s in summaries for x in s.held()],
        "waiting": [
            {"title": f"{p['round']}, bậc {p['rung']}: {len(p['units'])} đơn vị", "since": p["since"]}
            for p in waiting_proposals(session, office.plan.code, now)
        ],
        "strangers": len(strangers(session)),
        "calendar": coming(office, [s.round for s in summaries], local_day(now)),
    }


def _round(summary: RoundSummary) -> dict[str, Any]:
    counts = summary.counts
    return {
        "round_title": summary.round.title,
        "limit": show_limit(summary.round.limit_at),
        "total": counts["obligations"],
        "received": summary.received,
        "on_time": counts["on_time"],
        "late": counts["late"],
        "returned": counts["returned"] + counts["incomplete"],
        "missing": counts["missing"],
        "exempt": counts["exempt"],
        "missing_list": [x.name for x in summary.lines if x.state not in SETTLED and not x.arrived_at],
        "late_list": [{"unit": x.name, "days_late": x.days_late, "rung": x.rung} for x in summary.late()],
    }


def coming(office: Office, rounds: list[Round], today: date) -> list[dict[str, str]]:
    """The next two weeks of the calendar: reminders, limits, first rungs, consolidations."""
    calendar, ladder = calendar_of(office), office.plan.policy.ladder
    days: list[tuple[date, str]] = []
    for r in rounds:
        days += [
            (working_day_before(calendar, r.limit_at, n), f"Nhắc trước hạn: {r.short}") for n in r.reminders
        ]
        days.append((last_good_day(r.limit_at), f"Ngày cuối: {r.short}"))
        days += [
            (working_day_after(calendar, r.limit_at, g.after), f"Bậc {g.number}: {r.short}")
            for g in ladder.rungs
        ]
        if r.consolidates:
            days.append((r.consolidates, f"Tổng hợp: {r.short}"))
    soon = sorted((d, text) for d, text in days if today < d <= today + TAIL)
    return [{"date": show_date(d), "text": text} for d, text in soon]
