"""Guarantees 4 and 5 through the database, ``tasks.chase`` and the post on hold."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.oracle.office import play
from tests.oracle.seeds import WHOLE
from tests.oracle.verdict import Tally

UNITS = 18


def played(seeds: Iterable[int], folder: Path) -> Tally:
    tally = Tally()
    for seed in seeds:
        play(seed, UNITS, folder / str(seed), tally)
    print(tally)
    return tally


def test_no_history_through_the_database_shows_a_false_or_forgotten_escalation(tmp_path: Path) -> None:
    seeds = (1, 2, *WHOLE)
    tally = played(seeds, tmp_path)
    assert (tally.false, tally.unexplained) == ([], [])
    assert tally.histories == len(seeds) * UNITS and tally.escalations > UNITS


@pytest.mark.soak
def test_nor_do_many(tmp_path: Path) -> None:
    tally = played(range(10, 60), tmp_path)
    assert (tally.false, tally.unexplained) == ([], [])
    assert tally.escalations > 60
