"""Find a form's tables in any sheet: by their headings, never by a fixed address."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache

from tasks.forms.columns import TABLES, Column, Table
from tasks.forms.sheets import CellValue, Sheet, address
from tasks.rules.viet import fold

_END = ("nguoi lap bieu", "thu truong co quan", "noi nhan")
_WHOLE_END = frozenset({*_END, "thu truong co quan don vi"})

_EARLIER = re.compile(r"\b(cung ky|(nam|quy|ky) truoc)\b")
_END_LETTERS = frozenset("NnTt")


@dataclass(frozen=True)
class Found:
    """A table in a sheet: row of its headings and the column of each key (0-based, absolute)."""

    table: Table
    sheet: Sheet
    row: int
    columns: dict[str, int]


@dataclass(frozen=True)
class Row:
    """One row below the headings."""

    found: Found
    row: int

    def value(self, key: str) -> CellValue:
        """The cell's content; error cells and formulas without a result as their text."""
        col = self.found.columns.get(key)
        return None if col is None else cell(self.found.sheet, self.row, col)

    def unread(self, key: str) -> bool:
        """Does the cell show an error, or hold a formula without a stored result?"""
        col = self.found.columns.get(key)
        return col is not None and (self.row, col) in self.found.sheet.special

    def percent(self, key: str) -> bool:
        col = self.found.columns.get(key)
        return col is not None and (self.row, col) in self.found.sheet.percent

    def place(self, key: str) -> tuple[str, str]:
        """Sheet and address of the cell; the row's first column where the table lacks ``key``."""
        columns = self.found.columns
        col = columns[key] if key in columns else min(columns.values())
        return self.found.sheet.name, address(self.row, col)


def cell(sheet: Sheet, row: int, col: int) -> CellValue:
    if (row, col) in sheet.special:
        return sheet.special[row, col]
    r, c = row - sheet.top, col - sheet.left
    if 0 <= r < len(sheet.rows) and 0 <= c < len(sheet.rows[r]):
        return sheet.rows[r][c]
    return None


@lru_cache(maxsize=4096)
def _keys(heading: str) -> tuple[tuple[str, str, int], ...]:
    """(table, column, letters recognised) of what ``heading`` may stand for.

    A column that a unit adds for another time ("Lũy kế cùng kỳ năm trước") is none of ours but ``last``.
    """
    folded = fold(heading)
    earlier = _EARLIER.search(folded) is not None
    return tuple(
        (table.key, column.key, alike)
        for table in TABLES
        for column in table.columns
        if (alike := _alike(folded, column)) and not (earlier and column.key != "last")
    )


def _alike(folded: str, column: Column) -> int:
    """How many letters of a heading are this column's; 0: it is another's."""
    if folded in column.exact:
        return len(folded)
    return max((len(s) for s in column.starts if _starts(folded, s)), default=0)


def _starts(folded: str, beginning: str) -> bool:
    """Begins with whole words, so that "quy ii" is not the beginning of "quy iii"."""
    return folded == beginning or folded.startswith(beginning + " ")


def find_tables(sheet: Sheet, codes: Collection[str] = ()) -> list[Found]:
    """The tables of ``sheet`` in the order of their rows.

    A row with one of the form's ``codes`` (lower case) is an answer, however its cells begin: "Nhiệm vụ
    1: …", "Phối hợp với …", "Nguồn lực: …".
    """
    found = []
    for r, row in enumerate(sheet.rows):
        texts = [(c, v) for c, v in enumerate(row) if isinstance(v, str) and 1 < len(v) < 120]
        hit = _match(sheet, r, texts) if len(texts) >= 2 else None
        if hit and not any(v.strip().lower() in codes for _, v in texts):
            found.append(hit)
    return found


def _match(sheet: Sheet, r: int, texts: list[tuple[int, str]]) -> Found | None:
    candidates: dict[str, dict[str, tuple[int, int]]] = {}
    for c, text in texts:
        for name, key, alike in _keys(text):
            known = candidates.setdefault(name, {})
            if alike > known.get(key, (0, 0))[0]:  # the likest heading; the first of equals
                known[key] = (alike, c + sheet.left)
    best: Found | None = None
    for table in TABLES if candidates else ():
        columns = {key: col for key, (_, col) in candidates.get(table.key, {}).items()}
        if len(columns) < table.least or (best and len(columns) <= len(best.columns)):
            continue
        if all(any(k in columns for k in group) for group in table.must):
            best = Found(table, sheet, r + sheet.top, columns)
    return best


def rows_of(found: Found, until: int) -> Iterator[Row]:
    """The rows of a table, up to row ``until`` or the signatures."""
    sheet = found.sheet
    for r in range(found.row + 1, min(until, sheet.top + len(sheet.rows))):
        row = sheet.rows[r - sheet.top]
        if any(isinstance(v, str) and v[:1] in _END_LETTERS and _signs(v) for v in row):
            return
        yield Row(found, r)


def _signs(text: str) -> bool:
    """Does the block of signatures begin here? "Thủ trưởng cơ quan chịu trách nhiệm …" is an answer."""
    line = text[:120].split("\n")[0]
    title = fold(line.partition(":")[0].partition("(")[0])
    return title in _WHOLE_END or (line.isupper() and title.startswith(_END))
