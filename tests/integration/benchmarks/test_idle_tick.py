"""A mailroom with nothing to do asks little of the database, whatever the number of units."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from pathlib import Path

from benchmarks.growth import OPENING, QUIET, chase, measure, put_down, statements
from benchmarks.province import install, plan_of
from flows.round import play_mailroom

NOTHING_DUE = 12
A_ROUND_WAITS = 3  # for a person to open it: the operators are told once, and this is looked up


def asked(folder: Path, units: int) -> int:
    office = install(folder, plan_of(units))
    chase(office, OPENING)
    put_down(office, OPENING)
    play_mailroom(office, QUIET)
    count = statements(office, partial(play_mailroom, office, QUIET + timedelta(minutes=5)))
    office.engine.dispose()
    return count


def test_an_idle_tick_asks_as_much_for_300_units_as_for_145(tmp_path: Path) -> None:
    few, many = asked(tmp_path / "few", 145), asked(tmp_path / "many", 300)
    assert few == many <= NOTHING_DUE + A_ROUND_WAITS


def test_after_the_limit_with_nothing_due_it_asks_twelve_questions() -> None:
    assert measure(145)["idle_statements"] <= NOTHING_DUE
