"""What can be wrong in a plan folder, as data: where, what was found, what to do.

PlanError            the folder cannot be used; ``faults`` holds all of them
  └ Fault            one fault: file, line, field, found, advice (Vietnamese)
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, get_args

from pydantic import BaseModel

ENCODING = "utf-8-sig"  # Excel writes a byte order mark; plain UTF-8 reads the same


@dataclass(frozen=True, order=True)
class Fault:
    """One fault. ``line`` counts from 1; 0 is the file as a whole. ``cell`` is set for workbooks."""

    file: str
    line: int
    field: str
    found: str
    advice: str
    cell: str = ""

    def __str__(self) -> str:
        place = f"{self.file}!{self.cell}" if self.cell else f"{self.file}:{self.line}"
        name = f" · {self.field}" if self.field else ""
        found = f" · đang là “{self.found}”" if self.found else ""
        return f"{place}{name}{found} · {self.advice}"


class PlanError(ValueError):
    """A plan folder is faulty; ``str()`` lists every fault, one a line."""

    def __init__(self, faults: Iterable[Fault]) -> None:
        self.faults = tuple(sorted(faults))
        super().__init__("\n".join(str(f) for f in self.faults))


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` Có phải là “…” không?`` or nothing."""
    by_lower = {k.lower(): k for k in known}
    close = difflib.get_close_matches(word.lower(), list(by_lower), n=1, cutoff=0.6)
    return f" Có phải ý là “{by_lower[close[0]]}” không?" if close else ""


def explain(error: Any, model: type[BaseModel]) -> str:
    """Vietnamese advice for one entry of ``ValidationError.errors()``."""
    kind, ctx = error["type"], error.get("ctx", {})
    if kind == "value_error":
        return f"{str(ctx.get('error', error['msg']))[:1].upper()}{str(ctx.get('error', error['msg']))[1:]}."
    if kind == "extra_forbidden":
        name = str(error["loc"][-1])
        return f"Không có mục tên này.{did_you_mean(name, model.model_fields)}"
    if kind == "enum":
        return f"Chỉ nhận một trong: {ctx['expected'].replace(' or ', ', ')}.".replace("'", "")
    if kind == "string_pattern_mismatch":
        return _pattern_advice(ctx["pattern"])
    return _ADVICE.get(kind, f"Giá trị không hợp lệ; xem docs/plan-folder.md ({kind}).").format(**ctx)


def _pattern_advice(pattern: str) -> str:
    choice = re.fullmatch(r"\^\(([\w|]+)\)\$", pattern)
    if choice:
        return f"Chỉ nhận một trong: {choice[1].replace('|', ', ')}."
    return "Mã chỉ gồm chữ cái không dấu, chữ số, dấu . _ - (tối đa 40 ký tự, không có dấu cách)."


_ADVICE = {
    "missing": "Thiếu mục bắt buộc này; hãy điền.",
    "string_too_short": "Không được để trống; hãy điền.",
    "string_type": "Phải là chữ; trong plan.toml hãy đặt trong dấu ngoặc kép “…”.",
    "int_parsing": "Phải là số nguyên, ví dụ 3.",
    "int_type": "Phải là số nguyên, ví dụ 3.",
    "int_from_float": "Phải là số nguyên, ví dụ 3.",
    "float_parsing": "Phải là số; phần thập phân dùng dấu chấm, ví dụ 17.5.",
    "float_type": "Phải là số; phần thập phân dùng dấu chấm, ví dụ 17.5.",
    "bool_parsing": "Chỉ nhận true (có) hoặc false (không).",
    "bool_type": "Chỉ nhận true (có) hoặc false (không).",
    "date_parsing": "Ngày phải viết NĂM-THÁNG-NGÀY và có thật, ví dụ 2026-05-15.",
    "date_type": "Ngày phải viết NĂM-THÁNG-NGÀY không có ngoặc kép, ví dụ 2026-05-15.",
    "date_from_datetime_parsing": "Ngày phải viết NĂM-THÁNG-NGÀY và có thật, ví dụ 2026-05-15.",
    "date_from_datetime_inexact": "Chỉ ghi ngày, không ghi giờ, ví dụ 2026-05-15.",
    "time_parsing": "Giờ phải viết GIỜ:PHÚT:GIÂY, ví dụ 07:10:00.",
    "time_type": "Giờ phải viết GIỜ:PHÚT:GIÂY, ví dụ 07:10:00.",
    "greater_than_equal": "Phải từ {ge} trở lên.",
    "less_than_equal": "Phải từ {le} trở xuống.",
    "tuple_type": "Phải là danh sách trong ngoặc vuông, ví dụ [7, 3, 1].",
    "dict_type": "Phải là một bảng các mục “tên = giá trị”.",
    "model_type": "Phải là một bảng các mục “tên = giá trị”.",
}


def fields_of(model: type[BaseModel]) -> tuple[str, ...]:
    """Column names of the CSV file that holds ``model``, in order."""
    return tuple(model.model_fields)


def is_list(model: type[BaseModel], name: str) -> bool:
    """Does the field hold several codes or names (``a; b`` in one cell)?"""
    annotation = model.model_fields[name].annotation
    return bool(get_args(annotation)) and getattr(annotation, "__origin__", None) is tuple
