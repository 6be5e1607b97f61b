"""Templates of the letters (Nghị định 30, Phụ lục III, mẫu 1.5)."""

from __future__ import annotations

from typing import Any

import nd30
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN
from parts import CENTRE, COMMITTEE, DEPARTMENT_SIGNER, PLAIN, annex, masthead, signature


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
    """Mẫu 1.5, công văn of the Department or of an area's owner: it asks (đề nghị), it does not order."""
    doc = nd30.new_document()
    nd30.page_numbers(doc)
    masthead(
        doc, ("{{ cap_tren }}", "{{ co_quan|upper }}"), "Số:          /{{ ky_hieu }}", subject="{{ tieu_de }}"
    )
    addressees(doc)
    for words in (
        "{{ can_cu }}",
        "{{ tinh_hinh }}",
        "Để bảo đảm tiến độ tổng hợp, báo cáo Trưởng Ban Chỉ đạo, {{ co_quan }} đề nghị:",
        "1. Các cơ quan, đơn vị, địa phương chưa gửi báo cáo khẩn trương hoàn thành, gửi về "
        "{{ noi_nhan_bao_cao }} trước {{ han_gui }}; nêu rõ nguyên nhân gửi chậm.",
        "{%p if co_chua_du %}",
        "2. Các cơ quan, đơn vị, địa phương gửi báo cáo chưa đầy đủ rà soát, bổ sung số liệu theo "
        "nội dung nêu tại Phụ lục.",
        "{%p endif %}",
        "{{ '3' if co_chua_du else '2' }}. Thủ trưởng các cơ quan, đơn vị, Chủ tịch UBND các xã, "
        "phường quan tâm, trực tiếp chỉ "
        "đạo việc thực hiện "
        "chế độ báo cáo, bảo đảm tiến độ và tính chính xác của số liệu.",
        "Sau thời hạn trên, {{ co_quan }} sẽ tổng hợp, báo cáo Ban Chỉ đạo danh sách các "
        "cơ quan, đơn vị, "
        "địa phương không thực hiện.",
    ):
        nd30.text(doc, words, style="VB Đoạn")
    nd30.text(
        doc,
        "{{ co_quan }} đề nghị các cơ quan, đơn vị, địa phương quan tâm phối hợp thực hiện./.",
        style="VB Đoạn", keep=True,
    )  # fmt: skip
    signature(
        doc,
        ["- Như trên;", "- Trưởng BCĐ, các Phó Trưởng BCĐ (để báo cáo);", "- Văn phòng UBND tỉnh (VP11);",
         "{%p for dong in noi_nhan %}", "{{ dong }}", "{%p endfor %}"],
        DEPARTMENT_SIGNER,
    )  # fmt: skip
    late_annex(
        doc, "Công văn số      /{{ ky_hieu }} ngày      tháng      năm {{ nam }} của {{ co_quan }}"
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
        "2. {{ co_quan }} theo dõi, đôn đốc, tổng hợp kết quả khắc phục, báo cáo Trưởng "
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
         "- {{ co_quan }};", "- Lưu: VT, VP11."],
        ["KT. TRƯỞNG BAN", "PHÓ TRƯỞNG BAN"],
        office="PHÓ CHỦ TỊCH UBND TỈNH",
    )  # fmt: skip
    late_annex(doc, "Công văn số      /CV-BCĐ ngày      tháng      năm {{ nam }} của Ban Chỉ đạo")
    return doc
