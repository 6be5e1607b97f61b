"""Reading finished documents back: texts and parts of a .docx, cells of an .xlsx."""

from __future__ import annotations

import zipfile
from functools import cache
from pathlib import Path
from typing import Any

from lxml import etree
from python_calamine import CalamineWorkbook

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def paragraphs(path: Path) -> list[str]:
    """Body text, tables left out."""
    return [_text(p) for p in xml(path).find(f"{W}body").findall(f"{W}p")]


def _text(node: Any) -> str:
    return "".join((t.text or "") if t.tag == f"{W}t" else "\n" for t in node.iter(f"{W}t", f"{W}br"))


@cache
def everything(path: Path) -> str:
    """All text of a .docx, tables and header included."""
    return "\n".join("".join(t.text or "" for t in xml(path, part).iter(f"{W}t")) for part in parts(path))


def parts(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as package:
        return [n for n in package.namelist() if n.startswith("word/") and n.endswith(".xml")]


@cache
def xml(path: Path, part: str = "word/document.xml") -> Any:
    with zipfile.ZipFile(path) as package:
        return etree.fromstring(package.read(part))


@cache
def tables(path: Path) -> list[list[list[str]]]:
    return [
        [
            ["\n".join(_text(p) for p in c.iter(f"{W}p")) for c in r.findall(f"{W}tc")]
            for r in t.findall(f"{W}tr")
        ]
        for t in xml(path).iter(f"{W}tbl")
    ]


@cache
def sheet(path: Path, name: str) -> list[dict[str, Any]]:
    """Rows of a sheet of the workbook as dictionaries by heading."""
    rows = CalamineWorkbook.from_path(path).get_sheet_by_name(name).to_python(skip_empty_area=False)[3:]
    found = [dict(zip(rows[0], map(_plain, r), strict=True)) for r in rows[1:]]
    return [r for r in found if any(v not in ("", None) for v in r.values())]


def _plain(value: Any) -> Any:
    return int(value) if isinstance(value, float) and value.is_integer() else value
