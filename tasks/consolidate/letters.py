"""Letters as .docx drafts for a leader to sign; number and date stay blank, nothing is mailed.

The Department's letter says *đề nghị*; *phê bình* and *yêu cầu* stand only in the draft for
the committee's signature (wording.md §1, §3, §4).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time
from pathlib import Path
from typing import Any

from config.plan import ZONE, Group
from db.session import reading
from tasks.chase.owner import owner_of
from tasks.office import Office
from tasks.rules.status import State
from tasks.rules.working_days import Calendar, local_day

from .digest import Digest
from .document import TEMPLATES, render
from .frames import rows_of
from .gather import gather, judge
from .quarterly import plan_name
from .report import name
from .submission import in_state
from .words import before, clause, day, moment, tied, two

REPLY_DAYS = 3  # working days the letter leaves for an answer
FOLLOW_DAYS = 5  # … and the Department to report on it
FAULTS = 2  # faults of a returned version that the annex names
RECEIVER = "Sở Khoa học và Công nghệ"  # receives and consolidates every report, whoever urges (plan l.105)
WHOLE = {
    State.OVERDUE: "Chưa gửi báo cáo",
    State.INCOMPLETE: "Gửi chưa đầy đủ, chưa bổ sung",
    State.RETURNED: "Gửi chưa đầy đủ, đang trong thời gian bổ sung",
}


@dataclass(frozen=True)
class LateUnit:
    """One row of the annex: unit, what is missing, limit, days late, urgings so far."""

    unit: str
    name: str
    letter_name: str
    group: str
    state: State
    missing: str
    limit: str
    days: int
    urgings: str
    note: str = ""


def late_units(d: Digest, *states: State) -> list[LateUnit]:
    """Units in ``states`` (default: overdue or incomplete), with what has been done so far."""
    table = in_state(d.data, *(states or (State.OVERDUE, State.INCOMPLETE)))
    return [_late_unit(d, r) for r in rows_of(table)]


def _late_unit(d: Digest, r: Any) -> LateUnit:
    return LateUnit(
        unit=r.unit,
        name=r.name,
        letter_name=r.letter_name,
        group=r.group,
        state=State(r.state),
        missing=_missing(State(r.state), d.data.faults.get(r.unit, ())),
        limit=before(r.limit),
        days=r.days_late,
        urgings=_urgings(r.urged),
        note=f"Hứa gửi {before(r.promised)}" if r.promised else "",
    )


def _missing(state: State, faults: Sequence[str]) -> str:
    """What is missing, with the first faults of the version that was returned."""
    shown = [f.rstrip(".") for f in faults[:FAULTS]]
    if len(faults) > FAULTS:
        shown.append(f"và {two(len(faults) - FAULTS)} nội dung khác đã nêu trong thư trả lại")
    return WHOLE[state] + (": " + "; ".join(shown) if shown else "")


def _urgings(sent: Sequence[datetime]) -> str:
    if not sent:
        return "Chưa có thư được gửi thành công"
    return f"{two(len(sent))} lần: " + "; ".join(day(at) for at in sent)


def round_digest(office: Office, round_code: str, now: datetime) -> Digest:
    with reading(office.engine) as session:
        facts, statuses = judge(session, office.plan, round_code, now, rehearsal=office.rehearsal)
        return Digest(
            gather(session, office.plan, round_code, now, statuses, facts=facts, assumed=office.assumed)
        )


def urging_letter(
    office: Office, round_code: str, now: datetime, rows: Sequence[str] | None, folder: Path
) -> Path:
    """Công văn đôn đốc of the Department; ``rows``: unit codes to name, None for all that are late.

    Raises ``ValueError`` where none is.
    """
    d = round_digest(office, round_code, now)
    late = _chosen(late_units(d, State.OVERDUE, State.INCOMPLETE, State.RETURNED), rows)
    if not late:
        raise ValueError(f"đợt {round_code}: không có đơn vị nào để lập công văn đôn đốc")
    t = d.total
    incomplete = sum(r.state is not State.OVERDUE for r in late)
    context = _common(office, d, late, now) | {
        "tieu_de": tied(f"V/v đôn đốc gửi {d.data.round.title} thực hiện {_short_plan(d)}"),
        "can_cu": tied(_basis(d)),
        "tinh_hinh": tied(
            f"Tính đến {moment(now)}, {RECEIVER} đã nhận được báo cáo của "
            f"{two(t.sent)}/{two(t.total)} "
            f"cơ quan, đơn vị, địa phương; còn {two(len(late) - incomplete)} cơ quan, đơn vị, địa "
            f"phương chưa gửi báo cáo{_unfinished(incomplete)} (Phụ lục kèm theo)."
        ),
        "co_chua_du": bool(incomplete),
    }
    return _write(folder, "CvDonDoc", round_code, "cong-van-don-doc.docx", context, now)


def correction_letter(
    office: Office, round_code: str, now: datetime, rows: Sequence[str] | None, folder: Path
) -> Path:
    """Draft công văn chấn chỉnh, phê bình for the committee's signature.

    Names only units whose limit and cure period are over; raises ``ValueError`` if none is left.
    """
    d = round_digest(office, round_code, now)
    late = _chosen(late_units(d), rows)
    if not late:
        raise ValueError(f"đợt {round_code}: không có đơn vị nào quá hạn để lập công văn chấn chỉnh")
    calendar = Calendar.of(office.plan.holidays)
    owner = owner_of(office.plan, d.data.round, [r.unit for r in late])
    urged = all(not r.urgings.startswith("Chưa") for r in late)
    context = _common(office, d, late, now) | {
        "tieu_de": tied(
            f"V/v chấn chỉnh việc thực hiện chế độ báo cáo và tiến độ thực hiện nhiệm vụ năm "
            f"{office.plan.policy.year}"
        ),
        "tinh_hinh": tied(
            f"Thời gian qua, đa số các sở, ban, ngành, địa phương đã thực hiện nghiêm túc "
            f"{plan_name(office.plan)}. "
            f"Tuy nhiên, theo báo cáo của {owner.name}, tính đến {moment(now)} còn "
            f"{two(len(late))} cơ quan, "
            f"đơn vị, địa phương chưa gửi hoặc gửi chưa đầy đủ {d.data.round.title}"
            f"{', mặc dù đã được đôn đốc' if urged else ''} (Phụ lục kèm theo), ảnh hưởng đến công "
            f"tác chỉ đạo, điều hành chung."
        ),
        "ngay_bao_cao": day(calendar.after(local_day(now), REPLY_DAYS + FOLLOW_DAYS)),
    }
    return _write(folder, "CvChanChinh", round_code, "cong-van-chan-chinh.docx", context, now)


def _unfinished(number: int) -> str:
    if not number:
        return ""
    return f", {two(number)} cơ quan, đơn vị, địa phương gửi báo cáo chưa đầy đủ theo yêu cầu"


def _chosen(late: list[LateUnit], codes: Sequence[str] | None) -> list[LateUnit]:
    return late if codes is None else [r for r in late if r.unit in set(codes)]


def _common(office: Office, d: Digest, late: Sequence[LateUnit], now: datetime) -> dict[str, Any]:
    reply = Calendar.of(office.plan.holidays).after(local_day(now), REPLY_DAYS)
    return _issuer(office, d, late) | {
        "nam": office.plan.policy.year,
        "nguoi_ky": "",
        "kinh_gui": addressees(late),
        "han_gui": f"17 giờ 00 ngày {day(reply)}",
        "ngay_han": day(datetime.combine(reply, time(17), ZONE)),
        "phu_luc": [_row(n, r) for n, r in enumerate(late, 1)],
        "so_lieu_tinh_den": moment(now),
        "ten_dot": d.data.round.title,
        "can_cu_ke_hoach": clause(d.data.round.clause),
    }


def _issuer(office: Office, d: Digest, late: Sequence[LateUnit]) -> dict[str, Any]:
    """Whose letter it is (ruling 13). Symbol and archive of another office are its own to fill in."""
    owner = owner_of(office.plan, d.data.round, [r.unit for r in late])
    department = owner.code == office.plan.policy.receiver
    province = f"UBND TỈNH {office.plan.policy.place.upper()}"
    return {
        "cap_tren": "BỘ CÔNG AN" if owner.name.startswith("Công an ") else province,
        "co_quan": owner.name,
        "noi_nhan_bao_cao": RECEIVER,
        "ky_hieu": "SKHCN-CĐS" if department else "…",
        "noi_nhan": ["- Lãnh đạo Sở;", "- Lưu: VT, CĐS."]
        if department
        else [f"- {RECEIVER};", "- Lãnh đạo cơ quan;", "- Lưu: VT."],
    }


def addressees(late: Sequence[LateUnit]) -> list[str]:
    """ "- Sở Y tế;" each on its own line; many of one kind as one line that points to the annex."""
    lines = []
    for group, words in (
        (Group.DEPARTMENT, "Các sở, ban, ngành (danh sách tại Phụ lục)"),
        (Group.COMMUNE, "UBND các xã (danh sách tại Phụ lục)"),
        (Group.WARD, "UBND các phường (danh sách tại Phụ lục)"),
        (Group.VERTICAL, "Các cơ quan ngành dọc (danh sách tại Phụ lục)"),
        (Group.OTHER, "Các đơn vị khác (danh sách tại Phụ lục)"),
    ):
        names = [r.letter_name for r in late if r.group == group.value]
        lines += names if len(names) <= 3 else [words]
    return [f"- {line}{'.' if n == len(lines) else ';'}" for n, line in enumerate(lines, 1)]


def _row(n: int, r: LateUnit) -> dict[str, Any]:
    return {
        "stt": n,
        "ten": r.name,
        "noi_dung": r.missing,
        "thoi_han": r.limit,
        "qua_han": r.days or "",
        "don_doc": r.urgings,
        "ghi_chu": r.note,
    }


def _basis(d: Digest) -> str:
    return (
        f"Thực hiện {plan_name(d.data.plan)}, theo {clause(d.data.round.clause)}, các cơ quan, đơn "
        f"vị, địa phương có trách nhiệm "
        f"gửi {d.data.round.title} về {RECEIVER} {before(d.data.round.limit_at)} để tổng hợp, "
        f"báo cáo Ban Chỉ đạo."
    )


def _short_plan(d: Digest) -> str:
    p = d.data.plan.policy
    return (
        f"Kế hoạch số {p.number}{p.number_suffix}"
        if p.number
        else f"Kế hoạch hoạt động năm {p.year} của Ban Chỉ đạo"
    )


def _write(
    folder: Path, kind: str, round_code: str, template: str, context: dict[str, Any], now: datetime
) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name(kind, round_code, "docx")
    path.write_bytes(render(TEMPLATES / template, context, now))
    return path
