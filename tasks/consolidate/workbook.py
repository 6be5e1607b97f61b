"""The consolidated .xlsx: everything the report says, unit by unit, with where it came from."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from .assignments import STATES, Progress, by_family, by_unit
from .digest import Digest
from .entries import Entry, Kind
from .frames import rows_of
from .indicators import VERDICTS
from .sheets import Book, Column
from .sources import decisions_sheet, opinions_sheet, provenance_sheet, texts_sheet
from .words import AREAS, FAMILIES, GROUPS, moment

TALLY = (
    Column("Nhóm", 26), Column("Phải gửi", 10, "count"), Column("Đã gửi", 10, "count"),
    Column("Đúng hạn", 10, "count"), Column("Quá hạn", 10, "count"), Column("Đang kiểm tra", 10, "count"),
    Column("Trả lại, chờ bổ sung", 11, "count"), Column("Gửi chưa đầy đủ", 11, "count"),
    Column("Chưa gửi", 10, "count"), Column("Không thuộc diện", 11, "count"),
)  # fmt: skip


def workbook(d: Digest) -> bytes:
    """All sheets of the round; numbers as numbers, units' words as text."""
    book = Book(f"Số liệu tổng hợp {d.data.round.title}", d.data.as_of)
    book.subtitle = f"Số liệu tính đến {moment(d.data.as_of)}"
    _summary(book, d)
    _submission(book, d)
    if d.quarterly:
        _indicators(book, d)
        wide(book, d)
        _assignments(book, d)
    opinions_sheet(book, d)
    texts_sheet(book, d)
    provenance_sheet(book, d)
    decisions_sheet(book, d)
    return book.bytes()


def _summary(book: Book, d: Digest) -> None:
    sheet = book.sheet("Tổng hợp", f"TỔNG HỢP {d.data.round.title.upper()}", TALLY, freeze=1)
    rows = [*d.groups, d.total]
    count = book.rows(
        sheet,
        TALLY,
        (
            (t.name, t.total, t.sent, t.on_time, t.late, t.checking, t.returned, t.incomplete, t.missing,
            t.exempt)
            for t in rows
        ),
    )  # fmt: skip
    _stacked(book, sheet, count - 1)
    if not d.quarterly:
        return
    line = count + 28
    for n, (verdict, words) in enumerate(VERDICTS.items()):
        sheet.write_string(line + n, 0, f"Chỉ tiêu: {words.lower()}", book.kind("text"))
        sheet.write_number(line + n, 1, d.verdicts[verdict], book.kind("count"))
    line += len(VERDICTS) + 1
    for n, (state, words) in enumerate(STATES.items()):
        sheet.write_string(line + n, 0, f"Nhiệm vụ: {words.lower()}", book.kind("text"))
        sheet.write_number(line + n, 1, d.states[state], book.kind("count"))


