"""The words that the outgoing post and its callers share."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from db.models import NoticeItemRow, NoticeRow


class ComposeError(ValueError):
    """A notice cannot be written (template, form, figure missing); a person must look."""


@dataclass(frozen=True)
class Parts:
    """What a template and its forms make of a notice. Attachments: (name, media type, bytes)."""

    subject: str
    text: str
    html: str
    attachments: list[tuple[str, str, bytes]] = field(default_factory=list)


@dataclass(frozen=True)
class Judgement:
    """What is still owed of a notice at the instant of sending (ruling 14).

    ``dropped``: item id → why it is no longer owed. ``context``: the re-rendered context, or
    None to keep it. ``cancel``: why the whole notice must not leave; empty: it may.
    ``wait``: why it may not leave in this run; it stays queued.
    """

    dropped: dict[int, str] = field(default_factory=dict)
    context: dict[str, Any] | None = None
    cancel: str = ""
    wait: str = ""


Compose = Callable[[NoticeRow, list[NoticeItemRow]], Parts]
Rejudge = Callable[[Session, NoticeRow, datetime], Judgement]
Clock = Callable[[], datetime]


@dataclass
class Delivery:
    """What one run of the post did; ``stopped`` says why it ended early, empty: it did not."""

    sent: int = 0
    held: int = 0
    redirected: int = 0
    deferred: int = 0  # 4xx, connection lost before the final dot, or no room under the cap
    refused: int = 0
    unknown: int = 0
    cancelled: int = 0
    stopped: str = ""


STOPS = {
    "paused": "việc gửi thư đang tạm dừng; mở lại ở bàn điều hành",
    "switch_unreadable": "không đọc được công tắc gửi thư nên không gửi",
    "cap_10_minutes": "đã chạm giới hạn số thư trong 10 phút; phần còn lại đi ở lượt sau",
    "run_cap": "đã chạm giới hạn số thư của một lượt chạy; kiểm tra hàng đợi trước khi chạy tiếp",
    "auth": "máy chủ thư từ chối đăng nhập; đã tạm dừng gửi, sửa mật khẩu rồi mở lại",
    "tls": "không thiết lập được kết nối mã hóa với máy chủ thư (chứng thư, STARTTLS)",
    "unreachable": "không kết nối được máy chủ thư",
    "unstable": "máy chủ thư liên tục ngắt kết nối",
    "refuses_all": "máy chủ thư từ chối liên tiếp nhiều thư, có thể không do địa chỉ; hãy xem lý do",
    "sender_refused": "máy chủ thư không nhận địa chỉ gửi của hệ thống",
    "rehearsal": "cơ sở dữ liệu diễn tập không bao giờ gửi thư thật",
    "not_rehearsal": "mode=rehearse chỉ dùng với cơ sở dữ liệu diễn tập",
    "not_confirmed": "chưa xác nhận chuyển sang gửi thật",
    "not_here": "cơ sở dữ liệu được khôi phục, sao chép hoặc chuyển chỗ; hãy xem dondoc instance show",
    "not_catcher": "mode=rehearse chỉ gửi vào hộp thư diễn tập của Đôn Đốc trên máy này",
    "not_encrypted": "security=none chỉ dùng được với máy chủ 127.0.0.1",
}
