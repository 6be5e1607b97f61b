"""The oracle: was a letter false, was one missed? Plain dates and lists; imports nothing of the rules.

Where the rules ask "what do we know", the oracle asks "what is true": a file counts from the
instant it arrived, whether or not the machine had seen it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from .almanac import ONE, day_of, start_of
from .history import AFTERS, REMINDERS, Pass, UnitHistory, Version, World, here

DRAFT = 4  # the chair's rung: approved and drafted, never mailed


@dataclass
class Sent:
    """A letter that left."""

    step: str
    limit: datetime
    to: str
    at: datetime
    bounced: datetime | None = None
    notice: int = 0  # its number in the machine's books, where there are any

    @property
    def rung(self) -> int:
        return int(self.step[5:]) if self.step.startswith("rung-") else 0


@dataclass
class Asked:
    """A proposal as the record has it."""

    rung: int
    limit: datetime
    at: datetime
    verdict: str = ""
    decided: datetime | None = None
    executed: datetime | None = None
    lapsed: bool = False


@dataclass
class Record:
    """What the machine did about one unit."""

    sent: list[Sent] = field(default_factory=list)
    asked: list[Asked] = field(default_factory=list)
    waiting: list[tuple[str, str, datetime]] = field(default_factory=list)  # step, to, queued: not gone yet
    queued_days: set[date] = field(default_factory=set)  # days on which a letter was queued that did not end
    doubtful: set[int] = field(default_factory=set)  # rungs whose sending is in doubt
    unexplained_since: date | None = None


@dataclass
class Tally:
    histories: int = 0
    letters: int = 0
    escalations: int = 0
    false: list[str] = field(default_factory=list)
    unexplained: list[str] = field(default_factory=list)

    def __str__(self) -> str:
        return (
            f"histories {self.histories}, letters {self.letters}, escalations {self.escalations}, "
            f"false {len(self.false)}, unexplained {len(self.unexplained)}"
        )


def limit_of(w: World, u: UnitHistory, t: datetime) -> datetime:
    limit = w.limit
    standing = [e for n, e in enumerate(u.extensions) if u.holds("extension", n, t)]
    for when, until in sorted(standing, key=lambda e: e[0]):
        if when <= t:
            limit = until
    return limit


def versions(u: UnitHistory, t: datetime) -> list[Version]:
    """What had arrived by ``t`` and still counts as this unit's."""
    return [v for n, v in enumerate(u.arrivals) if v.arrived <= t and u.holds("version", n, t)]


def cure_end(w: World, u: UnitHistory, t: datetime) -> datetime | None:
    returns = [c[0] for v in versions(u, t) for c in v.checks if c[0] <= t and c[1] == "returned" and c[2]]
    if not returns:
        return None
    day = day_of(min(returns))
    last = day if w.cure_days == 0 else w.almanac.nth_from(day + ONE, w.cure_days)
    return max(limit_of(w, u, t), start_of(last + ONE))


def truth(w: World, u: UnitHistory, t: datetime) -> str:
    if any(when <= t and u.holds("exemption", n, t) for n, when in enumerate(u.exemptions)):
        return "exempt"
    verdicts = [[c for c in v.checks if c[0] <= t] for v in versions(u, t)]
    if any(c and c[-1][1] == "accepted" for c in verdicts):
        return "accepted"
    if any(d.arrived <= t and (d.until is None or t < d.until) for d in u.doubts):
        return "undecided"
    if any(not c for c in verdicts):
        return "in check"
    end = cure_end(w, u, t)
    if end and any(c[-1][2] for c in verdicts):
        return "in cure" if t < end else "incomplete"
    return "overdue" if t >= limit_of(w, u, t) else "before"


def promised(u: UnitHistory, t: datetime) -> bool:
    said = [until for n, (when, until) in enumerate(u.promises) if when <= t and u.holds("promise", n, t)]
    return bool(said) and t < said[-1]


