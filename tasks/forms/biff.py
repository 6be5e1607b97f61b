"""An old .xls: which cells show a percentage and which hold an error, which calamine does not tell.

Runs in the reading child only. Records of BIFF8 after [MS-XLS]: BOUNDSHEET, FORMAT, XF, NUMBER, RK,
MULRK, FORMULA, BOOLERR.
"""

from __future__ import annotations

import io
import re
import struct
from collections.abc import Iterator

import olefile

from tasks.forms.sheets import Place, Sheet

_BOUNDSHEET, _FORMAT, _XF, _BOF, _EOF = 0x0085, 0x041E, 0x00E0, 0x0809, 0x000A
_NUMBER, _RK, _MULRK, _FORMULA, _BOOLERR = 0x0203, 0x027E, 0x00BD, 0x0006, 0x0205
_ERRORS = {0: "#NULL!", 7: "#DIV/0!", 15: "#VALUE!", 23: "#REF!", 29: "#NAME?", 36: "#NUM!", 42: "#N/A"}
_QUOTED = re.compile(r'"[^"]*"|\\.')
_BUILTIN_PERCENT = {9, 10}


def mark(sheets: list[Sheet], data: bytes) -> list[Sheet]:
    """``sheets`` with percentages and errors; unchanged where the stream is none we know."""
    try:
        stream = _stream(data)
        percent, names = _globals(stream)
        for sheet in sheets:
            if sheet.name in names:
                _mark_sheet(sheet, stream, names[sheet.name], percent)
    except (OSError, struct.error, IndexError, ValueError, KeyError):
        return sheets
    return sheets


def _stream(data: bytes) -> bytes:
    with olefile.OleFileIO(io.BytesIO(data)) as ole:
        return bytes(ole.openstream("Workbook").read())


def _records(stream: bytes, start: int) -> Iterator[tuple[int, bytes]]:
    """(kind, content) from ``start`` to the end of the substream."""
    at = start
    while at + 4 <= len(stream):
        kind, size = struct.unpack_from("<HH", stream, at)
        yield kind, stream[at + 4 : at + 4 + size]
        if kind == _EOF:
            return
        at += 4 + size


def _text(content: bytes, count: int) -> str:
    wide = content[0] & 1
    return (
        content[1 : 1 + 2 * count].decode("utf-16-le") if wide else content[1 : 1 + count].decode("latin-1")
    )


def _globals(stream: bytes) -> tuple[set[int], dict[str, int]]:
    """Styles that show a percentage, and where each sheet's records start."""
    formats, styles, sheets = set(_BUILTIN_PERCENT), [], {}
    for kind, content in _records(stream, 0):
        if kind == _FORMAT:
            number, count = struct.unpack_from("<HH", content)
            if "%" in _QUOTED.sub("", _text(content[4:], count)):
                formats.add(number)
        elif kind == _XF:
            styles.append(struct.unpack_from("<H", content, 2)[0])
        elif kind == _BOUNDSHEET:
            sheets[_text(content[7:], content[6])] = struct.unpack_from("<L", content)[0]
    return {n for n, style in enumerate(styles) if style in formats}, sheets


def _mark_sheet(sheet: Sheet, stream: bytes, start: int, percent: set[int]) -> None:
    for kind, content in _records(stream, start):
        if kind in (_NUMBER, _RK, _FORMULA, _BOOLERR):
            row, col, style = struct.unpack_from("<HHH", content)
            if kind != _BOOLERR and style in percent:
                sheet.percent.add((row, col))
            if error := _error(kind, content):
                sheet.special[row, col] = error
        elif kind == _MULRK:
            sheet.percent |= set(_many(content, percent))


def _error(kind: int, content: bytes) -> str:
    if kind == _BOOLERR and content[7]:
        return _ERRORS.get(content[6], "#N/A")
    if kind == _FORMULA and content[6] == 2 and content[12:14] == b"\xff\xff":
        return _ERRORS.get(content[8], "#N/A")
    return ""


def _many(content: bytes, percent: set[int]) -> Iterator[Place]:
    row, first = struct.unpack_from("<HH", content)
    for n in range((len(content) - 6) // 6):
        if struct.unpack_from("<H", content, 4 + 6 * n)[0] in percent:
            yield row, first + n
