"""Vietnamese text as it is typed: composed or decomposed, pasted from Zalo, spelled two ways.

Only the standard library; every function is pure.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

_INVISIBLE = dict.fromkeys([0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF, 0x200E, 0x200F])
_SPACES = dict.fromkeys([0xA0, 0x2000, 0x2001, 0x2002, 0x2003, 0x2004, 0x2005, 0x2006, 0x2007,
                         0x2008, 0x2009, 0x200A, 0x202F, 0x205F, 0x3000], " ")  # fmt: skip
_TRANSLATE = {**_INVISIBLE, **_SPACES}
_BLANKS = re.compile(r"[ \t]+")
_NOT_WORD = re.compile(r"[^a-z0-9]+")


def clean(text: str) -> str:
    """NFC, no invisible characters, plain spaces, trimmed; line breaks are kept as ``\\n``."""
    if text.isascii() and "\t" not in text and "\r" not in text and "  " not in text:
        return text.strip()
    text = unicodedata.normalize("NFC", text).translate(_TRANSLATE)
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return "\n".join(_BLANKS.sub(" ", line).strip() for line in text.split("\n")).strip()


def one_line(text: str) -> str:
    """``clean`` with line breaks turned into spaces."""
    return " ".join(clean(text).split())


def fold(text: str) -> str:
    """Lower-case ASCII words of ``text``: "Kết quả luỹ kế" and "KẾT QUẢ LŨY KẾ" fold alike.

    For comparing headings and names only; two different Vietnamese words may fold alike.
    """
    return _fold_short(text) if len(text) < 256 else _fold(text)


def _fold(text: str) -> str:
    text = text.lower().replace("đ", "d")
    if not text.isascii():
        text = unicodedata.normalize("NFD", text).translate(_TRANSLATE)
        text = text.encode("ascii", "ignore").decode()
    return _NOT_WORD.sub(" ", text).strip()


_fold_short = lru_cache(maxsize=4096)(_fold)  # headings and names come again with every file
