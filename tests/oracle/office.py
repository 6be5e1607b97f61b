"""Plays histories through the whole path: a real database, ``tasks.chase`` and the post on hold."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from random import Random

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.settings import Settings
from db import audit, controls
from db.models import (
    AttemptRow,
    Base,
    BounceRow,
    DecisionRow,
    NoticeItemRow,
    NoticeRow,
    ObligationRow,
    ProposalItemRow,
    ProposalRow,
)
from db.plans import save_plan
from db.session import make_engine, reading, writing
from tasks.chase.escalate import escalate
from tasks.chase.execute import decide, execute_decisions
from tasks.chase.rejudge import rejudger
from tasks.chase.remind import remind
from tasks.chase.rounds import open_round
from tasks.desk.common import DeskError
from tasks.desk.forms import ReviveAddress
from tasks.desk.posting import revive
from tasks.office import Office, open_office
from tasks.post.contract import Parts
from tasks.post.deliver import deliver

from .almanac import day_of, start_of
from .history import Pass, World, invent
from .memory import round_of
from .rows import Fact, an_inbound, facts_of, plan_of, register_reading
from .verdict import Asked, Record, Sent, Tally, check_letters, check_pass


@dataclass
class Play:
    w: World
    office: Office
    rng: Random
    records: dict[str, Record] = field(default_factory=dict)
    obligations: dict[str, int] = field(default_factory=dict)
    facts: list[Fact] = field(default_factory=list)  # not yet recorded, oldest first
    decisions: dict[int, tuple[datetime, str, list[str]]] = field(default_factory=dict)
    mends: list[tuple[datetime, str, str]] = field(default_factory=list)  # addresses used again: when, whose
    bounced: set[int] = field(default_factory=set)
    mailed: dict[tuple[str, object], set[int]] = field(default_factory=lambda: defaultdict(set))

    # -- what happens between two runs --------------------------------------------------

    def record_until(self, now: datetime) -> None:
        with writing(self.office.engine) as session:
            while self.facts and self.facts[0][0] <= now:
                at, _, row = self.facts.pop(0)
                if callable(row):
                    row(session)
                else:
                    session.add(row)
                session.flush()
                audit.record(session, at=at, actor="test", action="fact", subject="history")
            self._decide(session, now)
        self._bounce_and_mend(now)

    def _decide(self, session: Session, now: datetime) -> None:
        undecided = select(ProposalRow).where(ProposalRow.id.not_in(select(DecisionRow.proposal_id)))
        for proposal in session.scalars(undecided.order_by(ProposalRow.id)):
            if proposal.id not in self.decisions:
                self.decisions[proposal.id] = self._will(proposal)
            at, verdict, left_out = self.decisions[proposal.id]
            if verdict and at <= now:
                decide(session, proposal.id, verdict=verdict, by="CV1", reason="lý do", now=at,
                       left_out=left_out, strangers_seen=True)  # fmt: skip

    def _will(self, proposal: ProposalRow) -> tuple[datetime, str, list[str]]:
        """What the approver will say, and when; "" for never."""
        verdict = self.rng.choice(["approve"] * 7 + ["decline", ""])
        units = sorted({u for letter in proposal.letters for u in letter["units"]})
        left_out = [u for u in units if self.rng.random() < 0.1] if verdict == "approve" else []
        return proposal.created_at + timedelta(hours=self.rng.choice([0.2, 1, 4, 24, 30, 72])), verdict, left_out

    def _bounce_and_mend(self, now: datetime) -> None:
        """In the order of time: what came back, and the addresses that a person lets be used again."""
        while self.mends and self.mends[0][0] <= now:
            at, code, role = self.mends.pop(0)
            with writing(self.office.engine) as session:
                self._bounce(session, at)
            self._mend(code, role, at)
        with writing(self.office.engine) as session:
            self._bounce(session, now)

    def _mend(self, code: str, role: str, at: datetime) -> None:
        form = ReviveAddress(by="CV1", reason="đã xác minh", owner=code, role=role)  # type: ignore[arg-type]
        try:
            revive(self.office, form, at)
        except DeskError:
            return  # it was not dead

    def _bounce(self, session: Session, now: datetime) -> None:
        for record in self.records.values():
            for sent in record.sent:
                if sent.bounced and sent.bounced <= now and sent.notice not in self.bounced:
                    self.bounced.add(sent.notice)
                    inbound = an_inbound(f"bounce-{sent.notice}", sent.bounced, sent.bounced)
                    session.add(inbound)
                    session.flush()
                    session.add(
                        BounceRow(notice_id=sent.notice, inbound_id=inbound.id, address=sent.to,
                                  permanent=True, status="5.1.1", at=sent.bounced)
                    )  # fmt: skip

    # -- one run ------------------------------------------------------------------------

    def run(self, p: Pass, tally: Tally) -> None:
        self.record_until(p.now)
        self._switch(p)
        execute_decisions(self.office, p.now, draft=lambda round_code, units: None)
        if not p.mailroom:
            remind(self.office, p.now, channels_complete=p.complete)
            escalate(self.office, p.now, channels_complete=p.complete)
        if p.server:
            look = rejudger(self.office, channels_complete=p.complete)
            deliver(self.office, p.now, compose=_plain, rejudge=look)
        before = {code: len(r.sent) for code, r in self.records.items()}
        self._look()
        for u in self.w.units:
            check_letters(self.w, u, self.records[u.code], p, before[u.code], tally)
            check_pass(self.w, u, self.records[u.code], p, tally)
        for (to, day), notices in self.mailed.items():
            if len(notices) > 1:
                tally.false.append(f"seed {self.w.seed}: {len(notices)} chasing mails to {to} on {day}")
                notices.clear()

    def _switch(self, p: Pass) -> None:
        with writing(self.office.engine) as session:
            if controls.sending_allowed(session) != p.sending:
                controls.put(session, controls.SENDING, "on" if p.sending else "off", at=p.now, by="CV1")

    def _look(self) -> None:
        """Read the machine's books into the oracle's records."""
        code_of = {number: code for code, number in self.obligations.items()}
        for r in self.records.values():
            r.asked, r.waiting, r.queued_days = [], [], set()
        with reading(self.office.engine) as session:
            for item, notice, attempt in _letters(session):
                r = self.records[code_of[item.obligation_id]]
                if not item.dropped_at and notice.state not in ("cancelled", "failed"):
                    r.queued_days.add(day_of(notice.queued_at))
                if notice.state == "queued" and not item.dropped_at:
                    r.waiting.append((item.step, notice.recipient, notice.queued_at))
                if attempt and not item.dropped_at:
                    self._sent(r, code_of[item.obligation_id], item, notice, attempt)
            for item, proposal, decision in _proposals(session):
                code = code_of[item.obligation_id]
                self.records[code].asked.append(_asked(item, proposal, decision, code))

    def _sent(self, r: Record, code: str, item: NoticeItemRow, notice: NoticeRow, attempt: AttemptRow) -> None:
        assert attempt.finished_at is not None
        self.mailed[notice.recipient, day_of(attempt.finished_at)].add(notice.id)
        if any(s.notice == notice.id for s in r.sent):
            return
        (u,) = [u for u in self.w.units if u.code == code]
        bounced = u.returns(notice.recipient.partition("@")[0], attempt.finished_at)
        r.sent.append(Sent(item.step, item.effective_limit, notice.recipient, attempt.finished_at, bounced, notice.id))


def _letters(session: Session) -> Iterator[tuple[NoticeItemRow, NoticeRow, AttemptRow | None]]:
    query = (
        select(NoticeItemRow, NoticeRow, AttemptRow)
        .join(NoticeRow, NoticeRow.id == NoticeItemRow.notice_id)
        .outerjoin(AttemptRow, (AttemptRow.notice_id == NoticeRow.id) & (AttemptRow.outcome == "held"))
        .where(NoticeRow.nature == "chase")
        .order_by(NoticeItemRow.id, AttemptRow.id)
    )
    yield from session.execute(query).tuples()


def _proposals(session: Session) -> Iterator[tuple[ProposalItemRow, ProposalRow, DecisionRow | None]]:
    query = (
        select(ProposalItemRow, ProposalRow, DecisionRow)
        .join(ProposalRow, ProposalRow.id == ProposalItemRow.proposal_id)
        .outerjoin(DecisionRow, DecisionRow.proposal_id == ProposalRow.id)
        .order_by(ProposalItemRow.id)
    )
    yield from session.execute(query).tuples()


def _asked(item: ProposalItemRow, proposal: ProposalRow, decision: DecisionRow | None, code: str) -> Asked:
    asked = Asked(proposal.rung, item.effective_limit, proposal.created_at)
    if decision:
        asked.verdict = "left_out" if code in decision.left_out else decision.verdict
        asked.decided = decision.at
        asked.executed, asked.lapsed = proposal.executed_at, proposal.lapsed_at is not None
    return asked


def _plain(notice: NoticeRow, items: list[NoticeItemRow]) -> Parts:
    return Parts(subject=notice.kind, text=f"{[i.step for i in items]}", html="<p></p>")


def play(seed: int, units: int, folder: Path, tally: Tally) -> None:
    """One database, ``units`` histories in it."""
    w = invent(seed, units, more_passes=False)
    for n, u in enumerate(w.units):
        u.code = f"u{n}.example"
        u.bounces.pop("member", None)
    p = an_office(w, folder)
    tally.histories += units
    for one in w.passes:
        p.run(one, tally)
    p.office.engine.dispose()


def an_office(w: World, folder: Path) -> Play:
    """An office with the round of ``w`` open and its history ready to be recorded."""
    folder.mkdir(parents=True)
    settings = Settings(data=folder, _env_file=None)  # type: ignore[call-arg]
    engine = make_engine(settings.url, durable=False)
    Base.metadata.create_all(engine)
    start = start_of(w.opens)
    plan = plan_of(w)
    with writing(engine) as session:
        save_plan(session, plan, start)
        controls.put(session, controls.REHEARSAL, "yes", at=start, by="test")
        controls.put(session, controls.INSTALLED, "yes", at=start, by="test")
    p = Play(w, open_office(settings, "2026", engine), Random(w.seed + 1))
    round_ = round_of(w, tuple(u.code for u in w.units))
    with writing(engine) as session:
        open_round(session, p.office, round_, start, by="test")
        rows = session.scalars(select(ObligationRow)).all()
        p.obligations = {row.unit: row.id for row in rows}
    p.records = {u.code: Record() for u in w.units}
    p.facts = [f for u in w.units for f in facts_of(u, p.obligations[u.code])]
    p.facts += [(at, 0, register_reading(at, through)) for at, through in w.register]
    p.facts.sort(key=lambda f: f[:2])
    p.mends = sorted((at, u.code, role) for u in w.units for role, at in u.mended.items())
    return p
