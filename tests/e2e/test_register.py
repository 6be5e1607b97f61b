"""The document register's export, handed in at the desk: its rows hold their units as claims."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import Workbook

from tasks.desk.common import DeskError

from .installation import Installation, at

ROUND = "2026-q2"


def export(folder: Path) -> None:
    """What a văn thư saves from the register."""
    book = Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["Số, ký hiệu", "Ngày đến", "Cơ quan ban hành", "Trích yếu"])
    sheet.append(["45/BC-SCT", "24/06/2026 15:20", "Sở Công Thương", "Báo cáo kết quả quý II/2026"])
    folder.mkdir(exist_ok=True)
    book.save(folder / "so.xlsx")


def test_a_document_in_the_register_holds_its_unit_until_it_is_recorded(tmp_path: Path) -> None:
    here = Installation(tmp_path, at("2026-06-01T06:00"))
    here.day("2026-06-01T07:10")
    export(tmp_path / "desk")
    told = here.desk("register_reading", "2026-06-25T06:50", through=at("2026-06-25T06:50"), file="so.xlsx")
    assert "1 văn bản báo cáo chờ ghi nhận" in told
    here.day("2026-06-25T07:10")
    lines = {x.unit: x for x in here.summary(ROUND, "2026-06-25T08:00").lines}
    assert (lines["SCT"].rung, lines["SCT"].hold_code) == (0, "claim")
    assert lines["SYT"].rung == 1


def test_a_missing_export_is_a_clear_mistake_and_records_nothing(tmp_path: Path) -> None:
    here = Installation(tmp_path, at("2026-06-01T06:00"))
    rows = here.audit_rows()
    with pytest.raises(DeskError, match="Không đọc được tệp"):
        here.desk("register_reading", "2026-06-25T06:50", through=at("2026-06-25T06:50"), file="khong-co.xlsx")
    assert here.audit_rows() == rows
