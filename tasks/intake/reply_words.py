"""The words and lists of answers: what is said of a mail, how findings and files are shown."""

from __future__ import annotations

from tasks.rules.findings import Finding, place, wording

MAX_LISTED = 40  # findings spelled out in the mail; the marked workbook shows all

AGAIN = (
    "Tệp gửi kèm trùng hoàn toàn với tệp đã nhận trước đó; kết quả kiểm tra của lần trước được giữ nguyên."
)
NOTES: dict[str, tuple[str, ...]] = {
    "accepted_before": (AGAIN, "Báo cáo của Quý cơ quan đã được tiếp nhận, không cần gửi lại."),
    "same_bytes": (
        AGAIN,
        "Trường hợp gửi bản đã sửa, đề nghị kiểm tra lại tệp đính kèm và gửi lại đúng bản đã sửa.",
    ),
    "token_without_file": (
        "Thư không kèm tệp báo cáo. Trường hợp đã gửi báo cáo qua Hệ thống quản lý văn bản và điều hành, "
        "Sở Khoa học và Công nghệ sẽ đối chiếu sổ văn bản đến.",
        "Trường hợp chưa đính kèm tệp, đề nghị Quý cơ quan gửi lại thư kèm tệp .xlsx theo mẫu.",
    ),
    "too_large": (
        "Tệp gửi có dung lượng quá lớn nên chưa mở được; đã được chuyển tới chuyên viên theo dõi.",
        "Đề nghị Quý cơ quan gửi lại riêng biểu số liệu theo mẫu (tệp .xlsx), không chèn ảnh.",
    ),
    "sealed": (
        "Thư được mã hoá hoặc ký số dạng đóng gói (.p7m) nên tệp gửi kèm không mở được; thư đã được chuyển "
        "tới chuyên viên theo dõi.",
        "Đề nghị Quý cơ quan gửi lại biểu số liệu theo mẫu (tệp .xlsx) bằng thư thường; văn bản đã ký số gửi "
        "kèm dạng .pdf.",
    ),
    "workbook_of_earlier_round": (
        "Tệp gửi kèm là biểu mẫu của đợt báo cáo trước; thư đã được chuyển tới chuyên viên theo dõi để đối "
        "chiếu.",
        "Trường hợp báo cáo cho đợt này, đề nghị Quý cơ quan điền vào đúng biểu mẫu của đợt này và gửi lại.",
    ),
    "token_with_image": (
        "Thư chỉ kèm tệp ảnh. Hệ thống không đọc số liệu từ ảnh chụp, ảnh quét; thư đã được chuyển tới "
        "chuyên viên theo dõi.",
        "Đề nghị Quý cơ quan gửi biểu số liệu theo mẫu (tệp .xlsx); văn bản đã ký gửi kèm dạng .pdf.",
    ),
}
WORDS = {
    "earlier_round": (
        "Tệp gửi là tệp của đợt báo cáo trước. Đề nghị điền vào đúng biểu mẫu của đợt này và gửi lại."
    ),
}


def listed(findings: list[Finding]) -> list[dict[str, str]]:
    """Place and sentence of each; the sentence does not repeat the place it stands beside."""
    rows = []
    for f in findings[:MAX_LISTED]:
        where = place(f) if f.cell or f.sheet else ""
        text = wording(f)
        if where and text.lower().startswith(f"{where.lower()}: "):
            text = text[len(where) + 2 :]
            text = text[:1].upper() + text[1:]
        elif where and where.lower() in text.lower():
            where = ""
        rows.append({"place": where[:1].upper() + where[1:], "text": text})
    if len(findings) > MAX_LISTED:
        rest = len(findings) - MAX_LISTED
        rows.append(
            {"place": "", "text": f"Còn {rest:02d} nội dung khác, xem các ô đã đánh dấu trong tệp gửi kèm."}
        )
    return rows


def size(count: int) -> str:
    """A number of bytes for people."""
    if count < 1024:
        return f"{count} byte"
    if count < 1024 * 1024:
        return f"{count / 1024:.0f} KB"
    return f"{count / 1024 / 1024:.1f} MB".replace(".", ",")
