"""Templates of the consolidated reports (Nghị định 30, Phụ lục III, mẫu 1.4)."""

from __future__ import annotations

from typing import Any

import nd30
from parts import (
    CENTRE,
    DEPARTMENT,
    DEPARTMENT_SIGNER,
    NUMBER,
    PLAIN,
    REPORT_OF,
    UPWARD,
    annex,
    blocks,
    chart,
    masthead,
    note,
    section,
    signature,
    title,
    to_one,
)


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


def _opening() -> Any:
    """A report of the Department down to its first paragraph."""
    doc = nd30.new_document()
    nd30.page_numbers(doc)
    masthead(doc, DEPARTMENT, "Số:          /BC-SKHCN")
    title(doc, "BÁO CÁO", "{{ trich_yeu }}")
    to_one(doc, "{{ kinh_gui }}")
    nd30.text(doc, "{{ mo_dau }}", style="VB Đoạn")
    return doc


def _closing(doc: Any, number: str, heading: str) -> None:
    """Last paragraph, signature, and the annex ``number`` on who sent what."""
    nd30.text(doc, "{{ ket_thuc }}", style="VB Đoạn", keep=True)
    signature(doc, UPWARD, DEPARTMENT_SIGNER)
    annex(doc, number, heading, REPORT_OF, landscape=False)
    submission_tables(doc)


def quarterly() -> Any:
    """Mẫu 1.4: the Department's consolidated report of a quarter."""
    doc = _opening()
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
    _closing(doc, "Phụ lục I", "TÌNH HÌNH GỬI BÁO CÁO")
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
    doc = _opening()
    section(doc, "I. TÌNH HÌNH GỬI KẾ HOẠCH", "muc_1")
    section(doc, "II. NỘI DUNG KẾ HOẠCH THỰC HIỆN CÁC CHỈ TIÊU", "muc_2")
    section(doc, "III. NỘI DUNG CÒN THIẾU", "muc_3")
    section(doc, "IV. ĐỀ XUẤT", "muc_4")
    _closing(doc, "Phụ lục I", "TÌNH HÌNH GỬI KẾ HOẠCH")
    annex(doc, "Phụ lục II", "KẾ HOẠCH THỰC HIỆN CÁC CHỈ TIÊU", REPORT_OF, landscape=True)
    nd30.text(doc, "", size=6)
    nd30.grid(
        doc,
        (10, 12, 46, 26, 18, 24, 22, 27, 14, 48),
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
    doc = _opening()
    section(doc, "I. TÌNH HÌNH GỬI BÁO CÁO", "muc_1")
    section(doc, "II. NỘI DUNG BÁO CÁO", "muc_2")
    section(doc, "III. KHÓ KHĂN, VƯỚNG MẮC, KIẾN NGHỊ", "muc_3")
    _closing(doc, "Phụ lục", "TÌNH HÌNH GỬI BÁO CÁO")
    return doc
