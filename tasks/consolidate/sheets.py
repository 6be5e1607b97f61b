"""A sheet of the consolidated workbook: headings, filter, frozen panes, print set-up.

Units' words are written as strings only: nothing they typed can become a formula or a link.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from config.plan import ZONE

from .words import printable

LONGEST = 32_000  # Excel holds 32,767 characters in a cell
CUT = "… (nội dung đầy đủ trong tệp gốc)"
OPTIONS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


@dataclass(frozen=True)
class Column:
    """``kind``: text, centre, number, count, day, moment."""

    heading: str
    width: float
    kind: str = "text"


class Book:
    """An .xlsx in memory with the office's formats; dated ``at``, the same bytes for the same content."""

    def __init__(self, title: str, at: datetime) -> None:
        import xlsxwriter

        self._target = io.BytesIO()
        self.book = xlsxwriter.Workbook(self._target, OPTIONS)
        self.book.set_properties(
            {
                "title": title,
                "author": "Sở Khoa học và Công nghệ tỉnh Ninh Bình",
                "created": at.replace(tzinfo=None),
            }
        )
        self._cache: dict[tuple[tuple[str, Any], ...], Any] = {}
        self.subtitle = ""

    def format(self, **options: Any) -> Any:
        key = tuple(sorted(options.items()))
        if key not in self._cache:
            base = {"font_name": "Times New Roman", "font_size": 11, "valign": "top"}
            self._cache[key] = self.book.add_format(base | options)
        return self._cache[key]

    def kind(self, kind: str, **more: Any) -> Any:
        options: dict[str, Any] = {"border": 1} | more
        kinds: dict[str, dict[str, Any]] = {
            "text": {"text_wrap": True},
            "centre": {"align": "center", "text_wrap": True},
            "number": {"num_format": "#,##0.##", "align": "right"},
            "whole": {"num_format": "#,##0", "align": "right"},  # Excel shows 90 as "90," in #,##0.##
            "count": {"num_format": "#,##0", "align": "center"},
            "day": {"num_format": "dd/mm/yyyy", "align": "center"},
            "moment": {"num_format": "dd/mm/yyyy hh:mm", "align": "center"},
        }
        return self.format(**options, **kinds[kind])

    def bytes(self) -> bytes:
        self.book.close()
        return self._target.getvalue()

    def sheet(
        self, name: str, title: str, columns: Sequence[Column], *, freeze: int = 2, top: int = 3
    ) -> Any:
        """A sheet with title, subtitle and headings in row ``top`` (counted from 0)."""
        sheet = self.book.add_worksheet(name)
        sheet.write_string(0, 0, printable(title), self.format(bold=True, font_size=14))
        sheet.write_string(1, 0, printable(self.subtitle), self.format(italic=True))
        heading = self.format(
            bold=True, border=1, align="center", valign="vcenter", text_wrap=True, bg_color="#DDEBF7"
        )
        for n, column in enumerate(columns):
            sheet.write_string(top, n, column.heading, heading)
            sheet.set_column(n, n, column.width)
        sheet.set_row(top, 46)  # room for headings on two or three lines
        sheet.freeze_panes(top + 1, freeze)
        sheet.set_landscape()
        sheet.set_paper(9)  # A4
        sheet.fit_to_pages(1, 0)
        sheet.repeat_rows(top)
        sheet.set_margins(left=0.5, right=0.5, top=0.6, bottom=0.6)
        sheet.set_footer("&C&P/&N")
        return sheet

    def rows(
        self, sheet: Any, columns: Sequence[Column], rows: Iterable[Sequence[Any]], *, top: int = 3
    ) -> int:
        """Write ``rows`` under the headings with a filter over them; returns how many."""
        formats = [self.kind(c.kind) for c in columns]
        text, number, whole = self.kind("text"), self.kind("number"), self.kind("whole")
        line = top
        for line, row in enumerate(rows, top + 1):
            for n, value in enumerate(row):
                if value is None or value == "" or value != value:
                    continue  # blank, or NaN: framed by the rule below
                if isinstance(value, str):
                    sheet.write_string(line, n, cell_text(value), formats[n])
                elif isinstance(value, datetime):
                    sheet.write_datetime(line, n, value.astimezone(ZONE).replace(tzinfo=None), formats[n])
                elif isinstance(value, date):
                    sheet.write_datetime(line, n, value, formats[n])
                else:
                    rounded = formats[n] is number and round(value, 2) == round(value)
                    sheet.write_number(line, n, value, whole if rounded else formats[n])
        if line > top:
            sheet.autofilter(top, 0, line, len(columns) - 1)
            frame = {"type": "blanks", "format": self.book.add_format({"border": 1})}
            sheet.conditional_format(top + 1, 0, line, len(columns) - 1, frame)
        else:
            sheet.write_string(top + 1, 0, "Không có dữ liệu", text)
        return line - top


def cell_text(value: str) -> str:
    """``value`` as a cell can hold it: Excel counts UTF-16 units, of which an emoji takes two."""
    value = printable(value)
    if 2 * len(value) <= LONGEST:
        return value
    units = value.encode("utf-16-le")
    return value if len(units) <= 2 * LONGEST else units[: 2 * LONGEST].decode("utf-16-le", "ignore") + CUT
