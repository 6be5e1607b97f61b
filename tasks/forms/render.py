"""A layout written as .xlsx with xlsxwriter. Texts stay texts: no formula, no link is ever written."""

from __future__ import annotations

import io
from collections.abc import Callable
from datetime import datetime, time
from typing import Any

import xlsxwriter
from xlsxwriter.format import Format
from xlsxwriter.workbook import Workbook
from xlsxwriter.worksheet import Worksheet

from tasks.forms.columns import Column
from tasks.forms.layout import PROPERTY, Cell, Layout, SheetLayout, Slot

Resolve = Callable[[Slot], "str | float | None"]

FONT = "Times New Roman"
_INPUT = "#FFF9DB"
_LOCKED = "#F2F2F2"
_BASE: dict[str, Any] = {"font_name": FONT, "font_size": 11, "valign": "vcenter"}
_BOX: dict[str, Any] = {"border": 1, "border_color": "#7F7F7F", "text_wrap": True}
_OPEN: dict[str, Any] = {**_BOX, "locked": False, "bg_color": _INPUT}
STYLES: dict[str, dict[str, Any]] = {
    "unit": {"bold": True, "font_size": 12},
    "corner": {"bold": True, "align": "right", "font_size": 12},
    "issuer": {"bold": True, "font_size": 12, "align": "center", "text_wrap": True},
    "title": {"bold": True, "font_size": 14, "align": "center"},
    "subtitle": {"italic": True, "align": "center"},
    "hint": {"italic": True, "font_color": "#7F3F00"},
    "caption": {"bold": True, "font_size": 12},
    "label": {"bold": True, **_BOX},
    "fact": dict(_BOX),
    "line": {"text_wrap": True, "valign": "top"},
    "heading": {"bold": True, "align": "center", "bg_color": "#DCE6F1", **_BOX},
    "sign": {"bold": True, "align": "center"},
    "text": {**_BOX, "bg_color": _LOCKED},
    "centre": {**_BOX, "align": "center", "bg_color": _LOCKED},
    "number": {**_BOX, "align": "center", "bg_color": _LOCKED},  # General: #,##0.## shows 80 as "80,"
    "input": {**_OPEN, "valign": "top"},
    "input_number": {**_OPEN, "align": "right"},
    "choice": {**_OPEN, "align": "center"},
    "plain": {},
}


def render(layout: Layout, resolve: Resolve) -> bytes:
    """The workbook of ``layout`` with every slot replaced by ``resolve(slot)``."""
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(
        buffer, {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False}
    )
    created = datetime.combine(layout.shape.created, time(8))
    book.set_properties({"title": layout.title, "author": layout.shape.issuer, "created": created})
    book.set_custom_property(PROPERTY, str(resolve(Slot("identity"))), "text")
    formats = {name: book.add_format({**_BASE, **style}) for name, style in STYLES.items()}
    for sheet in layout.sheets:
        _write_sheet(book, sheet, formats, resolve)
    book.close()
    return buffer.getvalue()


def _write_sheet(book: Workbook, sheet: SheetLayout, formats: dict[str, Format], resolve: Resolve) -> None:
    ws = book.add_worksheet(sheet.name)
    for col, width in enumerate(sheet.widths):
        ws.set_column(col, col, width)
    for row, height in sheet.heights.items():
        points = resolve(height) if isinstance(height, Slot) else height
        ws.set_row(row, points if isinstance(points, (int, float)) else None)
    for cell in sheet.cells:
        _write_cell(ws, cell, formats[cell.style], resolve)
    for (col, column), rows in _inputs(sheet).items():
        _validate(ws, min(rows), max(rows), col, column)
    if sheet.hidden:
        ws.very_hidden()
        return
    ws.protect("", {"format_columns": True, "format_rows": True, "select_locked_cells": True})
    _page(ws, sheet)


def _write_cell(ws: Worksheet, cell: Cell, style: Format, resolve: Resolve) -> None:
    value = resolve(cell.value) if isinstance(cell.value, Slot) else cell.value
    if cell.to_col > cell.col:
        ws.merge_range(cell.row, cell.col, cell.row, cell.to_col, "", style)
    if value is None or value == "":
        ws.write_blank(cell.row, cell.col, None, style)
    elif isinstance(value, str):
        ws.write_string(cell.row, cell.col, value, style)
    else:
        ws.write_number(cell.row, cell.col, value, style)


def _inputs(sheet: SheetLayout) -> dict[tuple[int, Column], list[int]]:
    """The rows of every input column (a table's rows lie together)."""
    found: dict[tuple[int, Column], list[int]] = {}
    for cell in sheet.cells:
        if cell.column and cell.column.unlocked:
            found.setdefault((cell.col, cell.column), []).append(cell.row)
    return found


def _validate(ws: Worksheet, top: int, bottom: int, col: int, column: Column) -> None:
    """Drop-downs refuse other texts; figures warn only, for "chưa có số liệu" is an answer too."""
    rule: dict[str, Any] = {"validate": "any"}
    if column.choices:
        rule = {"validate": "list", "source": list(column.choices), "error_title": "Chọn trong danh sách"}
        rule["error_message"] = "Đề nghị chọn một giá trị trong danh sách."
    elif column.kind == "input_number":
        rule = {"validate": "decimal", "criteria": ">=", "value": 0, "error_type": "warning"}
        rule |= {
            "error_title": "Chưa phải số",
            "error_message": "Đề nghị ghi bằng số. Vẫn giữ nội dung vừa ghi?",
        }
    if column.prompt:
        rule |= {"input_title": column.heading.split("{")[0].strip()[:32], "input_message": column.prompt}
    if len(rule) > 1:
        ws.data_validation(top, col, bottom, col, rule)


def _page(ws: Worksheet, sheet: SheetLayout) -> None:
    """A4, one page wide, headings repeated, page numbers below."""
    ws.set_paper(9)
    ws.hide_gridlines(2)
    ws.set_margins(left=0.5, right=0.4, top=0.5, bottom=0.6)
    ws.set_footer("&C&P/&N")
    ws.fit_to_pages(1, 0)
    if sheet.heading_row >= 0:
        ws.set_landscape()
        ws.repeat_rows(sheet.heading_row)
        ws.freeze_panes(sheet.heading_row + 1, 3 if len(sheet.widths) > 5 else 0)
