"""What changes for whom between two plans, in words for the operator.

Rounds are matched without the plan's own code, so ``2026-q3`` answers to ``2027-q3``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, time
from typing import Any

from pydantic import BaseModel

from config.plan import Form, Plan, Round, Unit
from config.plan_report import ROLE_NAMES


@dataclass(frozen=True)
class Change:
    """One change. ``old`` empty: it is new; ``new`` empty: it is gone."""

    topic: str  # a key of TOPICS
    subject: str
    old: str
    new: str

    def __str__(self) -> str:
        if not self.old:
            what = f"thêm mới: {self.new}"
        elif not self.new:
            what = f"không còn: {self.old}"
        else:
            what = f"{self.old} → {self.new}"
        return f"{TOPICS[self.topic]} · {self.subject} · {what}"


TOPICS = {
    "owes": "Nghĩa vụ báo cáo",
    "round": "Đợt báo cáo",
    "figures": "Số liệu phải báo cáo",
    "contact": "Đầu mối nhận thư",
    "unit": "Đơn vị",
    "member": "Thành viên Ban Chỉ đạo",
    "ladder": "Thang đôn đốc",
    "indicator": "Chỉ tiêu",
    "assignment": "Nhiệm vụ",
    "holiday": "Ngày nghỉ, làm bù",
    "policy": "Quy định chung",
}

LABELS = {
    "opens": "ngày mở", "limit": "thời hạn (trước ngày)", "limit_time": "giờ hết hạn",
    "period_from": "kỳ số liệu từ", "period_to": "kỳ số liệu đến", "reminders": "nhắc trước (ngày làm việc)",
    "cure_days": "số ngày sửa, bổ sung", "consolidates": "ngày tổng hợp", "form": "biểu mẫu",
    "audience": "diện báo cáo", "area": "lĩnh vực", "previous": "đợt lấy số liệu trước", "title": "tên",
    "clause": "căn cứ", "certainty": "độ chắc chắn", "content": "nội dung", "name": "tên",
    "letter_name": "tên trong thư", "group": "nhóm", "active": "đang dùng", "member": "thành viên phụ trách",
    "email": "địa chỉ thư", "role": "vai trò", "in_charge_of": "phụ trách", "unit": "đơn vị",
    "target": "mục tiêu", "uom": "đơn vị tính", "lead": "đơn vị chủ trì", "lead_certainty": "chủ trì",
    "reported_by": "đơn vị báo cáo", "wording": "nguyên văn", "numerator": "tử số", "denominator": "mẫu số",
    "due": "hạn hoàn thành", "product": "sản phẩm", "to": "gửi tới", "after": "từ ngày làm việc thứ",
    "approval": "cần duyệt", "draft_only": "chỉ dự thảo", "kind": "loại", "year": "năm",
    "receiver": "cơ quan nhận", "gap": "số ngày làm việc giữa hai thư", "number": "số văn bản",
    "register_reading": "phải đối chiếu sổ văn bản", "window_from": "gửi từ giờ", "window_to": "gửi đến giờ",
    "passes": "lượt gửi", "area_owner": "cơ quan phụ trách lĩnh vực", "issued_on": "ngày ban hành",
}  # fmt: skip


def diff_plans(old: Plan, new: Plan) -> list[Change]:
    """Changes from ``old`` to ``new``: who owes what first, then limits, contacts, ladder and the rest."""
    changes = _owes(old, new)
    changes += _figures(old, new)
    changes += _rows("round", _rounds(old), _rounds(new), skip=("code", "line", "units", "short", "title"))
    changes += _contacts(old, new)
    changes += _rows("ladder", _rungs(old), _rungs(new), skip=("number",))
    changes += _fields("ladder", "chung", old.policy.ladder, new.policy.ladder, skip=("rungs",))
    changes += _rows("unit", old.unit_by_code, new.unit_by_code, skip=("code", "source", "alt_names"))
    changes += _rows("member", old.member_by_code, new.member_by_code, skip=("code",))
    changes += _rows("indicator", old.indicator_by_code, new.indicator_by_code, skip=("code", "line", "note"))
    changes += _rows(
        "assignment", _by_code(old.assignments), _by_code(new.assignments), skip=("code", "line")
    )
    changes += _rows("holiday", _by_day(old), _by_day(new), skip=("date", "source"))
    changes += _fields("policy", "chung", old.policy.chasing, new.policy.chasing)
    return changes + _fields("policy", "chung", old.policy, new.policy, skip=("ladder", "chasing"))


def _owes(old: Plan, new: Plan) -> list[Change]:
    before, after = _rounds(old), _rounds(new)
    changes = []
    for key in [*before, *(k for k in after if k not in before)]:
        was = _audience(old, before.get(key))
        now = _audience(new, after.get(key))
        short = (after.get(key) or before[key]).short
        changes += [
            Change("owes", f"{c} {n}", "", f"phải gửi {short}") for c, n in now.items() if c not in was
        ]
        changes += [
            Change("owes", f"{c} {n}", f"phải gửi {short}", "") for c, n in was.items() if c not in now
        ]
    return changes


def _audience(plan: Plan, round_: Round | None) -> dict[str, str]:
    return {u.code: u.name for u, _ in plan.audience_of(round_, assumed=True)} if round_ else {}


def _figures(old: Plan, new: Plan) -> list[Change]:
    """Indicators that a unit would now report each quarter, or no longer."""
    changes = []
    for code in old.unit_by_code.keys() & new.unit_by_code.keys():
        unit = new.unit_by_code[code]
        was, now = _asked(old, old.unit_by_code[code]), _asked(new, unit)
        if was != now:
            changes.append(Change("figures", f"{code} {unit.name}", was or "không có", now or "không có"))
    return sorted(changes, key=lambda c: c.subject)


def _asked(plan: Plan, unit: Unit) -> str:
    if not unit.active:
        return ""
    return ", ".join(i.code for i in plan.indicators_for(unit, Form.QUARTERLY, assumed=True))


def _contacts(old: Plan, new: Plan) -> list[Change]:
    before, after = _addresses(old), _addresses(new)
    keys = [*before, *(k for k in after if k not in before)]
    return [
        Change("contact", key, before.get(key, ""), after.get(key, ""))
        for key in keys
        if before.get(key) != after.get(key)
    ]


def _addresses(plan: Plan) -> dict[str, str]:
    found: dict[str, list[str]] = {}
    for c in plan.contacts:
        if c.active:
            found.setdefault(f"{c.unit} {ROLE_NAMES[c.role]}", []).append(c.email.lower())
    return {k: ", ".join(sorted(v)) for k, v in found.items()}


def _rounds(plan: Plan) -> dict[str, Round]:
    return {r.code.removeprefix(f"{plan.code}-"): r for r in plan.rounds}


def _rungs(plan: Plan) -> dict[str, Any]:
    return {f"bậc {r.number}": r for r in plan.policy.ladder.rungs}


def _by_code(rows: Iterable[Any]) -> dict[str, Any]:
    return {r.code: r for r in rows}


def _by_day(plan: Plan) -> dict[str, Any]:
    return {f"{h.date:%d/%m/%Y}": h for h in plan.holidays}


def _rows(
    topic: str, before: Mapping[str, BaseModel], after: Mapping[str, BaseModel], *, skip: tuple[str, ...]
) -> list[Change]:
    changes = []
    for key in [*before, *(k for k in after if k not in before)]:
        was, now = before.get(key), after.get(key)
        if was is None or now is None:
            changes.append(Change(topic, key, _title(was), _title(now)))
        else:
            changes += _fields(topic, key, was, now, skip=skip)
    return changes


def _fields(
    topic: str, key: str, was: BaseModel, now: BaseModel, *, skip: tuple[str, ...] = ()
) -> list[Change]:
    return [
        Change(topic, f"{key}: {LABELS.get(name, name)}", show(a) or "(trống)", show(b) or "(trống)")
        for name in type(was).model_fields
        if name not in skip and (a := getattr(was, name)) != (b := getattr(now, name))
    ]


def _title(row: BaseModel | None) -> str:
    if row is None:
        return ""
    name = getattr(row, "name", "") or getattr(row, "title", "") or show(getattr(row, "to", ""))
    limit = getattr(row, "limit", None)
    return f"{name}, trước ngày {limit:%d/%m/%Y}" if limit else str(name)


def show(value: Any) -> str:
    """A value as the operator reads it: dates dd/mm/yyyy, có/không, lists with commas."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "có" if value else "không"
    if isinstance(value, date):
        return f"{value:%d/%m/%Y}"
    if isinstance(value, time):
        return f"{value:%H:%M}"
    if isinstance(value, dict):
        return ", ".join(f"{k}: {show(v)}" for k, v in value.items())
    if isinstance(value, tuple):
        return ", ".join(show(v) for v in value)
    return f"{value:g}".replace(".", ",") if isinstance(value, float) else str(value)
