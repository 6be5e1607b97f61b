"""The instructions on the first sheet of each form."""
# ruff: noqa: E501 (sentences for people, one a line)

from __future__ import annotations

_COMMON = (
    "Chỉ điền các ô nền vàng; không đổi tên trang, không xóa dòng tiêu đề. Các ô khác đã được khóa, không đặt mật khẩu.",
    "Điền xong, lưu lại dạng .xlsx và gửi kèm khi trả lời thư; bản .pdf đã ký số gửi theo quy định.",
    "Không ghi nội dung thuộc phạm vi bí mật nhà nước vào biểu này.",
)
QUARTERLY_GUIDE = (
    "Biểu 01: ghi tử số, mẫu số và kết quả bằng số theo đơn vị tính (ví dụ 17,5 hoặc 17,5%). Không ghi “đạt” thay cho số liệu.",
    "Chưa có số liệu: ghi “chưa có số liệu”; không phát sinh: ghi “không phát sinh”; nêu lý do ở cột Ghi chú.",
    "Cột “Kỳ trước (đã tiếp nhận)” là giá trị đã ghi nhận, để đối chiếu; nếu số liệu giảm, giải thích ở cột Ghi chú.",
    "Biểu 02: chọn một trong bốn trạng thái; nêu kết quả, sản phẩm. Trạng thái quá hạn chưa hoàn thành do hệ thống xác định.",
    "Thuyết minh: trình bày ngắn gọn; đề xuất, kiến nghị ghi rõ cơ quan đề nghị giải quyết.",
    *_COMMON,
)
KPI_GUIDE = (
    "Biểu 01: với từng chỉ tiêu, ghi chỉ tiêu trung gian theo quý, phương pháp tính, cách đo lường, đánh giá.",
    "Biểu 02: với từng chỉ tiêu, ghi nhiệm vụ, giải pháp chủ yếu, đơn vị chủ trì, thời hạn (ngày/tháng/năm), nguồn lực; "
    "chỉ tiêu có nhiều nhiệm vụ thì ghi tiếp ở các dòng cùng mã.",
    "Thuyết minh: nguồn lực và cơ chế tổ chức triển khai chung cho các chỉ tiêu.",
    *_COMMON,
)
FREE_GUIDE = ("Trang Báo cáo: trả lời từng nội dung vào ô bên phải.", *_COMMON)
