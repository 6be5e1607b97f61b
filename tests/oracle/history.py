"""Invents histories: what arrives, what people decide, when the machine runs and fails. Seeded."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from random import Random

from .almanac import HERE, ONE, Almanac, day_of, start_of

SECOND = timedelta(seconds=1)
LIMITS = (
    date(2026, 1, 9), date(2026, 2, 13), date(2026, 4, 29), date(2026, 5, 15), date(2026, 6, 25),
    date(2026, 8, 21), date(2026, 8, 29), date(2026, 9, 3), date(2026, 9, 25), date(2026, 11, 23),
    date(2026, 12, 25),
)  # fmt: skip
KNOWN_OFF = {
    date(2026, 1, 1), date(2026, 1, 2), *(date(2026, 2, d) for d in range(16, 21)), date(2026, 4, 27),
    date(2026, 4, 30), date(2026, 5, 1), date(2026, 8, 31), date(2026, 9, 1), date(2026, 9, 2),
    date(2026, 11, 24), date(2027, 1, 1),
}  # fmt: skip
KNOWN_EXTRA = {date(2026, 1, 10), date(2026, 8, 22)}
AFTERS = (1, 3, 5, 10)
REMINDERS = (7, 3, 1)


@dataclass(frozen=True)
class Pass:
    """One run of the machine. ``mailroom``: only approved letters and the post."""

    now: datetime
    mailroom: bool = False
    complete: bool = True  # every channel was read completely
    sending: bool = True  # the switch
    server: bool = True  # the mail server takes mail


@dataclass
class Version:
    arrived: datetime
    recorded: datetime
    checks: list[tuple[datetime, str, bool]] = field(default_factory=list)  # when, verdict, counts


@dataclass
class Doubt:
    """An item of the unit's own that nobody had decided from ``since`` to ``until``."""

    arrived: datetime
    since: datetime
    until: datetime | None
    outcome: str


@dataclass
class UnitHistory:
    code: str
    arrivals: list[Version] = field(default_factory=list)
    extensions: list[tuple[datetime, datetime]] = field(default_factory=list)  # when, new limit
    exemptions: list[datetime] = field(default_factory=list)
    promises: list[tuple[datetime, datetime]] = field(default_factory=list)  # when, until
    doubts: list[Doubt] = field(default_factory=list)
    has: set[str] = field(default_factory=set)  # clerk, liaison, head, deputy, member
    bounces: dict[str, timedelta] = field(default_factory=dict)  # whose address returns mail, how fast
    mended: dict[str, datetime] = field(default_factory=dict)  # when a person let the address be used again
    undone: dict[tuple[str, int], datetime] = field(default_factory=dict)  # taken back: which (kind, n), when

    def holds(self, kind: str, n: int, t: datetime) -> bool:
        """Is the ``n``-th decision of ``kind`` not taken back at ``t``?"""
        undone = self.undone.get((kind, n))
        return undone is None or t < undone


    def returns(self, role: str, sent: datetime) -> datetime | None:
        """When a mail sent to ``role`` at ``sent`` comes back, if it does."""
        mended = self.mended.get(role)
        if role not in self.bounces or (mended and mended <= sent):
            return None
        return sent + self.bounces[role]

    def dead(self, role: str, bounced: datetime, t: datetime) -> bool:
        """Is the address known to be dead at ``t`` by a mail that came back at ``bounced``?"""
        mended = self.mended.get(role)
        return bounced <= t and not (mended and bounced <= mended <= t)


@dataclass
class World:
    seed: int
    almanac: Almanac
    opens: date
    limit: datetime
    cure_days: int
    gap: int
    passes: list[Pass]
    register: list[tuple[datetime, datetime]]  # when read, through
    units: list[UnitHistory]
    end: datetime


def invent(seed: int, units: int = 1, *, more_passes: bool = True) -> World:
    rng = Random(seed)
    first = rng.choice(LIMITS)
    opens = first - ONE * rng.choice([1, 2, 5, *range(12, 25)])  # ad hoc rounds are short
    hour = rng.choice([0, 0, 0, 0, 10, 13])
    limit = start_of(first) + timedelta(hours=hour, minutes=10 if hour == 13 else 0)
    end = limit + ONE * rng.randint(16, 30)
    almanac = _almanac(rng, opens, day_of(end))
    passes = _passes(rng, opens, limit, end, more_passes)
    world = World(
        seed, almanac, opens, limit, rng.choice([3, 3, 0, 1, 5]), rng.choice([2, 2, 1, 3]), passes, [], [], end
    )
    world.register = _register(rng, world)
    codes = [f"U{n}" for n in range(units)]
    world.units = [_unit(rng, world, code) for code in codes]
    if seed % 4 == 3:  # the others stay the histories they were: a seed that is kept still shows what it found
        for n, u in enumerate(world.units):
            _takes_back(Random(seed * 1000 + n), world, u)
    return world


