"""Makes the Word templates of this folder: ``python templates/documents/make_templates.py``.

The templates are then the office's: it may edit them in Word, and this script need not run
again. Fields are listed in docs/report-template.md.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import nd30
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

from tasks.consolidate.package import settle

MADE = datetime(2026, 5, 4, tzinfo=UTC)  # the templates' own date: the same bytes on every run
HERE = Path(__file__).parent
BLANK_DATE = "Ninh Bình, ngày      tháng      năm {{ nam }}"
DEPARTMENT = ("UBND TỈNH NINH BÌNH", "SỞ KHOA HỌC VÀ CÔNG NGHỆ")
COMMITTEE = ("UBND TỈNH NINH BÌNH", "BAN CHỈ ĐẠO PHÁT TRIỂN KHCN,", "ĐMST, CĐS VÀ ĐỀ ÁN 06")
LEFT, RIGHT = 72, 93


def masthead(doc: Any, issuer: tuple[str, ...], number: str, *, subject: str = "") -> None:
    """Ô 1-4 (and 5b): Quốc hiệu, issuer, number, place and date. Number and date stay blank."""
    left, right = nd30.layout(doc, LEFT, RIGHT)
    nd30.text(left, issuer[0], size=12, align=ALIGN.CENTER)
    for line in issuer[1:]:
        nd30.text(left, line, size=12, bold=True, align=ALIGN.CENTER)
    nd30.rule(left, 27, LEFT)  # 1/3-1/2 of the name
    nd30.text(right, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", size=12, bold=True, align=ALIGN.CENTER)
    nd30.text(right, "Độc lập - Tự do - Hạnh phúc", size=13, bold=True, align=ALIGN.CENTER)
    nd30.rule(right, 56.1, RIGHT)  # as long as the words above, Times New Roman bold 13
    left, right = nd30.layout(doc, LEFT, RIGHT)
    nd30.text(left, number, size=13, align=ALIGN.CENTER, before=6)
    if subject:
        nd30.text(left, subject, size=12, align=ALIGN.CENTER, before=6)
    nd30.text(right, BLANK_DATE, size=13, italic=True, align=ALIGN.CENTER, before=6)


def title(doc: Any, kind: str, about: str) -> None:
    nd30.text(doc, kind, size=14, bold=True, align=ALIGN.CENTER, before=14)
    nd30.text(doc, about, size=14, bold=True, align=ALIGN.CENTER)
    nd30.rule(doc, 55, nd30.TEXT_WIDTH)


def to_one(doc: Any, addressee: str) -> None:
    nd30.text(
        doc, f"Kính gửi: {addressee}", align=ALIGN.CENTER, before=14
    ).paragraph_format.space_after = nd30.Pt(6)


def section(doc: Any, heading: str, field: str) -> None:
    nd30.text(doc, heading, style="VB Mục")
    blocks(doc, field)


def blocks(doc: Any, field: str) -> None:
    """A loop over paragraphs: khoản (bold), gạch đầu dòng, đoạn."""
    nd30.text(doc, f"{{%p for d in {field} %}}")
    nd30.text(doc, "{%p if d.kieu == 'khoan' %}")
    nd30.text(doc, "{{ d.noi_dung }}", style="VB Khoản")
    nd30.text(doc, "{%p elif d.kieu == 'gach' %}")
    nd30.text(doc, "{{ d.noi_dung }}", style="VB Gạch")
    nd30.text(doc, "{%p else %}")
    nd30.text(doc, "{{ d.noi_dung }}", style="VB Đoạn")
    nd30.text(doc, "{%p endif %}")
    nd30.text(doc, "{%p endfor %}")


def signature(doc: Any, receivers: list[str], signer: list[str]) -> None:
    """Ô 7 and 9: kept together on one page."""
    nd30.text(doc, "", size=6, keep=True)
    left, right = nd30.layout(doc, 75, 90)
    nd30.text(left, "Nơi nhận:", size=12, bold=True, italic=True, keep=True)
    for line in receivers:
        nd30.text(left, line, style="VB Nơi nhận", keep=True)
    for line in signer:
        nd30.text(right, line, bold=True, align=ALIGN.CENTER, keep=True)
    for _ in range(4):
        nd30.text(right, "", align=ALIGN.CENTER, keep=True)
    nd30.text(right, "{{ nguoi_ky }}", bold=True, align=ALIGN.CENTER)


def annex(doc: Any, number: str, name: str, of: str, *, landscape: bool) -> None:
    nd30.new_section(doc, landscape=landscape)
    nd30.text(doc, number, size=14, bold=True, align=ALIGN.CENTER)
    nd30.text(doc, name, size=14, bold=True, align=ALIGN.CENTER)
    nd30.text(doc, f"(Kèm theo {of})", size=13, italic=True, align=ALIGN.CENTER)
    width = nd30.LANDSCAPE_WIDTH if landscape else nd30.TEXT_WIDTH
    nd30.rule(doc, 45, width)


def chart(doc: Any, field: str) -> None:
    nd30.text(doc, f"{{%p if {field} %}}")
    nd30.text(doc, f"{{{{ {field} }}}}", style="VB Giữa", before=8)
    nd30.text(doc, "{%p endif %}")


def note(doc: Any, field: str) -> None:
    nd30.text(doc, f"{{%p for dong in {field} %}}")
    nd30.text(doc, "{{ dong }}", style="VB Ghi chú")
    nd30.text(doc, "{%p endfor %}")


CENTRE, NUMBER, PLAIN = "VB Bảng giữa", "VB Bảng số", "VB Bảng"
REPORT_OF = "Báo cáo số      /BC-SKHCN ngày      tháng      năm {{ nam }} của Sở Khoa học và Công nghệ"
DEPARTMENT_SIGNER = ["KT. GIÁM ĐỐC", "PHÓ GIÁM ĐỐC"]
UPWARD = ["- Như trên;", "- Các Phó Trưởng Ban Chỉ đạo (để báo "
                         "cáo);", "- Văn phòng UBND tỉnh;", "- Lãnh đạo Sở;",
          "- Lưu: VT, CĐS."]  # fmt: skip


def submission_tables(doc: Any) -> None:
    """Phụ lục I: counts by group, chart, every unit."""
    nd30.text(doc, "1. Tổng hợp theo nhóm", bold=True, before=8).paragraph_format.space_after = nd30.Pt(4)
    nd30.grid(
        doc,
        (37, 16, 16, 16, 16, 16, 16, 16, 16),
        ("Nhóm", "Phải gửi", "Đã gửi", "Đúng hạn", "Quá hạn", "Đang kiểm tra", "Bổ sung, chưa đủ",
        "Chưa gửi", "Tỷ lệ gửi"),
        "r in tong_hop_gui",
        ("{{ r.nhom }}", "{{ r.phai_gui }}", "{{ r.da_gui }}", "{{ r.dung_han }}", "{{ r.qua_han }}",
         "{{ r.dang_kiem_tra }}", "{{ r.chua_du }}", "{{ r.chua_gui }}", "{{ r.ty_le }}"),
        styles=(PLAIN, *[CENTRE] * 8),
    )  # fmt: skip
    chart(doc, "bieu_do_gui")
    nd30.text(doc, "2. Danh sách", bold=True, before=8).paragraph_format.space_after = nd30.Pt(4)
    nd30.grid(
        doc,
        (10, 41, 41, 33, 13, 12, 15),
        ("STT", "Cơ quan, đơn vị, địa phương", "Tình trạng", "Thời điểm nhận", "Quá hạn (ngày)",
        "Số lần đôn đốc", "Ghi chú"),
        "r in phu_luc_1",
        ("{{ r.stt }}", "{{ r.ten }}", "{{ r.tinh_trang }}", "{{ r.nhan_luc }}", "{{ r.qua_han }}",
        "{{ r.don_doc }}",
         "{{ r.ghi_chu }}"),
        styles=(CENTRE, PLAIN, PLAIN, CENTRE, CENTRE, CENTRE, PLAIN),
        group="nhom",
    )  # fmt: skip
    note(doc, "ghi_chu_1")


def quarterly() -> Any:
    """Mẫu 1.4: the Department's consolidated report of a quarter."""
    doc = nd30.new_document()
    nd30.page_numbers(doc)
    masthead(doc, DEPARTMENT, "Số:          /BC-SKHCN")
    title(doc, "BÁO CÁO", "{{ trich_yeu }}")
    to_one(doc, "{{ kinh_gui }}")
    nd30.text(doc, "{{ mo_dau }}", style="VB Đoạn")
    section(doc, "I. CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH VÀ THỰC HIỆN CHẾ ĐỘ BÁO CÁO", "muc_1")
    nd30.text(doc, "II. KẾT QUẢ THỰC HIỆN", style="VB Mục")
    for heading, field in (
        ("1. Kết quả thực hiện chỉ tiêu", "muc_2_chi_tieu"),
        ("2. Kết quả thực hiện nhiệm vụ", "muc_2_nhiem_vu"),
        ("3. Kết quả theo lĩnh vực", "muc_2_linh_vuc"),
    ):
        nd30.text(doc, heading, style="VB Khoản")
        blocks(doc, field)
    section(doc, "III. TỒN TẠI, HẠN CHẾ VÀ NGUYÊN NHÂN", "muc_3")
    section(doc, "IV. NHIỆM VỤ TRỌNG TÂM {{ ky_toi|upper }}", "muc_4")
    section(doc, "V. ĐỀ XUẤT, KIẾN NGHỊ", "muc_5")
    nd30.text(doc, "{{ ket_thuc }}", style="VB Đoạn", keep=True)
    signature(doc, UPWARD, DEPARTMENT_SIGNER)
    annex(doc, "Phụ lục I", "TÌNH HÌNH GỬI BÁO CÁO", REPORT_OF, landscape=False)
    submission_tables(doc)
    _annex_indicators(doc)
    _annex_assignments(doc)
    _annex_opinions(doc)
    return doc


