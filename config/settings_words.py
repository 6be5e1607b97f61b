"""A faulty setting told in Vietnamese: its name, what is wrong, never its value (it may be a secret)."""

from __future__ import annotations

from typing import Any

_ADVICE = {
    "missing": "thiếu mục bắt buộc này",
    "extra_forbidden": "không có thiết lập tên này",
    "int_parsing": "phải là số nguyên",
    "int_type": "phải là số nguyên",
    "int_from_float": "phải là số nguyên",
    "float_parsing": "phải là số, phần thập phân dùng dấu chấm",
    "float_type": "phải là số, phần thập phân dùng dấu chấm",
    "bool_parsing": "chỉ nhận true (có) hoặc false (không)",
    "bool_type": "chỉ nhận true (có) hoặc false (không)",
    "enum": "chỉ nhận một trong: {expected}",
    "literal_error": "chỉ nhận một trong: {expected}",
    "greater_than_equal": "phải từ {ge} trở lên",
    "less_than_equal": "phải từ {le} trở xuống",
    "greater_than": "phải lớn hơn {gt}",
    "string_type": "phải là chữ",
    "path_type": "phải là đường dẫn",
    "tuple_type": 'phải là danh sách JSON, ví dụ ["ninhbinh.gov.vn"]',
    "model_type": "là một nhóm: đặt từng mục bằng DONDOC_NHÓM__TÊN, hoặc một đối tượng JSON",
    "model_attributes_type": "là một nhóm: đặt từng mục bằng DONDOC_NHÓM__TÊN, hoặc một đối tượng JSON",
}
_DATE = "phải là ngày có thật, viết NĂM-THÁNG-NGÀY, ví dụ 2026-03-01"


def explain(error: Any) -> str:
    """One line for one entry of ``ValidationError.errors()``."""
    name = "DONDOC_" + "__".join(str(part).upper() for part in error["loc"])
    return f"{name}: {_advice(error['type'], error.get('ctx', {}))}"


def _advice(kind: str, ctx: dict[str, Any]) -> str:
    if kind == "value_error":
        return str(ctx["error"])
    if kind.startswith("date"):
        return _DATE
    told = ctx | {"expected": str(ctx.get("expected", "")).replace(" or ", ", ").replace("'", "")}
    return _ADVICE.get(kind, f"giá trị không hợp lệ ({kind})").format(**told)


def unreadable(error: Exception) -> str:
    """A source that could not be read at all: bytes that are no UTF-8, a value that is no JSON."""
    if isinstance(error, UnicodeDecodeError):
        return (
            "Không đọc được thiết lập: tệp .env hoặc một tệp trong DONDOC_SECRETS_DIR không phải UTF-8; "
            "hãy lưu lại bằng UTF-8"
        )
    text = str(error)
    if text.startswith("error parsing value for field"):
        name = text.split('"')[1].upper()
        return (
            f"DONDOC_{name}…: một giá trị phải viết dạng JSON mà không đọc được; danh sách viết "
            '["ninhbinh.gov.vn"], kể cả khi chỉ có một mục'
        )
    return f"Không đọc được thư mục bí mật DONDOC_SECRETS_DIR hoặc tệp .env: {text}"