def _almanac(rng: Random, first: date, last: date) -> Almanac:
    days = [first + ONE * n for n in range(-10, (last - first).days + 40)]
    off = {d for d in days if d.isoweekday() <= 5 and rng.random() < 0.04}
    extra = {d for d in days if d.isoweekday() == 6 and rng.random() < 0.08}
    return Almanac(frozenset(off | KNOWN_OFF), frozenset(extra | KNOWN_EXTRA))


def _passes(rng: Random, opens: date, limit: datetime, end: datetime, more: bool) -> list[Pass]:
    """Two a day and the mailroom between, without the outages, some skipped, some twice."""
    outages = [(start, start + ONE * rng.randint(1, 7)) for start in _moments(rng, opens, end, rng.choice([0, 1, 2]))]
    deaf = [(start, start + ONE * rng.randint(0, 4)) for start in _moments(rng, opens, end, rng.choice([0, 0, 1, 2]))]
    silent = [(start, start + ONE * rng.randint(0, 6)) for start in _moments(rng, opens, end, rng.choice([0, 0, 1]))]
    broken = [(start, start + ONE * rng.randint(0, 6)) for start in _moments(rng, opens, end, rng.choice([0, 0, 1]))]
    moments: list[tuple[datetime, bool]] = []
    day = opens
    while start_of(day) < end:
        for minutes, mailroom in ((430, False), (600, True), (790, False), (960, True)):
            if mailroom and not more and rng.random() < 0.6:
                continue
            moments.append((start_of(day) + timedelta(minutes=minutes), mailroom))
        day += ONE
    for at in (limit - SECOND, limit, limit + SECOND):
        moments.append((at, False))
    result = []
    for at, mailroom in sorted(moments):
        if any(a <= at < b for a, b in outages) or rng.random() < 0.05:
            continue
        one = Pass(
            at,
            mailroom,
            complete=not any(a <= at < b for a, b in deaf) and rng.random() > 0.02,
            sending=not any(a <= at < b for a, b in silent),
            server=not any(a <= at < b for a, b in broken) and rng.random() > 0.02,
        )
        result += [one] * (2 if rng.random() < 0.05 else 1)
    return result


def _moments(rng: Random, first: date, end: datetime, number: int) -> list[datetime]:
    return [_moment(rng, start_of(first), end) for _ in range(number)]


def _moment(rng: Random, first: datetime, last: datetime) -> datetime:
    seconds = max(1, int((last - first).total_seconds()))
    return first + timedelta(seconds=rng.randrange(seconds))


def _register(rng: Random, w: World) -> list[tuple[datetime, datetime]]:
    """A person reads the document register: soon after the limit, late, or never; later again."""
    if rng.random() < 0.1:
        return []
    first = w.limit + ONE * rng.choice([0, 0, 0, 1, 4]) + timedelta(hours=8)
    readings = [first + ONE * 3 * n for n in range(12) if first + ONE * 3 * n < w.end + ONE * 9]
    return [(at, at) for at in readings]


def _unit(rng: Random, w: World, code: str) -> UnitHistory:
    u = UnitHistory(code)
    u.has = {"clerk", "head", "member"} | {r for r in ("liaison", "deputy") if rng.random() < 0.5}
    for role in ("clerk", "head", "member"):
        if rng.random() < 0.04:
            u.has.discard(role)
    for role in ("clerk", "liaison", "head", "deputy", "member"):
        if rng.random() < 0.06:
            u.bounces[role] = timedelta(minutes=rng.choice([1, 90, 1500, 6000]))
            if rng.random() < 0.5:
                u.mended[role] = _moment(rng, start_of(w.opens), w.end)
    if rng.random() < 0.35:
        return u  # the one who never answers
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        rng.choice([_sends, _sends, _sends, _doubted, _extended, _exempted, _promised])(rng, w, u)
    return u


