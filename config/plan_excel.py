"""The plan's tables as one workbook that an office can edit, and back.

Every cell is text, so that codes keep leading zeros and dates keep their form. Nothing is
written to the folder unless the whole plan with the new tables is valid.
"""

from __future__ import annotations

import csv
from collections.abc import Iterable
from datetime import date, datetime
from enum import EnumType
from io import StringIO
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import xlsxwriter
from openpyxl import load_workbook
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from pydantic import BaseModel

from config.plan_faults import Fault, PlanError, fields_of
from config.plan_files import build, read_folder
from config.plan_parse import TABLES
from config.plan_read import RawRow, RawTable, clean, header_faults
from config.plan_words import COLUMNS, GUIDE, SHEETS

MAX_BYTES = 20 * 1024 * 1024


def export_tables(plan_folder: Path, out_xlsx: Path) -> None:
    """Write units, contacts, members, indicators, assignments of the folder to a workbook.

    Raises ``PlanError`` where a table cannot be read at all; rows with faults are exported,
    Excel may be the place to mend them.
    """
    _, tables = read_folder(plan_folder)
    unreadable = [f for name in SHEETS for f in tables[name].faults]
    if unreadable:
        raise PlanError(unreadable)
    options = {"strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(str(out_xlsx), options) as book:
        _write_guide(book)
        for name in SHEETS:
            _write_sheet(book, name, TABLES[name], tables[name].rows)


def _write_guide(book: Any) -> None:
    sheet = book.add_worksheet("Hướng dẫn")
    sheet.set_column(0, 0, 110, book.add_format({"text_wrap": True, "valign": "top"}))
    for row, text in enumerate(GUIDE):
        sheet.write_string(row, 0, text, book.add_format({"bold": row == 0, "text_wrap": True}))


def _write_sheet(book: Any, name: str, model: type[BaseModel], rows: list[RawRow]) -> None:
    sheet = book.add_worksheet(name)
    head = book.add_format({"bold": True, "bg_color": "#DCE6F1", "border": 1, "num_format": "@"})
    text = book.add_format({"num_format": "@", "valign": "top", "text_wrap": True})
    columns = fields_of(model)
    widths = [_width(column, rows) for column in columns]
    for col, column in enumerate(columns):
        sheet.set_column(col, col, widths[col], text)
        sheet.write_string(0, col, column, head)
        sheet.write_comment(0, col, COLUMNS[name][column], {"x_scale": 2})
        choices = _choices(model, column)
        if choices:
            sheet.data_validation(1, col, 5000, col, {"validate": "list", "source": choices})
    for number, row in enumerate(rows, 1):
        lines = max(-(-len(row.cells.get(c, "")) // (w - 3)) for c, w in zip(columns, widths, strict=True))
        sheet.set_row(number, 15 * max(lines, 1))
        for col, column in enumerate(columns):
            sheet.write_string(number, col, row.cells.get(column, ""), text)
    sheet.set_landscape()
    sheet.set_paper(9)  # A4
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(0)
    sheet.freeze_panes(1, 1)
    sheet.autofilter(0, 0, max(len(rows), 1), len(columns) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:{get_column_letter(len(columns))}6000"})


def _width(column: str, rows: list[RawRow]) -> int:
    """Characters that the column shows in a line: room for its longest cell, within reason."""
    widest = max((len(r.cells.get(column, "")) for r in rows), default=0)
    return min(max(len(column) + 4, widest + 4, 8), 48)


def _choices(model: type[BaseModel], column: str) -> list[str]:
    annotation = model.model_fields[column].annotation
    if annotation is bool:
        return ["true", "false"]
    return [str(v.value) for v in annotation] if isinstance(annotation, EnumType) else []


def import_tables(xlsx: Path, plan_folder: Path) -> list[Fault]:
    """Replace the folder's five tables by the workbook's; all faults, or none and it is written.

    A fault of the workbook names sheet and cell (``units!B4``), one of another file its line.
    """
    toml, tables = read_folder(plan_folder)
    sheets, headers, faults = _read_workbook(xlsx)
    if faults:
        return faults
    _, faults = build(toml, tables | sheets)
    if faults:
        return sorted(_in_sheet(f, headers) for f in faults)
    _write_folder(plan_folder, sheets)
    return []


def _read_workbook(xlsx: Path) -> tuple[dict[str, RawTable], dict[str, list[str]], list[Fault]]:
    tables: dict[str, RawTable] = {}
    headers: dict[str, list[str]] = {}
    unusable = Fault(xlsx.name, 0, "", "", "Không mở được tệp; hãy lưu lại thành .xlsx (Excel Workbook).")
    if not xlsx.is_file():
        return tables, headers, [Fault(xlsx.name, 0, "", "", "Không có tệp này.")]
    if xlsx.stat().st_size > MAX_BYTES:
        return (
            tables,
            headers,
            [Fault(xlsx.name, 0, "", "", "Tệp lớn hơn 20 MB; đây không phải bảng kế hoạch.")],
        )
    try:
        book = load_workbook(xlsx, data_only=True)
    except (BadZipFile, InvalidFileException, KeyError, OSError, ValueError):
        return tables, headers, [unusable]
    faults: list[Fault] = []
    for name in SHEETS:
        if name not in book.sheetnames:
            faults.append(Fault(name, 0, "", "", "Thiếu trang tính này trong tệp Excel."))
            continue
        headers[name], tables[name] = _read_sheet(name, book[name])
        faults += tables[name].faults
    return tables, headers, faults


def _read_sheet(name: str, sheet: Any) -> tuple[list[str], RawTable]:
    model = TABLES[name]
    required = tuple(n for n, f in model.model_fields.items() if f.is_required())
    rows = sheet.iter_rows()
    header = [_text(c.value) for c in next(rows, ())]
    while header and not header[-1]:
        header.pop()
    table = RawTable()
    for fault in header_faults(name, header, fields_of(model), required):
        table.faults.append(_at(fault, header))
    if table.faults:
        return header, table
    for cells in rows:
        values = [_text(c.value) for c in cells]
        beyond = next((c for c in cells[len(header) :] if _text(c.value)), None)
        if beyond is not None:
            advice = "Ô này nằm ngoài các cột của bảng; hãy xóa."
            table.faults.append(Fault(name, beyond.row, "", _text(beyond.value), advice, beyond.coordinate))
        errors = [c for c in cells if c.data_type == "e"]
        for cell in errors:
            advice = "Công thức bị lỗi; hãy gõ giá trị vào ô."
            table.faults.append(Fault(name, cell.row, "", str(cell.value), advice, cell.coordinate))
        if any(values):
            padded = values + [""] * (len(header) - len(values))
            table.rows.append(RawRow(cells[0].row, dict(zip(header, padded, strict=False))))
    return header, table


def _text(value: Any) -> str:
    """A cell as the CSV file would hold it, whatever Excel made of it."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == datetime.min.time() else value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(value)
    return clean(str(value).replace("\r\n", "\n"))


def _in_sheet(fault: Fault, headers: dict[str, list[str]]) -> Fault:
    name = fault.file.removesuffix(".csv")
    return _at(fault, headers[name]) if fault.file.endswith(".csv") and name in headers else fault


def _at(fault: Fault, header: list[str]) -> Fault:
    """The same fault by sheet and cell; a missing column is pointed at in the header's free cell."""
    column = header.index(fault.field) if fault.field in header else len(header) if fault.line == 1 else 0
    cell = f"{get_column_letter(column + 1)}{max(fault.line, 1)}"
    name = fault.file.removesuffix(".csv")
    return Fault(name, fault.line, fault.field, fault.found, fault.advice, cell)


def _write_folder(folder: Path, tables: dict[str, RawTable]) -> None:
    """All new files first, then the renames: a full disk leaves the old folder whole."""
    written = []
    for name, table in tables.items():
        path = folder / f"{name}.csv"
        temporary = path.with_suffix(".csv.new")
        temporary.write_text(csv_text(fields_of(TABLES[name]), table.rows), encoding="utf-8", newline="")
        written.append((temporary, path))
    for temporary, path in written:
        temporary.replace(path)


def csv_text(columns: tuple[str, ...], rows: Iterable[RawRow]) -> str:
    """Rows as this project writes CSV: all columns in the order of the type, ``\\n`` line ends."""
    out = StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows([row.cells.get(c, "") for c in columns] for row in rows)
    return out.getvalue()
