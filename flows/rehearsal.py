"""``dondoc rehearse``: who would receive what on which day if nobody answered. Sends nothing.

Plays the calendar on a virtual clock in a throw-away database with the real plan and
contacts; every proposal counts as approved the same day, so that all rungs show.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from pathlib import Path

from sqlalchemy import select

from config.plan import ZONE, Certainty, Plan
from config.settings import Mail, Settings
from db import controls
from db.migrate import upgrade
from db.models import DecisionRow, NoticeItemRow, NoticeRow, ObligationRow, ProposalRow
from db.plans import save_plan
from db.session import make_engine, reading, writing
from tasks import steps
from tasks.chase.execute import decide
from tasks.chase.rejudge import rejudger
from tasks.chase.rounds import open_round
from tasks.chase.summary import KIND_LABELS
from tasks.desk.forms import RegisterReading
from tasks.desk.registry import submit
from tasks.office import Office, open_office
from tasks.post.contract import Parts
from tasks.post.deliver import deliver
from tasks.rules.limits import working_day_after
from tasks.rules.working_days import Calendar

REHEARSER = "CV1"


@dataclass(frozen=True)
class Planned:
    """One mail of the rehearsed calendar."""

    day: date
    at: datetime
    kind: str
    label: str
    round: str
    unit: str
    name: str
    recipient: str
    steps: tuple[str, ...]


@dataclass(frozen=True)
class Difference:
    """What one plan would send and another would not, in the order of days."""

    gone: list[Planned]
    added: list[Planned]


def compare(old: list[Planned], new: list[Planned]) -> Difference:
    """Mails are the same where day, kind, rounds, units, recipient and steps are."""

    def seen(planned: list[Planned]) -> set[tuple[object, ...]]:
        return {_same(p) for p in planned}

    before, after = seen(old), seen(new)
    return Difference(
        gone=[p for p in old if _same(p) not in after], added=[p for p in new if _same(p) not in before]
    )


def _same(p: Planned) -> tuple[object, ...]:
    return (p.day, p.kind, p.round, p.unit, p.recipient, p.steps)


def rehearse(plan: Plan, first: date, last: date) -> list[Planned]:
    """Every mail from ``first`` to ``last``, in order, if no unit ever answered."""
    start = play_from(plan, first)
    with tempfile.TemporaryDirectory(prefix="dondoc-rehearse-") as folder:
        office = _office(Path(folder), plan, datetime.combine(start, time(0), ZONE))
        for now in _passes(plan, start, last):
            _pass(office, now)
        return [p for p in _planned(office) if first <= p.day <= last]


def play_from(plan: Plan, first: date) -> date:
    """Where the play begins: the oldest opening of a round that may still bring mail on ``first``.

    A round has climbed its whole ladder some working days after its limit, even where each rung
    waits its gap and a recipient's one mail a day goes to another round first.
    """
    ladder, calendar = plan.policy.ladder, Calendar.of(plan.holidays)
    climb = max(r.after for r in ladder.rungs) + ladder.gap * len(ladder.rungs) + len(plan.rounds)
    live = [r.opens for r in plan.rounds if working_day_after(calendar, r.limit_at, climb) >= first]
    return min([*live, first])


def _office(folder: Path, plan: Plan, now: datetime) -> Office:
    settings = Settings(_env_file=None, data=folder, database_url="", mail=Mail())
    engine = make_engine(f"sqlite:///{folder / 'dondoc.db'}", durable=False)
    upgrade(engine)
    with writing(engine) as session:
        save_plan(session, plan, now)
        controls.put(session, controls.INSTALLED, "yes", at=now, by="system")
        controls.put(session, controls.REHEARSAL, "yes", at=now, by="system")
    return open_office(settings, plan.code, engine, durable=False)


def _passes(plan: Plan, first: date, last: date) -> Iterator[datetime]:
    """The first pass of every working day."""
    calendar = Calendar.of(plan.holidays)
    for n in range((last - first).days + 1):
        day = first + timedelta(days=n)
        if calendar.is_working(day):
            yield datetime.combine(day, plan.policy.chasing.passes[0], ZONE)


def _pass(office: Office, now: datetime) -> None:
    _open_assumed(office, now)
    steps.open_rounds(office, now)
    submit(
        office,
        "register_reading",
        RegisterReading(by=REHEARSER, reason="Diễn tập", through=now).model_dump(),
        now,
    )
    steps.execute(office, now)
    steps.remind(office, now, channels_complete=True)
    steps.escalate(office, now, channels_complete=True)
    _approve_all(office, now)
    steps.execute(office, now)
    deliver(office, now, compose=_nothing, rejudge=rejudger(office, channels_complete=True))


def _open_assumed(office: Office, now: datetime) -> None:
    """Rounds that wait for a person are opened on their day, to show what they would bring."""
    with writing(office.engine) as session:
        known = set(session.scalars(select(ObligationRow.round)))
        for round_ in office.plan.rounds:
            due = round_.opens <= now.astimezone(ZONE).date() < round_.limit
            if round_.certainty is Certainty.ASSUMED and due and round_.code not in known:
                open_round(session, office, round_, now, by=REHEARSER)


def _nothing(notice: NoticeRow, items: list[NoticeItemRow]) -> Parts:
    """A rehearsed mail needs no words: what counts is who, what, when."""
    return Parts(f"{notice.kind} {notice.round}", "diễn tập", "<p>diễn tập</p>")


def _approve_all(office: Office, now: datetime) -> None:
    with writing(office.engine) as session:
        query = select(ProposalRow.id).where(~ProposalRow.id.in_(select(DecisionRow.proposal_id)))
        for proposal in session.scalars(query).all():
            decide(
                session,
                proposal,
                verdict="approve",
                by=REHEARSER,
                reason="Diễn tập",
                now=now,
                strangers_seen=True,
            )


def _planned(office: Office) -> list[Planned]:
    with reading(office.engine) as session:
        rounds: dict[int, tuple[str, str]] = {
            o.id: (o.round, o.unit) for o in session.scalars(select(ObligationRow))
        }
        items: dict[int, list[NoticeItemRow]] = {}
        for i in session.scalars(select(NoticeItemRow).order_by(NoticeItemRow.id)):
            items.setdefault(i.notice_id, []).append(i)
        chasing = select(NoticeRow).where(NoticeRow.nature == "chase").order_by(NoticeRow.id)
        notices = session.scalars(chasing).all()
    names = office.plan.unit_by_code
    return [
        Planned(
            day=n.queued_at.astimezone(ZONE).date(),
            at=n.queued_at,
            kind=n.kind,
            label=KIND_LABELS[n.kind],
            round=", ".join(sorted({rounds[i.obligation_id][0] for i in items.get(n.id, [])})),
            unit=", ".join(sorted({rounds[i.obligation_id][1] for i in items.get(n.id, [])})),
            name=names[n.unit].name if n.unit in names else "",
            recipient=n.recipient,
            steps=tuple(sorted({i.step for i in items.get(n.id, [])})),
        )
        for n in notices
    ]
