"""The paragraphs of a Word file, to see whether it carries a mark of secrecy."""

from __future__ import annotations

from tasks.forms.unzip import Archive
from tasks.forms.xmlscan import elements


def paragraphs(archive: Archive) -> list[str]:
    """Texts of the body, headers and footers. Raises ``Refused`` for a broken file."""
    found: list[str] = []
    for name in archive.members:
        lower = name.lower()
        if lower == "word/document.xml" or lower.startswith(("word/header", "word/footer")):
            found += [text for _, _, text in elements(archive.read(name), "p")]
    return found
