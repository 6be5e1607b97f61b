"""Break one thing in a plan folder and know on which line it stands."""

from __future__ import annotations

from pathlib import Path


def replace(folder: Path, file: str, old: str, new: str) -> int:
    """Replace the first ``old``; returns the line (from 1) on which it began."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    assert old in text, f"{old!r} is not in {file}"
    path.write_text(text.replace(old, new, 1), encoding="utf-8", newline="")
    return text[: text.index(old)].count("\n") + 1


def append(folder: Path, file: str, row: str) -> int:
    """Add a row at the end of a CSV file; returns its line."""
    path = folder / file
    text = path.read_text(encoding="utf-8")
    path.write_text(text + row + "\n", encoding="utf-8", newline="")
    return text.count("\n") + 1


def line_of(folder: Path, file: str, text: str) -> int:
    """The line (from 1) on which ``text`` first begins."""
    whole = (folder / file).read_text(encoding="utf-8")
    return whole[: whole.index(text)].count("\n") + 1