def _annex_indicators(doc: Any) -> None:
    annex(doc, "Phụ lục II", "KẾT QUẢ THỰC HIỆN CÁC CHỈ TIÊU", REPORT_OF, landscape=True)
    chart(doc, "bieu_do_chi_tieu")
    nd30.text(doc, "", size=6)
    nd30.grid(
        doc,
        (10, 13, 70, 22, 20, 20, 24, 20, 20, 28),
        ("STT", "Mã", "Chỉ tiêu", "Mục tiêu năm {{ nam }}", "Tổng tử số", "Tổng mẫu số", "Kết quả",
        "Đơn vị có số liệu",
         "Kỳ trước", "Đánh giá"),
        "r in phu_luc_2",
        ("{{ r.stt }}", "{{ r.ma }}", "{{ r.ten }}", "{{ r.muc_tieu }}", "{{ r.tu_so }}", "{{ r.mau_so }}",
         "{{ r.ket_qua }}", "{{ r.co_so_lieu }}", "{{ r.ky_truoc }}", "{{ r.danh_gia }}"),
        styles=(CENTRE, CENTRE, PLAIN, CENTRE, NUMBER, NUMBER, CENTRE, CENTRE, CENTRE, CENTRE),
        group="nhom",
    )  # fmt: skip
    note(doc, "ghi_chu_2")
    chart(doc, "bieu_do_xu_huong")


