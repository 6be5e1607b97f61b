"""A figure inside a text: its qualifier ("ước", "≥"), its digits, its unit, and what follows.

The text is read from the left: qualifier, number, unit of measure, remainder. A text that does not
fit this order is *text*: "theo báo cáo số 12/BC-UBND" is not 12.
"""

# ruff: noqa: E501 (a pattern is read best on one line)

from __future__ import annotations

import re
from dataclasses import dataclass

from tasks.rules import digits
from tasks.rules.number_words import parse_words

Result = tuple[float | None, str, str]

_QUALIFIERS: tuple[tuple[str, str], ...] = (
    ("gte", r"≥|⩾|≧|>=|=>|tối thiểu|ít nhất|không (?:dưới|thấp hơn|ít hơn)"),
    ("lte", r"≤|⩽|≦|<=|=<|tối đa|không (?:quá|vượt quá)|nhiều nhất"),
    ("approx", r"~|≈|∼|ước tính|ước thực hiện|ước đạt|ước|uoc dat|uoc|khoảng|khoang|xấp xỉ|gần|tương đương"),
    ("gt", r">|trên|hơn|vượt"),
    ("lt", r"<|dưới|thấp hơn|chưa đến|chưa tới"),
    ("", r"=|:|đã đạt|đạt|kết quả|lũy kế|luỹ kế|tỷ lệ|tỉ lệ|là|được|chiếm|từ|trong quý|quý này|phấn đấu|mức"),
)
_QUALIFIER = re.compile("|".join(f"(?P<q{i}>{p})" for i, (_, p) in enumerate(_QUALIFIERS)))
_TOKEN = re.compile(r"[+\-−–]?\s?(?:\d{1,3}(?: \d{3})+(?:[.,]\d+)?(?!\d)|[\d.,]*\d[\d.,]*)")
_FAKE = re.compile(r"[\dolі|.,]*[olі|][\dolі|.,]*(?=\s*(?:%|$))")
_SCALE = {"trăm": 1e2, "nghìn": 1e3, "ngàn": 1e3, "vạn": 1e4, "triệu": 1e6, "tr": 1e6, "tỷ": 1e9, "tỉ": 1e9}
_SCALES = re.compile(r"(?:(?:trăm|nghìn|ngàn|vạn|triệu|tr|tỷ|tỉ)(?=\s|$|[.,;()])\s*)+")
_PERCENT = re.compile(r"\s*(?:%|o/o|phần trăm|pct|percent)")
_DATE = re.compile(r"\b\d{1,2}\s?[/.\-]\s?\d{1,2}\s?[/.\-]\s?\d{2,4}\b|\b\d{1,2}/(?:19|20)\d{2}\b|"
                   r"\b(?:đến|tới|hết|ngày) \d{1,2}[/-]\d{1,2}\b|"
                   r"(?:ngày|tháng|năm|quý|kỳ)\s+(?:\d{1,4}(?:[/.\-]\d+)*|[ivx]+)\b(?!\s*[%,]|\d)")  # fmt: skip
_MONTH_DATE = re.compile(r"\d{1,2}[-/ ](?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec|thg ?\d+)[a-z]*(?:[-/ ]\d+)?$|"
                         r"(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*[-/ ]\d{1,4}$|"
                         r"\d{1,2}[-/.]\d{1,2}[-/.]\d{2,4}(?: 00:00(?::00)?)?$|\d{4}-\d{2}-\d{2}(?:[ t].*)?$")  # fmt: skip
_ODD = re.compile(r"\([\d.,]+\s?%?\)$|\d[\d.,]*e[+-]?\d+|\d[\d.,]*\s?[+*^]")  # (5), (5%), 1E+05, 50+20
_OTHER_BASE = re.compile(
    r"^(?:tổng )?(?:số )?(xã|phường|thôn|tổ dân phố|xóm|diện tích|hộ|đơn vị|cơ quan|dân số|huyện|trạm)"
)
_OF_PLAN = re.compile(r"^(?:so với )?(?:kh|kế hoạch|chỉ tiêu|mục tiêu|dự toán|cùng kỳ|năm trước|quý trước)\b")
_RISEN = re.compile(r"(?:tăng |giảm )?(?:lên|xuống)\b|(?:tăng|giảm) (?:đến|tới|còn)\b")  # "từ 70% lên 75%"
_CHANGE = re.compile(r"^(?:tăng|giảm|cao hơn|thấp hơn|\+)\s*(?:thêm |lên |xuống )?(?:[\d,.]+)")


