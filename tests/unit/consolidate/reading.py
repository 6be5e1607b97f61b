"""Reading finished documents back: texts and parts of a .docx, cells of an .xlsx."""

from __future__ import annotations

import zipfile
from pathlib import Path
from typing import Any

import openpyxl
from docx import Document
from lxml import etree

W = "{http://schemas.openxmlformats.org/wordprocessingml/2006/main}"


def paragraphs(path: Path) -> list[str]:
    """Body text, tables left out."""
    return [p.text for p in Document(str(path)).paragraphs]


def everything(path: Path) -> str:
    """All text of a .docx, tables and header included."""
    return "\n".join("".join(t.text or "" for t in xml(path, part).iter(f"{W}t")) for part in parts(path))


def parts(path: Path) -> list[str]:
    with zipfile.ZipFile(path) as package:
        return [n for n in package.namelist() if n.startswith("word/") and n.endswith(".xml")]


def xml(path: Path, part: str = "word/document.xml") -> Any:
    with zipfile.ZipFile(path) as package:
        return etree.fromstring(package.read(part))


def tables(path: Path) -> list[list[list[str]]]:
    return [[[c.text for c in r.cells] for r in t.rows] for t in Document(str(path)).tables]


def sheet(path: Path, name: str) -> list[dict[str, Any]]:
    """Rows of a sheet of the workbook as dictionaries by heading."""
    rows = list(openpyxl.load_workbook(path)[name].iter_rows(min_row=4, values_only=True))
    return [dict(zip(rows[0], r, strict=True)) for r in rows[1:] if any(v is not None for v in r)]
