"""Words and numbers as a Vietnamese official document writes them (domain/wording.md)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from datetime import date, datetime

from config.plan import ZONE, Area, Group
from tasks.rules.digits import vietnamese
from tasks.rules.words import show_before, show_date, show_day, show_moment

NBSP = "\u00a0"
UNITS = "cơ quan, đơn vị, địa phương"

GROUPS = {
    Group.DEPARTMENT: "Sở, ban, ngành",
    Group.COMMUNE: "Xã",
    Group.WARD: "Phường",
    Group.VERTICAL: "Cơ quan ngành dọc",
    Group.OTHER: "Đơn vị khác",
}

FAMILIES = {  # plan l.109-115
    "bcd_tw": "Nhiệm vụ Ban Chỉ đạo Trung ương giao",
    "kh_140": "Nhiệm vụ tại Kế hoạch số 140/KH-UBND",
    "de_an_06": "Nhiệm vụ Đề án 06, cải cách hành chính, chuyển đổi số",
    "bcd_tinh": "Nhiệm vụ tại các kế hoạch, chương trình của Ban Chỉ đạo cấp tỉnh",
}

AREAS = {
    Area.GENERAL: "Chung",
    Area.DE_AN_06: "Đề án 06",
    Area.CCHC: "Cải cách hành chính",
}

# XML 1.0 forbids most control characters; bidirectional overrides can make a text show
# something else than it says. Neither is a word of the unit's.
_FORBIDDEN = re.compile(
    "[\x00-\x08\x0b-\x1f\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069\ufffe\uffff\ud800-\udfff]"
)
_DUTY = re.compile(r"\b(ngày|tháng|năm|Điều|Mục|quý|số|Phụ lục) (?=[\dIVX])")


def printable(text: str) -> str:
    """``text`` in NFC, without characters that no document may carry; no word is altered."""
    if text.isascii() and text.isprintable():
        return text
    text = text.replace("\r\n", "\n").replace("\r", "\n")
    return unicodedata.normalize("NFC", _FORBIDDEN.sub("", text))


def tied(text: str) -> str:
    """Non-breaking blanks where NĐ 30 documents never break: "ngày 05", "quý II"."""
    return _DUTY.sub(lambda m: m[1] + NBSP, text)


def number(value: float, digits: int = 2) -> str:
    """1234.5 → "1.234,5"; never more than ``digits`` decimals."""
    rounded = round(value, digits)
    return vietnamese(rounded + 0.0)  # + 0.0: no minus zero


def amount(value: float, uom: str, digits: int = 2) -> str:
    """17.5, "%" → "17,5%"; 17.5, "% dân số" → "17,5% dân số"."""
    return f"{number(value, digits)}{'' if uom.startswith('%') else ' '}{uom}"


def share(part: int, whole: int) -> str:
    """Share of units as a percentage; empty where there is no whole."""
    return f"{number(100 * part / whole, 1)}%" if whole else ""


def two(count: int) -> str:
    """Counts below ten with a leading zero, as official documents write them: 05; none is 0."""
    return f"{count:02d}" if 0 < count < 10 else vietnamese(count)


def day(value: date | datetime) -> str:
    """ "30/6/2026"."""
    return show_day(value) if isinstance(value, datetime) else show_date(value)


def moment(value: datetime) -> str:
    """ "16 giờ 30 phút ngày 30/6/2026"."""
    return show_moment(value)


def stamp(value: datetime) -> str:
    """ "30/6/2026 16:30", for tables."""
    return f"{show_day(value)} {value.astimezone(ZONE):%H:%M}"


def before(limit: datetime) -> str:
    """ "trước ngày 25/6/2026", or with the hour where the limit has one."""
    return show_before(limit)


def listed(names: Sequence[str], most: int = 12, *, where: str = "", what: str = "đơn vị") -> str:
    """ "A; B; C", a long list folded: "A; B; … và 30 đơn vị khác tại Phụ lục I"."""
    if len(names) <= most + 1:
        return "; ".join(names)
    suffix = f" tại {where}" if where else ""
    return "; ".join(names[:most]) + f" và {two(len(names) - most)} {what} khác{suffix}"


def joined(parts: Iterable[str]) -> str:
    """ "a, b và c"."""
    items = [p for p in parts if p]
    return items[0] if len(items) == 1 else ", ".join(items[:-1]) + " và " + items[-1] if items else ""


def clause(text: str) -> str:
    """ "Mục III.4 (dòng 157)" → "Mục III.4": line numbers are for us, not for the addressee."""
    return re.sub(r"\s*\(dòng [^)]*\)", "", text)