def _annex_assignments(doc: Any) -> None:
    annex(doc, "Phụ lục III", "NHIỆM VỤ QUÁ HẠN CHƯA HOÀN THÀNH", REPORT_OF, landscape=True)
    nd30.text(doc, "", size=6)
    nd30.grid(
        doc,
        (12, 75, 45, 35, 24, 18, 38),
        ("STT", "Nhiệm vụ", "Văn bản giao nhiệm vụ", "Cơ quan chủ trì", "Thời hạn hoàn thành",
        "Quá hạn (ngày)",
         "Kết quả, khó khăn do đơn vị báo cáo"),
        "r in phu_luc_3",
        ("{{ r.stt }}", "{{ r.ten }}", "{{ r.van_ban }}", "{{ r.don_vi }}", "{{ r.thoi_han }}",
        "{{ r.qua_han }}",
         "{{ r.ket_qua }}"),
        styles=(CENTRE, PLAIN, PLAIN, PLAIN, CENTRE, CENTRE, PLAIN),
    )  # fmt: skip
    note(doc, "ghi_chu_3")


def _annex_opinions(doc: Any) -> None:
    annex(doc, "Phụ lục IV", "KHÓ KHĂN, VƯỚNG MẮC, ĐỀ XUẤT, KIẾN NGHỊ THEO ĐƠN VỊ", REPORT_OF, landscape=True)
    nd30.text(doc, "", size=6)
    nd30.grid(
        doc,
        (12, 42, 28, 95, 40, 30),
        ("STT", "Cơ quan, đơn vị, địa phương", "Loại", "Nội dung", "Cơ quan đề nghị giải quyết", "Lĩnh vực"),
        "r in phu_luc_4",
        (
            "{{ r.stt }}",
            "{{ r.don_vi }}",
            "{{ r.loai }}",
            "{{ r.noi_dung }}",
            "{{ r.co_quan }}",
            "{{ r.linh_vuc }}",
        ),
        styles=(CENTRE, PLAIN, PLAIN, PLAIN, PLAIN, PLAIN),
    )
    note(doc, "ghi_chu_4")


