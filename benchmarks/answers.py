"""Filled workbooks for the benchmarks: a clerk's work done by openpyxl."""

from __future__ import annotations

import io

import openpyxl

from tasks.forms.read import read

_TEXTS = {
    "direction": "Đã ban hành 02 văn bản chỉ đạo; tổ chức 01 cuộc họp rà soát tiến độ.",
    "shortcomings": "Một số chỉ tiêu chưa đạt tiến độ đề ra.",
    "causes": "Nhân lực chuyên trách về công nghệ thông tin còn thiếu.",
    "next": "Tiếp tục thực hiện các chỉ tiêu được giao.",
    "state": "Đang thực hiện",
    "result_text": "Đã triển khai theo kế hoạch, ban hành Văn bản số 12/KH-UBND ngày 3/8/2026.",
    "basis": "Chính thức",
}


def filled(data: bytes, seed: int) -> bytes:
    """``data`` answered in full; ``seed`` varies the figures."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    numerator = 100 + seed % 90
    values: dict[str, str | float] = {
        "numerator": numerator,
        "denominator": 200,
        "cumulative": numerator / 2,
        **_TEXTS,
    }
    for what, (sheet, cell) in read(data, "form.xlsx").where.items():
        value = values.get(what.partition(":")[0])
        if value is not None:
            book[sheet][cell].value = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()
