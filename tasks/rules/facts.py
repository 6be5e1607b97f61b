"""What the rules are told about one obligation. Facts carry the instant they were recorded,
so that ``as_of`` can show any past day as it was known then.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from config.plan import Certainty, Round


@dataclass(frozen=True)
class Extension:
    at: datetime
    until: datetime  # exclusive
    reason: str = ""


@dataclass(frozen=True)
class Exemption:
    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Promise:
    """An acknowledgement with a promised date (exclusive)."""

    at: datetime
    promised: datetime


@dataclass(frozen=True)
class Punctuality:
    """"Chấp nhận đúng hạn có lý do"."""

    at: datetime
    reason: str = ""


@dataclass(frozen=True)
class Arrival:
    """A submission: one version of the unit's answer and the verdict on it."""

    submission: int
    version: int
    arrived_at: datetime  # what counts (ruling 5)
    recorded_at: datetime
    verdict: str = ""  # accepted, returned; empty: in check
    checked_at: datetime | None = None
    counts: bool = True  # a non-blank workbook or a PDF (ruling 7)
    flags: tuple[str, ...] = ()


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
    verdict: str = ""  # approve, decline, lapse; left_out where only this unit was left out
    draft: bool = False


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
    superseded: frozenset[tuple[str, datetime, int]] = frozenset()


def as_of(facts: Facts, now: datetime) -> Facts:
    """``facts`` as they were known at ``now``: nothing recorded later, no later outcome."""
    return replace(
        facts,
        extensions=tuple(e for e in facts.extensions if e.at <= now),
        exemptions=tuple(e for e in facts.exemptions if e.at <= now),
        promises=tuple(p for p in facts.promises if p.at <= now),
        punctuality=tuple(p for p in facts.punctuality if p.at <= now),
        arrivals=tuple(_arrival_as_of(a, now) for a in facts.arrivals if a.recorded_at <= now),
        undecided=tuple(u for u in facts.undecided if u.since <= now and (not u.until or u.until > now)),
        letters=tuple(_letter_as_of(x, now) for x in facts.letters if x.queued_at <= now),
        proposals=tuple(_proposal_as_of(p, now) for p in facts.proposals if p.at <= now),
    )


def _arrival_as_of(arrival: Arrival, now: datetime) -> Arrival:
    if arrival.checked_at and arrival.checked_at > now:
        return replace(arrival, verdict="", checked_at=None, counts=True)
    return arrival


def _letter_as_of(letter: Letter, now: datetime) -> Letter:
    def known(at: datetime | None) -> datetime | None:
        return at if at and at <= now else None

    return replace(
        letter,
        sent_at=known(letter.sent_at),
        bounced_at=known(letter.bounced_at),
        ended_at=known(letter.ended_at),
    )


def _proposal_as_of(proposal: Proposed, now: datetime) -> Proposed:
    if proposal.decided_at and proposal.decided_at > now:
        return replace(proposal, decided_at=None, verdict="")
    return proposal
