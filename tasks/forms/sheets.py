"""Cells of a file, whatever its format, and the address of a cell."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

CellValue = str | float | bool | date | datetime | time | timedelta | None
Place = tuple[int, int]  # row, column, both from 0

_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?(\d{1,7})$")


@dataclass
class Sheet:
    """``rows`` start at (``top``, ``left``). ``percent``: cells shown as a percentage; ``special``:
    error cells and formulas without a stored result, as their text ("#DIV/0!", "=C5/D5")."""

    name: str
    rows: list[list[CellValue]]
    top: int = 0
    left: int = 0
    percent: set[Place] = field(default_factory=set)
    special: dict[Place, str] = field(default_factory=dict)


def column_letters(col: int) -> str:
    letters = ""
    col += 1
    while col:
        col, rest = divmod(col - 1, 26)
        letters = chr(65 + rest) + letters
    return letters


def column_index(letters: str) -> int:
    index = 0
    for letter in letters:
        index = index * 26 + ord(letter) - 64
    return index - 1


def address(row: int, col: int) -> str:
    return f"{column_letters(col)}{row + 1}"


def parse_address(text: str) -> Place:
    """(row, column) of "B7". Raises ``ValueError`` for anything that is no cell of a sheet."""
    match = _ADDRESS.match(text.upper())
    if not match:
        raise ValueError(f"not a cell: {text!r}")
    place = int(match[2]) - 1, column_index(match[1])
    if not (0 <= place[0] < 1_048_576 and place[1] < 16_384):
        raise ValueError(f"outside a sheet: {text!r}")
    return place