def _near(rng: Random, w: World, u: UnitHistory) -> datetime:
    """Somewhere in the history, often at the very limit or between two runs."""
    limit = u.extensions[-1][1] if u.extensions else w.limit
    kind = rng.random()
    if kind < 0.3:
        return limit + rng.choice([-SECOND, timedelta(0), SECOND, -SECOND / 1_000_000])
    if kind < 0.5 and w.passes:
        return rng.choice(w.passes).now + rng.choice([-SECOND, timedelta(0), SECOND])
    if kind < 0.8:
        return _moment(rng, limit - ONE * 6, limit + ONE * 9)
    return _moment(rng, start_of(w.opens), w.end)


def _seen(w: World, arrived: datetime) -> datetime:
    """Recorded by the first run after it that read every channel."""
    return next((p.now for p in w.passes if p.now >= arrived and p.complete), w.end + ONE)


def _sends(rng: Random, w: World, u: UnitHistory, arrived: datetime | None = None, recorded: datetime | None = None) -> None:
    arrived = arrived or _near(rng, w, u)
    recorded = recorded or _seen(w, arrived)
    version = Version(arrived, recorded)
    if rng.random() < 0.92:  # else it stays in check
        verdict, counts = rng.choice([("accepted", True), ("returned", True), ("returned", True), ("returned", False)])
        checked = recorded + rng.choice([timedelta(0)] * 4 + [timedelta(hours=7), ONE, ONE * 3])
        version.checks.append((checked, verdict, counts))
        if verdict == "returned" and rng.random() < 0.15:  # a person judges it anew
            version.checks.append((checked + ONE * rng.choice([1, 3, 8]), rng.choice(["accepted", "returned"]), True))
    u.arrivals.append(version)
    if version.checks and version.checks[0][1] == "returned" and rng.random() < 0.6:
        again = version.checks[0][0] + rng.choice([timedelta(hours=3), ONE, ONE * 2, ONE * 4, ONE * 9])
        _sends(rng, w, u, again)


def _doubted(rng: Random, w: World, u: UnitHistory) -> None:
    arrived = _near(rng, w, u)
    since = _seen(w, arrived)
    until = rng.choice([None, since + timedelta(hours=2), since + ONE, since + ONE * 5])
    u.doubts.append(Doubt(arrived, since, until, rng.choice(["unknown", "claim", "contradiction", "classified"])))
    if until and rng.random() < 0.5:  # assigned to it later: its arrival counts
        _sends(rng, w, u, arrived, until)


def _extended(rng: Random, w: World, u: UnitHistory) -> None:
    limit = u.extensions[-1][1] if u.extensions else w.limit
    at = _moment(rng, max(limit - ONE * 6, start_of(w.opens)), limit + ONE * 5)
    if u.extensions:
        at = max(at, u.extensions[-1][0] + SECOND)
    until = start_of(day_of(max(limit, at)) + ONE * rng.randint(1, 8))
    if until > limit and until > at:
        u.extensions.append((at, until))


def _exempted(rng: Random, w: World, u: UnitHistory) -> None:
    u.exemptions.append(_near(rng, w, u))


def _promised(rng: Random, w: World, u: UnitHistory) -> None:
    at = _near(rng, w, u)
    u.promises.append((at, start_of(day_of(at) + ONE * rng.randint(1, 8))))
    u.promises.sort()


def _takes_back(rng: Random, w: World, u: UnitHistory) -> None:
    """A person finds out that a decision was a mistake, soon or late; often more than one."""
    made = [("extension", n, at) for n, (at, _) in enumerate(u.extensions)]
    made += [("exemption", n, at) for n, at in enumerate(u.exemptions)]
    made += [("promise", n, at) for n, (at, _) in enumerate(u.promises)]
    made += [("version", n, v.recorded) for n, v in enumerate(u.arrivals) if v.recorded < w.end]
    for kind, n, at in made:
        if rng.random() < 0.6:
            wait = rng.choice([timedelta(minutes=20), timedelta(hours=5), ONE, ONE * 2, ONE * 6, ONE * 13])
            undone = rng.choice([at + wait, _moment(rng, at + SECOND, w.end + ONE)])
            u.undone[kind, n] = undone
            if kind == "version" and rng.random() < 0.4:  # the file waits again, with this unit's mark on it
                until = rng.choice([None, undone + timedelta(hours=3), undone + ONE * 4])
                u.doubts.append(Doubt(undone, undone, until, "unknown"))


def here(moment: datetime) -> str:
    return f"{moment.astimezone(HERE):%d/%m %H:%M:%S}"
