"""Difficulties and proposals: grouped by area and by the body asked, near-duplicates merged.

Nobody's words are altered: a merged opinion shows the words of the first unit that gave it and
names all units; every unit's own words stand in Phụ lục IV and in the workbook.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

from tasks.rules.viet import fold, one_line

from .frames import rows_of
from .gather import RoundData

OTHER = "Nội dung khác"
NO_BODY = "Chưa ghi cơ quan đề nghị giải quyết"
ALIKE = 0.8  # share of words two texts must have in common

# Words (folded) that place a text in an area of the plan; the first row that matches wins.
AREAS: tuple[tuple[str, str], ...] = (
    ("Đề án 06", r"de an 06|vneid|dinh danh|can cuoc|dan cu"),
    ("Thủ tục hành chính, dịch vụ công trực tuyến", r"tthc|thu tuc hanh chinh|dich vu cong|dvc|mot "
                                                     "cua|ho so"),
    ("Kinh phí", r"kinh phi|ngan sach|von|du toan|tai chinh"),
    ("Nhân lực, kỹ năng số", r"nhan luc|can bo|cong chuc|bien che|chuyen trach|ky nang|dao tao|tap huan"),
    ("Hạ tầng, nền tảng, dữ liệu số", r"ha tang|thiet bi|may tinh|duong truyen|5g|phan mem|nen tang|"
     r"he thong|du lieu|ket noi|chu ky so|an toan thong tin"),
    ("Thể chế, chính sách", r"co che|chinh sach|quy dinh|huong dan|van ban|nghi quyet"),
    ("Khoa học, công nghệ, đổi mới sáng tạo", r"khoa hoc|cong nghe|doi moi sang tao|nghien cuu"),
)  # fmt: skip
_AREAS = tuple((name, re.compile(rf"\b(?:{pattern})\b")) for name, pattern in AREAS)
_NOTHING = re.compile(
    r"(?:hien |den nay |tam thoi )?(?:khong|chua|ko)(?: (?:co|phat sinh|gap))*"
    r"(?: (?:ton tai|han che|kho khan|vuong mac|de xuat|kien nghi|noi dung|y kien|va|gi))*|khong ap dung|0"
)
_NUMBER = re.compile(r"\d|^(?:i{1,3}|i?v|vii{1,2}|i?x|xi{1,2})$")  # "vi" is a word
# Words that turn a sentence round: two texts that differ in one of them are never alike.
_TURNS = frozenset(
    ["khong", "chua", "da", "dang", "thieu", "du", "tang", "giam", "co", "het", "cham", "som", "truoc", "sau"]
)


class Matter(StrEnum):
    DIFFICULTY = "difficulty"
    PROPOSAL = "proposal"


@dataclass(frozen=True)
class Opinion:
    """One unit's words. ``about``: the assignment's code or the section they were written in."""

    matter: Matter
    unit: str
    area: str
    text: str
    body: str = ""
    reason: str = ""
    about: str = ""
    sheet: str = ""
    cell: str = ""


@dataclass(frozen=True)
class Merged:
    """Alike opinions: the first one's words, all units in order."""

    area: str
    body: str
    text: str
    units: tuple[str, ...]


SECTIONS = {
    "shortcomings": Matter.DIFFICULTY,
    "difficulty": Matter.DIFFICULTY,
    "causes": Matter.DIFFICULTY,
    "proposal": Matter.PROPOSAL,
}
SECTION_WORDS = {
    "direction": "Công tác chỉ đạo, điều hành",
    "shortcomings": "Tồn tại, hạn chế",
    "difficulty": "Khó khăn, vướng mắc",
    "causes": "Nguyên nhân",
    "responsibility": "Trách nhiệm",
    "next": "Phương hướng, nhiệm vụ",
    "proposal": "Đề xuất, kiến nghị",
    "content": "Nội dung báo cáo",
}


def opinions(data: RoundData) -> list[Opinion]:
    """Every difficulty and proposal of the round, in the order of the plan's units."""
    found: list[Opinion] = []
    for r in rows_of(data.narrative):
        matter = SECTIONS.get(str(r.section))
        if matter and says_something(str(r.text)):
            body = one_line(str(r.body)) if fold(str(r.body)) else ""  # "-" names nobody
            found.append(
                Opinion(
                    matter, str(r.unit), area_of(str(r.text)), str(r.text), body, str(r.reason),
                    SECTION_WORDS[str(r.section)], str(r.sheet), str(r.cell),
                )
            )  # fmt: skip
    for r in rows_of(data.progress[data.progress["round"] == data.round.code]):
        for matter, text in ((Matter.DIFFICULTY, str(r.difficulty)), (Matter.PROPOSAL, str(r.proposal))):
            if says_something(text):
                found.append(
                    Opinion(
                        matter, str(r.unit), area_of(text), text,
                        about=str(r.assignment), sheet=str(r.sheet), cell=str(r.cell),
                    )
                )  # fmt: skip
    order = {u.code: n for n, u in enumerate(data.plan.units)}
    return sorted(found, key=lambda o: order.get(o.unit, len(order)))


def says_something(text: str) -> bool:
    """False for blanks and for "không", "không có khó khăn, vướng mắc"."""
    folded = fold(text)
    return bool(folded) and not _NOTHING.fullmatch(folded)


def area_of(text: str) -> str:
    folded = fold(text)
    return next((name for name, pattern in _AREAS if pattern.search(folded)), OTHER)


def merged(found: Iterable[Opinion]) -> list[Merged]:
    """Alike opinions of one area and body as one; areas in the order of ``AREAS``."""
    groups: dict[tuple[str, str], list[list[Opinion]]] = {}
    names: dict[str, str] = {}
    for opinion in found:
        body = names.setdefault(fold(opinion.body), opinion.body)
        clusters = groups.setdefault((opinion.area, body), [])
        home = next((c for c in clusters if alike(c[0].text, opinion.text)), None)
        if home is None:
            clusters.append([opinion])
        else:
            home.append(opinion)
    order = {name: n for n, (name, _) in enumerate(AREAS)}
    return [
        Merged(area, body, cluster[0].text, tuple(dict.fromkeys(o.unit for o in cluster)))
        for (area, body), clusters in sorted(groups.items(), key=lambda g: order.get(g[0][0], len(order)))
        for cluster in sorted(clusters, key=lambda c: -len(c))
    ]


def alike(one: str, other: str) -> bool:
    """The same words in another spelling, or nearly the same; never where a number, a negation
    or a turn differs."""
    a, b = _words(one), _words(other)
    if a == b:
        return True
    return a[1] == b[1] and len(a[0] & b[0]) >= ALIKE * len(a[0] | b[0])


@lru_cache(maxsize=20_000)
def _words(text: str) -> tuple[frozenset[str], tuple[str, ...]]:
    """The words of a text, and those of them that may turn its meaning round.

    A number may stand in a word (C5, 5G) or in Roman digits (quý II).
    """
    words = fold(text).split()
    return frozenset(words), tuple(sorted(w for w in words if w in _TURNS or _NUMBER.search(w)))


def silent(data: RoundData) -> int:
    """Units whose accepted report names no difficulty."""
    speaking = {o.unit for o in opinions(data) if o.matter is Matter.DIFFICULTY}
    return len(data.reported.get(data.round.code, frozenset()) - speaking)
