"""What the rules are told about one obligation. Facts carry the instant they were recorded,
so that ``as_of`` can show any past day as it was known then.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import TypeVar

from config.plan import Certainty, Round


@dataclass(frozen=True, kw_only=True)
class Revocable:
    """A person's decision that may be taken back: it stays a fact, and since ``revoked_at`` holds no more."""

    revoked_at: datetime | None = None
    revoked_why: str = ""

    def stands(self, now: datetime) -> bool:
        return self.revoked_at is None or now < self.revoked_at


@dataclass(frozen=True)
class Extension(Revocable):
    at: datetime
    until: datetime  # exclusive
    reason: str = ""


@dataclass(frozen=True)
class Exemption(Revocable):
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Promise(Revocable):
    """An acknowledgement with a promised date (exclusive)."""

    at: datetime
    promised: datetime


@dataclass(frozen=True)
class Punctuality(Revocable):
    """"Chấp nhận đúng hạn có lý do"."""

    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Check:
    """One verdict on a submission, by the system or a person."""

    at: datetime
    verdict: str  # accepted, returned
    counts: bool  # a non-blank workbook or a PDF (ruling 7)


@dataclass(frozen=True)
class Arrival(Revocable):
    """A submission: one version of the unit's answer and the verdicts on it, oldest first.

    Taken back where a person had assigned another's file to the unit.
    """

    submission: int
    version: int
    arrived_at: datetime  # what counts (ruling 5)
    recorded_at: datetime
    checks: tuple[Check, ...] = ()
    flags: tuple[str, ...] = ()

    @property
    def at(self) -> datetime:
        return self.recorded_at

    @property
    def verdict(self) -> str:
        """The newest verdict; empty: in check."""
        return self.checks[-1].verdict if self.checks else ""

    @property
    def counts(self) -> bool:
        """May it fix punctuality? While in check it is taken for a real answer."""
        return self.checks[-1].counts if self.checks else True


@dataclass(frozen=True)
class Undecided:
    """An item that may be the unit's own and that nobody has decided yet."""

    inbound: int
    since: datetime
    until: datetime | None = None  # when it was decided
    outcome: str = "unknown"


@dataclass(frozen=True)
class Letter:
    """One step's letter to one recipient. ``sent_at`` only where it counts as sent (ruling 15)."""

    step: str
    effective_limit: datetime
    restart: int
    queued_at: datetime
    sent_at: datetime | None = None
    bounced_at: datetime | None = None
    ended_at: datetime | None = None  # cancelled, dropped or refused: it will not leave
    unknown: bool = False  # the connection was lost after the final dot: a person decides


@dataclass(frozen=True)
class Proposed:
    """An escalation put before a person."""

    rung: int
    effective_limit: datetime
    restart: int
    at: datetime
    decided_at: datetime | None = None
    verdict: str = ""  # approve, decline; left_out where only this unit was left out
    lapsed_at: datetime | None = None  # approved, but too late to be sent


@dataclass(frozen=True)
class Superseded:
    """A step that fell due and was not sent because a newer one was."""

    step: str
    effective_limit: datetime
    restart: int
    at: datetime


Decision = Extension | Exemption | Promise | Punctuality | Arrival
Decided = TypeVar("Decided", Extension, Exemption, Promise, Punctuality, Arrival)


@dataclass(frozen=True)
class Facts:
    obligation: int
    unit: str
    round: Round
    opened_at: datetime
    token: str = ""
    certainty: Certainty = Certainty.CONFIRMED
    extensions: tuple[Extension, ...] = ()
    exemptions: tuple[Exemption, ...] = ()
    promises: tuple[Promise, ...] = ()
    punctuality: tuple[Punctuality, ...] = ()
    arrivals: tuple[Arrival, ...] = ()
    undecided: tuple[Undecided, ...] = ()
    letters: tuple[Letter, ...] = ()
    proposals: tuple[Proposed, ...] = ()
    superseded: tuple[Superseded, ...] = ()
    revoked: tuple[Decision, ...] = ()  # set by ``as_of``: what was known and holds no more


def as_of(facts: Facts, now: datetime) -> Facts:
    """``facts`` as they were known at ``now``: nothing recorded later, no later outcome."""
    return replace(
        facts,
        extensions=_standing(facts.extensions, now),
        exemptions=_standing(facts.exemptions, now),
        promises=_standing(facts.promises, now),
        punctuality=_standing(facts.punctuality, now),
        arrivals=tuple(_arrival_as_of(a, now) for a in _standing(facts.arrivals, now)),
        revoked=(*facts.revoked, *_taken_back(facts, now)),
        undecided=tuple(u for u in facts.undecided if u.since <= now and (not u.until or u.until > now)),
        letters=tuple(_letter_as_of(x, now) for x in facts.letters if x.queued_at <= now),
        proposals=tuple(_proposal_as_of(p, now) for p in facts.proposals if p.at <= now),
        superseded=tuple(s for s in facts.superseded if s.at <= now),
    )


def _standing(decisions: Iterable[Decided], now: datetime) -> tuple[Decided, ...]:
    """Known and holding at ``now``; that one is taken back later is not known yet."""
    return tuple(
        replace(d, revoked_at=None, revoked_why="") for d in decisions if d.at <= now and d.stands(now)
    )


def _taken_back(facts: Facts, now: datetime) -> tuple[Decision, ...]:
    every: tuple[Decision, ...] = (
        *facts.extensions,
        *facts.exemptions,
        *facts.promises,
        *facts.punctuality,
        *facts.arrivals,
    )
    return tuple(d for d in every if not d.stands(now))


def _arrival_as_of(arrival: Arrival, now: datetime) -> Arrival:
    return replace(arrival, checks=tuple(c for c in arrival.checks if c.at <= now))


def _letter_as_of(letter: Letter, now: datetime) -> Letter:
    return replace(
        letter,
        sent_at=_known(letter.sent_at, now),
        bounced_at=_known(letter.bounced_at, now),
        ended_at=_known(letter.ended_at, now),
    )


def _proposal_as_of(proposal: Proposed, now: datetime) -> Proposed:
    decided_at = _known(proposal.decided_at, now)
    return replace(
        proposal,
        decided_at=decided_at,
        verdict=proposal.verdict if decided_at else "",
        lapsed_at=_known(proposal.lapsed_at, now),
    )


def _known(at: datetime | None, now: datetime) -> datetime | None:
    return at if at and at <= now else None
