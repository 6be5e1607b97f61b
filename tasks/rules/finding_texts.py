"""The wording of every finding: code → (severity, Vietnamese text).

``{place}`` names sheet and cell, ``{was}`` what stood there; ``{name}`` is the indicator,
assignment or section concerned. The register is Sở KH&CN's to its equals: *đề nghị*, never
*yêu cầu*.
"""

# ruff: noqa: E501 (sentences for people, one a line)

from __future__ import annotations

FIX, ASK = "must_fix", "please_explain"

_FILE = {
    "empty_file": (FIX, "tệp gửi không có dữ liệu (0 byte). Đề nghị gửi lại tệp .xlsx theo mẫu."),
    "too_large": (FIX, "tệp gửi có dung lượng {size} MB, vượt quá {limit} MB. Đề nghị gửi lại đúng tệp .xlsx theo mẫu, không chèn ảnh hoặc tệp khác."),
    "truncated": (FIX, "tệp gửi bị hỏng hoặc tải lên chưa trọn vẹn nên không mở được. Đề nghị mở tệp trên máy của đơn vị, lưu lại dạng .xlsx và gửi lại."),
    "corrupt": (FIX, "tệp gửi không đúng cấu trúc của một bảng tính nên không đọc được ({detail}). Đề nghị mở tệp bằng Excel, lưu lại dạng .xlsx và gửi lại."),
    "wrong_type": (FIX, "tệp gửi là {kind}, không phải bảng tính. Đề nghị gửi biểu số liệu theo mẫu, định dạng .xlsx."),
    "pdf_instead": (FIX, "chỉ nhận được tệp .pdf. Đề nghị gửi kèm biểu số liệu theo mẫu, định dạng .xlsx; tệp .pdf đã ký số vẫn được lưu."),
    "docx_instead": (FIX, "nhận được tệp Word thay cho bảng tính. Đề nghị điền số liệu vào biểu mẫu .xlsx đã gửi và gửi lại."),
    "zip_archive": (FIX, "nhận được tệp nén. Đề nghị giải nén và gửi trực tiếp tệp .xlsx theo mẫu."),
    "binary_workbook": (FIX, "tệp gửi là bảng tính dạng nhị phân (.xlsb) nên không đọc được. Đề nghị mở tệp bằng Excel, lưu lại dạng .xlsx và gửi lại."),
    "encrypted": (FIX, "tệp gửi có đặt mật khẩu nên không mở được. Đề nghị bỏ mật khẩu (Tệp › Thông tin › Bảo vệ sổ làm việc) và gửi lại."),
    "macros": (FIX, "tệp gửi có chứa macro. Đề nghị lưu lại dạng .xlsx (không có macro) và gửi lại."),
    "external_links": (ASK, "tệp gửi có công thức liên kết tới tệp khác trên máy của đơn vị; hệ thống chỉ đọc được giá trị đã lưu. Đề nghị xác nhận số liệu và lần sau dán giá trị thay cho liên kết."),
    "doctype": (FIX, "tệp gửi có khai báo DOCTYPE, không được phép trong bảng tính. Đề nghị dùng lại đúng biểu mẫu đã gửi."),
    "bomb": (FIX, "tệp gửi khi giải nén có dung lượng bất thường nên không được mở. Đề nghị dùng lại đúng biểu mẫu đã gửi."),
    "too_many_cells": (FIX, "trang tính có dữ liệu nằm rải rác ngoài vùng biểu mẫu (đến ô {cell_seen}) nên không đọc được. Đề nghị xóa các ô thừa hoặc điền lại vào biểu mẫu đã gửi."),
    "too_many_sheets": (FIX, "tệp gửi có {count} trang tính, vượt quá {limit}. Đề nghị dùng lại đúng biểu mẫu đã gửi."),
    "unsafe_names": (FIX, "tệp gửi có thành phần với tên không hợp lệ nên không được mở. Đề nghị dùng lại đúng biểu mẫu đã gửi."),
    "reader_failed": (FIX, "không đọc được tệp gửi trong giới hạn thời gian và bộ nhớ cho phép. Đề nghị mở tệp bằng Excel, lưu lại dạng .xlsx và gửi lại."),
    "classified": (FIX, "{place} có dấu chỉ độ mật \"{was}\". Hệ thống không tiếp nhận tài liệu bí mật nhà nước; tệp được để riêng, đề nghị liên hệ ngay với Sở Khoa học và Công nghệ."),
}  # fmt: skip

