"""What leaves the consolidation beside the report: extracts by area, a flat export, shortlists."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from config.plan import Area
from tasks.rules.viet import one_line

from .assignments import Item, Progress
from .digest import Digest
from .frames import rows_of
from .indicators import VERDICTS, Province
from .opinions import Matter
from .report import name
from .sheets import Book, Column
from .shortlists import doubts, merits
from .words import AREAS, FAMILIES, GROUPS, moment

# Which opinions and indicators concern an area (domain note A12: reform of administrative
# procedures tied to Đề án 06 is Công an tỉnh's, the rest Sở Nội vụ's; both see those of TTHC).
OPINIONS_OF = {
    Area.DE_AN_06: ("Đề án 06", "Thủ tục hành chính, dịch vụ công trực tuyến"),
    Area.CCHC: ("Thủ tục hành chính, dịch vụ công trực tuyến", "Nhân lực, kỹ năng số"),
}
INDICATORS_OF = {Area.DE_AN_06: ("tthc_dvc",), Area.CCHC: ("tthc_dvc", "ky_nang_so")}
KINDS = {Matter.DIFFICULTY: "Khó khăn, vướng mắc", Matter.PROPOSAL: "Đề xuất, kiến nghị"}


def sector_extract(d: Digest, area: Area, folder: Path) -> Path:
    """The area's assignments, indicators and opinions, for its owner (Công an tỉnh, Sở Nội vụ)."""
    book = _book(f"Trích {AREAS[area]} {d.data.round.title}", d)
    own = [i for i in d.items if i.assignment.area is area]
    late = sorted((i for i in own if i.state is Progress.OVERDUE), key=lambda i: -i.days)
    _items(book, d, "Nhiệm vụ quá hạn", f"NHIỆM VỤ QUÁ HẠN: {AREAS[area].upper()}", late)
    _items(book, d, "Nhiệm vụ", f"NHIỆM VỤ: {AREAS[area].upper()}", own)
    _provinces(book, [p for p in d.provinces if p.indicator.area in INDICATORS_OF.get(area, ())])
    columns = (
        Column("Cơ quan, đơn vị, địa phương", 34), Column("Loại", 20), Column("Lĩnh vực", 28),
        Column("Nội dung", 90), Column("Cơ quan đề nghị giải quyết", 28),
    )  # fmt: skip
    sheet = book.sheet("Khó khăn, kiến nghị", "KHÓ KHĂN, VƯỚNG MẮC, KIẾN NGHỊ", columns, freeze=1)
    chosen = [o for o in d.opinions if o.area in OPINIONS_OF.get(area, ())]
    rows = ((d.data.unit_name(o.unit), KINDS[o.matter], o.area, o.text, o.body) for o in chosen)
    book.rows(sheet, columns, rows)
    short = {Area.DE_AN_06: "DeAn06", Area.CCHC: "CCHC"}.get(area, "Chung")
    return _save(book, folder, name(f"Trich{short}", d.data.round.code, "xlsx"))


def _book(title: str, d: Digest) -> Book:
    book = Book(title, d.data.as_of)
    book.subtitle = f"Số liệu tính đến {moment(d.data.as_of)}"
    return book


def _items(book: Book, d: Digest, sheet_name: str, title: str, rows: Sequence[Item]) -> None:
    columns = (
        Column("Mã", 14, "centre"), Column("Nhiệm vụ", 60), Column("Văn bản giao", 36),
        Column("Cơ quan chủ trì", 30), Column("Thời hạn", 12, "day"), Column("Tình trạng", 22),
        Column("Quá hạn (ngày)", 9, "count"), Column("Kết quả", 44), Column("Khó khăn, vướng mắc", 40),
        Column("Căn cứ giao", 14),
    )  # fmt: skip
    sheet = book.sheet(sheet_name, title, columns)
    book.rows(
        sheet,
        columns,
        (
            (
                i.assignment.code, i.assignment.title, i.assignment.document,
                d.data.unit_name(i.assignment.unit),
                i.assignment.due, i.words, i.days or None, i.result, i.difficulty,
                "tạm xác định" if i.assumed else "đã xác nhận",
            )
            for i in rows
        ),
    )  # fmt: skip


def _provinces(book: Book, rows: Iterable[Province]) -> None:
    columns = (
        Column("Mã", 8, "centre"), Column("Chỉ tiêu", 60), Column("Mục tiêu", 10, "number"),
        Column("Kết quả toàn tỉnh", 12, "number"), Column("Đơn vị có số liệu", 10, "count"),
        Column("Đơn vị phải báo cáo", 10, "count"), Column("Đánh giá", 24),
    )  # fmt: skip
    sheet = book.sheet("Chỉ tiêu", "CHỈ TIÊU CÓ LIÊN QUAN", columns)
    book.rows(
        sheet,
        columns,
        (
            (p.indicator.code, p.indicator.name, p.indicator.target, p.value, p.gave, p.expected,
            VERDICTS[p.verdict])
            for p in rows
        ),
    )  # fmt: skip


