"""A copy of the 2026 folder to break, and the plan itself."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from config.plan import Plan
from config.plan_files import load_plan
from config.settings import PLANS


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return Path(shutil.copytree(PLANS / "2026", tmp_path / "plan"))


@pytest.fixture(scope="session")
def plan() -> Plan:
    return load_plan(PLANS / "2026")
