"""What an operator has to look at: items that nobody has decided yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from db.models import FileRow, InboundRow, RecognitionRow

from .outcome import LABELS, UNDECIDED, Outcome

CHANNELS = {
    "mailbox": "hộp thư",
    "maildir": "hộp thư",
    "folder": "thư mục nhận",
    "share": "thư mục web",
    "register": "sổ QLVB&ĐH",
    "desk": "ghi nhận thủ công",
}

REASONS = {
    "token_with_image": "có mã nhận dạng, chỉ kèm tệp ảnh",
    "token_without_file": "có mã nhận dạng nhưng không kèm tệp",
    "tokens_of_several_units": "mang mã của nhiều đơn vị",
    "tokens_of_several_rounds": "mang mã của nhiều đợt báo cáo",
    "token_from_another_unit": "mã của đơn vị này gửi từ địa chỉ của đơn vị khác",
    "workbook_of_another_unit": "biểu mẫu của đơn vị khác với mã trong thư",
    "workbook_of_earlier_round": "biểu mẫu của đợt trước, đợt ấy chưa có bản nào được tiếp nhận",
    "workbook_token_invalid": "mã trong biểu mẫu không khớp với đơn vị, đợt ghi trong biểu mẫu",
    "bytes_of_another_unit": "trùng hoàn toàn với tệp của đơn vị khác",
    "two_identities": "biểu mẫu có hai mã nhận dạng khác nhau",
    "no_token": "không có mã nhận dạng",
    "auto_reply_with_file": "thư trả lời tự động nhưng có kèm tệp",
    "secrecy_marking": "có dấu chỉ độ mật",
    "too_large": "dung lượng quá lớn, mới lưu phần đầu; đề nghị mở tại nơi nhận",
    "too_complex": "thư có cấu trúc bất thường, không mở",
    "too_deep": "thư lồng nhau quá sâu, không mở hết",
    "too_many_parts": "thư có quá nhiều phần, không mở hết",
    "too_many_files": "thư có quá nhiều tệp, không mở",
    "sealed": "thư được mã hoá hoặc ký số dạng đóng gói (.p7m), không mở được",
    "unreadable_item": "không đọc được",
    "register_entry": "mục trong sổ QLVB&ĐH chưa xác định được đợt báo cáo",
    "register_sender": "mục trong sổ QLVB&ĐH về đợt báo cáo, chưa rõ của đơn vị nào",
    "register_undated": "mục trong sổ QLVB&ĐH không đọc được ngày đến: đề nghị ghi nhận thủ công theo sổ",
}


@dataclass(frozen=True)
class UndecidedItem:
    """``summary`` carries no subject, address or name: it may be shown in the Prefect UI."""

    inbound_id: int
    file_id: int | None
    outcome: Outcome
    hints: tuple[str, ...]  # unit codes that are held; empty: a stranger's, holds nobody
    summary: str
    arrived_at: datetime
    obligation_id: int | None = None


def undecided_items(session: Session) -> list[UndecidedItem]:
    """Items whose newest recognition leaves the decision to a person, oldest first; stored items
    without any recognition (their bytes are missing) among them."""
    newest = (
        select(func.max(RecognitionRow.id))
        .group_by(RecognitionRow.inbound_id, func.coalesce(RecognitionRow.file_id, 0))
        .scalar_subquery()
    )
    query = (
        select(RecognitionRow, InboundRow, FileRow.size)
        .join(InboundRow, InboundRow.id == RecognitionRow.inbound_id)
        .outerjoin(FileRow, FileRow.id == RecognitionRow.file_id)
        .where(RecognitionRow.id.in_(newest), RecognitionRow.outcome.in_(UNDECIDED))
        .order_by(InboundRow.id, RecognitionRow.id)
    )
    items = [_item(r, i, size) for r, i, size in session.execute(query).tuples()]
    return sorted([*items, *_never_opened(session)], key=lambda i: (i.inbound_id, i.file_id or 0))


def _item(row: RecognitionRow, inbound: InboundRow, size: int | None) -> UndecidedItem:
    outcome = Outcome(row.outcome)
    what = "thư" if inbound.kind == "mail" else "tệp"
    if inbound.kind == "register":
        what = "văn bản"
    file = f", tệp số {row.file_id} ({size // 1024 + 1} KB)" if row.file_id and size is not None else ""
    why = REASONS.get(row.reason, row.reason)
    channel = CHANNELS.get(inbound.channel, inbound.channel)
    return UndecidedItem(
        inbound_id=inbound.id,
        file_id=row.file_id,
        outcome=outcome,
        hints=tuple(row.hints),
        summary=f"{LABELS[outcome]}: {what} số {inbound.id} từ {channel}{file}; {why}",
        arrived_at=inbound.arrived_at,
        obligation_id=row.obligation_id,
    )


def _never_opened(session: Session) -> list[UndecidedItem]:
    query = select(InboundRow).where(InboundRow.id.not_in(select(RecognitionRow.inbound_id)))
    return [
        UndecidedItem(
            i.id,
            None,
            Outcome.UNKNOWN,
            (),
            f"Mục đến số {i.id} chưa mở được (kho lưu thiếu tệp)",
            i.arrived_at,
        )
        for i in session.scalars(query)
    ]
