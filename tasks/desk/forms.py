"""What an operator can fill in: one strict form for each decision, the same in the Prefect UI,
on the command line (``dondoc desk FORM --json FILE``) and in tests (ruling 18).
"""

from __future__ import annotations

from datetime import time
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from .fields import Codes, Day, Filled, Line, Moment, Number, Numbers


class DeskForm(BaseModel):
    """Who decides and why: recorded with every decision."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: Filled = Field(title="Mã người quyết định", description="Mã đã khai báo, ví dụ CV1")
    reason: Filled = Field(title="Lý do", description="Ghi vào nhật ký và báo cáo tổng hợp")


class OneUnit(DeskForm):
    round: Filled = Field(title="Mã đợt", description="Ví dụ 2026-q3")
    unit: Filled = Field(title="Mã đơn vị", description="Ví dụ SYT hoặc 14329")


class Units(DeskForm):
    round: Filled = Field(title="Mã đợt", description="Ví dụ 2026-q3")
    units: Codes = Field(
        title="Mã các đơn vị",
        description="Một hoặc nhiều mã, cách nhau bằng dấu phẩy (SYT, SNV); * là mọi đơn vị của đợt",
        min_length=1,
    )


class Extend(Units):
    """Gia hạn."""

    until: Day = Field(title="Gia hạn đến hết ngày", description="Tính cả ngày này")
    until_time: time | None = Field(None, title="Giờ", description="Bỏ trống: hết ngày")


class Exempt(Units):
    """Miễn báo cáo."""


class Acknowledge(OneUnit):
    """Ghi nhận cam kết: thang đôn đốc tạm dừng đến hết ngày cam kết."""

    promised: Day = Field(title="Cam kết gửi chậm nhất hết ngày")


class RecordByHand(OneUnit):
    """Ghi nhận thủ công: đến qua QLVB&ĐH hoặc bản giấy."""

    document_number: Filled = Field(title="Số, ký hiệu")
    document_date: Day = Field(title="Ngày văn bản")
    arrived: Moment = Field(title="Thời điểm đến theo sổ", description="Không phải lúc nhập liệu")
    file: Line = Field(
        "", title="Tên tệp", description="Tệp đã đặt vào thư mục desk/ của dữ liệu; bỏ trống nếu không có tệp"
    )


class Assign(OneUnit):
    """Gán tệp chưa nhận diện cho một đơn vị."""

    inbound: Number = Field(title="Mục đến số")
    file: Number | None = Field(None, title="Tệp số", description="Bỏ trống: tệp đầu tiên của mục")


class SetAside(DeskForm):
    """Đặt sang bên một mục không liên quan."""

    inbound: Number = Field(title="Mục đến số")


class ConfirmFigure(DeskForm):
    """Xác nhận số liệu bị đánh dấu."""

    figure: Number = Field(title="Số liệu số", description="Theo dondoc figures ĐỢT --json")
    value: float | None = Field(
        None,
        title="Giá trị",
        description="Bỏ trống: không dùng số liệu này",
        strict=True,  # "1.234" in quotes: one thousand, or one and a bit? Never guessed
        allow_inf_nan=False,
    )


class AcceptOnTime(OneUnit):
    """Chấp nhận đúng hạn có lý do."""


class TakeBack(Units):
    """Rút lại một quyết định đã ghi: quyết định cũ vẫn lưu, từ lúc này không còn hiệu lực."""

    what: Literal["exemption", "promise", "on_time", "extension", "assignment"] = Field(
        title="Rút lại",
        description="exemption: miễn báo cáo; promise: cam kết; on_time: chấp nhận đúng hạn; "
        "extension: gia hạn gần nhất; assignment: tệp đã gán hoặc ghi nhận thủ công",
    )
    version: Number | None = Field(
        None,
        title="Bản gửi lần",
        description="Chỉ khi rút tệp đã gán: lần nào; bỏ trống là lần gần nhất",
    )


class Sending(DeskForm):
    """Tạm dừng hoặc tiếp tục gửi thư."""

    state: Literal["on", "off"] = Field(title="Trạng thái gửi", description="off: tạm dừng; on: tiếp tục")


class RegisterReading(DeskForm):
    """Đã đối chiếu sổ QLVB&ĐH, có thể kèm tệp .xlsx xuất từ sổ."""

    through: Moment = Field(title="Đã đối chiếu sổ đến", description="Ngày và giờ")
    file: Line = Field(
        "", title="Tệp .xlsx xuất từ sổ", description="Bỏ trống nếu đã ghi nhận từng văn bản bằng tay"
    )


class ClockChecked(DeskForm):
    """Đã kiểm tra đồng hồ máy chủ: giờ máy đúng, thư nhắc và đôn đốc đi tiếp."""


class OpenRound(DeskForm):
    """Mở một đợt của kế hoạch đang chờ người mở."""

    round: Filled = Field(title="Mã đợt")


class OpenAdHoc(DeskForm):
    """Mở đợt báo cáo đột xuất."""

    round: Filled = Field(title="Mã đợt", description="Mã mới, ví dụ 2026-dx1")
    title: Filled = Field(title="Tên báo cáo", description="Ví dụ: báo cáo đột xuất về chữ ký số")
    content: Filled = Field(title="Nội dung yêu cầu báo cáo")
    form: Literal["free", "quarterly", "kpi_plan"] = Field(
        "free",
        title="Mẫu biểu",
        description="free: báo cáo theo nội dung trên; quarterly: biểu chỉ tiêu, nhiệm vụ như báo cáo quý; "
        "kpi_plan: kế hoạch thực hiện chỉ tiêu (KPI)",
    )
    period_from: Day | None = Field(
        None, title="Kỳ số liệu từ ngày", description="Bắt buộc với biểu như báo cáo quý"
    )
    period_to: Day | None = Field(None, title="Kỳ số liệu đến ngày", description="Tính cả ngày này")
    area: Literal["general", "de_an_06", "cchc"] = Field(
        "general",
        title="Lĩnh vực",
        description="general: chung; de_an_06: Đề án 06; cchc: cải cách hành chính; "
        "cơ quan phụ trách lĩnh vực ấy đứng tên đôn đốc",
    )
    units: Codes = Field(
        title="Mã các đơn vị",
        description="Cách nhau bằng dấu phẩy (SYT, SNV); * là mọi đơn vị mà mẫu biểu có nội dung hỏi",
        min_length=1,
    )
    until: Day = Field(title="Hạn gửi: hết ngày", description="Tính cả ngày này")
    until_time: time | None = Field(None, title="Giờ", description="Bỏ trống: hết ngày")
    reminders: Numbers = Field(
        (1,), title="Nhắc trước mấy ngày làm việc", description="Giảm dần, ví dụ 3, 1; 1 là ngày cuối"
    )


class Correct(DeskForm):
    """Đính chính một thông báo đã gửi nhầm."""

    notice: Number = Field(title="Thông báo số")
    text: Filled = Field(title="Nội dung đính chính")


class Trial(DeskForm):
    """Thử gửi cho tôi: đến địa chỉ đã khai báo của người quyết định."""


class ApproveEdition(DeskForm):
    """Duyệt báo cáo tổng hợp."""

    round: Filled = Field(title="Mã đợt")
    number: Number = Field(title="Lần (edition)")


class DraftLetters(DeskForm):
    """Lập dự thảo công văn đôn đốc hoặc chấn chỉnh (.docx) để lãnh đạo ký; không gửi."""

    round: Filled = Field(title="Mã đợt")
    letter: Literal["urging", "correction"] = Field(
        title="Loại công văn", description="urging: Sở đôn đốc; correction: Ban Chỉ đạo chấn chỉnh, phê bình"
    )


class GoLive(DeskForm):
    """Chuyển sang gửi thật: huỷ thư đang giữ, thang đôn đốc bắt đầu lại từ bậc 1."""

    confirm: Literal["look", "yes"] = Field(
        title="Xác nhận", description="look: chỉ xem thư nào sẽ đi ngay; yes: đã xem, chuyển sang gửi thật"
    )


class ReleaseNotice(DeskForm):
    """Xử lý thư chưa rõ kết quả: mất kết nối sau khi gửi, chưa biết máy chủ đã nhận hay chưa."""

    notice: Number = Field(title="Thông báo số")
    outcome: Literal["arrived", "resend", "cancel"] = Field(
        title="Quyết định",
        description="arrived: đã xác minh thư đến nơi; resend: gửi lại; cancel: không gửi nữa",
    )


class ReviveAddress(DeskForm):
    """Dùng lại một địa chỉ thư từng bị trả về, sau khi đã xác minh."""

    owner: Filled = Field(title="Mã đơn vị hoặc mã thành viên")
    role: Literal["clerk", "liaison", "head", "deputy", "member"] = Field(
        title="Vai trò",
        description="clerk văn thư; liaison đầu mối; head thủ trưởng; deputy cấp phó; member thành viên",
    )