def kpi() -> Any:
    """Mẫu 1.4: the units' plans for the indicators (round of May)."""
    doc = nd30.new_document()
    nd30.page_numbers(doc)
    masthead(doc, DEPARTMENT, "Số:          /BC-SKHCN")
    title(doc, "BÁO CÁO", "{{ trich_yeu }}")
    to_one(doc, "{{ kinh_gui }}")
    nd30.text(doc, "{{ mo_dau }}", style="VB Đoạn")
    section(doc, "I. TÌNH HÌNH GỬI KẾ HOẠCH", "muc_1")
    section(doc, "II. NỘI DUNG KẾ HOẠCH THỰC HIỆN CÁC CHỈ TIÊU", "muc_2")
    section(doc, "III. NỘI DUNG CÒN THIẾU", "muc_3")
    section(doc, "IV. ĐỀ XUẤT", "muc_4")
    nd30.text(doc, "{{ ket_thuc }}", style="VB Đoạn", keep=True)
    signature(doc, UPWARD, DEPARTMENT_SIGNER)
    annex(doc, "Phụ lục I", "TÌNH HÌNH GỬI KẾ HOẠCH", REPORT_OF, landscape=False)
    submission_tables(doc)
    annex(doc, "Phụ lục II", "KẾ HOẠCH THỰC HIỆN CÁC CHỈ TIÊU", REPORT_OF, landscape=True)
    nd30.text(doc, "", size=6)
    nd30.grid(
        doc,
        (10, 12, 52, 28, 20, 26, 24, 30, 15, 30),
        ("STT", "Mã", "Chỉ tiêu", "Cơ quan chủ trì", "Mục tiêu năm {{ nam }}", "Trung gian quý II / III / IV",
         "Thời hạn", "Nguồn lực", "Đủ nội dung", "Còn thiếu"),
        "r in phu_luc_2",
        ("{{ r.stt }}", "{{ r.ma }}", "{{ r.ten }}", "{{ r.chu_tri }}", "{{ r.muc_tieu }}",
        "{{ r.trung_gian }}",
         "{{ r.thoi_han }}", "{{ r.nguon_luc }}", "{{ r.noi_dung }}", "{{ r.con_thieu }}"),
        styles=(CENTRE, CENTRE, PLAIN, PLAIN, CENTRE, CENTRE, PLAIN, PLAIN, CENTRE, PLAIN),
    )  # fmt: skip
    note(doc, "ghi_chu_2")
    return doc


