"""Statuses told again from the audit alone, and compared with those of the tables.

The audit carries what a status depends on: rounds opened (with their definition), versions
recorded, verdicts, extensions, exemptions, promises, accepted excuses, and what was taken back.
Only the calendar is the plan's. A table that was changed behind our back shows as a difference.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import Certainty, Holiday, Round
from db.controls import is_rehearsal
from db.models import AuditRow, PlanRow
from tasks.facts import load_facts
from tasks.rules.facts import Arrival, Check, Exemption, Extension, Facts, Promise, Punctuality
from tasks.rules.status import Status, status
from tasks.rules.working_days import Calendar

Key = tuple[str, str, str]  # plan, round, unit


@dataclass(frozen=True)
class Told:
    """A status as far as a comparison goes: no labels, no wording."""

    state: str
    limit: str
    days_late: int
    arrived_at: str

    @classmethod
    def of(cls, found: Status) -> Told:
        arrived = _utc(found.arrival.arrived_at) if found.arrival else ""
        return cls(found.state.value, _utc(found.limit), found.days_late, arrived)


def _utc(instant: datetime) -> str:
    """One spelling of an instant, whatever zone it was written in."""
    return instant.astimezone(UTC).isoformat()


@dataclass(frozen=True)
class Difference:
    plan: str
    round: str
    unit: str
    audit: str  # state by the audit; empty: not known there
    tables: str

    def __str__(self) -> str:
        return f"{self.round} {self.unit}: nhật ký {self.audit or '—'}, bảng dữ liệu {self.tables or '—'}"


@dataclass
class _Story:
    """Facts by obligation, as the audit tells them one row after the other."""

    facts: dict[int, Facts] = field(default_factory=dict)
    plan_of: dict[int, str] = field(default_factory=dict)
    newest: dict[tuple[str, str], int] = field(default_factory=dict)  # (round, unit) → obligation
    owner: dict[str, int] = field(default_factory=dict)  # subject of a submission → obligation

    def named(self, row: AuditRow) -> Iterator[Facts]:
        """The obligations a desk form named by unit in the round ``row.subject``."""
        for unit in row.details.get("units", []):
            obligation = self.newest.get((row.subject, unit))
            if obligation is not None:
                yield self.facts[obligation]

    def put(self, facts: Facts) -> None:
        self.facts[facts.obligation] = facts


def statuses_by_audit(session: Session, as_of: datetime) -> dict[Key, Told]:
    """Every obligation's status at ``as_of``, from the audit's rows alone."""
    story = _Story()
    told = select(AuditRow).where(AuditRow.action.in_(TELLERS)).order_by(AuditRow.id)
    for row in session.scalars(told):
        TELLERS[row.action](story, row)
    calendars = _calendars(session)
    return {
        (story.plan_of[o], f.round.code, f.unit): Told.of(status(f, calendars[story.plan_of[o]], as_of))
        for o, f in story.facts.items()
        if f.opened_at <= as_of
    }


def statuses_by_tables(session: Session, as_of: datetime) -> dict[Key, Told]:
    """The same from the tables, as every flow sees it."""
    rehearsal = is_rehearsal(session)
    return {
        (plan, f.round.code, f.unit): Told.of(status(f, calendar, as_of))
        for plan, calendar in _calendars(session).items()
        for f in load_facts(session, plan, rehearsal=rehearsal)
        if f.opened_at <= as_of
    }


def differences(session: Session, as_of: datetime) -> list[Difference]:
    """Where audit and tables disagree at ``as_of``; empty: each status can be told from the audit."""
    audit, tables = statuses_by_audit(session, as_of), statuses_by_tables(session, as_of)
    return [
        Difference(*key, _state(audit, key), _state(tables, key))
        for key in sorted(audit.keys() | tables.keys())
        if audit.get(key) != tables.get(key)
    ]


def _state(statuses: dict[Key, Told], key: Key) -> str:
    told = statuses.get(key)
    return " ".join(str(v) for v in vars(told).values() if v) if told else ""


def digest(statuses: dict[Key, Told]) -> str:
    """SHA-256 over all statuses; equal statuses give equal digests."""
    rows = [[*key, *vars(told).values()] for key, told in sorted(statuses.items())]
    return hashlib.sha256(json.dumps(rows, ensure_ascii=False).encode()).hexdigest()


def _calendars(session: Session) -> dict[str, Calendar]:
    rows = session.execute(select(PlanRow.code, PlanRow.holidays)).tuples()
    return {code: Calendar.of(Holiday.model_validate(h) for h in days) for code, days in rows}


def _opened(story: _Story, row: AuditRow) -> None:
    definition = Round.model_validate(row.details["definition"])
    for obligation, unit, certainty in row.details["obligations"]:
        story.put(Facts(obligation, unit, definition, row.at, certainty=Certainty(certainty)))
        story.plan_of[obligation] = row.details["plan"]
        story.newest[definition.code, unit] = obligation


def _recorded(story: _Story, row: AuditRow) -> None:
    found: dict[str, Any] = row.details
    facts = story.facts[found["obligation"]]
    arrival = Arrival(
        submission=int(row.subject.partition(":")[2]),
        version=found["version"],
        arrived_at=datetime.fromisoformat(found["arrived_at"]),
        recorded_at=row.at,
        flags=tuple(found["flags"]),
    )
    story.owner[row.subject] = facts.obligation
    story.put(replace(facts, arrivals=(*facts.arrivals, arrival)))


def _checked(story: _Story, row: AuditRow) -> None:
    facts = story.facts[story.owner[row.subject]]
    number = int(row.subject.partition(":")[2])
    verdict = Check(row.at, row.details["verdict"], row.details.get("counts", True))
    arrivals = tuple(
        replace(a, checks=(*a.checks, verdict)) if a.submission == number else a for a in facts.arrivals
    )
    story.put(replace(facts, arrivals=arrivals))


def _extended(story: _Story, row: AuditRow) -> None:
    until = datetime.fromisoformat(row.details["until"])
    for f in story.named(row):
        story.put(replace(f, extensions=(*f.extensions, Extension(row.at, until, row.details["reason"]))))


def _exempted(story: _Story, row: AuditRow) -> None:
    for f in story.named(row):
        story.put(replace(f, exemptions=(*f.exemptions, Exemption(row.at, row.details["reason"]))))


def _promised(story: _Story, row: AuditRow) -> None:
    promised = datetime.fromisoformat(row.details["promised"])
    for f in story.named(row):
        story.put(replace(f, promises=(*f.promises, Promise(row.at, promised))))


def _taken_back(story: _Story, row: AuditRow) -> None:
    """Of a version by its number, of any other decision the newest one recorded at that instant."""
    name = FIELDS[row.details["what"]]
    recorded = datetime.fromisoformat(row.details["recorded"])
    for f in story.named(row):
        known = list(getattr(f, name))
        for n, fact in reversed(list(enumerate(known))):
            number = getattr(fact, "submission", row.details["fact"])
            if fact.revoked_at is None and fact.at == recorded and number == row.details["fact"]:
                known[n] = replace(fact, revoked_at=row.at, revoked_why=row.details["reason"])
                break
        changed: dict[str, Any] = {name: tuple(known)}
        story.put(replace(f, **changed))


def _excused(story: _Story, row: AuditRow) -> None:
    for f in story.named(row):
        story.put(replace(f, punctuality=(*f.punctuality, Punctuality(row.at, row.details["reason"]))))


FIELDS = {
    "extension": "extensions",
    "exemption": "exemptions",
    "promise": "promises",
    "on_time": "punctuality",
    "assignment": "arrivals",
}
TELLERS: dict[str, Callable[[_Story, AuditRow], None]] = {
    "round.opened": _opened,
    "submission.recorded": _recorded,
    "submission.checked": _checked,
    "extended": _extended,
    "exempted": _exempted,
    "acknowledged": _promised,
    "punctuality.accepted": _excused,
    "taken_back": _taken_back,
}
