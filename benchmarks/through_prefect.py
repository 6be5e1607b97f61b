"""A daily round through Prefect beside the same steps called plainly, and an empty flow run.

    python -m benchmarks.through_prefect [--sizes 145 1000 3500]

Two copies of one installation play the same day, in turns, against a Prefect server of their own. A
quiet day has nothing to send; on a reminder day every unit gets a mail (written into the outbox).
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from benchmarks.aims import Row, show
from benchmarks.growth import OPENING, QUIET, REMINDER, chase, put_down
from benchmarks.province import install, plan_of, timed
from config.plan import Form
from db.session import make_engine
from flows.round import play_round
from tasks.office import Office, open_office

TURNS = 3
EMPTY_AIM, SHARE_AIM, SHARE_SIZE = 1.5, 5.0, 3500


@dataclass(frozen=True)
class Day:
    """Seconds of one day's round."""

    through: float
    plainly: float
    empty: float

    @property
    def added(self) -> float:
        return self.through - self.plainly


def opened(folder: Path, units: int) -> Office:
    """A province whose quarterly round is open and whose units have their invitation."""
    office = install(folder, plan_of(units))
    chase(office, OPENING)
    put_down(office, OPENING)
    return office


def copy_of(office: Office, folder: Path) -> Office:
    shutil.copytree(office.data, folder)
    settings = office.settings.model_copy(update={"data": folder})
    return open_office(settings, office.plan.code, make_engine(settings.url))


def play(
    flow: Callable[..., object], empty: Callable[[], object], a: Office, b: Office, now: datetime
) -> Day:
    from flows import engine

    def through() -> None:
        engine.OFFICE[:] = [a]
        flow(now=now)

    nothing, flowing = timed(empty), timed(through)
    return Day(flowing, timed(partial(play_round, b, now, (Form.QUARTERLY,))), nothing)


def best(days: list[Day]) -> Day:
    return Day(*(min(getattr(d, name) for d in days) for name in ("through", "plainly", "empty")))


def measure(folder: Path, units: int, empty: Callable[[], object]) -> tuple[Day, Day]:
    """(a quiet day, the best of its turns; a reminder day, once) for ``units``."""
    from flows.quarterly_report import quarterly_report

    a = opened(folder / "a", units)
    b = copy_of(a, folder / "b")
    play(quarterly_report, empty, a, b, QUIET)  # the first run of a process pays for imports
    quiet = best([play(quarterly_report, empty, a, b, QUIET) for _ in range(TURNS)])
    busy = play(quarterly_report, empty, a, b, REMINDER)
    for office in (a, b):
        office.engine.dispose()
    return quiet, busy


def told(units: int, what: str, day: Day) -> Iterator[Row]:
    times = f"through Prefect {day.through:.2f} s, plainly {day.plainly:.2f} s, empty flow {day.empty:.2f} s"
    name = f"{what}, {units} units: what Prefect adds"
    yield Row(name, times, day.added / day.empty, EMPTY_AIM, "x an empty flow run")
    aim = SHARE_AIM if units >= SHARE_SIZE and what == REMINDED else None
    yield Row(name, times, 100 * day.added / day.plainly, aim, "% of the plain steps")


REMINDED = "Reminder day"


def rows(sizes: list[int]) -> Iterator[Row]:
    with tempfile.TemporaryDirectory() as folder:
        os.environ["PREFECT_HOME"] = str(Path(folder) / "prefect")
        os.environ["PREFECT_LOGGING_LEVEL"] = "ERROR"
        from prefect import flow
        from prefect.testing.utilities import prefect_test_harness

        @flow(name="empty")
        def empty() -> None:
            pass

        with prefect_test_harness(server_startup_timeout=120):
            for units in sizes:
                quiet, busy = measure(Path(folder) / str(units), units, empty)
                yield from told(units, "Quiet day", quiet)
                yield from told(units, REMINDED, busy)


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--sizes", type=int, nargs="+", default=[145, 1000, 3500])
    show(*rows(parser.parse_args(arguments).sizes))


if __name__ == "__main__":
    main()
