"""Every benchmark still runs: its smallest form, as a process of its own like in ``make bench``."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

from benchmarks.__main__ import RUNS
from benchmarks.aims import Row

SMALLEST = {
    "workbooks": ["--units", "2"],
    "post": ["--mails", "4", "--connections", "2"],
    "consolidate": ["--many", "150"],
    "figures": ["--figures", "60"],
    "through_prefect": ["--sizes", "145"],
    "growth": ["--units", "145", "--times", "2"],
}
HEAVY = {"through_prefect": pytest.mark.xdist_group("prefect")}


@pytest.mark.parametrize("name", [pytest.param(n, marks=HEAVY.get(n, ())) for n in SMALLEST])
def test_a_benchmark_runs_and_prints_its_rows_with_their_aims(name: str) -> None:
    command = [sys.executable, "-m", f"benchmarks.{name}", *SMALLEST[name]]
    done = subprocess.run(command, capture_output=True, text=True, timeout=280, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    assert re.search(r"\d", done.stdout)
    assert "aim" in done.stdout


def test_make_bench_runs_every_benchmark_that_has_a_smallest_form() -> None:
    assert {module for _, (module, *_), _ in RUNS} == set(SMALLEST)


@pytest.mark.parametrize(("value", "at_most", "word"), [(2.0, True, "reached"), (2.1, True, "MISSED"),
                                                        (2.0, False, "reached"), (1.9, False, "MISSED")])  # fmt: skip
def test_a_row_says_whether_its_aim_was_reached(value: float, at_most: bool, word: str) -> None:
    assert f"{word})" in str(Row("What", "1 s", value, 2.0, at_most=at_most))


def test_a_row_without_an_aim_claims_nothing() -> None:
    assert "aim" not in str(Row("What", "1 s", 3.0))
