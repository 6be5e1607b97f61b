"""Breaks each line of the rules and asks the tests of the rules to notice.

    python -m tests.mutation [MODULE ...] [--jobs 2]

Every mutant runs ``tests/unit/rules`` in a child process that sees the changed module. Exits 1
where one survives that ``equivalent.py`` does not explain, or where an explanation there fits
no mutant any more. ``make soak`` runs it.
"""

from __future__ import annotations

import argparse
import importlib.abc
import importlib.machinery
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from functools import cache
from pathlib import Path
from types import ModuleType

import pytest

from config import plan_files
from config.settings import PLANS

from .equivalent import EQUIVALENT
from .mutants import Mutant, mutants_of

MODULES = ("working_days", "limits", "status", "holds", "ladder", "last_look", "facts", "words", "clock")
TESTS = "tests/unit/rules"
ROOT = Path(__file__).parents[2]
SECONDS = 60  # a mutant that loops for ever is noticed by its alarm
SURVIVED = 0
NOTICED = (1, 2, -signal.SIGALRM)  # a test failed, the module did not load, it looped for ever


class Swap(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    """Serves one module from a changed source."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(
        self, name: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> importlib.machinery.ModuleSpec | None:
        if name != self.mutant.module:
            return None
        return importlib.machinery.ModuleSpec(name, self, origin=self.mutant.key)

    def create_module(self, spec: importlib.machinery.ModuleSpec) -> None:
        return None

    def exec_module(self, module: ModuleType) -> None:
        exec(compile(self.mutant.source, self.mutant.key, "exec"), module.__dict__)


def run_tests(mutant: Mutant | None) -> int:
    """In the child: 0 where every test passes."""
    if mutant:
        sys.meta_path.insert(0, Swap(mutant))
    quiet = os.open(os.devnull, os.O_WRONLY)
    os.dup2(quiet, 1)
    os.dup2(quiet, 2)
    signal.alarm(SECONDS)
    return int(pytest.main(["-x", "-q", "--noconftest", "-p", "no:cacheprovider", str(ROOT / TESTS)]))


def prepare() -> None:
    """What every child would do anew, once; the rules themselves are loaded by the children only."""
    os.chdir(ROOT)
    os.environ["PYTEST_DISABLE_PLUGIN_AUTOLOAD"] = "1"
    plan_files.load_plan = cache(plan_files.load_plan)
    plan_files.load_plan(PLANS / "2026")
    loaded = [name for name in sys.modules if name.startswith("tasks.rules.")]
    if loaded:
        raise RuntimeError(f"the rules are loaded already, no change would be seen: {loaded}")


def start(mutant: Mutant | None) -> int:
    pid = os.fork()
    if pid == 0:
        code = 70
        try:
            code = run_tests(mutant)
        finally:
            os._exit(code)
    return pid


def survivors(mutants: Sequence[Mutant], jobs: int) -> Iterator[Mutant]:
    running: dict[int, Mutant] = {}
    waiting = list(reversed(mutants))
    while waiting or running:
        while waiting and len(running) < jobs:
            mutant = waiting.pop()
            running[start(mutant)] = mutant
        pid, status = os.wait()
        mutant = running.pop(pid)
        code = os.waitstatus_to_exitcode(status)
        if code == SURVIVED:
            yield mutant
        elif code not in NOTICED:
            raise RuntimeError(f"the tests of {mutant.key} ended with {code}: nothing can be said")


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="*", default=MODULES)
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    asked = parser.parse_args()
    prepare()
    _, status = os.waitpid(start(None), 0)
    if status != 0:
        print("The tests of the rules fail without any change: mend them first.")
        return 2
    mutants = [
        m for name in asked.modules for m in mutants_of(f"tasks.rules.{name}", ROOT / "tasks" / "rules" / f"{name}.py")
    ]
    print(f"{len(mutants)} mutants of {', '.join(asked.modules)}", flush=True)
    alive = []
    for m in survivors(mutants, asked.jobs):
        alive.append(m)
        note = f"   equivalent: {EQUIVALENT[m.key]}" if m.key in EQUIVALENT else ""
        print(f"survived  {m.module}:{m.line}  {m.key}{note}", flush=True)
    unexplained = [m for m in alive if m.key not in EQUIVALENT]
    keys = {m.key for m in mutants}
    stale = [k for k in EQUIVALENT if k not in keys and k.partition(".")[0] in asked.modules]
    for key in stale:
        print(f"explained, but there is no such mutant any more: {key}")
    print(f"{len(mutants)} mutants, {len(mutants) - len(alive)} noticed, {len(alive)} equivalent or missed, "
          f"{len(unexplained)} unexplained")
    return 1 if unexplained or stale else 0


if __name__ == "__main__":
    sys.exit(main())
