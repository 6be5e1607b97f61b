"""Files of a plan folder → raw rows and tables that still know their line numbers."""

from __future__ import annotations

import csv
import re
import tomllib
import unicodedata
from dataclasses import dataclass, field
from io import StringIO
from pathlib import Path
from typing import Any

from config.plan_faults import ENCODING, Fault, did_you_mean

KeyPath = tuple[str | int, ...]


@dataclass(frozen=True)
class RawRow:
    """One row of a table: cells by column, and where it begins (line of the file, row of the sheet)."""

    line: int
    cells: dict[str, str]


@dataclass
class RawTable:
    rows: list[RawRow] = field(default_factory=list)
    faults: list[Fault] = field(default_factory=list)


@dataclass
class RawToml:
    data: dict[str, Any] = field(default_factory=dict)
    lines: dict[KeyPath, int] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)

    def line_of(self, path: KeyPath) -> int:
        """Line of the key, or of the nearest table above it."""
        for end in range(len(path), 0, -1):
            if path[:end] in self.lines:
                return self.lines[path[:end]]
        return 1


def clean(text: str) -> str:
    """NFC without blanks at the ends: one spelling for one Vietnamese word."""
    return unicodedata.normalize("NFC", text).strip()


def read_text(path: Path) -> tuple[str, list[Fault]]:
    """The file's text, or the fault that keeps it from being read."""
    if not path.is_file():
        return "", [Fault(path.name, 0, "", "", "Thiếu tệp này trong thư mục kế hoạch.")]
    content = path.read_bytes()
    try:
        return content.decode(ENCODING), []
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        advice = "Tệp không phải UTF-8; trong Excel chọn Lưu thành “CSV UTF-8 (Comma delimited)”."
        return "", [Fault(path.name, line, "", "", advice)]


def read_csv(path: Path, columns: tuple[str, ...], required: tuple[str, ...]) -> RawTable:
    """Rows of a comma separated UTF-8 file; a faulty header stops the reading of its rows."""
    text, faults = read_text(path)
    table = RawTable(faults=faults)
    if faults:
        return table
    reader = csv.reader(StringIO(text, newline=""), strict=True)
    start = 0
    header: list[str] | None = None
    try:
        for cells in reader:
            line, start = start + 1, reader.line_num
            if header is None:
                header = [clean(c) for c in cells]
                table.faults += header_faults(path.name, header, columns, required)
                if table.faults:
                    return table
            elif any(c.strip() for c in cells):
                _add_row(table, path.name, line, header, cells)
    except csv.Error as error:
        advice = f"Dòng không đọc được (thừa hoặc thiếu dấu ngoặc kép?): {error}."
        table.faults.append(Fault(path.name, start + 1, "", "", advice))
    if header is None:
        table.faults.append(Fault(path.name, 1, "", "", f"Tệp trống; dòng đầu phải là: {','.join(columns)}."))
    return table


def header_faults(
    file: str, header: list[str], columns: tuple[str, ...], required: tuple[str, ...]
) -> list[Fault]:
    """Unknown, repeated and missing columns; a file that Excel saved with semicolons or tabs."""
    if len(header) == 1 and re.search(r"[;\t]", header[0]):
        advice = (
            "Các cột phải cách nhau bằng dấu phẩy; trong Excel lưu lại thành “CSV UTF-8 (Comma delimited)”."
        )
        return [Fault(file, 1, "", header[0][:60], advice)]
    missing = [c for c in required if c not in header]
    faults = []
    for name in dict.fromkeys(header):
        if name not in columns:
            hint = did_you_mean(name, missing or columns)
            faults.append(Fault(file, 1, name, name, f"Không có cột tên này.{hint}"))
        elif header.count(name) > 1:
            faults.append(Fault(file, 1, name, name, "Cột bị lặp; chỉ giữ một cột."))
    faults += [Fault(file, 1, c, "", "Thiếu cột bắt buộc này.") for c in missing]
    return faults


