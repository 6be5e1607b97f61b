"""How the tests read an HTML letter: its visible words, its tags, what it refers to."""

from __future__ import annotations

from html.parser import HTMLParser

VOID = frozenset({"br", "meta", "img", "hr", "link", "input", "base"})


class Letter(HTMLParser):
    """``words`` as a reader sees them, ``tags`` with attributes, ``faults`` in the nesting."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str]]] = []
        self.faults: list[str] = []
        self._open: list[str] = []
        self._text: list[str] = []
        self.feed(html)
        self.close()
        self.faults += [f"<{tag}> is never closed" for tag in self._open]

    @property
    def words(self) -> str:
        return " ".join("".join(self._text).split())

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, {name: value or "" for name, value in attrs}))
        if tag not in VOID:
            self._open.append(tag)
        if tag in ("p", "td", "tr", "h1", "h2", "br", "table"):
            self._text.append(" ")

    def handle_endtag(self, tag: str) -> None:
        if not self._open or self._open.pop() != tag:
            self.faults.append(f"</{tag}> closes something else")
        if tag in ("p", "td", "h1", "h2"):
            self._text.append(" ")

    def handle_data(self, data: str) -> None:
        if "head" not in self._open:
            self._text.append(data)

    def shape(self) -> set[tuple[str, frozenset[str]]]:
        """Which tags with which attribute names occur."""
        return {(tag, frozenset(attrs)) for tag, attrs in self.tags}

    def references(self) -> list[str]:
        return [
            value
            for _, attrs in self.tags
            for name, value in attrs.items()
            if name in ("href", "src", "background")
        ]