_IDENTITY = {
    "no_identity": (ASK, "không còn mã nhận dạng trong tệp (trang ẩn và thuộc tính của biểu mẫu). Đề nghị lần sau điền trực tiếp vào biểu mẫu đã gửi."),
    "identity_conflict": (FIX, "tệp có mã nhận dạng (trang ẩn, thuộc tính của tệp) của hai biểu mẫu khác nhau ({one} và {two}). Đề nghị điền lại vào đúng biểu mẫu đã gửi cho đơn vị."),
    "other_unit": (FIX, "tệp gửi là biểu mẫu của đơn vị khác ({was}). Đề nghị điền vào biểu mẫu đã gửi cho {name}."),
    "other_round": (FIX, "tệp gửi là biểu mẫu của đợt báo cáo khác ({was}). Đề nghị điền vào biểu mẫu của {name}."),
    "other_form": (FIX, "tệp gửi là mẫu biểu khác ({was}) so với mẫu được đề nghị ({name})."),
    "unknown_form": (FIX, "không tìm thấy các bảng của biểu mẫu trong tệp gửi. Đề nghị giữ nguyên dòng tiêu đề của Biểu 01, Biểu 02 và gửi lại."),
    "table_missing": (FIX, "không tìm thấy {name} trong tệp gửi (thiếu trang hoặc thiếu dòng tiêu đề). Đề nghị điền lại vào biểu mẫu đã gửi."),
    "blank_form": (FIX, "biểu mẫu chưa được điền: không có số liệu, kết quả hay nội dung nào của đơn vị. Đề nghị điền các ô nền vàng và gửi lại."),
    "unknown_row": (ASK, "{place}: mã \"{was}\" không thuộc các dòng giao cho đơn vị; dòng này chưa được tổng hợp. Đề nghị kiểm tra lại mã."),
    "uncoded_row": (ASK, "{place}: dòng \"{was}\" không có mã và không phải dòng giao cho đơn vị; dòng này chưa được tổng hợp. Đề nghị kiểm tra lại; nội dung ngoài biểu mẫu đề nghị ghi ở phần Thuyết minh."),
    "duplicate_row": (FIX, "{place}: \"{name}\" có hai dòng với giá trị khác nhau. Đề nghị chỉ giữ một dòng."),
    "legacy_text": (ASK, "{place}: văn bản gõ bằng phông chữ cũ ({encoding}) đã được chuyển sang Unicode thành \"{name}\". Đề nghị kiểm tra lại và lần sau gõ bằng Unicode."),
}  # fmt: skip

