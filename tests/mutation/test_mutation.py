"""The mutation check itself; the whole of it runs in ``make soak``."""

from __future__ import annotations

import ast
import subprocess
import sys
from functools import cache

import pytest

from tests.mutation.__main__ import MODULES, ROOT
from tests.mutation.equivalent import EQUIVALENT
from tests.mutation.mutants import Mutant, mutants_of


@cache
def all_mutants() -> list[Mutant]:
    return [m for name in MODULES for m in mutants_of(f"tasks.rules.{name}", ROOT / "tasks" / "rules" / f"{name}.py")]


def test_a_mutant_is_another_program_that_compiles() -> None:
    originals = {
        f"tasks.rules.{n}": ast.unparse(ast.parse((ROOT / "tasks" / "rules" / f"{n}.py").read_text())) for n in MODULES
    }
    mutants = all_mutants()
    assert {m.module for m in mutants} == set(originals)
    for m in mutants[::5]:
        assert m.source != originals[m.module], m.key
        compile(m.source, m.key, "exec")


def test_every_explained_survivor_still_exists_and_has_a_reason() -> None:
    keys = {m.key for m in all_mutants()}
    assert {k for k in EQUIVALENT if k not in keys} == set()
    assert all(len(reason) > 20 for reason in EQUIVALENT.values())


def test_a_limit_that_lets_its_own_instant_in_is_one_of_them() -> None:
    assert "status.status: now >= limit → now > limit" in {m.key for m in all_mutants()}


@pytest.mark.soak
@pytest.mark.timeout(7200)
def test_no_line_of_the_rules_can_be_broken_unnoticed() -> None:
    done = subprocess.run([sys.executable, "-m", "tests.mutation"], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