def flat_export(d: Digest, folder: Path) -> Path:
    """One line per assignment, each text on one line, for retyping into theodoingq.dcs.vn (l.129).

    The system's own layout is not known to us: columns are in the order of its public form words.
    """
    book = _book(f"Dữ liệu cập nhật theodoingq.dcs.vn, {d.data.round.title}", d)
    columns = (
        Column("Mã", 14, "centre"), Column("Nhiệm vụ", 60), Column("Nhóm nhiệm vụ", 34),
        Column("Văn bản giao", 36),
        Column("Cơ quan chủ trì", 30), Column("Thời hạn", 12, "day"), Column("Trạng thái", 22),
        Column("Sản phẩm", 26), Column("Kết quả thực hiện", 60), Column("Khó khăn, vướng mắc", 44),
        Column("Đề xuất, kiến nghị", 44), Column("Số liệu tính đến", 17, "moment"), Column("Nguồn", 20),
    )  # fmt: skip
    sheet = book.sheet("Dữ liệu", "DỮ LIỆU CẬP NHẬT KẾT QUẢ THỰC HIỆN NHIỆM VỤ", columns)
    order = {code: n for n, code in enumerate(FAMILIES)}
    rows = sorted(d.items, key=lambda i: order[i.assignment.family])
    book.rows(
        sheet,
        columns,
        (
            (
                i.assignment.code, one_line(i.assignment.title), FAMILIES[i.assignment.family],
                i.assignment.document,
                d.data.unit_name(i.assignment.unit), i.assignment.due, i.words, i.assignment.product,
                one_line(i.result), one_line(i.difficulty), one_line(i.proposal), d.data.as_of,
                f"Báo cáo đợt {i.reported}" if i.reported else "Chưa có báo cáo",
            )
            for i in rows
        ),
    )  # fmt: skip
    return _save(book, folder, name("XuatTheoDoiNQ", d.data.round.code, "xlsx"))


def shortlists(d: Digest, folder: Path) -> Path:
    """Two lists with their facts, for people to decide: khen thưởng and kiểm tra."""
    book = _book(f"Danh sách để xem xét, {d.data.round.title}", d)
    book.subtitle += ". Danh sách để xem xét, không phải kết luận."
    groups = {str(r.unit): GROUPS[r.group] for r in rows_of(d.data.submission)}
    columns = (
        Column("STT", 6, "count"), Column("Cơ quan, đơn vị, địa phương", 36), Column("Nhóm", 16),
        Column("Thời điểm nhận", 17, "moment"), Column("Chỉ tiêu đạt mục tiêu", 11, "count"),
        Column("Chỉ tiêu có số liệu", 11, "count"), Column("Nhiệm vụ hoàn thành", 11, "count"),
        Column("Nhiệm vụ được giao", 11, "count"), Column("Căn cứ", 70),
    )  # fmt: skip
    sheet = book.sheet("Khen thưởng", "ĐỀ XUẤT XEM XÉT KHEN THƯỞNG", columns)
    why = "Gửi đúng hạn, không bị trả lại, đủ số liệu các chỉ tiêu được giao, không có nhiệm vụ quá hạn"
    book.rows(
        sheet,
        columns,
        (
            (n, d.data.unit_name(m.unit), groups[m.unit], m.arrived, m.met, m.told, m.done, m.assigned, why)
            for n, m in enumerate(merits(d), 1)
        ),
    )  # fmt: skip
    _inspection(book, d, groups)
    return _save(book, folder, name("DanhSachXemXet", d.data.round.code, "xlsx"))


def _inspection(book: Book, d: Digest, groups: dict[str, str]) -> None:
    columns = (
        Column("STT", 6, "count"), Column("Cơ quan, đơn vị, địa phương", 36), Column("Nhóm", 16),
        Column("Số căn cứ", 9, "count"), Column("Căn cứ", 110),
    )  # fmt: skip
    sheet = book.sheet("Kiểm tra", "ĐỀ XUẤT XEM XÉT KIỂM TRA", columns)
    rows: list[Sequence[Any]] = [
        (n, d.data.unit_name(x.unit), groups.get(x.unit, ""), len(x.reasons), "; ".join(x.reasons))
        for n, x in enumerate(doubts(d), 1)
    ]
    book.rows(sheet, columns, rows)


def _save(book: Book, folder: Path, file: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / file
    path.write_bytes(book.bytes())
    return path
