"""Sheets of the consolidated workbook that repeat the units' own words and where each figure is from."""

from __future__ import annotations

import math

from tasks.rules.figures import EMPTY, USABLE, Flag

from .digest import Digest
from .entries import KIND_WORDS, Kind
from .frames import rows_of
from .opinions import SECTION_WORDS, Matter
from .sheets import Book, Column

MATTERS = {Matter.DIFFICULTY: "Khó khăn, vướng mắc", Matter.PROPOSAL: "Đề xuất, kiến nghị"}
FIELDS = {
    "numerator": "Tử số",
    "denominator": "Mẫu số",
    "result": "Kết quả trong quý",
    "cumulative": "Kết quả lũy kế",
    "target_q2": "Chỉ tiêu trung gian quý II",
    "target_q3": "Chỉ tiêu trung gian quý III",
    "target_q4": "Chỉ tiêu trung gian quý IV",
}


def opinions_sheet(book: Book, d: Digest) -> None:
    columns = (
        Column("STT", 6, "count"), Column("Cơ quan, đơn vị, địa phương", 34), Column("Loại", 20),
        Column("Lĩnh vực", 28), Column("Nội dung", 80), Column("Cơ quan đề nghị giải quyết", 28),
        Column("Lý do", 40), Column("Nêu tại", 24), Column("Trang tính", 16), Column("Ô", 8, "centre"),
    )  # fmt: skip
    sheet = book.sheet("Khó khăn, kiến nghị", "KHÓ KHĂN, VƯỚNG MẮC, ĐỀ XUẤT, KIẾN NGHỊ", columns)
    book.rows(
        sheet,
        columns,
        (
            (n, d.data.unit_name(o.unit), MATTERS[o.matter], o.area, o.text, o.body, o.reason, o.about,
            o.sheet, o.cell)
            for n, o in enumerate(d.opinions, 1)
        ),
    )  # fmt: skip


def texts_sheet(book: Book, d: Digest) -> None:
    columns = (
        Column("Cơ quan, đơn vị, địa phương", 34), Column("Mục", 28), Column("Thứ tự, chỉ tiêu", 12,
        "centre"),
        Column("Nội dung", 110), Column("Trang tính", 16), Column("Ô", 8, "centre"),
    )  # fmt: skip
    sheet = book.sheet("Thuyết minh", "NỘI DUNG THUYẾT MINH CỦA CÁC ĐƠN VỊ (NGUYÊN VĂN)", columns, freeze=1)
    book.rows(
        sheet,
        columns,
        (
            (d.data.unit_name(str(r.unit)), SECTION_WORDS.get(str(r.section), r.section), r.key, r.text,
            r.sheet, r.cell)
            for r in rows_of(d.data.narrative)
        ),
    )  # fmt: skip


def provenance_sheet(book: Book, d: Digest) -> None:
    """Each figure → unit, file, sheet, cell, raw text, flag, and whether it was used."""
    columns = (
        Column("Đợt", 10, "centre"), Column("Cơ quan, đơn vị, địa "
                                            "phương", 34), Column("Chỉ tiêu", 9, "centre"),
        Column("Trường", 16), Column("Giá trị gốc trong tệp", 26), Column("Giá trị ghi nhận", 14, "number"),
        Column("Đơn vị tính", 12, "centre"), Column("Cờ", 16), Column("Sử dụng", 26), Column("Ghi chú", 34),
        Column("Tệp", 34), Column("Bản gửi lần", 8, "count"), Column("Trang tính", 16), Column("Ô", 8,
        "centre"),
        Column("SHA-256 của tệp", 68),
    )  # fmt: skip
    sheet = book.sheet("Nguồn số liệu", "NGUỒN CỦA TỪNG SỐ LIỆU", columns)
    book.rows(
        sheet,
        columns,
        (
            (
                r.round, d.data.unit_name(str(r.unit)), r.indicator, FIELDS.get(str(r.field), r.field),
                r.raw, r.value,
                r.uom, r.flag, use(str(r.flag), bool(r.decided), r.value),
                r.reason if r.decided else r.note, r.file, r.version,
                r.sheet, r.cell, r.sha256,
            )
            for r in rows_of(d.data.figures)
        ),
    )  # fmt: skip


def use(flag: str, decided: bool, value: float) -> str:
    """Was the figure used as a number, and if not, why. ``value`` is NaN where there is none."""
    if decided:
        return "Không dùng, theo quyết định" if math.isnan(value) else "Đã được xác nhận"
    if flag in USABLE:
        return "Dùng làm số ước" if flag == Flag.APPROX else "Dùng làm số liệu"
    return KIND_WORDS[Kind.NO_DATA] if flag in EMPTY else "Chưa dùng, cần xác nhận"


def decisions_sheet(book: Book, d: Digest) -> None:
    columns = (
        Column("Cơ quan, đơn vị, địa phương", 36), Column("Quyết định", 18), Column("Ghi nhận lúc", 17,
        "moment"),
        Column("Thời hạn mới (trước)", 17, "moment"), Column("Lý do", 80),
    )  # fmt: skip
    sheet = book.sheet("Gia hạn, miễn", "GIA HẠN, MIỄN BÁO CÁO", columns, freeze=1)
    rows = [
        (d.data.unit_name(str(r.unit)), words, r.at, r.until, r.reason)
        for words, table in (("Gia hạn", d.data.extensions), ("Miễn báo cáo", d.data.exemptions))
        for r in rows_of(table)
    ]
    book.rows(sheet, columns, rows)