def in_force(r: Record, rung: int, limit: datetime, t: datetime) -> list[datetime]:
    """When ``rung``'s letter left under ``limit`` and had not come back by ``t``."""
    if rung == DRAFT:
        return [a.decided for a in r.asked if a.rung == rung and a.limit == limit and a.verdict == "approve"
                and a.decided and a.decided <= t and not a.lapsed]  # fmt: skip
    return [s.at for s in r.sent if s.rung == rung and s.limit == limit and s.at < t and not (s.bounced and s.bounced <= t)]


def told(r: Record, t: datetime) -> bool:
    return any(s.at < t and not (s.bounced and s.bounced <= t) for s in r.sent)


def too_early(w: World, u: UnitHistory, r: Record, rung: int, t: datetime) -> str:
    """Why ``rung`` may not leave yet by the calendar or the rung below it."""
    limit = limit_of(w, u, t)
    base = limit
    if truth(w, u, t) == "incomplete":
        base = max(limit, cure_end(w, u, t) or limit)
    undone = [(kind, at) for (kind, _), at in u.undone.items() if at <= t]
    if any(day_of(at) == day_of(t) for _, at in undone):
        return "told of a mistake today"
    base = max([base, *(at for kind, at in undone if kind != "promise")])  # till then it had a right to rest
    first = day_of(base) if base == start_of(day_of(base)) else day_of(base) + ONE
    if day_of(t) < w.almanac.nth_from(first, AFTERS[rung - 1]):
        return "too early"
    if rung == 1:
        return ""
    for lower in range(1, rung):
        if not in_force(r, lower, limit, t):
            return f"rung {lower} was jumped"
    below = day_of(max(in_force(r, rung - 1, limit, t)))
    if w.almanac.worked(below + ONE, day_of(t)) < w.gap:
        return "gap too small"
    return ""


def false_letter(w: World, u: UnitHistory, r: Record, s: Sent, p: Pass) -> str:
    """Why the letter ``s`` should not have left at the pass ``p``; empty where it was right."""
    t = s.at
    if not w.almanac.open_hours(t):
        return "outside the working day"
    if not p.sending:
        return "while sending was off"
    if any(o is not s and o.to == s.to and day_of(o.at) == day_of(t) for o in r.sent):
        return "second chasing mail on one day"
    if s.step == "invitation":
        known = truth(w, u, t)
        if known in ("exempt", "accepted", "in check", "in cure") and p.complete:
            return f"invited although {known}"
        return ""
    if s.limit != limit_of(w, u, t):
        return "names a limit that no longer holds"
    return _false_rung(w, u, r, s, p) if s.rung else _false_reminder(w, u, s, p)


def _false_reminder(w: World, u: UnitHistory, s: Sent, p: Pass) -> str:
    known = truth(w, u, s.at)
    if known != "before" and p.complete:
        return f"reminded although {known}"
    if s.at >= s.limit:
        return "reminded after the limit"
    last = day_of(s.limit - timedelta(microseconds=1))
    due = [n for n in REMINDERS if w.almanac.nth_back(last + ONE, n) <= day_of(s.at)]
    return "" if due and s.step == f"reminder-{min(due)}" else "not the newest reminder due"


def _false_rung(w: World, u: UnitHistory, r: Record, s: Sent, p: Pass) -> str:
    t, rung = s.at, s.rung
    known = truth(w, u, t)
    if known not in ("overdue", "incomplete"):
        return f"escalated although {known}"
    if promised(u, t):
        return "escalated although promised"
    if not p.complete:
        return "escalated without a complete reading"
    if not told(r, t):
        return "escalated although never told"
    if in_force(r, rung, s.limit, t):
        return "the same rung twice"
    if early := too_early(w, u, r, rung, t):
        return early
    if rung == 1:
        return ""
    if not any(when <= t and through >= s.limit for when, through in w.register):
        return "document register not read after the limit"
    good = [a for a in r.asked if a.rung == rung and a.limit == s.limit and a.verdict == "approve" and a.decided
            and a.at <= a.decided <= t and w.almanac.worked(day_of(a.decided) + ONE, day_of(t)) <= 1]  # fmt: skip
    return "" if good else "without a fresh approval"