_FIGURE = {
    "figure_missing": (FIX, "{place}: chỉ tiêu \"{name}\" chưa có kết quả. Đề nghị ghi số liệu; nếu chưa có, ghi \"chưa có số liệu\" và nêu lý do ở cột Ghi chú."),
    "figure_no_number": (FIX, "{place}: chỉ tiêu \"{name}\" ghi \"{was}\", chưa có số liệu cụ thể. Đề nghị ghi giá trị bằng số ({uom}), kèm tử số và mẫu số."),
    "figure_no_data": (ASK, "{place}: chỉ tiêu \"{name}\" ghi \"{was}\". Đề nghị cho biết lý do chưa có số liệu và thời điểm có số liệu ở cột Ghi chú."),
    "figure_not_applicable": (ASK, "{place}: chỉ tiêu \"{name}\" ghi \"{was}\". Đề nghị nêu lý do không áp dụng, không phát sinh ở cột Ghi chú."),
    "figure_ambiguous": (FIX, "{place}: chỉ tiêu \"{name}\" ghi \"{was}\", có thể hiểu theo nhiều cách. Đề nghị ghi lại rõ ràng, dùng dấu phẩy cho phần thập phân, ví dụ 17,5%."),
    "figure_text": (FIX, "{place}: chỉ tiêu \"{name}\" ghi \"{was}\", không phải số. Đề nghị ghi giá trị bằng số ({uom}) ngay tại ô này."),
    "figure_date": (FIX, "{place}: chỉ tiêu \"{name}\" bị Excel chuyển thành ngày tháng ({was}). Đề nghị định dạng ô là văn bản và ghi lại, ví dụ 15/20, hoặc ghi tử số và mẫu số vào hai cột riêng."),
    "figure_error": (FIX, "{place}: chỉ tiêu \"{name}\" hiển thị lỗi công thức {was}. Đề nghị ghi giá trị bằng số thay cho công thức."),
    "figure_formula": (FIX, "{place}: chỉ tiêu \"{name}\" chứa công thức chưa được tính ({was}). Đề nghị ghi giá trị bằng số thay cho công thức."),
    "figure_legacy": (FIX, "{place}: chỉ tiêu \"{name}\" ghi bằng phông chữ cũ, đọc được là \"{unicode}\". Đề nghị ghi giá trị bằng số."),
    "figure_bound": (ASK, "{place}: chỉ tiêu \"{name}\" ghi \"{was}\", mới là mức chặn. Đề nghị cho biết giá trị cụ thể."),
    "figure_target_text": (FIX, "{place}: chỉ tiêu \"{name}\" ghi \"{was}\", là câu chữ của mục tiêu. Đề nghị ghi kết quả thực tế đạt được."),
    "figure_range": (ASK, "{place}: chỉ tiêu \"{name}\" ghi khoảng giá trị \"{was}\". Đề nghị ghi một giá trị; nếu là ước, chọn \"Ước\" ở cột Ước/chính thức."),
    "figure_multi": (ASK, "{place}: chỉ tiêu \"{name}\" ghi nhiều giá trị trong một ô (\"{was}\"); hệ thống ghi nhận {value}. Đề nghị xác nhận."),
    "figure_unit": (FIX, "{place}: chỉ tiêu \"{name}\" ghi \"{was}\", không cùng đơn vị tính ({uom}). Đề nghị ghi theo đúng đơn vị tính của chỉ tiêu."),
    "figure_negative": (FIX, "{place}: chỉ tiêu \"{name}\" ghi giá trị âm ({was}). Đề nghị kiểm tra lại."),
    "share_over_100": (FIX, "{place}: chỉ tiêu \"{name}\" ghi {was}, tỷ lệ không thể vượt 100%. Đề nghị kiểm tra lại tử số, mẫu số và kết quả."),
    "numerator_over_denominator": (FIX, "{place}: chỉ tiêu \"{name}\" có tử số ({was}) lớn hơn mẫu số ({denominator}). Đề nghị kiểm tra lại."),
    "denominator_zero": (ASK, "{place}: chỉ tiêu \"{name}\" có mẫu số bằng 0. Nếu không phát sinh, đề nghị ghi \"không phát sinh\" và nêu lý do ở cột Ghi chú."),
    "result_not_ratio": (FIX, "{place}: chỉ tiêu \"{name}\" ghi kết quả {was} nhưng tử số/mẫu số ({numerator}/{denominator}) cho giá trị {computed}%. Đề nghị kiểm tra lại ba số này."),
    "part_missing": (ASK, "{place}: chỉ tiêu \"{name}\" có kết quả nhưng thiếu {part}. Đề nghị bổ sung để tổng hợp toàn tỉnh."),
    "part_unreadable": (ASK, "{place}: {part} của chỉ tiêu \"{name}\" ghi \"{was}\", chưa đọc được thành số. Đề nghị ghi bằng số."),
    "cumulative_missing": (ASK, "{place}: chỉ tiêu \"{name}\" có kết quả trong quý nhưng chưa có kết quả lũy kế. Đề nghị bổ sung kết quả lũy kế."),
    "fall": (ASK, "{place}: chỉ tiêu \"{name}\" ghi {was}, thấp hơn giá trị lũy kế đã tiếp nhận kỳ trước ({last}). Đề nghị giải thích ở cột Ghi chú."),
    "jump": (ASK, "{place}: chỉ tiêu \"{name}\" ghi {was}, tăng bất thường so với kỳ trước ({last}). Đề nghị xác nhận ở cột Ghi chú."),
    "target_copied": (ASK, "{place}: chỉ tiêu \"{name}\" ghi {was}, đúng bằng mục tiêu và không có tử số, mẫu số. Đề nghị xác nhận đây là kết quả thực tế."),
    "same_as_last": (ASK, "{place}: toàn bộ {count} giá trị trùng với số liệu đã tiếp nhận kỳ trước. Đề nghị xác nhận số liệu đã được cập nhật."),
    "claim_not_met": (ASK, "{place}: cột \"So với mục tiêu\" ghi \"{was}\" nhưng kết quả {value} so với mục tiêu {target} cho thấy ngược lại. Đề nghị kiểm tra lại chỉ tiêu \"{name}\"."),
}  # fmt: skip

