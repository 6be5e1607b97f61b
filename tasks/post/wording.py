"""Small words of our e-mails: what the templates' filters do. Pure; no I/O.

Two jobs: make every value harmless before a template sees it (``clean``), and the turns of
phrase that official Vietnamese asks for (two-digit counts, "ngày", "hết ngày", states).
"""

from __future__ import annotations

import re
import textwrap
import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from tasks.rules.words import show_lateness

WIDTH = 78  # columns of the plain text
LONGEST = 1000  # characters of one value; a cell may hold 32,767
PARAGRAPHS = frozenset(
    {"content", "text", "advice"}
)  # values that may have several lines

STATES = {
    "missing": "chưa gửi",
    "returned": "đã trả lại, chờ bổ sung",
    "incomplete": "gửi chưa đầy đủ",
}

_DATE = re.compile(r"\d{1,2}/\d{1,2}/\d{4}")
_TAG = re.compile(r"\s*\[DD-[^\]]*\]")
_LINE = re.compile(r"\s*\(dòng \d+\)|,\s*dòng \d+")
_BULLET = re.compile(r"\s*(?:- |\d+\. )?")
_DROPPED = frozenset(
    {"Cc", "Cf", "Cs", "Co", "Cn"}
)  # control, bidi and invisible, half characters


def clean(value: Any, key: str = "") -> Any:
    """``value`` (nested mappings, sequences, strings) as data that cannot be markup, header or layout.

    Strings become NFC on one line (those named in PARAGRAPHS keep their lines), without
    control and invisible characters (a right-to-left override would reorder our own words),
    at most LONGEST characters.
    """
    if isinstance(value, str):
        return _clean_text(value, lines=key in PARAGRAPHS)
    if isinstance(value, Mapping):
        return {k: clean(v, k) for k, v in value.items()}
    if isinstance(value, Sequence):
        return [clean(v, key) for v in value]
    return value


@lru_cache(maxsize=4096)  # most of what a letter says, the next one says too
def _clean_text(text: str, lines: bool) -> str:
    if text.isascii() and text.isprintable() and len(text) <= LONGEST:
        return " ".join(text.split())
    parts = [_one_line(part) for part in text.splitlines()]
    out = ("\n" if lines else " ").join(p for p in parts if p)
    return out if len(out) <= LONGEST else out[: LONGEST - 1].rstrip() + "…"


def _one_line(text: str) -> str:
    text = "".join(
        " " if c == "\t" else c
        for c in text
        if c == "\t" or unicodedata.category(c) not in _DROPPED
    )
    return " ".join(unicodedata.normalize("NFC", text).split())


def squash(text: str) -> str:
    """One line, one blank between words; escaped text stays marked as escaped."""
    return type(text)(" ".join(str.split(text)))  # not its own split, which marks every word


def two(number: int) -> str:
    """Counts under ten have two digits in official letters: "còn 03 ngày"."""
    return f"{int(number):02d}"


def up(text: str) -> str:
    return text[:1].upper() + text[1:]


def day(text: str) -> str:
    """A bare date gets its word: "30/6/2026" → "ngày 30/6/2026"; a phrase stays."""
    return f"ngày {text}" if _DATE.fullmatch(text) else text


def through(text: str) -> str:
    """A date a person entered is inclusive (ruling 4): "30/6/2026" → "hết ngày 30/6/2026"."""
    return f"hết ngày {text}" if _DATE.fullmatch(text) else text


def before(limit: str) -> str:
    """ "trước ngày 25/9/2026"; a limit with its hour reads "trước 17 giờ 00 ngày 24/9/2026"."""
    return f"trước {day(limit)}"


def term(item: Mapping[str, Any]) -> str:
    """The limit and, where it is a whole day, the last good day that follows from it."""
    limit = item["limit"]
    last = f" (chậm nhất hết ngày {item['last_day']})" if _DATE.fullmatch(limit) else ""
    return before(limit) + last


def lateness(days: int) -> str:
    """ "quá hạn 03 ngày"; past an hour of the same day no day is counted."""
    return show_lateness(int(days))


def is_late(item: Mapping[str, Any]) -> bool:
    return bool(item["days_late"] > 0)


def standing(item: Mapping[str, Any]) -> str:
    """How far from its limit an item stands."""
    if is_late(item):
        return lateness(item["days_late"])
    return f"còn {two(item['days_left'])} ngày làm việc"


