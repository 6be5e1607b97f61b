"""3,500 units: the documents stay readable, the numbers whole, the workbook quick."""

from __future__ import annotations

import time

import pytest

from benchmarks.consolidate import a_large_plan
from tasks.consolidate.pdf import by_libreoffice, office_program
from tasks.consolidate.report import write_report
from tests.unit.consolidate.province_case import a_quarter
from tests.unit.consolidate.reading import sheet, tables
from tests.unit.consolidate.world import JUNE_30, Q2

from .need import need


@pytest.mark.soak
def test_three_and_a_half_thousand_units(tmp_path):
    office = a_quarter(tmp_path / "data", plan=a_large_plan(3_500)).office
    start = time.perf_counter()
    report = write_report(office, Q2, JUNE_30, tmp_path, pdf=False)
    assert time.perf_counter() - start < 120
    total = next(r for r in sheet(report.files[1], "Tổng hợp") if r["Nhóm"] == "Tổng cộng")
    assert total["Phải gửi"] + total["Không thuộc diện"] == 3_500
    assert len(sheet(report.files[1], "Tình hình gửi")) == 3_500
    assert len(sheet(report.files[1], "Chỉ tiêu theo đơn vị")) == 3_500
    units = next(t for t in tables(report.files[0]) if t[0][1] == "Cơ quan, đơn vị, địa phương")
    assert len(units) <= 420  # the rest stays in the workbook, and the document says so
    if office_program() is None:
        need("LibreOffice (soffice)")
    assert by_libreoffice(report.files[0], tmp_path).stat().st_size > 10_000