def _stacked(book: Book, sheet: Any, groups: int) -> None:
    """The native chart beside the counts: one bar per group."""
    if not groups:
        return
    chart = book.book.add_chart({"type": "bar", "subtype": "percent_stacked"})
    colours = {3: "#2e7d32", 4: "#f9a825", 5: "#1565c0", 6: "#64b5f6", 7: "#9e9e9e", 8: "#c62828"}
    for column, colour in colours.items():
        chart.add_series(
            {
                "name": [sheet.name, 3, column],
                "categories": [sheet.name, 4, 0, 3 + groups, 0],
                "values": [sheet.name, 4, column, 3 + groups, column],
                "fill": {"color": colour},
                "gap": 60,
            }
        )
    chart.set_title({"name": "Tình hình gửi báo cáo theo nhóm", "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_y_axis({"reverse": True})
    chart.set_size({"width": 900, "height": 360})
    sheet.insert_chart(groups + 6, 0, chart)


def _submission(book: Book, d: Digest) -> None:
    columns = (
        Column("STT", 6, "count"), Column("Mã", 10, "centre"), Column("Cơ quan, đơn vị, địa phương", 36),
        Column("Nhóm", 16), Column("Tình trạng", 24), Column("Thời hạn (trước)", 17, "moment"),
        Column("Gia hạn", 9, "centre"), Column("Thời điểm nhận", 17, "moment"),
        Column("Quá hạn (ngày)", 9, "count"), Column("Số lần gửi", 8, "count"),
        Column("Số lần trả lại", 8, "count"), Column("Số, ký hiệu", 20), Column("Số lần đôn đốc", 9, "count"),
        Column("Hứa gửi trước", 17, "moment"), Column("Thành viên phụ trách", 30), Column("Căn cứ", 44),
    )  # fmt: skip
    sheet = book.sheet("Tình hình gửi", "TÌNH HÌNH GỬI BÁO CÁO", columns, freeze=3)
    book.rows(sheet, columns, _unit_rows(d))


def _unit_rows(d: Digest) -> Iterable[Sequence[Any]]:
    for n, r in enumerate(rows_of(d.data.submission), 1):
        yield (
            n, r.unit, r.name, GROUPS[r.group], r.label, r.limit, "Có" if r.extended else "",
            r.arrived_at, r.days_late or None, r.versions, r.returns, r.document_number,
            len(r.urged), r.promised, r.member, r.rule,
        )  # fmt: skip


def _indicators(book: Book, d: Digest) -> None:
    columns = (
        Column("Mã", 8, "centre"), Column("Chỉ tiêu", 52), Column("Lĩnh vực", 30),
        Column("Đơn vị tính", 11, "centre"), Column("Mục tiêu", 10, "number"), Column("Kết quả toàn tỉnh",
        12, "number"),
        Column("Tổng tử số", 14, "number"), Column("Tổng mẫu số", 14, "number"),
        Column("Đơn vị phải báo cáo", 10, "count"), Column("Có tử số, mẫu số", 10, "count"),
        Column("Chỉ có tỷ lệ", 9, "count"), Column("Chưa ghi số cụ thể", 9, "count"),
        Column("Không hợp lý", 9, "count"), Column("Không áp dụng", 9, "count"),
        Column("Chưa có số liệu", 9, "count"), Column("Chưa có báo cáo", 9, "count"),
        Column("Đơn vị đạt mục tiêu", 10, "count"), Column("Đánh giá", 20), Column("Nguy cơ", 60),
        *(Column(p.short, 10, "number") for p in (d.provinces[0].trend if d.provinces else ())),
    )  # fmt: skip
    kinds = (Kind.COUNTED, Kind.STATED, Kind.WORDS, Kind.INCONSISTENT, Kind.NOT_APPLICABLE, Kind.NO_DATA,
             Kind.NO_REPORT)  # fmt: skip
    sheet = book.sheet("Chỉ tiêu", "KẾT QUẢ THỰC HIỆN CÁC CHỈ TIÊU", columns)
    count = book.rows(
        sheet,
        columns,
        (
            (
                p.indicator.code, p.indicator.name, p.indicator.area_name, p.indicator.uom,
                p.indicator.target,
                p.value, p.numerator, p.denominator, p.expected, *(p.counts[k] for k in kinds), p.met_units,
                VERDICTS[p.verdict], d.paces[p.indicator.code].text if p.indicator.code in d.paces else "",
                *(x.value for x in p.trend),
            )
            for p in d.provinces
        ),
    )  # fmt: skip
    _against_target(book, sheet, count)


def _against_target(book: Book, sheet: Any, count: int) -> None:
    if not count:
        return
    chart = book.book.add_chart({"type": "column"})
    for column, colour in ((5, "#1565c0"), (4, "#bdbdbd")):
        chart.add_series(
            {
                "name": [sheet.name, 3, column],
                "categories": [sheet.name, 4, 0, 3 + count, 0],
                "values": [sheet.name, 4, column, 3 + count, column],
                "fill": {"color": colour},
            }
        )
    chart.set_title({"name": "Kết quả so với mục tiêu", "name_font": {"size": 12}})
    chart.set_legend({"position": "bottom"})
    chart.set_size({"width": 1100, "height": 360})
    sheet.insert_chart(count + 6, 0, chart)


def wide(book: Book, d: Digest) -> None:
    """One row per unit, three columns per indicator: numerator, denominator, result."""
    found = {(e.unit, e.indicator): e for p in d.provinces for e in p.entries}
    shown = [p.indicator for p in d.provinces if p.expected]
    columns = [Column("STT", 6, "count"), Column("Cơ quan, đơn vị, địa phương", 34), Column("Nhóm", 14)]
    for i in shown:
        columns += [
            Column(f"{i.code}: tử số", 11, "number"),
            Column(f"{i.code}: mẫu số", 11, "number"),
            Column(f"{i.code}: kết quả ({i.uom})", 13, "number"),
        ]
    sheet = book.sheet("Chỉ tiêu theo đơn vị", "SỐ LIỆU CHỈ TIÊU THEO ĐƠN VỊ", columns)
    rows = d.data.submission[["unit", "name", "group"]].itertuples(index=False, name=None)
    book.rows(
        sheet,
        columns,
        (
            [n, name, GROUPS[group], *(x for i in shown for x in _three(found.get((unit, i.code))))]
            for n, (unit, name, group) in enumerate(rows, 1)
        ),
    )


def _three(e: Entry | None) -> tuple[Any, Any, Any]:
    if e is None:
        return None, None, None
    if e.kind in (Kind.COUNTED, Kind.STATED):
        return e.numerator, e.denominator, e.value
    return e.numerator, e.denominator, e.shown


def _assignments(book: Book, d: Digest) -> None:
    columns = (
        Column("Mã", 14, "centre"), Column("Nhiệm vụ", 56), Column("Nhóm nhiệm vụ", 34),
        Column("Văn bản giao", 34), Column("Cơ quan chủ trì", 28), Column("Lĩnh vực", 18),
        Column("Thời hạn", 12, "day"), Column("Tình trạng", 22), Column("Quá hạn (ngày)", 9, "count"),
        Column("Đơn vị ghi", 20), Column("Kết quả", 44), Column("Khó khăn, vướng mắc", 36),
        Column("Đề xuất, kiến nghị", 36), Column("Theo báo cáo đợt", 12, "centre"), Column("Căn cứ giao", 14),
    )  # fmt: skip
    sheet = book.sheet("Nhiệm vụ", "KẾT QUẢ THỰC HIỆN NHIỆM VỤ", columns)
    book.rows(
        sheet,
        columns,
        (
            (
                i.assignment.code, i.assignment.title, FAMILIES[i.assignment.family], i.assignment.document,
                d.data.unit_name(i.assignment.unit), AREAS[i.assignment.area], i.assignment.due, i.words,
                i.days or None, i.said, i.result, i.difficulty, i.proposal, i.reported,
                "tạm xác định" if i.assumed else "đã xác nhận",
            )
            for i in d.items
        ),
    )  # fmt: skip
    _progress_counts(book, d)


def _progress_counts(book: Book, d: Digest) -> None:
    columns = (
        Column("Nhóm nhiệm vụ, đơn vị", 60), Column("Tổng số", 10, "count"),
        *(Column(words, 14, "count") for words in STATES.values()),
    )  # fmt: skip
    sheet = book.sheet("Nhiệm vụ theo đơn vị", "NHIỆM VỤ THEO NHÓM VÀ THEO ĐƠN VỊ", columns, freeze=1)
    units = [(d.data.unit_name(code), c) for code, c in by_unit(d.items)]
    book.rows(
        sheet,
        columns,
        ((name, sum(c.values()), *(c[s] for s in Progress)) for name, c in [*by_family(d.items), *units]),
    )