def free() -> Any:
    """Mẫu 1.4: an ad hoc or sector round."""
    doc = nd30.new_document()
    nd30.page_numbers(doc)
    masthead(doc, DEPARTMENT, "Số:          /BC-SKHCN")
    title(doc, "BÁO CÁO", "{{ trich_yeu }}")
    to_one(doc, "{{ kinh_gui }}")
    nd30.text(doc, "{{ mo_dau }}", style="VB Đoạn")
    section(doc, "I. TÌNH HÌNH GỬI BÁO CÁO", "muc_1")
    section(doc, "II. NỘI DUNG BÁO CÁO", "muc_2")
    section(doc, "III. KHÓ KHĂN, VƯỚNG MẮC, KIẾN NGHỊ", "muc_3")
    nd30.text(doc, "{{ ket_thuc }}", style="VB Đoạn", keep=True)
    signature(doc, UPWARD, DEPARTMENT_SIGNER)
    annex(doc, "Phụ lục", "TÌNH HÌNH GỬI BÁO CÁO", REPORT_OF, landscape=False)
    submission_tables(doc)
    return doc


def addressees(doc: Any) -> None:
    """Ô 9a with several addressees: dashes aligned under the colon."""
    left, right = nd30.layout(doc, 52, 113)
    nd30.text(left, "Kính gửi: ", align=ALIGN.RIGHT, before=14)
    nd30.text(right, "", before=14)
    nd30.text(right, "{%p for dong in kinh_gui %}")
    nd30.text(right, "{{ dong }}")
    nd30.text(right, "{%p endfor %}")


def late_annex(doc: Any, of: str) -> None:
    annex(
        doc,
        "Phụ lục",
        "DANH SÁCH CƠ QUAN, ĐƠN VỊ, ĐỊA PHƯƠNG CHƯA THỰC HIỆN ĐẦY ĐỦ CHẾ ĐỘ BÁO CÁO",
        of,
        landscape=True,
    )
    nd30.text(doc, "", size=6)
    nd30.grid(
        doc,
        (12, 62, 55, 34, 18, 40, 26),
        ("STT", "Cơ quan, đơn vị, địa phương", "Nội dung chưa thực hiện", "Thời hạn", "Số ngày quá hạn",
         "Các lần đã đôn đốc", "Ghi chú"),
        "r in phu_luc",
        ("{{ r.stt }}", "{{ r.ten }}", "{{ r.noi_dung }}", "{{ r.thoi_han }}", "{{ r.qua_han }}",
        "{{ r.don_doc }}",
         "{{ r.ghi_chu }}"),
        styles=(CENTRE, PLAIN, PLAIN, PLAIN, CENTRE, PLAIN, PLAIN),
    )  # fmt: skip
    nd30.text(doc, "Số liệu tính đến {{ so_lieu_tinh_den }}.", style="VB Ghi chú")


def urging() -> Any:
    """Mẫu 1.5, công văn of the Department: it asks (đề nghị), it does not order."""
    doc = nd30.new_document()
    nd30.page_numbers(doc)
    masthead(doc, DEPARTMENT, "Số:          /SKHCN-CĐS", subject="{{ tieu_de }}")
    addressees(doc)
    for words in (
        "{{ can_cu }}",
        "{{ tinh_hinh }}",
        "Để bảo đảm tiến độ tổng hợp, báo cáo Trưởng Ban Chỉ đạo, Sở Khoa học và Công nghệ đề nghị:",
        "1. Các cơ quan, đơn vị, địa phương chưa gửi báo cáo khẩn trương hoàn thành, gửi về Sở Khoa "
        "học và Công nghệ "
        "trước {{ han_gui }}; nêu rõ nguyên nhân gửi chậm.",
        "2. Các cơ quan, đơn vị, địa phương gửi báo cáo chưa đầy đủ rà soát, bổ sung số liệu theo "
        "nội dung nêu tại Phụ lục.",
        "3. Thủ trưởng các cơ quan, đơn vị, Chủ tịch UBND các xã, phường quan tâm, trực tiếp chỉ "
        "đạo việc thực hiện "
        "chế độ báo cáo, bảo đảm tiến độ và tính chính xác của số liệu.",
        "Sau thời hạn trên, Sở Khoa học và Công nghệ sẽ tổng hợp, báo cáo Ban Chỉ đạo danh sách các "
        "cơ quan, đơn vị, "
        "địa phương không thực hiện.",
    ):
        nd30.text(doc, words, style="VB Đoạn")
    nd30.text(
        doc,
        "Sở Khoa học và Công nghệ đề nghị các cơ quan, đơn vị, địa phương quan tâm phối hợp thực hiện./.",
        style="VB Đoạn", keep=True,
    )  # fmt: skip
    signature(
        doc,
        ["- Như trên;", "- Trưởng BCĐ, các Phó Trưởng BCĐ (để báo cáo);", "- Văn phòng UBND tỉnh (VP11);",
         "- Lãnh đạo Sở;", "- Lưu: VT, CĐS."],
        DEPARTMENT_SIGNER,
    )  # fmt: skip
    late_annex(
        doc, "Công văn số      /SKHCN-CĐS ngày      tháng      năm {{ nam }} của Sở Khoa học và Công nghệ"
    )
    return doc