_BROKEN = re.compile(r"\d|\s?[½¼¾⅓⅔⅛²³]|[.,'\u2019]\s?\d|[-–—:]$|(?:[;,:&]|và|hoặc|hay|trên)\s?\d")  # 17 , 5; 1'234; 5-; 70 và 75; 45:60
_SAFE = (r"ước|tạm|sơ bộ|dự kiến|l(?:ũy|uỹ)|tính|đến|tới|theo|trong|số liệu|so với|của|năm|quý|tháng|kỳ|khoảng|vượt|tăng|giảm|"
         r"đạt|hoàn thành|trở|điểm phần trăm|kh\b|kế hoạch|chỉ tiêu|mục tiêu|dự toán|cùng kỳ")  # fmt: skip
_COUNTED = re.compile(rf"(?!(?:{_SAFE}))[^\W\d_]+")  # "45 thủ tục" in a column of percentages
_MONEY = re.compile(r"(?:đồng|đ|vnđ|vnd|usd|eur|đô la)\b")
_COMMA_GROUP = re.compile(r"\d{1,3},\d{3}$")
_ASIDE = re.compile(r"\(|trong đó|gồm|kế hoạch|\bkh\b|mục tiêu|chỉ tiêu")  # a figure that explains the first
_FOREIGN = ("usd", "eur", "đô la")
_AFTER = (
    ("approx", re.compile(r"(?:ước|tạm tính|sơ bộ|dự kiến|khoảng)")),
    ("gte", re.compile(r"(?:trở lên|\+$)")),
    ("lte", re.compile(r"trở xuống")),
)


@dataclass(frozen=True)
class _Part:
    """One number with its unit: value in plain units, flag of its digits, ``percent`` if it had a %."""

    value: float | None
    flag: str
    percent: bool
    scaled: bool
    end: int


def read_text(text: str, *, uom: str, share: bool) -> Result:
    """Value, flag and note of a non-empty text (NFC, lower case, one line)."""
    if _MONTH_DATE.match(text):
        return None, "date_mangled", "ngày tháng thay cho số"
    if _ODD.match(text):
        return None, "ambiguous", ""
    if _CHANGE.match(text) or "điểm %" in text or "điểm phần trăm" in text:
        return None, "ambiguous", "mức tăng, giảm; chưa phải giá trị của chỉ tiêu"
    qualifier, wording, rest = _strip_qualifiers(text)
    if _FAKE.match(rest) and re.search(r"\d", rest):
        return None, "ambiguous", "chữ cái lẫn trong số"
    part = _number(rest, share=share, uom=uom)
    if part is None:
        return _words(rest)
    if part.value is None or part.flag in ("ambiguous", "unit_mismatch"):
        return part.value, part.flag, ""
    return _remainder(part, rest[part.end :].strip(), qualifier, wording, uom=uom, share=share)


def _strip_qualifiers(text: str) -> tuple[str, str, str]:
    """The strongest qualifier in front, its words, and the rest."""
    found, words, rest = "", "", text.lstrip("'\"(")
    rest = rest if "(" in rest or not text.startswith("(") else rest.replace(")", "", 1)
    while match := _QUALIFIER.match(rest):
        kind = _QUALIFIERS[int((match.lastgroup or "q5")[1:])][0]
        found = found or kind
        words = f"{words} {match[0]}".strip()
        rest = rest[match.end() :].lstrip(" :")
    return found, words, rest


