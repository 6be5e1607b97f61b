"""Ad hoc and sector rounds: who reported, and what, in their own words."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from .digest import Digest
from .follow_up import merged_blocks
from .frames import rows_of
from .narrative import Block, dash, head, para, submission_blocks
from .opinions import says_something
from .quarterly import frame_fields, told
from .words import clause, tied


def context(d: Digest) -> dict[str, Any]:
    """Every field of ``bao-cao-chung.docx``."""
    r = d.data.round
    return frame_fields(d) | {
        "trich_yeu": tied(f"Tổng hợp {r.title}"),
        "mo_dau": tied(
            f"Căn cứ {clause(r.clause)} {d.data.plan.policy.title}, Sở Khoa học và Công nghệ (Cơ "
            f"quan thường trực "
            f"Ban Chỉ đạo) tổng hợp {r.title} như sau:"
        ),
        "muc_1": told(submission_blocks(d)),
        "muc_2": told(_contents(d)),
        "muc_3": told(_difficulties(d)),
        "ket_thuc": f"Trên đây là tổng hợp {r.title}, Sở Khoa học và Công nghệ kính báo cáo Trưởng "
                    f"Ban Chỉ đạo "
        "xem xét, chỉ đạo./.",
    }  # fmt: skip


def _contents(d: Digest) -> list[Block]:
    rows = d.data.narrative[d.data.narrative["section"] == "content"]
    told_ = [r for r in rows_of(rows) if says_something(str(r.text))]
    blocks = [para(f"Nội dung yêu cầu báo cáo: {d.data.round.content}")] if d.data.round.content else []
    for unit, group in groupby(told_, key=lambda r: str(r.unit)):
        blocks.append(head(d.data.unit_name(unit)))
        blocks += [dash(str(r.text)) for r in group]
    return blocks if told_ else [*blocks, para("Chưa có nội dung báo cáo được tiếp nhận.")]


def _difficulties(d: Digest) -> list[Block]:
    blocks = merged_blocks(d, d.difficulties, by_body=False) if d.difficulties else []
    if d.proposals:
        blocks += [para("Đề xuất, kiến nghị:"), *merged_blocks(d, d.proposals, by_body=True)]
    return blocks or [para("Các báo cáo được tiếp nhận không nêu khó khăn, vướng mắc, kiến nghị.")]