def expected(w: World, u: UnitHistory, r: Record, t: datetime) -> int | None:
    """The rung that a diligent clerk would act on at ``t`` (0: tell it at all), or None."""
    if truth(w, u, t) not in ("overdue", "incomplete") or promised(u, t):
        return None
    if not told(r, t + timedelta(microseconds=1)):
        return 0
    limit = limit_of(w, u, t)
    for rung in range(1, DRAFT + 1):
        if not in_force(r, rung, limit, t + timedelta(microseconds=1)):
            return None if too_early(w, u, r, rung, t) else rung
    return None


def excuse(w: World, u: UnitHistory, r: Record, rung: int, p: Pass) -> str:
    """What rightly stands between the unit and the letter it is owed, visible to the operator."""
    t, limit = p.now, limit_of(w, u, p.now)
    today = day_of(t)
    if any(day_of(s.at) == today for s in r.sent) or today in r.queued_days:
        return "a mail went or was queued today"
    if rung and not p.complete:
        return "channels not read"
    if any(v.arrived <= t < v.recorded for v in u.arrivals) or any(d.arrived <= t < d.since for d in u.doubts):
        return "not seen yet"
    if not _living(u, r, rung, t):
        return "nobody to write to"
    step = f"rung-{rung}" if rung else "invitation"
    if rung in r.doubtful:
        return "in doubt: a person decides"
    if any(x[0] == step for x in r.waiting) and (not p.sending or not p.server):
        return "waits for the post"
    if rung < 2:
        return ""
    if not any(when <= t and through >= limit for when, through in w.register):
        return "register not read"
    mine = [a for a in r.asked if a.rung == rung and a.limit == limit]
    if not mine:
        return ""
    newest = max(mine, key=lambda a: a.at)
    if newest.decided is None:
        return "awaits approval"
    age = w.almanac.worked(day_of(newest.decided) + ONE, today)
    if newest.verdict == "approve":
        if newest.executed is None and age <= 1 and not newest.lapsed:
            return "approved, leaves with the next run"
        return "approved, waits for the post" if any(x[0] == step for x in r.waiting) and age <= 1 else ""
    return "declined" if age < w.gap else ""


def _living(u: UnitHistory, r: Record, rung: int, t: datetime) -> bool:
    roles = {0: ("clerk", "liaison"), 1: ("clerk", "liaison"), 2: ("head", "deputy"), 3: ("member",)}.get(rung)
    if roles is None:
        return True
    dead = {s.to for s in r.sent if s.bounced and u.dead(s.to.partition("@")[0], s.bounced, t)}
    return any(role in u.has and f"{role}@{u.code}" not in dead for role in roles)


def check_pass(w: World, u: UnitHistory, r: Record, p: Pass, tally: Tally) -> None:
    """After a pass: is a letter owed and nothing shown for it, a working day after it was first so?"""
    if p.mailroom or not w.almanac.open_hours(p.now):
        return
    rung = expected(w, u, r, p.now)
    if rung is None or excuse(w, u, r, rung, p):
        r.unexplained_since = None
        return
    if r.unexplained_since is None:
        r.unexplained_since = day_of(p.now)
    elif day_of(p.now) > r.unexplained_since:
        tally.unexplained.append(f"seed {w.seed} {u.code} {here(p.now)}: rung {rung} owed, nothing shown")


def check_letters(w: World, u: UnitHistory, r: Record, p: Pass, since: int, tally: Tally) -> None:
    """Every letter that left in the pass ``p`` (those from index ``since``)."""
    for s in r.sent[since:]:
        tally.letters += 1
        tally.escalations += s.rung > 0
        if why := false_letter(w, u, r, s, p):
            tally.false.append(f"seed {w.seed} {u.code} {here(s.at)} {s.step} to {s.to}: {why}")
