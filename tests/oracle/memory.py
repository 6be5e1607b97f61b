"""Plays a history with the pure rules: letters and proposals live in lists, no database."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from random import Random
from typing import Any

from config.plan import ZONE, Audience, Chasing, Form, Ladder, Round, Rung, RungTo, midnight
from tasks.rules.facts import (
    Arrival,
    Check,
    Exemption,
    Extension,
    Facts,
    Letter,
    Promise,
    Proposed,
    Superseded,
    Undecided,
)
from tasks.rules.ladder import Owed, owed
from tasks.rules.last_look import no_longer_owed
from tasks.rules.working_days import Calendar, chasing_allowed, local_day

from .history import AFTERS, REMINDERS, Pass, UnitHistory, World, invent
from .verdict import Asked, Record, Sent, Tally, check_letters, check_pass

TO = (RungTo.UNIT, RungTo.HEAD, RungTo.MEMBER, RungTo.CHAIR)
ROLES = {0: ("clerk", "liaison"), 1: ("clerk", "liaison"), 2: ("head", "deputy"), 3: ("member",)}


def ladder_of(w: World) -> Ladder:
    rungs = tuple(
        Rung(number=n, to=to, after=after, approval=n > 1, draft_only=n == len(TO))
        for n, (to, after) in enumerate(zip(TO, AFTERS, strict=True), start=1)
    )
    return Ladder(rungs=rungs, gap=w.gap)


def round_of(w: World, units: tuple[str, ...]) -> Round:
    local = w.limit.astimezone(ZONE)
    return Round(
        code="r1", form=Form.FREE, title="báo cáo", short="báo cáo", clause="Mục III.4", opens=w.opens,
        limit=local.date(), limit_time=local.time(), audience=Audience.LISTED, units=units,
        reminders=REMINDERS, cure_days=w.cure_days,
    )  # fmt: skip


@dataclass
class Mail:
    """A letter in the out-tray or gone."""

    step: str
    limit: datetime
    to: str
    queued: datetime
    sent: datetime | None = None
    bounced: datetime | None = None
    ended: datetime | None = None
    doubtful: bool = False
    not_before: datetime | None = None

    @property
    def waits(self) -> bool:
        return not (self.sent or self.ended or self.doubtful)


@dataclass
class Clerk:
    """The machine's work for one unit."""

    w: World
    u: UnitHistory
    rng: Random
    record: Record = field(default_factory=Record)
    mails: list[Mail] = field(default_factory=list)
    proposals: list[tuple[Asked, str]] = field(default_factory=list)  # with the recipient
    superseded: list[Superseded] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.round = round_of(self.w, (self.u.code,))
        self.ladder = ladder_of(self.w)
        self.calendar = Calendar(self.w.almanac.off, self.w.almanac.extra)

    # -- facts --------------------------------------------------------------------------

    def facts(self) -> Facts:
        """All that was and will be recorded: the rules must look at what is known by now only."""
        u = self.u
        return Facts(
            obligation=1,
            unit=u.code,
            round=self.round,
            opened_at=midnight(self.round.opens),
            extensions=tuple(Extension(*e, **self._undone("extension", n)) for n, e in enumerate(u.extensions)),
            exemptions=tuple(Exemption(a, **self._undone("exemption", n)) for n, a in enumerate(u.exemptions)),
            promises=tuple(Promise(*p, **self._undone("promise", n)) for n, p in enumerate(u.promises)),
            arrivals=tuple(
                Arrival(n + 1, n + 1, v.arrived, v.recorded, tuple(Check(*c) for c in v.checks),
                        **self._undone("version", n))
                for n, v in enumerate(u.arrivals)
            ),
            undecided=tuple(Undecided(n, d.since, d.until, d.outcome) for n, d in enumerate(u.doubts)),
            letters=tuple(
                Letter(m.step, m.limit, 0, m.queued, m.sent, m.bounced, m.ended, m.doubtful) for m in self.mails
            ),
            proposals=tuple(
                Proposed(a.rung, a.limit, 0, a.at, a.decided, a.verdict, a.executed if a.lapsed else None)
                for a, _ in self.proposals
            ),
            superseded=tuple(self.superseded),
        )

    def _undone(self, kind: str, n: int) -> dict[str, Any]:
        return {"revoked_at": self.u.undone.get((kind, n))}

    # -- one pass -----------------------------------------------------------------------

    def run(self, p: Pass, tally: Tally) -> None:
        before = len(self.record.sent)
        self._release(p)
        if chasing_allowed(self.calendar, Chasing(), p.now):
            self._execute(p)
            if not p.mailroom:
                self._act(owed(self.facts(), self.ladder, self.calendar, p.now), p)
            self._deliver(p)
        self._write_down(p)
        check_letters(self.w, self.u, self.record, p, before, tally)
        check_pass(self.w, self.u, self.record, p, tally)

    def _release(self, p: Pass) -> None:
        """A person has had a doubtful letter sent again."""
        for m in self.mails:
            if m.doubtful and m.not_before and p.now >= m.not_before:
                m.doubtful = False

    def _execute(self, p: Pass) -> None:
        for asked, to in self.proposals:
            ready = asked.verdict == "approve" and asked.decided and asked.decided <= p.now
            if not ready or asked.executed or not asked.decided:
                continue
            if self.calendar.elapsed(local_day(asked.decided), local_day(p.now)) > 1:
                asked.lapsed, asked.executed = True, p.now
            elif asked.rung == len(TO):
                asked.executed = p.now
            elif not self._mailed_today(to, p.now):
                self.mails.append(Mail(f"rung-{asked.rung}", asked.limit, to, p.now))
                asked.executed = p.now

    def _act(self, o: Owed, p: Pass) -> None:
        if not o.sendable or (o.rung and not p.complete):
            return
        to = self._address(o.rung, p.now)
        if o.rung > 1:
            self._propose(o, to, p)
        elif to and not self._mailed_today(to, p.now):
            self.mails.append(Mail(o.step, o.status.limit, to, p.now))
            self.superseded += [Superseded(s, o.status.limit, 0, p.now) for s in o.superseded]

    def _propose(self, o: Owed, to: str, p: Pass) -> None:
        read = any(when <= p.now and through >= o.status.limit for when, through in self.w.register)
        today = any(a.rung == o.rung and local_day(a.at) == local_day(p.now) for a, _ in self.proposals)
        if not read or today or not (to or o.rung == len(TO)):
            return
        verdict = self.rng.choice(["approve"] * 6 + ["decline", "left_out", "", ""])
        wait = self.rng.choice([0.2, 1, 4, 24, 30, 72, 200])
        decided = p.now + timedelta(hours=wait) if verdict else None
        self.proposals.append((Asked(o.rung, o.status.limit, p.now, verdict, decided), to))

    def _deliver(self, p: Pass) -> None:
        if not (p.sending and p.server):
            return
        for m in self.mails:
            if not m.waits or (m.not_before and p.now < m.not_before):
                continue
            if any(x.sent and x.to == m.to and local_day(x.sent) == local_day(p.now) for x in self.mails):
                continue
            rung = int(m.step[5:]) if m.step.startswith("rung-") else 0
            if rung and not p.complete:
                continue
            why = no_longer_owed(
                self.facts(), self.ladder, self.calendar, p.now,
                step=m.step, limit=m.limit, restart=0, current_restart=0,
            )  # fmt: skip
            if why:
                m.ended = p.now
            elif rung > 1 and self.rng.random() < 0.03:
                m.doubtful = True  # the connection was lost after the final dot
                m.not_before = p.now + timedelta(days=3) if self.rng.random() < 0.5 else None
            else:
                self._send(m, p.now)

    def _send(self, m: Mail, now: datetime) -> None:
        m.sent = now
        m.bounced = self.u.returns(m.to.partition("@")[0], now)
        self.record.sent.append(Sent(m.step, m.limit, m.to, now, m.bounced))

    def _write_down(self, p: Pass) -> None:
        """What the operator can see after the pass."""
        r = self.record
        r.asked = [_as_known(a, p.now) for a, _ in self.proposals]
        r.waiting = [(m.step, m.to, m.queued) for m in self.mails if m.waits]
        r.queued_days = {local_day(m.queued) for m in self.mails if not m.ended}
        r.doubtful = {int(m.step[5:]) for m in self.mails if m.doubtful}

    def _mailed_today(self, to: str, now: datetime) -> bool:
        return any(m.to == to and local_day(m.queued) == local_day(now) and not m.ended for m in self.mails)

    def _address(self, rung: int, now: datetime) -> str:
        dead = {m.to for m in self.mails if m.bounced and self.u.dead(m.to.partition("@")[0], m.bounced, now)}
        for role in ROLES.get(rung, ()):
            if role in self.u.has and f"{role}@{self.u.code}" not in dead:
                return f"{role}@{self.u.code}"
        return ""


def _as_known(a: Asked, now: datetime) -> Asked:
    if a.decided and a.decided > now:
        return Asked(a.rung, a.limit, a.at)
    return a


def play(seed: int, tally: Tally) -> None:
    w = invent(seed)
    for u in w.units:
        clerk = Clerk(w, u, Random(seed + 1))
        tally.histories += 1
        for p in w.passes:
            clerk.run(p, tally)
