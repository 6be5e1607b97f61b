"""Sections III-V of the quarterly report: shortcomings, next tasks, proposals."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from itertools import groupby

from tasks.rules.status import LATE

from .assignments import Progress
from .digest import Digest
from .indicators import Verdict
from .narrative import FOLD, Block, dash, head, para
from .opinions import NO_BODY, Merged, silent
from .submission import in_state
from .words import UNITS, day, listed, two

MOST = 8  # merged opinions told in the text; the rest stand in the annex


def shortcoming_blocks(d: Digest) -> list[Block]:
    late = in_state(d.data, *LATE)
    nothing = [p for p in d.provinces if p.verdict in (Verdict.NO_DATA, Verdict.THIN) and p.expected]
    own = [
        f"{two(len(late))} {UNITS} chưa thực hiện đầy đủ chế độ báo cáo" if len(late) else "",
        f"{two(len(nothing))} chỉ tiêu chưa có hoặc chưa đủ số liệu để đánh giá" if nothing else "",
        f"{two(len(d.overdue))} nhiệm vụ quá hạn chưa hoàn thành" if d.overdue else "",
    ]
    found = [x for x in own if x]
    text = (
        f"Qua tổng hợp: {'; '.join(found)}."
        if found
        else "Qua tổng hợp, chưa phát hiện đơn vị chậm báo cáo, nhiệm vụ quá hạn hoặc chỉ tiêu thiếu số liệu."
    )
    blocks = [head("1. Tồn tại, hạn chế trong thực hiện"), para(text)]
    blocks.append(head("2. Khó khăn, vướng mắc và nguyên nhân do các đơn vị nêu"))
    if not d.total.accepted:
        return [*blocks, para("Chưa có báo cáo nào được tiếp nhận.")]
    if not d.difficulties:
        return [*blocks, para("Các đơn vị có báo cáo được tiếp nhận không nêu khó khăn, vướng mắc.")]
    blocks += merged_blocks(d, d.difficulties, by_body=False)
    if quiet := silent(d.data):
        blocks.append(para(f"{two(quiet)} đơn vị có báo cáo được tiếp nhận không nêu khó khăn, vướng mắc."))
    return blocks


def merged_blocks(d: Digest, found: Sequence[Merged], *, by_body: bool) -> list[Block]:
    """Opinions under the area (or the body asked), the most shared first; the rest in the annex."""

    def key(m: Merged) -> str:
        return (m.body or NO_BODY) if by_body else m.area

    blocks: list[Block] = []
    for name, rows in groupby(sorted(found, key=key) if by_body else found, key):
        group = list(rows)
        blocks.append(para(f"{name}:"))
        blocks += [dash(_opinion(d, m)) for m in group[:MOST]]
        if len(group) > MOST:
            blocks.append(dash(f"{two(len(group) - MOST)} nội dung khác (Phụ lục IV)."))
    return blocks


def _opinion(d: Digest, m: Merged) -> str:
    names = [d.data.unit_name(u) for u in m.units]
    alike = f"{two(len(names))} đơn vị có ý kiến tương tự: " if len(names) > 1 else ""
    return f"{m.text.strip().rstrip('.;')} ({alike}{listed(names, 5, where='Phụ lục IV')})."


def next_blocks(d: Digest, following: tuple[str, date] | None) -> list[Block]:
    """What follows from the facts: overdue first, then what falls due, then what is not met."""
    blocks = []
    if late := in_state(d.data, *LATE)["name"].tolist():
        blocks.append(
            dash(f"Tiếp tục đôn đốc {two(len(late))} {UNITS} chưa gửi hoặc gửi chưa đầy đủ báo cáo;")
        )
    if d.overdue:
        blocks.append(dash(f"Tập trung hoàn thành {two(len(d.overdue))} nhiệm vụ đã quá hạn (Phụ lục III);"))
    blocks += _due_soon(d, following)
    for verdict, words in (
        (Verdict.NOT_MET, "Tiếp tục thực hiện các chỉ tiêu chưa đạt"),
        (Verdict.THIN, "Bổ sung tử số, mẫu số của các chỉ tiêu chưa đủ số liệu"),
        (Verdict.NO_DATA, "Cung cấp số liệu các chỉ tiêu chưa có số liệu"),
    ):
        codes = [p.indicator.code for p in d.provinces if p.verdict is verdict and p.expected]
        if codes:
            blocks.append(dash(f"{words}: {', '.join(codes)} (Phụ lục II);"))
    if following:
        title, limit = following
        blocks.append(dash(f"Gửi {title} về Sở Khoa học và Công nghệ trước ngày {day(limit)}."))
    return blocks or [para("Không còn báo cáo, nhiệm vụ, chỉ tiêu nào của đợt này phải tiếp tục theo dõi.")]


def _due_soon(d: Digest, following: tuple[str, date] | None) -> list[Block]:
    """Assignments under way that fall due before the next report's limit, by unit and date."""
    if not following:
        return []
    soon = [
        f"{d.data.unit_name(i.assignment.unit)} ({day(i.assignment.due)})"
        for i in sorted(d.items, key=lambda i: i.assignment.due or date.max)
        if i.state is Progress.GOING and i.assignment.due and i.assignment.due < following[1]
    ]
    if not soon:
        return []
    text = f"Hoàn thành {two(len(soon))} nhiệm vụ đến hạn trước ngày {day(following[1])} của: "
    return [dash(text + listed(soon, FOLD, what="nhiệm vụ") + ";")]


def proposal_blocks(d: Digest) -> list[Block]:
    blocks = [head("1. Đề xuất xử lý việc thực hiện chế độ báo cáo, tiến độ nhiệm vụ")]
    late = in_state(d.data, *LATE)
    if len(late):
        blocks.append(
            para(
                f"Đề nghị Trưởng Ban Chỉ đạo xem xét, chỉ đạo việc đôn đốc, chấn chỉnh đối với "
                f"{two(len(late))} {UNITS} "
                f"chưa thực hiện đầy đủ chế độ báo cáo: "
                f"{listed(late['name'].tolist(), FOLD, where='Phụ lục I')}."
            )
        )
    if d.overdue:
        names = list(dict.fromkeys(d.data.unit_name(i.assignment.unit) for i in d.overdue))
        blocks.append(
            para(
                f"Đề nghị chỉ đạo các đơn vị có nhiệm vụ quá hạn sớm hoàn thành: "
                f"{listed(names, FOLD, where='Phụ lục III')}."
            )
        )
    if len(blocks) == 1:
        blocks.append(para("Không có đơn vị quá hạn báo cáo hoặc nhiệm vụ quá hạn cần đề xuất xử lý."))
    blocks.append(head("2. Đề xuất, kiến nghị của các đơn vị"))
    if not d.total.accepted:
        return [*blocks, para("Chưa có báo cáo nào được tiếp nhận.")]
    if not d.proposals:
        return [*blocks, para("Các đơn vị có báo cáo được tiếp nhận không có đề xuất, kiến nghị.")]
    return blocks + merged_blocks(d, d.proposals, by_body=True)
