"""How the daily round grows with the units, and what an idle tick asks of the database.

    python -m benchmarks.growth [--units 3500] [--times 10]

Each size runs in a process of its own, so that its peak of memory is its own; times are of its CPU.
Facts are loaded, judged and queued by the steps of the real round; the mails themselves
(``benchmarks.post`` has them) are put down as held in one statement.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial
from pathlib import Path

from sqlalchemy import event, insert, literal, select, update

from benchmarks.aims import Row, show
from benchmarks.province import cpu, install, plan_of
from db.models import AttemptRow, NoticeRow
from db.session import writing
from flows.round import play_day, play_mailroom
from tasks import steps
from tasks.office import Office

TIMES_AIM, MEMORY_AIM, IDLE_AIM = 11.0, 1.0, 12
OPENING, REMINDER, LATE, HEADS, QUIET = (
    datetime.fromisoformat(f"2026-{day}T07:10:00+07:00")
    for day in ("06-01", "06-16", "06-25", "06-29", "06-02")
)


def statements(office: Office, work: Callable[[], object]) -> int:
    """SQL statements that ``work`` sends, transaction control not counted."""
    seen: list[str] = []

    def note(_c: object, _cur: object, statement: str, *_rest: object) -> None:
        if not statement.startswith(("BEGIN", "PRAGMA")):
            seen.append(statement)

    event.listen(office.engine, "before_cursor_execute", note)
    try:
        work()
    finally:
        event.remove(office.engine, "before_cursor_execute", note)
    return len(seen)


def put_down(office: Office, now: datetime) -> None:
    """Every queued mail counts as held at ``now``, as if the post had written it into the outbox."""
    queued = select(NoticeRow.id, literal(now), literal(now), literal("held"), literal("hold"), literal(""))
    columns = ("notice_id", "started_at", "finished_at", "outcome", "mode", "text")
    with writing(office.engine) as session:
        session.execute(insert(AttemptRow).from_select(columns, queued.where(NoticeRow.state == "queued")))
        session.execute(update(NoticeRow).where(NoticeRow.state == "queued").values(state="held"))


def chase(office: Office, now: datetime) -> None:
    """Facts, judgement and queue of one pass; the channels hold nothing new."""
    steps.open_rounds(office, now)
    steps.collect(office, now)
    steps.remind(office, now, channels_complete=True)
    steps.escalate(office, now, channels_complete=True)


def measure(units: int) -> dict[str, float]:
    with tempfile.TemporaryDirectory() as folder:
        office = install(Path(folder), plan_of(units))
        seconds = {}
        days = (("opening", OPENING), ("reminder", REMINDER), ("late", LATE))
        for name, now in days:
            seconds[name] = cpu(partial(chase, office, now))
            put_down(office, now)
            if name == "opening":
                seconds["quiet"] = cpu(partial(play_day, office, QUIET))
        later = LATE + timedelta(hours=2)
        play_mailroom(office, later)
        later += timedelta(minutes=5)
        seconds["idle_statements"] = statements(office, partial(play_mailroom, office, later))
        seconds["idle"] = cpu(partial(play_mailroom, office, later + timedelta(minutes=5)))
        office.engine.dispose()
    return seconds | {"peak_gb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20}


def in_own_process(units: int) -> dict[str, float]:
    command = [sys.executable, "-m", "benchmarks.growth", "--one", str(units)]
    told = subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout
    found: dict[str, float] = json.loads(told.splitlines()[-1])
    return found


DAYS = {
    "opening": "opening day, all invited",
    "quiet": "a day without letters",
    "reminder": "reminder day, all reminded",
    "late": "first day late, all at rung 1",
}


def rows(units: int, times: int) -> list[Row]:
    small, large = in_own_process(units), in_own_process(units * times)
    found = [
        Row(
            f"Growth {units} to {units * times} units, {what}",
            f"{small[day]:.2f} s, then {large[day]:.2f} s of CPU",
            large[day] / small[day],
            TIMES_AIM * times / 10,
        )
        for day, what in DAYS.items()
    ]
    found.append(
        Row(f"Memory at {units * times} units", "peak of the process", large["peak_gb"], MEMORY_AIM, "GB")
    )
    for size, one in ((units, small), (units * times, large)):
        found.append(
            Row(
                f"Idle tick of the mailroom, {size} units",
                f"{1000 * one['idle']:.0f} ms of CPU",
                one["idle_statements"],
                IDLE_AIM,
                "SQL statements",
            )
        )
    return found


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--units", type=int, default=3500)
    parser.add_argument("--times", type=int, default=10)
    parser.add_argument("--one", type=int, help="measure one size and print it as JSON")
    given = parser.parse_args(arguments)
    if given.one:
        print(json.dumps(measure(given.one)))
    else:
        show(*rows(given.units, given.times))


if __name__ == "__main__":
    main()
