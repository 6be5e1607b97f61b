"""Can this machine's clock be believed? A clock that is ahead would chase for a limit still to come.

Two kinds of witness: what other machines say the time is, and the machine's own count of seconds
since it was started, which no change of the clock moves. A disagreement holds all chasing.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .words import show_moment

SLACK = timedelta(minutes=10)  # two machines' clocks, a slow answer


@dataclass(frozen=True)
class Tick:
    """Seconds since the machine was started, sleep included; ``boot`` names that start."""

    boot: str
    seconds: float


@dataclass(frozen=True)
class Heard:
    """What the witnesses said when a pass began; none: nobody could be asked."""

    tick: Tick | None = None
    told: Mapping[str, datetime] = field(default_factory=dict)  # witness, in Vietnamese → its time


@dataclass(frozen=True)
class Anchor:
    """An instant at which the clock was believed, and the machine's count then."""

    at: datetime
    tick: Tick


def clock_doubt(now: datetime, heard: Heard, anchor: Anchor | None) -> str:
    """Why the clock that says ``now`` is not believed (Vietnamese); "" where nothing speaks against it.

    Another machine's word stands above our own count: a clock that was wrong and was set right
    disagrees with the count, and agrees with the others.
    """
    for witness, says in sorted(heard.told.items()):
        if abs(says - now) > SLACK:
            return f"đồng hồ máy là {show_moment(now)}, {witness} báo {show_moment(says)}"
    if heard.told or heard.tick is None or anchor is None or anchor.tick.boot != heard.tick.boot:
        return ""
    expected = anchor.at + timedelta(seconds=heard.tick.seconds - anchor.tick.seconds)
    if abs(expected - now) <= SLACK:
        return ""
    return (
        f"đồng hồ máy là {show_moment(now)}, theo thời gian máy đã chạy từ lần đọc trước thì phải là "
        f"{show_moment(expected)}"
    )
