"""The tables go to Excel and come back the same; a fault is named by sheet and cell."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from config.plan import Plan
from config.plan_excel import export_tables, import_tables
from config.plan_faults import PlanError, fields_of
from config.plan_files import load_plan
from config.plan_parse import TABLES
from config.plan_words import COLUMNS, SHEETS
from tests.unit.config.editing import replace


@pytest.fixture
def xlsx(folder: Path, tmp_path: Path) -> Path:
    path = tmp_path / "plan.xlsx"
    export_tables(folder, path)
    return path


def edit(xlsx: Path, change: Callable[[Workbook], None]) -> None:
    book = load_workbook(xlsx)
    change(book)
    book.save(xlsx)


def put(xlsx: Path, sheet: str, cell: str, value: Any) -> None:
    edit(xlsx, lambda book: book[sheet].__setitem__(cell, value))


def contents(folder: Path) -> dict[str, bytes]:
    return {p.name: p.read_bytes() for p in folder.iterdir()}


def test_a_workbook_that_nobody_touched_comes_back_byte_for_byte(folder: Path, xlsx: Path) -> None:
    before = contents(folder)
    assert import_tables(xlsx, folder) == []
    assert contents(folder) == before


def test_a_workbook_that_another_program_saved_comes_back_the_same(folder: Path, xlsx: Path) -> None:
    before = contents(folder)
    edit(xlsx, lambda book: None)
    assert import_tables(xlsx, folder) == []
    assert contents(folder) == before


def test_codes_keep_leading_zeros(folder: Path, tmp_path: Path) -> None:
    for file in ("units.csv", "contacts.csv"):
        text = (folder / file).read_text(encoding="utf-8")
        (folder / file).write_text(text.replace("\n13285,", "\n00085,"), encoding="utf-8")
    replace(folder, "assignments.csv", "13285,2026", "00085,2026")
    replace(folder, "assignments.csv", "13285,2026", "00085,2026")
    export_tables(folder, tmp_path / "zero.xlsx")
    edit(tmp_path / "zero.xlsx", lambda book: None)
    assert import_tables(tmp_path / "zero.xlsx", folder) == []
    assert load_plan(folder).unit_by_code["00085"].name == "Phường Phủ Lý"


def test_an_edit_in_excel_reaches_the_plan(folder: Path, xlsx: Path) -> None:
    put(xlsx, "contacts", "C2", "  vanthu.moi@ninhbinh.example ")
    assert import_tables(xlsx, folder) == []
    assert load_plan(folder).contacts[0].email == "vanthu.moi@ninhbinh.example"


@pytest.mark.parametrize(
    ("sheet", "cell", "typed", "read"),
    [
        ("indicators", "H2", 16.5, 16.5),
        ("indicators", "D2", 46.0, 46),
        ("assignments", "F2", datetime(2026, 11, 3), datetime(2026, 11, 3).date()),
        ("units", "E160", None, None),
        ("contacts", "G2", True, True),
    ],
)
def test_numbers_dates_and_truth_typed_in_excel_are_understood(
    folder: Path, xlsx: Path, sheet: str, cell: str, typed: Any, read: Any
) -> None:
    put(xlsx, sheet, cell, typed)
    assert import_tables(xlsx, folder) == []
    rows = getattr(load_plan(folder), sheet)
    field = fields_of(TABLES[sheet])["ABCDEFGH".index(cell[0])]
    if typed is not None:
        assert getattr(rows[int(cell[1:]) - 2], field) == read


@pytest.mark.parametrize(
    ("sheet", "cell", "typed", "advice"),
    [
        ("units", "F3", "TV-XX", "members.csv"),
        ("units", "D3", "so", "so_nganh"),
        ("contacts", "A2", 99999, "units.csv"),
        ("contacts", "C5", "khong-phai-thu", "không hợp lệ"),
        ("indicators", "H3", "17,5", "dấu chấm"),
        ("assignments", "F4", "30/10/2026", "2026-10-30"),
        ("members", "J1", "thừa", "Không có cột"),
        ("members", "B1", "nam", "“name”"),
        ("members", "L4", "ghi chú", "nằm ngoài"),
    ],
)
def test_a_fault_names_sheet_and_cell_and_nothing_is_written(
    folder: Path, xlsx: Path, sheet: str, cell: str, typed: Any, advice: str
) -> None:
    before = contents(folder)
    put(xlsx, sheet, cell, typed)
    faults = [f for f in import_tables(xlsx, folder) if f.cell == cell and f.file == sheet]
    assert faults and advice in faults[0].advice
    assert str(faults[0]).startswith(f"{sheet}!{cell} · ")
    assert contents(folder) == before


def test_a_fault_between_a_sheet_and_plan_toml_keeps_the_line_of_plan_toml(folder: Path, xlsx: Path) -> None:
    edit(xlsx, lambda book: book["units"].delete_rows(4))  # Công an tỉnh: named by rounds and areas
    files = {f.file for f in import_tables(xlsx, folder)}
    assert "plan.toml" in files and "contacts" in files


def test_a_broken_formula_is_a_fault(folder: Path, xlsx: Path) -> None:
    def error(book: Workbook) -> None:
        book["units"]["B3"].value = "#N/A"
        book["units"]["B3"].data_type = "e"

    edit(xlsx, error)
    assert [f.cell for f in import_tables(xlsx, folder)] == ["B3"]


def test_a_missing_sheet_is_named(folder: Path, xlsx: Path) -> None:
    edit(xlsx, lambda book: book.remove(book["members"]))
    assert [(f.file, f.line) for f in import_tables(xlsx, folder)] == [("members", 0)]


def test_a_file_that_is_no_workbook_is_refused_in_words(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK\x03\x04 not a workbook")
    (tmp_path / "b.xls").write_bytes(b"\xd0\xcf\x11\xe0")
    for name in ("a.xlsx", "b.xls", "none.xlsx"):
        (fault,) = import_tables(tmp_path / name, folder)
        assert fault.file == name


def test_text_that_looks_like_a_formula_stays_text(folder: Path, tmp_path: Path, plan: Plan) -> None:
    replace(folder, "assignments.csv", "Báo cáo kết quả đôn đốc", "=1+1")
    export_tables(folder, tmp_path / "formula.xlsx")
    cell = load_workbook(tmp_path / "formula.xlsx")["assignments"]["G2"]
    assert (cell.value, cell.data_type) == ("=1+1", "s")


def test_a_table_that_cannot_be_read_is_not_exported(folder: Path, tmp_path: Path) -> None:
    (folder / "units.csv").write_bytes(b"code;name\n")
    with pytest.raises(PlanError):
        export_tables(folder, tmp_path / "x.xlsx")


def test_every_column_is_explained_to_the_office() -> None:
    for name in SHEETS:
        assert tuple(COLUMNS[name]) == fields_of(TABLES[name])
