"""Parts that reports and letters share: masthead, title, sections, signature, annex."""

from __future__ import annotations

from typing import Any

import nd30
from docx.enum.text import WD_ALIGN_PARAGRAPH as ALIGN

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


def signature(doc: Any, receivers: list[str], signer: list[str], *, office: str = "") -> None:
    """Ô 7 and 9, kept together on one page; ``office`` of a committee's signer stands under the signature."""
    nd30.text(doc, "", size=6, keep=True)
    left, right = nd30.layout(doc, 75, 90)
    nd30.text(left, "Nơi nhận:", size=12, bold=True, italic=True, keep=True)
    for line in receivers:
        nd30.text(left, line, style="VB Nơi nhận", keep=True)
    for line in signer:
        nd30.text(right, line, bold=True, align=ALIGN.CENTER, keep=True)
    for _ in range(4):
        nd30.text(right, "", align=ALIGN.CENTER, keep=True)
    if office:
        nd30.text(right, office, bold=True, align=ALIGN.CENTER, keep=True)
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