_PROGRESS = {
    "progress_missing": (FIX, "{place}: nhiệm vụ \"{name}\" chưa ghi kết quả và trạng thái. Đề nghị ghi kết quả và chọn một trong bốn trạng thái."),
    "state_missing": (ASK, "{place}: nhiệm vụ \"{name}\" có kết quả nhưng chưa chọn trạng thái. Đề nghị chọn: {states}."),
    "state_unknown": (FIX, "{place}: nhiệm vụ \"{name}\" ghi trạng thái \"{was}\". Đề nghị chọn một trong bốn trạng thái: {states}."),
    "state_computed": (ASK, "{place}: nhiệm vụ \"{name}\" ghi \"{was}\"; trạng thái này do hệ thống xác định theo thời hạn, đơn vị chọn \"Chưa hoàn thành\" hoặc \"Đang thực hiện\". Đã ghi nhận là \"Chưa hoàn thành\"."),
    "result_missing": (ASK, "{place}: nhiệm vụ \"{name}\" chọn \"{state}\" nhưng chưa ghi kết quả. Đề nghị nêu kết quả, sản phẩm (số, ngày văn bản)."),
    "step_back": (ASK, "{place}: nhiệm vụ \"{name}\" kỳ trước đã báo cáo \"{last}\", kỳ này ghi \"{was}\". Đề nghị giải thích."),
}  # fmt: skip

_TEXT = {
    "text_error": (ASK, "{place}: ô hiển thị lỗi công thức hoặc chứa công thức chưa được tính ({was}) nên chưa có nội dung. Đề nghị gõ lại bằng chữ; nội dung bắt đầu bằng dấu trừ, cộng hoặc bằng thì gõ thêm dấu nháy đơn (') ở đầu."),
    "section_missing": (ASK, "{place}: chưa có nội dung mục \"{name}\". Đề nghị bổ sung; nếu không có, ghi \"không có\"."),
    "answer_missing": (FIX, "{place}: chưa có nội dung trả lời cho \"{name}\". Đề nghị bổ sung."),
    "proposal_no_body": (ASK, "{place}: đề xuất, kiến nghị \"{was}\" chưa ghi cơ quan đề nghị giải quyết. Đề nghị bổ sung."),
    "component_missing": (FIX, "{place}: chỉ tiêu \"{name}\" chưa có {part}. Đề nghị bổ sung (Mục II.1 của Kế hoạch)."),
    "date_after_year": (FIX, "{place}: thời hạn hoàn thành \"{was}\" của chỉ tiêu \"{name}\" sau ngày 31/12/{year}. Đề nghị ghi thời hạn trong năm {year}."),
    "date_unreadable": (ASK, "{place}: thời hạn hoàn thành \"{was}\" của chỉ tiêu \"{name}\" chưa rõ ngày. Đề nghị ghi theo dạng ngày/tháng/năm, ví dụ 30/9/{year}."),
    "unknown_lead": (ASK, "{place}: cơ quan, đơn vị chủ trì \"{was}\" của chỉ tiêu \"{name}\" không có trong danh sách của Kế hoạch. Đề nghị xác nhận tên đơn vị."),
    "target_falls": (ASK, "{place}: chỉ tiêu trung gian của \"{name}\" giảm dần ({was}). Đề nghị kiểm tra lại."),
    "last_target_short": (ASK, "{place}: chỉ tiêu trung gian quý IV của \"{name}\" ({was}) thấp hơn mục tiêu năm ({target}). Đề nghị giải thích ở cột Ghi chú."),
}  # fmt: skip

TEXTS: dict[str, tuple[str, str]] = _FILE | _IDENTITY | _FIGURE | _PROGRESS | _TEXT
