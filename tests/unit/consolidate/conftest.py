from __future__ import annotations

from pathlib import Path

import pytest

from tasks.consolidate.report import ReportSet, digest_of, write_report

from .province_case import a_quarter
from .world import Q2, Q3, SEPTEMBER_30, World, a_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data")


@pytest.fixture(scope="session")
def province(tmp_path_factory: pytest.TempPathFactory) -> World:
    """145 units over two quarters; read only."""
    return a_quarter(tmp_path_factory.mktemp("province"), rounds=(Q2, Q3))


@pytest.fixture(scope="session")
def digest(province: World):
    return digest_of(province.office, Q3, SEPTEMBER_30)


@pytest.fixture(scope="session")
def report(province: World, tmp_path_factory: pytest.TempPathFactory) -> ReportSet:
    return write_report(province.office, Q3, SEPTEMBER_30, tmp_path_factory.mktemp("report"), pdf=False)