def correction() -> Any:
    """Mẫu 1.5, draft for the committee's signature; own number series (P1 II.3a)."""
    doc = nd30.new_document()
    nd30.page_numbers(doc)
    masthead(doc, COMMITTEE, "Số:          /CV-BCĐ", subject="{{ tieu_de }}")
    addressees(doc)
    for words in (
        "{{ tinh_hinh }}",
        "Ban Chỉ đạo phê bình các cơ quan, đơn vị, địa phương có tên tại Phụ lục và yêu cầu:",
        "1. Thủ trưởng các cơ quan, đơn vị, Chủ tịch UBND các xã, phường nêu tại Phụ lục tổ chức "
        "kiểm điểm, làm rõ "
        "trách nhiệm của tập thể, cá nhân liên quan; gửi báo cáo còn thiếu và văn bản cam kết tiến "
        "độ về Sở Khoa học "
        "và Công nghệ trước ngày {{ ngay_han }}.",
        "2. Sở Khoa học và Công nghệ theo dõi, đôn đốc, tổng hợp kết quả khắc phục, báo cáo Trưởng "
        "Ban Chỉ đạo trước ngày "
        "{{ ngay_bao_cao }}; tham mưu đưa kết quả thực hiện chế độ báo cáo vào đánh giá, xếp loại, "
        "thi đua, khen thưởng.",
        "3. Các Thành viên Ban Chỉ đạo theo lĩnh vực, địa bàn được phân công trực tiếp chỉ đạo, đôn "
        "đốc, kiểm tra việc "
        "khắc phục.",
    ):
        nd30.text(doc, words, style="VB Đoạn")
    nd30.text(
        doc, "Yêu cầu các cơ quan, đơn vị, địa phương nghiêm túc thực hiện./.", style="VB Đoạn", keep=True
    )
    signature(
        doc,
        ["- Như trên;", "- Trưởng Ban Chỉ đạo (để báo cáo);", "- Các Thành viên Ban Chỉ đạo;",
         "- Sở Khoa học và Công nghệ;", "- Lưu: VT, VP11."],
        ["KT. TRƯỞNG BAN", "PHÓ TRƯỞNG BAN", "", "PHÓ CHỦ TỊCH UBND TỈNH"],
    )  # fmt: skip
    late_annex(doc, "Công văn số      /CV-BCĐ ngày      tháng      năm {{ nam }} của Ban Chỉ đạo")
    return doc


DOCUMENTS: dict[str, Callable[[], Any]] = {
    "bao-cao-quy.docx": quarterly,
    "bao-cao-kpi.docx": kpi,
    "bao-cao-chung.docx": free,
    "cong-van-don-doc.docx": urging,
    "cong-van-chan-chinh.docx": correction,
}


def main() -> None:
    """Write every template into this folder, or into the one named on the command line."""
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HERE
    for name, make in DOCUMENTS.items():
        make().save(target / name)
        settle(target / name, MADE)
        sys.stdout.write(f"{name}\n")


if __name__ == "__main__":
    main()