def _number(text: str, *, share: bool, uom: str) -> _Part | None:
    """The number at the start of ``text``; ``None`` where there is none."""
    match = _TOKEN.match(text)
    if not match:
        return None
    token = match[0].replace(" ", "") if match[0][0] in "+-−–" else match[0]
    sign = -1 if token[0] in "-−–" else 1
    token = token.lstrip("+-−–").strip()
    value, flag = digits.parse(token, count=not share)
    if _COMMA_GROUP.match(token) and _in_scale(uom):
        value, flag = None, "ambiguous"  # "1,234" tỷ: a thousand and more, or one and a fraction
    end = match.end()
    scaled = False
    if scale := _SCALES.match(text, end + (end < len(text) and text[end] == " ")):
        value, flag, scaled = _scale(value, flag, scale[0].split(), uom)
        end = scale.end()
    percent = _PERCENT.match(text, end)
    end = percent.end() if percent else end
    return _Part(None if value is None else sign * value, flag, bool(percent), scaled, end)


def _scale(value: float | None, flag: str, words: list[str], uom: str) -> tuple[float | None, str, bool]:
    """Apply "nghìn tỷ", unless the unit of measure says the same ("triệu đồng")."""
    if value is None:
        return None, flag, True
    in_uom = [w for w in uom.lower().split() if w in _SCALE]
    if in_uom == words:
        return value, flag, True
    if in_uom:
        return None, "unit_mismatch", True
    for word in words:
        value *= _SCALE[word]
    return round(value, 6), flag, True


def _words(text: str) -> Result:
    """No digits: a number in words keeps its value for the eye, but stays *text*."""
    bare = _PERCENT.sub("", text).strip(" .;")
    return parse_words(bare), "text", ""


def _remainder(part: _Part, rest: str, qualifier: str, wording: str, *, uom: str, share: bool) -> Result:
    """Judge what follows the first number."""
    assert part.value is not None
    value = part.value
    if rest.startswith("/") and not part.percent:
        return _ratio(part, rest[1:].strip(), share=share, uom=uom, qualifier=qualifier)
    if _BROKEN.match(rest):
        return None, "ambiguous", "số bị tách hoặc có hai số"
    if _RISEN.match(rest):
        return None, "ambiguous", "mức tăng, giảm; chưa phải giá trị của chỉ tiêu"
    if rest.startswith("‰"):
        return value, "unit_mismatch", "phần nghìn"
    if upper := _range_end(rest, share=share, uom=uom):
        return value, "range", f"khoảng {digits.vietnamese(value)} đến {digits.vietnamese(upper)}"
    note, tail = rest.strip(" .;,()"), rest.lstrip(" (.;,")
    if other := _other_unit(part, rest, tail, uom=uom, share=share):
        return other
    if second := _second_figure(rest, share=share, uom=uom):
        return _two(part, second, rest, note, share=share)
    if rest and not share and _SCALES.match(tail):
        return None, "ambiguous", note
    if share and not part.percent and 0 < abs(value) <= 1 and "/" not in rest:
        return value, "ambiguous", "thiếu dấu %: có thể là phần trăm hoặc tỷ lệ trên 1"
    if qualifier == "gte" and wording and wording[-1].isalpha():
        note = "câu chữ của mục tiêu, chưa phải kết quả"
    return value, qualifier or _said_after(tail) or part.flag, note


def _other_unit(part: _Part, rest: str, tail: str, *, uom: str, share: bool) -> Result | None:
    """A number in another unit than the indicator's: nothing is converted, the unit is asked."""
    value = part.value
    if not share and part.percent:
        return value, "unit_mismatch", f"ghi theo %, chỉ tiêu tính theo {uom}" if uom else "ghi theo %"
    if share and part.scaled:
        return None, "unit_mismatch", "số tuyệt đối, chỉ tiêu tính theo %"
    if _OF_PLAN.match(tail) and not re.search(r"\d", _DATE.sub("", tail)):
        return value, "unit_mismatch", "tỷ lệ so với kế hoạch, chưa phải giá trị của chỉ tiêu"
    if share and (base := _OTHER_BASE.match(tail)) and base[1] not in uom.lower():
        return None, "unit_mismatch", f"tính trên {base[0]}"
    counted = _COUNTED.match(rest) if share and not part.percent else None
    if counted and counted[0] not in uom.lower():
        return None, "unit_mismatch", f"ghi theo {counted[0]}, chỉ tiêu tính theo %"
    money = _MONEY.match(tail)
    if money and (money[0] in _FOREIGN or (_in_scale(uom) and not part.scaled)):
        return None, "unit_mismatch", f"ghi theo {money[0]}, chỉ tiêu tính theo {uom}"
    return None


