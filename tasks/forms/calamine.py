"""python-calamine behind one function: sheets out, or ``Refused``."""

from __future__ import annotations

import io
from typing import cast

from python_calamine import CalamineError, CalamineWorkbook, PasswordError

from tasks.forms.guard import MAX_AREA, MAX_SHEETS, Scan
from tasks.forms.sheets import CellValue, Sheet
from tasks.forms.unzip import Refused


def read_sheets(data: bytes, scan: Scan | None) -> list[Sheet]:
    """The sheets of a workbook that passed the guard; ``scan`` None: in a process that may die."""
    try:
        return _read(data, scan)
    except PasswordError as error:
        raise Refused("encrypted") from error
    except (CalamineError, ValueError, OverflowError, OSError, MemoryError) as error:
        raise Refused("corrupt", detail="không đúng định dạng bảng tính") from error
    except BaseException as error:  # a panic in Rust is no Exception and has no importable name
        if type(error).__name__ != "PanicException":
            raise
        raise Refused("corrupt", detail="không đúng định dạng bảng tính") from error


def _read(data: bytes, scan: Scan | None) -> list[Sheet]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    names = [m.name for m in book.sheets_metadata if str(m.typ).endswith("WorkSheet")]
    if len(names) > MAX_SHEETS:
        raise Refused("too_many_sheets", count=str(len(names)), limit=str(MAX_SHEETS))
    sheets, area = [], 0
    for name in names:
        if scan is not None and name not in scan.sheets:
            raise Refused("corrupt", detail="trang tính không khớp")
        source = book.get_sheet_by_name(name)
        if source.start is None:
            continue
        area += source.height * source.width
        if area > 2 * MAX_AREA:
            raise Refused("too_many_cells", cell_seen=f"dòng {source.total_height}")
        rows = cast(list[list[CellValue]], source.to_python(skip_empty_area=True))
        sheet = Sheet(name, rows, *source.start)
        if scan is not None:
            sheet.percent, sheet.special = scan.sheets[name].percent, scan.sheets[name].special
        sheets.append(sheet)
    return sheets
