"""The fields of the quarterly report's template (docs/report-template.md), from the digest."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from itertools import count, groupby, pairwise
from typing import Any

from config.plan import Form, Group, Plan, Round
from tasks.rules.status import LATE, State

from .assignments import Item
from .digest import Digest
from .follow_up import next_blocks, proposal_blocks, shortcoming_blocks
from .frames import rows_of
from .indicators import VERDICTS, Province
from .narrative import DASH, Block, submission_blocks
from .opinions import Matter
from .results import assignment_blocks, field_blocks, indicator_blocks
from .submission import Tally
from .words import GROUPS, before, day, moment, number, share, stamp, tied

MOST_ROWS = 400  # longer tables stay in the workbook: a document is for reading
FULL_LIST = "Danh sách đầy đủ trong tệp số liệu (.xlsx) kèm theo."


def context(d: Digest) -> dict[str, Any]:
    """Every field of ``bao-cao-quy.docx`` except the charts."""
    plan, round_ = d.data.plan, d.data.round
    following = next_round(plan, round_)
    return frame_fields(d) | {
        "trich_yeu": tied(f"Tình hình, kết quả thực hiện {plan_name(plan)} {_period(round_)}"),
        "mo_dau": tied(_opening(d)),
        "muc_1": told(submission_blocks(d)),
        "muc_2_chi_tieu": told(indicator_blocks(d)),
        "muc_2_nhiem_vu": told(assignment_blocks(d)),
        "muc_2_linh_vuc": told(field_blocks(d)),
        "muc_3": told(shortcoming_blocks(d)),
        "muc_4": told(next_blocks(d, following)),
        "muc_5": told(proposal_blocks(d)),
        "ky_toi": _next_period(following),
        "ket_thuc": (
            f"Trên đây là {_period(round_, 'báo cáo')}, Sở Khoa học và Công nghệ kính báo cáo "
            "Trưởng Ban Chỉ đạo xem xét, chỉ đạo./."
        ),
        "phu_luc_2": _indicator_rows(d),
        "ghi_chu_2": _indicator_notes(d),
        "phu_luc_3": _assignment_rows(d),
        "ghi_chu_3": _assignment_notes(d),
        "phu_luc_4": _opinion_rows(d),
        "ghi_chu_4": [] if d.opinions else ["Không có khó khăn, kiến nghị trong các báo cáo được tiếp nhận."],
    }


def frame_fields(d: Digest) -> dict[str, Any]:
    """Fields that every consolidated report has: addressee, date blanks, Phụ lục I."""
    return {
        "nam": d.data.plan.policy.year,
        "kinh_gui": "Trưởng Ban Chỉ đạo của Ủy ban nhân dân tỉnh",
        "nguoi_ky": "",
        "so_lieu_tinh_den": moment(d.data.as_of),
        "tong_hop_gui": [_tally_row(t) for t in [*d.groups, d.total]],
        "phu_luc_1": submission_rows(d),
        "ghi_chu_1": _submission_notes(d),
        "bieu_do_gui": "",
        "bieu_do_chi_tieu": "",
        "bieu_do_xu_huong": "",
    }


def told(blocks: Iterable[Block]) -> list[dict[str, str]]:
    """Blocks as the template reads them; the last dash of a list ends with a full stop."""
    found = [{"kieu": b.kind, "noi_dung": b.text} for b in blocks]
    for one, after in pairwise([*found, {"kieu": ""}]):
        if one["kieu"] == DASH and after["kieu"] != DASH:
            one["noi_dung"] = one["noi_dung"].rstrip(" ;").rstrip(".") + "."
    return found


def plan_name(plan: Plan) -> str:
    """ "Kế hoạch số 12/KH-BCĐ ngày 06/5/2026 …", or its title while it has no number."""
    p = plan.policy
    if p.number and p.issued_on:
        return f"Kế hoạch số {p.number}{p.number_suffix} ngày {day(p.issued_on)} của {p.issuer}"
    return p.title


def _period(round_: Round, kind: str = "") -> str:
    """ "báo cáo quý III năm 2026" → "quý III năm 2026"."""
    bare = round_.title.removeprefix("báo cáo ")
    return f"{kind} {bare}".strip()


def _opening(d: Digest) -> str:
    r = d.data.round
    period = ""
    if r.period_from and r.period_to:
        period = f" (số liệu từ ngày {day(r.period_from)} đến ngày {day(r.period_to)})"
    return (
        f"Thực hiện nhiệm vụ được giao tại {plan_name(d.data.plan)}, Sở Khoa học và Công nghệ "
        f"(Cơ quan thường trực Ban Chỉ đạo) tổng hợp, báo cáo tình hình, kết quả thực hiện "
        f"{_period(r)}{period} như sau:"
    )


def next_round(plan: Plan, round_: Round) -> tuple[str, date] | None:
    """Title and limit of the report that follows."""
    later = [r for r in plan.rounds if r.previous == round_.code and r.form is Form.QUARTERLY]
    return (later[0].title, later[0].limit) if later else None


def _next_period(following: tuple[str, date] | None) -> str:
    return following[0].removeprefix("báo cáo ") if following else "thời gian tới"


def _tally_row(t: Tally) -> dict[str, Any]:
    return {
        "nhom": t.name,
        "phai_gui": t.total,
        "da_gui": t.sent,
        "dung_han": t.on_time,
        "qua_han": t.late,
        "dang_kiem_tra": t.checking,
        "chua_du": t.returned + t.incomplete,
        "chua_gui": t.missing,
        "ty_le": share(t.sent, t.total) or "-",
    }


def submission_rows(d: Digest) -> list[dict[str, Any]]:
    """Groups with their units; of very many units only those that have not finished."""
    rows = d.data.submission
    if len(rows) > MOST_ROWS:
        done = [State.DONE_ON_TIME.value, State.DONE_LATE.value]
        rows = rows[~rows["state"].isin(done)].head(MOST_ROWS)
    order = {g.value: n for n, g in enumerate(Group)}
    listed = sorted(rows_of(rows), key=lambda r: order[str(r.group)])
    numbers = count(1)
    return [
        {"ten": GROUPS[Group(name)], "dong": [_unit_row(r, next(numbers)) for r in group]}
        for name, group in groupby(listed, key=lambda r: str(r.group))
    ]


def _unit_row(r: Any, n: int) -> dict[str, Any]:
    late = r.state in [s.value for s in LATE] or r.state == State.DONE_LATE.value
    return {
        "stt": n,
        "ten": r.name,
        "tinh_trang": r.label,
        "nhan_luc": stamp(r.arrived_at) if r.arrived_at else "",
        "qua_han": r.days_late if late else "",
        "don_doc": len(r.urged) or "",
        "ghi_chu": f"Gia hạn {before(r.limit)}" if r.extended else "",
    }


def _submission_notes(d: Digest) -> list[str]:
    notes = [f"Số liệu tính đến {moment(d.data.as_of)}."]
    notes += [f"Miễn báo cáo: {d.data.unit_name(r.unit)} ({r.reason})." for r in rows_of(d.data.exemptions)]
    notes += [
        f"Gia hạn: {d.data.unit_name(r.unit)}, {before(r.until)} ({r.reason})."
        for r in rows_of(d.data.extensions)
    ]
    return [*notes, FULL_LIST] if len(d.data.submission) > MOST_ROWS else notes


def _indicator_rows(d: Digest) -> list[dict[str, Any]]:
    numbers = count(1)
    return [
        {"ten": name, "dong": [_indicator_row(p, next(numbers)) for p in group]}
        for name, group in groupby(d.provinces, key=lambda p: p.indicator.area_name)
    ]


def _indicator_row(p: Province, n: int) -> dict[str, Any]:
    earlier = p.trend[-2] if len(p.trend) > 1 else None
    return {
        "stt": n,
        "ma": p.indicator.code,
        "ten": p.indicator.name,
        "muc_tieu": p.target_text,
        "tu_so": "" if p.numerator is None else number(p.numerator),
        "mau_so": "" if p.denominator is None else number(p.denominator),
        "ket_qua": p.value_text,
        "co_so_lieu": f"{p.gave}/{p.relevant}",
        "ky_truoc": number(earlier.value) if earlier and earlier.value is not None else "-",
        "danh_gia": VERDICTS[p.verdict],
    }


def _indicator_notes(d: Digest) -> list[str]:
    notes = [
        f"Số liệu tính đến {moment(d.data.as_of)}. Kết quả toàn tỉnh = tổng tử số : tổng mẫu số của "
        f"các đơn vị "
        "có đủ tử số, mẫu số; chỉ tiêu do một đơn vị báo cáo thì lấy số của đơn vị đó; không lấy "
        "bình quân các tỷ lệ. "
        "Chỉ tiêu có số liệu của dưới một nửa số đơn vị thì chưa đánh giá."
    ]
    if any(p.assumed for p in d.provinces):
        notes.append(
            "Đơn vị báo cáo từng chỉ tiêu do Sở Khoa học và Công nghệ tạm xác định trong khi chờ "
            "Phụ lục I của Kế hoạch."
        )
    return notes


def _assignment_rows(d: Digest) -> list[dict[str, Any]]:
    return [
        {
            "stt": n,
            "ten": i.assignment.title,
            "van_ban": i.assignment.document,
            "don_vi": d.data.unit_name(i.assignment.unit),
            "thoi_han": day(i.assignment.due) if i.assignment.due else "",
            "qua_han": i.days,
            "ket_qua": _said(i),
        }
        for n, i in enumerate(d.overdue[:MOST_ROWS], 1)
    ]


def _said(item: Item) -> str:
    if not item.reported:
        return "Chưa có báo cáo của đơn vị"
    return "; ".join(t.strip() for t in (item.result, item.difficulty) if t.strip()) or "Không ghi nội dung"


def _assignment_notes(d: Digest) -> list[str]:
    notes = [] if d.overdue else ["Không có nhiệm vụ quá hạn chưa hoàn thành."]
    if any(i.assumed for i in d.items):
        notes.append(
            "Danh mục nhiệm vụ và thời hạn do Sở Khoa học và Công nghệ tạm xác định trong khi chờ "
            "Phụ lục II của Kế hoạch."
        )
    return [*notes, FULL_LIST] if len(d.overdue) > MOST_ROWS else notes


def _opinion_rows(d: Digest) -> list[dict[str, Any]]:
    words = {Matter.DIFFICULTY: "Khó khăn, vướng mắc", Matter.PROPOSAL: "Đề xuất, kiến nghị"}
    return [
        {
            "stt": n,
            "don_vi": d.data.unit_name(o.unit),
            "loai": words[o.matter],
            "noi_dung": o.text + (f"\nLý do: {o.reason}" if o.reason.strip() else ""),
            "co_quan": o.body,
            "linh_vuc": o.area,
        }
        for n, o in enumerate(d.opinions[:MOST_ROWS], 1)
    ]