def situation(item: Mapping[str, Any]) -> str:
    """The state in words. What is missing is named only where nothing has come."""
    words = up(state(item["state"]))
    return f"{words} {item['missing']}".strip() if item["state"] == "missing" else words


def late(items: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    return [item for item in items if is_late(item)]


def date_in(text: str) -> str:
    """The date inside a phrase, for subjects; the phrase itself where there is none."""
    found = _DATE.search(text)
    return found.group() if found else text


def state(key: str) -> str:
    """The words of a state; KeyError for one the contract does not know."""
    return STATES[key]


def clause(text: str) -> str:
    """A unit reads the plan on paper, which has no line numbers: "Mục III.4 (dòng 157)" → "Mục III.4"."""
    return _LINE.sub("", text)


def noun(title: str) -> str:
    """What a round asks for, in short: "kế hoạch" or "báo cáo"."""
    return "kế hoạch" if title.casefold().startswith("kế hoạch") else "báo cáo"


def bare(title: str) -> str:
    """After "báo cáo tổng hợp": "báo cáo quý III năm 2026" → "quý III năm 2026"."""
    return title.removeprefix("báo cáo ")


def untagged(text: str) -> str:
    """A quoted subject without its token: corrections may go to a committee member (ruling 9)."""
    return _TAG.sub("", text)


def identity(item: Mapping[str, Any]) -> str:
    """The code to quote: the tag as it stands in subjects, and the code where it is another."""
    tag, code = item["tag"], item["code"]
    return " – ".join(
        part for part in (tag, "" if code and code in tag else code) if part
    )


def joined(value: Any) -> str:
    """Past urgings as one phrase: a list, a phrase, or their number."""
    if isinstance(value, int):
        return f"{two(value)} lần" if value else ""
    return value if isinstance(value, str) else "; ".join(value)


def percent(part: int, whole: int) -> str:
    """``part`` of ``whole`` as "87,5%" ("0%" of nothing)."""
    if not whole:
        return "0%"
    shown = f"{100 * part / whole:.1f}".replace(".", ",")
    return shown.removesuffix(",0") + "%"


def short_hash(text: str) -> str:
    return text if len(text) <= 16 else text[:16] + "…"


def rounds_of(rows: Iterable[Mapping[str, Any]]) -> str:
    """The rounds that ``rows`` speak of, each once, in order."""
    return ", ".join(dict.fromkeys(row["round_short"] for row in rows))


def grouped(
    rows: Iterable[Mapping[str, Any]],
) -> list[tuple[str, list[Mapping[str, Any]]]]:
    """Rows by their ``group`` ("" where they have none), groups in order of appearance."""
    groups: dict[str, list[Mapping[str, Any]]] = {}
    for row in rows:
        groups.setdefault(row.get("group", ""), []).append(row)
    return list(groups.items())


def facts_of(*pairs: tuple[str, str]) -> list[tuple[str, str]]:
    """Labels with their values, without the empty ones."""
    return [(label, value) for label, value in pairs if value]


def pairs_of(
    rows: Iterable[Mapping[str, Any]], label: str, value: str
) -> list[tuple[str, str]]:
    """Rows as facts: their field ``label`` beside their field ``value``."""
    return [(str(row[label]), str(row[value])) for row in rows]


def wrap(text: str) -> str:
    """Plain text in WIDTH columns: list items hang, blank lines never double, one final newline."""
    lines: list[str] = []
    for line in text.splitlines():
        if line.strip():
            lines += _wrap_line(line.rstrip())
        elif lines and lines[-1]:
            lines.append("")
    return "\n".join(lines).strip("\n") + "\n"


@lru_cache(maxsize=4096)
def _wrap_line(line: str) -> tuple[str, ...]:
    if len(line) <= WIDTH:
        return (line,)
    marker = _BULLET.match(line)
    hang = " " * (len(marker.group()) if marker else 0)
    return tuple(textwrap.wrap(line, WIDTH, subsequent_indent=hang, break_on_hyphens=False))


FILTERS = {
    act.__name__: act
    for act in (
        squash,
        two,
        up,
        day,
        before,
        through,
        date_in,
        clause,
        untagged,
        noun,
        bare,
    )
    + (state, term, lateness, standing, situation, late, identity, joined, short_hash)
}
GLOBALS = {
    act.__name__: act for act in (percent, rounds_of, grouped, facts_of, pairs_of)
}
