"""When an item arrived (ruling 5): the boundary cases."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.plan import ZONE
from tasks.intake.arrival import INSTANT, Times, arrival, counted, doubtful, file_time


def at(text: str) -> datetime:
    return datetime.fromisoformat(f"2026-06-{text}").replace(tzinfo=ZONE)


SINCE, NOW, LIMIT = at("24 17:00"), at("25 08:00"), at("25 00:00")
CASES = [
    ("INTERNALDATE decides", Times(internal=at("24 20:00")), False, "24 20:00", "internaldate", True),
    ("the earlier of both", Times(internal=at("24 20:00"), received=at("24 19:59")), False, "24 19:59", "received", True),
    ("a Received line from before the last reading is forged", Times(internal=at("25 07:00"), received=at("24 16:00")),
     False, "25 07:00", "internaldate", True),
    ("an old INTERNALDATE is the server's own fact", Times(internal=at("23 09:00")), False, "23 09:00", "internaldate", True),
    ("a server clock ahead of ours", Times(internal=at("25 09:00")), False, "25 08:00", "internaldate", True),
    ("a file's time inside the interval", Times(modified=at("24 23:59")), False, "24 23:59", "mtime", True),
    ("a file's time at the last reading itself", Times(modified=SINCE), False, "25 08:00", "reading", False),
    ("a file copied with its old time", Times(modified=at("20 10:00")), False, "25 08:00", "reading", False),
    ("a file from the future", Times(modified=at("26 10:00")), False, "25 08:00", "reading", False),
    ("nothing known", Times(), False, "25 08:00", "reading", False),
    ("rehearsal: the wall clock is not the time", Times(internal=at("28 10:00")), True, "25 08:00", "reading", True),
    ("rehearsal: a time inside the interval stands", Times(modified=at("24 18:00")), True, "24 18:00", "mtime", True),
]  # fmt: skip


@pytest.mark.parametrize(
    ("times", "rehearsal", "when", "how", "decided"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_arrival(times: Times, rehearsal: bool, when: str, how: str, decided: bool) -> None:
    arrived = arrival(times, SINCE, NOW, rehearsal=rehearsal)
    assert (arrived.at, arrived.how, arrived.decided) == (at(when), how, decided)


def test_an_undecided_interval_that_spans_the_limit_is_on_time_and_doubtful() -> None:
    arrived = arrival(Times(modified=at("20 10:00")), SINCE, NOW, rehearsal=False)
    assert doubtful(arrived, SINCE, [LIMIT])
    assert counted(arrived.at, LIMIT, True) == LIMIT - INSTANT


def test_an_undecided_interval_after_the_limit_is_late_without_doubt() -> None:
    arrived = arrival(Times(), at("25 01:00"), NOW, rehearsal=False)
    assert not doubtful(arrived, at("25 01:00"), [LIMIT])
    assert counted(arrived.at, LIMIT, False) == NOW


def test_a_decided_arrival_is_never_doubtful() -> None:
    assert not doubtful(arrival(Times(internal=at("24 23:00")), SINCE, NOW, rehearsal=False), SINCE, [LIMIT])


def test_a_file_s_time_that_no_calendar_holds_is_none() -> None:
    assert (file_time(1e12), file_time(-1e12), file_time(1e30)) == (None, None, None)
    assert file_time(LIMIT.timestamp()) == LIMIT
