"""What each column of a plan table means, in the words of the office (notes in the workbook)."""

from __future__ import annotations

SHEETS = ("units", "contacts", "members", "indicators", "assignments")

GUIDE = (
    "Các bảng của kế hoạch: đơn vị, đầu mối, thành viên, chỉ tiêu, nhiệm vụ",
    "• Mỗi trang tính là một bảng. Không đổi tên trang tính và không đổi dòng tiêu đề.",
    "• Rê chuột vào ô tiêu đề để đọc giải thích của cột.",
    "• Mọi ô đều ở dạng Văn bản (Text) để mã như 00123 không mất số 0 đứng đầu.",
    "• Ngày viết NĂM-THÁNG-NGÀY, ví dụ 2026-05-15. Đúng/sai viết true hoặc false.",
    "• Nhiều giá trị trong một ô cách nhau bằng dấu chấm phẩy, ví dụ: xa; phuong.",
    "• Số thập phân dùng dấu chấm, ví dụ 17.5.",
    "• certainty: confirmed (có trong kế hoạch hoặc đã xác nhận), assumed (giả định, chờ xác nhận).",
    "• Nạp lại: toàn bộ kế hoạch được kiểm tra trước; có một lỗi thì không ghi gì và mọi lỗi được liệt kê.",
)

COLUMNS: dict[str, dict[str, str]] = {
    "units": {
        "code": "Mã đơn vị; xã, phường dùng mã đơn vị hành chính.",
        "name": "Tên đầy đủ.",
        "letter_name": "Tên ghi sau “Kính gửi:”.",
        "group": "so_nganh, xa, phuong, nganh_doc hoặc khac.",
        "active": "true: phải báo cáo theo kế hoạch này.",
        "member": "Mã Thành viên phụ trách (trang members); không được là thủ trưởng của chính đơn vị.",
        "member_certainty": "Việc phân công phụ trách đã xác nhận (confirmed) hay giả định (assumed).",
        "alt_names": "Các cách gọi khác, cách nhau bằng dấu chấm phẩy.",
        "certainty": "Việc thuộc diện báo cáo đã xác nhận hay giả định.",
        "source": "Lấy từ đâu.",
    },
    "contacts": {
        "unit": "Mã đơn vị (trang units).",
        "role": "clerk văn thư, liaison đầu mối, head thủ trưởng, deputy cấp phó; leader, operator chỉ ở "
        "cơ quan thường trực.",
        "email": "Một địa chỉ; không dùng chung giữa hai đơn vị.",
        "name": "Họ tên, có thể để trống.",
        "title": "Chức danh.",
        "phone": "Điện thoại, có thể để trống.",
        "active": "false: tạm không dùng.",
    },
    "members": {
        "code": "Mã Thành viên.",
        "name": "Họ tên; để trống khi chưa biết.",
        "title": "Chức danh trong Ban Chỉ đạo và chức vụ.",
        "role": "chair Trưởng Ban (chỉ một), vice_chair Phó Trưởng Ban, member Thành viên.",
        "in_charge_of": "Lĩnh vực, địa bàn phụ trách.",
        "email": "Địa chỉ nhận danh sách đơn vị chậm.",
        "unit": "Mã đơn vị mà Thành viên này là thủ trưởng.",
        "certainty": "confirmed hoặc assumed.",
    },
    "indicators": {
        "code": "Mã chỉ tiêu.",
        "name": "Tên ngắn, đã sửa lỗi chính tả.",
        "wording": "Nguyên văn trong kế hoạch.",
        "line": "Số dòng trong kế hoạch.",
        "area": "Mã nhóm chỉ tiêu.",
        "area_name": "Tên nhóm chỉ tiêu.",
        "uom": "Đơn vị tính.",
        "target": "Mục tiêu (số).",
        "strength": "toi_thieu, dat hoặc phan_dau.",
        "parent": "Mã chỉ tiêu ghép mà dòng này là một phần.",
        "numerator": "Tử số.",
        "denominator": "Mẫu số.",
        "lead": "Đơn vị chủ trì (để trống ở chỉ tiêu đã tách phần).",
        "lead_certainty": "Đơn vị chủ trì đã xác nhận hay giả định.",
        "reported_by": "Đơn vị hoặc nhóm đơn vị báo cáo hằng quý, cách nhau bằng dấu chấm phẩy.",
        "reported_certainty": "Diện báo cáo đã xác nhận hay giả định.",
        "note": "Ghi chú.",
    },
    "assignments": {
        "code": "Mã nhiệm vụ.",
        "title": "Nội dung nhiệm vụ.",
        "family": "bcd_tw, kh_140, de_an_06 hoặc bcd_tinh (kế hoạch, dòng 107-115).",
        "document": "Văn bản giao nhiệm vụ.",
        "unit": "Đơn vị được giao.",
        "due": "Ngày cuối cùng còn đúng hạn.",
        "product": "Sản phẩm phải có.",
        "area": "general, de_an_06 hoặc cchc.",
        "certainty": "confirmed hoặc assumed.",
        "line": "Số dòng trong kế hoạch.",
    },
}