def _in_scale(uom: str) -> bool:
    """Is the unit of measure a thousand, a million … of something?"""
    return any(word in _SCALE for word in uom.lower().split())


def _said_after(tail: str) -> str:
    """A qualifier behind the number: "17,5% (ước)", "70% trở lên"."""
    return next((flag for flag, pattern in _AFTER if pattern.match(tail)), "")


def _range_end(rest: str, *, share: bool, uom: str) -> float | None:
    match = re.match(r"(?:-|–|—|÷|→|~|đến|tới|->|=>)\s*(?=\d)", rest)
    if not match:
        return None
    upper = _number(rest[match.end() :], share=share, uom=uom)
    return upper.value if upper else None


def _second_figure(rest: str, *, share: bool, uom: str) -> re.Match[str] | None:
    """A further figure in the remainder that is neither a date nor a document number."""
    bare = re.sub(r"(?:số|nq|qđ|kh|bc|cv)\s*\d+(?:/\S+)?", " ", _DATE.sub(" ", rest))
    pattern = r"\d+(?:[.,]\d+)*\s*(?:%|/\s*\d+|phần trăm)" if share else r"\d+(?:[.,]\d+)*"
    return re.search(pattern, bare)


def _two(part: _Part, other: re.Match[str], rest: str, note: str, *, share: bool) -> Result:
    """A second figure: the same thing said twice, or two things; cumulative wins."""
    value = part.value
    assert value is not None
    ratio = re.fullmatch(r"(\d+(?:[.,]\d+)*)\s*/\s*(\d+(?:[.,]\d+)*)", other[0])
    if ratio:
        top, bottom = (digits.parse(g, count=True)[0] for g in ratio.groups())
        if top is not None and bottom and abs(100 * top / bottom - value) < 0.06:
            return value, "ratio", note
        return None, "ambiguous", "tỷ lệ và phân số không khớp"
    cumulative = re.search(r"l(?:ũy|uỹ) kế[^\d]*(\d+(?:[.,]\d+)*)", rest)
    if cumulative:
        return digits.parse(cumulative[1], count=False)[0], "multi_value", note
    if share and not part.percent:
        return None, "ambiguous", "chưa rõ số nào là kết quả"  # "6 tháng: 70%", "5G phủ 70% dân số"
    if not share and not _ASIDE.search(rest):
        return None, "ambiguous", "có nhiều số, chưa rõ số nào là kết quả"  # "2 nhiệm vụ mới, 3 nhiệm vụ cũ"
    return value, "multi_value", note


def _ratio(part: _Part, rest: str, *, share: bool, uom: str, qualifier: str) -> Result:
    """ "45/60", "45/60 (75%)", "129/129 xã, phường": numerator and denominator in one cell."""
    match, top = _TOKEN.match(rest), part.value
    bottom = digits.parse(match[0].strip(), count=True)[0] if match else None
    if match is None or bottom is None or top is None:
        return None, "text", ""
    tail = _SCALES.sub("", rest[match.end() :].strip(), count=1)
    if not share or tail.startswith("/") or re.match(r"[a-zđ]+-", tail):
        return None, "text" if tail.startswith(("/", "-")) else "ambiguous", ""
    if bottom == 0:
        return None, "not_applicable" if top == 0 else "ambiguous", "mẫu số bằng 0"
    if bottom >= 1900 and top <= 12 and bottom <= 2100:
        return None, "ambiguous", "có thể là tháng/năm"
    if top > bottom:
        return None, "ambiguous", "tử số lớn hơn mẫu số, hoặc là ngày/tháng"
    value = round(100 * top / bottom, 6)
    stated = re.search(r"(\d+(?:[.,]\d+)?)\s*(?:%|phần trăm)", _DATE.sub(" ", tail))
    if stated and abs((digits.parse(stated[1], count=False)[0] or 0) - value) > 0.6:
        return None, "ambiguous", "phân số và tỷ lệ không khớp"
    return value, qualifier or "ratio", tail.strip(" ()=.")
