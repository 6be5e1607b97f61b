"""A workbook read wherever its rows, columns and sheets were moved to."""

from __future__ import annotations

import random
from typing import Any

import pytest
from openpyxl.worksheet.worksheet import Worksheet

from tasks.forms.read import read
from tests.unit.forms.test_read import ANSWER, edited, said


def shuffle_rows(ws: Worksheet, rng: random.Random) -> None:
    """Permute the rows of the first table."""
    numbers = [
        r for r in range(7, ws.max_row + 1) if ws.cell(r, 2).value and str(ws.cell(r, 1).value).isdigit()
    ]
    contents = [[c.value for c in ws[r]] for r in numbers]
    rng.shuffle(contents)
    for r, values in zip(numbers, contents, strict=True):
        for c, value in enumerate(values, 1):
            ws.cell(r, c).value = value


def shuffle_columns(ws: Worksheet, rng: random.Random) -> None:
    order = list(range(1, ws.max_column + 1))
    rng.shuffle(order)
    for r in range(6, ws.max_row + 1):
        values = [ws.cell(r, c).value for c in order]
        for c, value in enumerate(values, 1):
            if type(ws.cell(r, c)).__name__ != "MergedCell":
                ws.cell(r, c).value = value


@pytest.mark.parametrize("seed", range(8))
def test_permuted_rows_and_columns_read_the_same(seed: int) -> None:
    rng = random.Random(seed)

    def change(book: Any) -> None:
        for name in ("Biểu 01", "Biểu 02"):
            for merged in list(book[name].merged_cells.ranges):
                book[name].unmerge_cells(str(merged))
            shuffle_rows(book[name], rng)
            shuffle_columns(book[name], rng)

    assert said(read(edited(ANSWER, change), "x.xlsx")) == said(read(ANSWER, "x.xlsx"))


def _rename(book: Any) -> None:
    book["Biểu 01"].title, book["Biểu 02"].title = "Sheet1", "Bieu so 2 (sua)"


def _reorder(book: Any) -> None:
    book._sheets.reverse()


def _insert_rows(book: Any) -> None:
    for name in ("Biểu 01", "Biểu 02", "Thuyết minh"):
        book[name].insert_rows(1, 3)


def _insert_inside(book: Any) -> None:
    for merged in list(book["Biểu 01"].merged_cells.ranges):
        book["Biểu 01"].unmerge_cells(str(merged))
    book["Biểu 01"].insert_rows(9, 2)


def _insert_columns(book: Any) -> None:
    for merged in list(book["Biểu 01"].merged_cells.ranges):
        book["Biểu 01"].unmerge_cells(str(merged))
    book["Biểu 01"].insert_cols(3, 2)


def _drop_guide(book: Any) -> None:
    del book["Hướng dẫn"]


def _show_identity(book: Any) -> None:
    book["_dondoc"].sheet_state = "visible"
    book["_dondoc"].title = "Sheet9"


def _no_property(book: Any) -> None:
    book.custom_doc_props.props.clear()


def _numbers_as_text(book: Any) -> None:
    for row in book["Biểu 01"].iter_rows(min_row=7):
        for cell in row:
            if isinstance(cell.value, (int, float)):
                cell.value = str(cell.value)


def _codes_lost(book: Any) -> None:
    for row in range(7, 11):
        book["Biểu 01"].cell(row, 2).value = None


def _headings_respelt(book: Any) -> None:
    for cell in book["Biểu 01"][6]:
        cell.value = str(cell.value).upper().replace("LŨY", "LUỸ") + " "


def _another_time(book: Any) -> None:
    """A unit's own columns left of ours, for comparison."""
    for merged in list(book["Biểu 01"].merged_cells.ranges):
        book["Biểu 01"].unmerge_cells(str(merged))
    headings = ("Kết quả lũy kế cùng kỳ năm 2025", "Lũy kế năm 2025", "Kết quả quý trước")
    book["Biểu 01"].insert_cols(3, len(headings))
    for col, heading in enumerate(headings, 3):
        book["Biểu 01"].cell(6, col).value = heading
        for row in range(7, 11):
            book["Biểu 01"].cell(row, col).value = 11


@pytest.mark.parametrize(
    "change",
    [_rename, _reorder, _insert_rows, _insert_inside, _insert_columns, _drop_guide, _show_identity, _no_property,
     _numbers_as_text, _codes_lost, _headings_respelt, _another_time],
)  # fmt: skip
def test_a_rearranged_workbook_reads_the_same(change: Any) -> None:
    assert said(read(edited(ANSWER, change), "x.xlsx")) == said(read(ANSWER, "x.xlsx"))
