"""The May round: who has planned which indicator, which of the seven components are there (plan l.105)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from config.plan import Certainty, Form, Indicator
from tasks.forms.columns import COMPONENTS
from tasks.rules.figures import USABLE
from tasks.rules.viet import one_line

from .digest import Digest
from .frames import rows_of
from .narrative import Block, dash, para, submission_blocks
from .quarterly import frame_fields, told
from .words import amount, listed, moment, number, tied, two

QUARTERS = {"target_q2": "quý II", "target_q3": "quý III", "target_q4": "quý IV"}
SHARED = ("resources", "mechanism")  # may be written once for all indicators of a plan


@dataclass(frozen=True)
class Planned:
    """One indicator's implementation plan as accepted. ``texts``: component → the unit's own words."""

    indicator: Indicator
    unit: str
    accepted: bool
    texts: dict[str, str]
    targets: dict[str, float]

    @property
    def missing(self) -> list[str]:
        """Components that the accepted plan lacks, in words."""
        return [words for key, words in COMPONENTS.items() if not self.texts.get(key)]

    @property
    def complete(self) -> bool:
        return self.accepted and not self.missing


def planned(d: Digest) -> list[Planned]:
    """One row per indicator and unit that leads it and owes the round."""
    texts = _texts(d)
    targets = _targets(d)
    accepted = d.data.reported.get(d.data.round.code, frozenset())
    found = []
    for code in d.data.audience.get(d.data.round.code, ()):
        unit = d.data.unit(code)
        if unit is None:
            continue
        for i in d.data.plan.indicators_for(unit, Form.KPI_PLAN, assumed=d.data.assumed):
            own = {k: v for (u, key, k), v in texts.items() if u == code and key == i.code}
            shared = {k: texts[code, "", k] for k in SHARED if (code, "", k) in texts}
            found.append(Planned(i, code, code in accepted, shared | own, targets.get((code, i.code), {})))
    order = {i.code: n for n, i in enumerate(d.data.plan.indicators)}
    return sorted(found, key=lambda p: order[p.indicator.code])


def _texts(d: Digest) -> dict[tuple[str, str, str], str]:
    """(unit, indicator, component) → words; several rows of one indicator are kept in order."""
    found: dict[tuple[str, str, str], list[str]] = {}
    for r in rows_of(d.data.narrative):
        found.setdefault((str(r.unit), str(r.key), str(r.section)), []).append(one_line(str(r.text)))
    return {k: "; ".join(dict.fromkeys(v)) for k, v in found.items()}


def _targets(d: Digest) -> dict[tuple[str, str], dict[str, float]]:
    found: dict[tuple[str, str], dict[str, float]] = {}
    figures = d.data.figures
    for r in rows_of(figures[figures["round"] == d.data.round.code]):
        usable = bool(r.decided) or r.flag in USABLE
        if r.field in QUARTERS and usable and r.value == r.value:
            found.setdefault((str(r.unit), str(r.indicator)), {})[str(r.field)] = float(r.value)
    return found


def context(d: Digest) -> dict[str, Any]:
    """Every field of ``bao-cao-kpi.docx``."""
    rows = planned(d)
    return frame_fields(d) | {
        "trich_yeu": tied(f"Tổng hợp kế hoạch thực hiện các chỉ tiêu năm {d.data.plan.policy.year} "
                          f"của các cơ quan, đơn vị"),
        "mo_dau": tied(
            f"Thực hiện Mục II.1 {d.data.plan.policy.title}, Sở Khoa học và Công nghệ (Cơ quan thường trực "
            "Ban Chỉ đạo) tổng hợp, báo cáo việc xây dựng kế hoạch thực hiện các chỉ tiêu như sau:"
        ),
        "muc_1": told(submission_blocks(d)),
        "muc_2": told(_content(d, rows)),
        "muc_3": told(_lacking(d, rows)),
        "muc_4": told(_proposals(d, rows)),
        "ket_thuc": "Trên đây là tổng hợp kế hoạch thực hiện các chỉ tiêu, Sở Khoa học và Công nghệ "
                    "kính báo cáo "
        "Trưởng Ban Chỉ đạo xem xét, chỉ đạo./.",
        "phu_luc_2": [_row(d, p, n) for n, p in enumerate(rows, 1)],
        "ghi_chu_2": _notes(d, rows),
    }  # fmt: skip


def _content(d: Digest, rows: list[Planned]) -> list[Block]:
    done = [p for p in rows if p.complete]
    partly = [p for p in rows if p.accepted and not p.complete]
    none = [p for p in rows if not p.accepted]
    if not rows:
        return [para("Chưa có chỉ tiêu nào được xác nhận đơn vị chủ trì để tổng hợp.")]
    blocks = [
        para(
            f"Trong {two(len(rows))} chỉ tiêu có đơn vị chủ trì, {two(len(done))} chỉ tiêu có kế "
            f"hoạch được tiếp nhận "
            f"với đủ {two(len(COMPONENTS))} nội dung theo yêu cầu, {two(len(partly))} chỉ tiêu có "
            f"kế hoạch còn thiếu nội dung, "
            f"{two(len(none))} chỉ tiêu chưa có kế hoạch được tiếp nhận (Phụ lục II)."
        )
    ]
    blocks += [dash(_sentence(d, p)) for p in rows if p.accepted]
    return blocks


def _sentence(d: Digest, p: Planned) -> str:
    steps = ", ".join(f"{QUARTERS[k]} {amount(v, p.indicator.uom)}" for k, v in sorted(p.targets.items()))
    lacks = f"; còn thiếu: {', '.join(p.missing)}" if p.missing else ""
    return (
        f"{p.indicator.code} ({d.data.unit_name(p.unit)} chủ trì): mục tiêu năm "
        f"{amount(p.indicator.target, p.indicator.uom)}; "
        f"chỉ tiêu trung gian: {steps or 'chưa có số liệu'}{lacks}."
    )


def _lacking(d: Digest, rows: list[Planned]) -> list[Block]:
    """What is missing and from whom."""
    blocks = []
    none = [f"{p.indicator.code} ({d.data.unit_name(p.unit)})" for p in rows if not p.accepted]
    if none:
        blocks.append(para(f"Chưa có kế hoạch được tiếp nhận: {listed(none, 20, what='chỉ tiêu')}."))
    for words in COMPONENTS.values():
        who = [
            f"{p.indicator.code} ({d.data.unit_name(p.unit)})"
            for p in rows
            if p.accepted and words in p.missing
        ]
        if who:
            blocks.append(dash(f"Thiếu {words}: {listed(who, 20, what='chỉ tiêu')};"))
    return blocks or [para("Các kế hoạch được tiếp nhận đều đủ nội dung theo yêu cầu.")]


def _proposals(d: Digest, rows: list[Planned]) -> list[Block]:
    units = list(dict.fromkeys(d.data.unit_name(p.unit) for p in rows if not p.complete))
    if not units:
        return [
            para(
                "Đề nghị Trưởng Ban Chỉ đạo cho phép tổ chức theo dõi, đánh giá theo các kế hoạch "
                "đã tiếp nhận."
            )
        ]
    return [
        para(
            f"Đề nghị Trưởng Ban Chỉ đạo chỉ đạo các đơn vị sau hoàn thiện kế hoạch thực hiện chỉ "
            f"tiêu: {listed(units, 20)}."
        )
    ]


def _row(d: Digest, p: Planned, n: int) -> dict[str, Any]:
    def words(key: str) -> str:
        return p.texts.get(key, "") if p.accepted else ""

    steps = [number(p.targets[k]) if k in p.targets else "-" for k in QUARTERS]
    return {
        "stt": n,
        "ma": p.indicator.code,
        "ten": p.indicator.name,
        "chu_tri": d.data.unit_name(p.unit),
        "muc_tieu": amount(p.indicator.target, p.indicator.uom),
        "trung_gian": " / ".join(steps) if p.accepted else "",
        "thoi_han": words("due"),
        "nguon_luc": words("resources"),
        "noi_dung": f"{len(COMPONENTS) - len(p.missing)}/{len(COMPONENTS)}" if p.accepted else "-",
        "con_thieu": ", ".join(p.missing) if p.accepted else "chưa có kế hoạch được tiếp nhận",
    }


def _notes(d: Digest, rows: list[Planned]) -> list[str]:
    notes = [
        f"Số liệu tính đến {moment(d.data.as_of)}. Chỉ tiêu trung gian ghi theo thứ tự quý II / III / IV."
    ]
    if any(p.indicator.lead_certainty is Certainty.ASSUMED for p in rows):
        notes.append(
            "Đơn vị chủ trì từng chỉ tiêu do Sở Khoa học và Công nghệ tạm xác định trong khi chờ "
            "Phụ lục I của Kế hoạch."
        )
    return notes