def _add_row(table: RawTable, file: str, line: int, header: list[str], cells: list[str]) -> None:
    if len(cells) != len(header):
        advice = f'Dòng có {len(cells)} ô, cần {len(header)}; ô có dấu phẩy phải đặt trong dấu ngoặc kép "…".'
        table.faults.append(Fault(file, line, "", ",".join(cells)[:60], advice))
        return
    table.rows.append(RawRow(line, {n: clean(c) for n, c in zip(header, cells, strict=True)}))


def read_toml(path: Path) -> RawToml:
    """A TOML file with the line of each key."""
    text, faults = read_text(path)
    raw = RawToml(faults=faults)
    if faults:
        return raw
    text = text.replace("\r\n", "\n")
    try:
        raw.data = _normalised(tomllib.loads(text))
    except tomllib.TOMLDecodeError as error:
        raw.faults.append(_syntax_fault(path.name, text, str(error)))
        return raw
    raw.lines = key_lines(text)
    return raw


def _normalised(value: Any) -> Any:
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, dict):
        return {k: _normalised(v) for k, v in value.items()}
    return [_normalised(v) for v in value] if isinstance(value, list) else value


def _syntax_fault(file: str, text: str, message: str) -> Fault:
    place = re.search(r"at line (\d+)", message)
    line = int(place[1]) if place else text.count("\n") + 1
    lines = text.splitlines()
    found = lines[line - 1].strip() if 0 < line <= len(lines) else ""
    advice = f'Sai cú pháp TOML ở dòng này hoặc ngay trước nó (thiếu dấu " hoặc ]?): {message}.'
    return Fault(file, line, "", found[:80], advice)


_HEADER = re.compile(r"^\s*(\[\[?)\s*([\w.\s\"-]+?)\s*\]\]?\s*(#.*)?$")
_KEY = re.compile(r"^\s*([\w\"-]+(?:\s*\.\s*[\w\"-]+)*)\s*=\s*(.*)$")


def key_lines(text: str) -> dict[KeyPath, int]:
    """Line of every table header and key of a (valid) TOML text; arrays of tables count from 0."""
    lines: dict[KeyPath, int] = {}
    counts: dict[KeyPath, int] = {}
    prefix: KeyPath = ()
    depth, quote = 0, ""  # inside a multi-line array or string nothing is a key
    for number, line in enumerate(text.split("\n"), 1):
        inside = bool(depth or quote)
        if not inside and (header := _HEADER.match(line)):
            prefix = _table_path(header[2], header[1] == "[[", counts)
            lines[prefix] = number
            continue
        key = None if inside else _KEY.match(line)
        if key:
            lines[prefix + _parts(key[1])] = number
        depth, quote = _still_open(key[2] if key else line, depth, quote)
    return lines


def _parts(name: str) -> tuple[str, ...]:
    return tuple(p.strip().strip('"') for p in name.split("."))


def _table_path(name: str, is_array: bool, counts: dict[KeyPath, int]) -> KeyPath:
    path: KeyPath = ()
    names = _parts(name)
    for i, part in enumerate(names):
        path += (part,)
        if is_array and i == len(names) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path += (counts[path],)
    return path


def _still_open(text: str, depth: int, quote: str) -> tuple[int, str]:
    """Is an array (depth) or a triple-quoted string (quote) still open after this line?"""
    while text:
        if quote:
            _, found, text = text.partition(quote)
            quote = "" if found else quote
            continue
        token = re.search(r"\"\"\"|'''|\"(?:[^\"\\]|\\.)*\"|'[^']*'|#|[\[\]{}]", text)
        if not token or token[0] == "#":
            break
        text = text[token.end() :]
        if token[0] in ('"""', "'''"):
            quote = token[0]
        else:
            depth += (token[0] in "[{") - (token[0] in "]}")
    return depth, quote
