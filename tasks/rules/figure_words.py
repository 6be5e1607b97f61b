"""Answers without a number: "đạt", "chưa tổng hợp", "không phát sinh", "–", "x"."""

# ruff: noqa: E501 (a pattern is read best on one line)

from __future__ import annotations

import re

_MET = r"(?:đã |cơ bản )?(?:đạt|hoàn thành|vượt)(?: (?:và )?(?:vượt |đạt )?(?:kế hoạch|chỉ tiêu|mục tiêu|yêu cầu|kh|tốt|mức))*"
_RULES: tuple[tuple[str, str], ...] = (
    ("no_data", r"\.{2,}|…+|\?+"),
    ("zero_or_missing", r"[-–—−_]+|\(-\)"),
    ("not_applicable", r"n/?a|k/?a|k\.a\.?|kpsd?|không phát sinh(?: .*)?|không áp dụng(?: .*)?"),
    ("not_applicable", r"không thuộc (?:đối tượng|diện|phạm vi|thẩm quyền)(?: .*)?|không có đối tượng(?: .*)?"),
    ("not_met_no_number", r"(?:chưa|không|ko|k|khó) (?:đạt|hoàn thành)(?: (?:kế hoạch|chỉ tiêu|mục tiêu|yêu cầu|kh))*"),
    ("not_started", r"chưa (?:triển khai|thực hiện|bắt đầu|tổ chức)(?: .*)?"),
    ("in_progress", r"(?:đang|tiếp tục) (?:triển khai|thực hiện|tiến hành|hoàn thiện|xây dựng|rà soát)(?: .*)?"),
    ("no_data", r"(?:chưa|đang chờ|còn chờ|đang|chờ|đợi|chưa thể) (?:tổng hợp|thống kê|có số liệu|có|số liệu|cập nhật|cung cấp)(?: .*)?"),
    ("no_data", r"(?:không|ko) có số liệu(?: .*)?|chưa công bố(?: .*)?|chưa đến kỳ(?: .*)?"),
    ("met_no_number", _MET),
    ("ambiguous", r"(?:không|ko)(?: có| co)?|không rõ|chưa rõ"),
    ("text", r"[x✓✔☑v✗✘]|có|như trên|nt|-nt-|//|\"|xem (?:phụ lục|file|tệp|báo cáo)(?: .*)?"),
)  # fmt: skip
_UNMARKED = {
    "dat": "met_no_number", "hoan thanh": "met_no_number", "da hoan thanh": "met_no_number",
    "chua dat": "not_met_no_number", "khong dat": "not_met_no_number", "chua hoan thanh": "not_met_no_number",
    "dang trien khai": "in_progress", "dang thuc hien": "in_progress", "chua trien khai": "not_started",
    "chua thuc hien": "not_started", "chua co so lieu": "no_data", "chua tong hop": "no_data",
    "khong co": "ambiguous", "khong": "ambiguous", "khong phat sinh": "not_applicable", "co": "text",
}  # fmt: skip
_COMPILED = tuple((flag, re.compile(rf"(?:{pattern})[.;!]*")) for flag, pattern in _RULES)
_HAS_FIGURE = re.compile(r"\d+(?:[.,]\d+)?\s*(?:%|/)|\d{2,}")


def whole(text: str) -> str | None:
    """The flag of a text (NFC, lower case, one line) that says something without giving a figure."""
    if flag := _UNMARKED.get(text.rstrip(".;!")):
        return flag
    for flag, pattern in _COMPILED:
        if pattern.fullmatch(text) and not (flag != "no_data" and _HAS_FIGURE.search(text)):
            return flag
    return None
