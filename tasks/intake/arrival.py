"""When did it arrive? What counts is when our side received it (ruling 5)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

INSTANT = timedelta(microseconds=1)


@dataclass(frozen=True)
class Times:
    """What is known of an item's arrival; None where the channel does not say."""

    internal: datetime | None = None  # mail: the server's own INTERNALDATE, a Maildir file's time
    received: datetime | None = None  # mail: Received line of our configured host
    modified: datetime | None = None  # file: its modification time


@dataclass(frozen=True)
class Arrived:
    at: datetime
    how: str  # internaldate, received, mtime, reading
    decided: bool  # False: only known to lie in the interval that ended with this reading


def file_time(seconds: float) -> datetime | None:
    """A file's time stamp; None where no calendar holds it, as after a bad copy."""
    try:
        return datetime.fromtimestamp(seconds, UTC)
    except (ValueError, OverflowError, OSError):
        return None


def arrival(times: Times, since: datetime | None, now: datetime, *, rehearsal: bool) -> Arrived:
    """The instant of arrival of an item first seen by the reading at ``now``.

    ``since`` is the channel's previous complete reading. Mail: the earlier of INTERNALDATE and
    our host's Received line; files: the modification time where it lies in (since, now], else
    this reading. In a rehearsal every time outside the interval is ``now`` (the clock is virtual).
    """

    def inside(instant: datetime) -> bool:
        return (since is None or since < instant) and instant <= now

    candidates: list[tuple[datetime, str]] = []
    if times.internal and (inside(times.internal) or not rehearsal):
        candidates.append((min(times.internal, now), "internaldate"))
    # A Received line is text that a sender can forge: believed only inside the interval.
    if times.received and inside(times.received):
        candidates.append((times.received, "received"))
    if times.modified and inside(times.modified):
        candidates.append((times.modified, "mtime"))
    if candidates:
        at, how = min(candidates)
        return Arrived(at, how, decided=True)
    return Arrived(now, "reading", decided=rehearsal)


def doubtful(arrived: Arrived, since: datetime | None, limits: Iterable[datetime]) -> bool:
    """Nothing decides the instant, and some limit lies in the interval it may come from."""
    if arrived.decided:
        return False
    return any((since is None or since < limit) and limit <= arrived.at for limit in limits)


def counted(at: datetime, limit: datetime, in_doubt: bool) -> datetime:
    """The instant that counts for one obligation: in doubt the unit is on time."""
    return min(at, limit - INSTANT) if in_doubt else at
