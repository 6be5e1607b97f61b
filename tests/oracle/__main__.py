"""Plays histories and prints what they show.

    python -m tests.oracle [--histories 10000] [--databases 20] [--first 0]

Exits 1 where one letter was false or one escalation forgotten; add the seed to ``seeds.py``.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

from . import memory, office
from .verdict import Tally

UNITS = 12


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=__doc__)
    parser.add_argument("--histories", type=int, default=10_000)
    parser.add_argument("--databases", type=int, default=20, help=f"{UNITS} histories each")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    asked = parser.parse_args()
    pure, whole = Tally(), Tally()
    for seed in range(asked.first, asked.first + asked.histories):
        memory.play(seed, pure)
    print(f"rules alone: {pure}", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for seed in range(asked.first, asked.first + asked.databases):
            office.play(seed, UNITS, Path(folder) / str(seed), whole)
    print(f"whole path: {whole}")
    faults = pure.false + pure.unexplained + whole.false + whole.unexplained
    print("\n".join(faults[:50]))
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
