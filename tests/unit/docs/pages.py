"""The handbook as data: its pages, blocks, marks and links. CONTRIBUTING.md explains the marks."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[3]
DOCS = ROOT / "docs"
PAGES = sorted(DOCS.rglob("*.md")) + sorted(ROOT.glob("*.md"))

FENCE = re.compile(r"^(\s*)(`{3,})(\w*)(.*)$")
MARK = re.compile(r"^\s*<!-- (lúc|trước|tệp|chỉ đọc|mã thoát)(?:: (.*?))? -->\s*$")
TITLE = re.compile(r'title="([^"]+)"')
OURS = ("dondoc ", "make ")


@dataclass(frozen=True)
class Block:
    """One fenced block. ``title``: the file it stands for. ``marks``: the comments since the block before."""

    line: int
    language: str
    title: str
    text: str
    marks: tuple[tuple[str, str], ...] = field(default=())

    def marked(self, name: str) -> str | None:
        return next((value for key, value in self.marks if key == name), None)

    @property
    def is_file(self) -> bool:
        return bool(self.title)

    @property
    def commands(self) -> list[str]:
        """Lines that a test can look at; a backslash joins lines."""
        whole = re.sub(r"\\\n\s*", " ", self.text)
        return [line.strip() for line in whole.splitlines() if line.strip().startswith(OURS)]


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def blocks(text: str) -> list[Block]:
    """Fenced blocks in order; an indented one belongs to a list and loses its indentation."""
    found: list[Block] = []
    marks: list[tuple[str, str]] = []
    open_: tuple[int, str, str, str, str] | None = None
    body: list[str] = []
    for number, line in enumerate(text.splitlines(), 1):
        fence = FENCE.match(line)
        if open_ is None and fence:
            title = TITLE.search(fence[4])
            open_ = (number, fence[1], fence[2], fence[3], title[1] if title else "")
        elif open_ and fence and fence[2] == open_[2] and not fence[3]:
            at, indent, _, language, title_ = open_
            inside = "\n".join(x.removeprefix(indent) for x in body)
            found.append(Block(at, language, title_, inside, () if title_ else tuple(marks)))
            open_, body = None, []
            marks = marks if title_ else []  # marks before a file are meant for the command after it
        elif open_:
            body.append(line)
        elif mark := MARK.match(line):
            marks.append((mark[1], mark[2] or ""))
    if open_:
        raise ValueError(f"line {open_[0]}: block without an end")
    return found


def prose(text: str) -> str:
    """The page without its blocks."""
    kept, fence = [], ""
    for line in text.splitlines():
        found = FENCE.match(line)
        if found and not fence:
            fence = found[2]
        elif found and found[2] == fence and not found[3]:
            fence = ""
        elif not fence:
            kept.append(line)
    return "\n".join(kept)


def inline(text: str) -> Iterator[str]:
    """`dondoc …` and `make …` inside sentences."""
    for code in re.findall(r"(?<!`)`([^`\n]+)`(?!`)", prose(text)):
        if code.startswith(OURS):
            yield code


def links(text: str) -> Iterator[str]:
    yield from re.findall(r"\]\(([^)\s]+)\)", prose(text))
