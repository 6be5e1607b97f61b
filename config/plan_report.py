"""What a person still has to confirm or complete in a plan; ``dondoc doctor`` prints it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

from config.plan import Certainty, Plan, Role, RungTo, Unit

ROLE_NAMES = {
    Role.CLERK: "văn thư",
    Role.LIAISON: "đầu mối",
    Role.HEAD: "thủ trưởng",
    Role.DEPUTY: "cấp phó",
    Role.LEADER: "lãnh đạo cơ quan thường trực",
    Role.OPERATOR: "chuyên viên theo dõi",
}


@dataclass(frozen=True)
class Assumed:
    """One assumption: where it stands, which row and field, and what it says (Vietnamese)."""

    file: str
    code: str
    field: str
    text: str

    def __str__(self) -> str:
        return f"{self.file} · {self.code} · {self.field}: {self.text}"


@dataclass(frozen=True)
class MissingContact:
    """A role that a rung or an answer needs and the unit lacks: holds that rung of that unit only."""

    unit: str
    role: str
    text: str


def assumed_rows(plan: Plan) -> list[Assumed]:
    """Every assumption of the plan. To confirm one, set its certainty to ``confirmed``."""
    return [
        *_rounds(plan),
        *_units(plan),
        *_members(plan),
        *_indicators(plan),
        *_assignments(plan),
        *_holidays(plan),
    ]


def _rounds(plan: Plan) -> Iterator[Assumed]:
    for r in plan.rounds:
        if r.certainty is Certainty.ASSUMED:
            text = f"{r.short}: thời hạn {r.limit:%d/%m/%Y} là giả định, kế hoạch không nêu ngày"
            yield Assumed("plan.toml", r.code, "certainty", text)


def _units(plan: Plan) -> Iterator[Assumed]:
    for u in plan.units:
        if u.active and u.certainty is Certainty.ASSUMED:
            yield Assumed("units.csv", u.code, "certainty", f"{u.name}: thuộc diện báo cáo là giả định")
    charged = Counter(
        u.member for u in plan.units if u.active and u.member and u.member_certainty is Certainty.ASSUMED
    )
    for member, count in charged.items():
        text = f"phân công phụ trách {count} đơn vị là giả định"
        yield Assumed("units.csv", str(member), "member", text)


def _members(plan: Plan) -> Iterator[Assumed]:
    for m in plan.members:
        if m.certainty is Certainty.ASSUMED:
            who = m.name or "chưa có họ tên"
            yield Assumed("members.csv", m.code, "certainty", f"{m.title} ({who}) là giả định")


def _indicators(plan: Plan) -> Iterator[Assumed]:
    for i in plan.reportable:
        if i.lead and i.lead_certainty is Certainty.ASSUMED:
            text = f"đơn vị chủ trì {i.lead} là giả định (Phụ lục I không có trong bản kế hoạch đã nhận)"
            yield Assumed("indicators.csv", i.code, "lead", text)
        elif not i.lead:
            yield Assumed("indicators.csv", i.code, "lead", "chưa có đơn vị chủ trì")
        if i.reported_by and i.reported_certainty is Certainty.ASSUMED:
            text = f"đơn vị báo cáo hằng quý ({', '.join(i.reported_by)}) là giả định"
            yield Assumed("indicators.csv", i.code, "reported_by", text)


def _assignments(plan: Plan) -> Iterator[Assumed]:
    for a in plan.assignments:
        if a.certainty is Certainty.ASSUMED:
            due = f"hạn {a.due:%d/%m/%Y}" if a.due else "không nêu hạn"
            yield Assumed("assignments.csv", a.code, "certainty", f"giao {a.unit}, {due}: là giả định")


def _holidays(plan: Plan) -> Iterator[Assumed]:
    for h in plan.holidays:
        if h.certainty is Certainty.ASSUMED:
            kind = "ngày nghỉ" if h.kind == "off" else "ngày làm bù"
            yield Assumed("holidays.csv", h.date.isoformat(), "certainty", f"{h.name}: {kind} chờ xác nhận")


def missing_contacts(plan: Plan) -> list[MissingContact]:
    """Active units without an address that a rung of the ladder needs (ruling 13), clerks first."""
    rungs = {r.to for r in plan.policy.ladder.rungs if not r.draft_only}
    found = [
        MissingContact(u.code, role, f"{u.name}: thiếu {ROLE_NAMES[role]}")
        for role, stand_in in ((Role.CLERK, Role.CLERK), (Role.HEAD, Role.DEPUTY))
        if role is Role.CLERK or RungTo.HEAD in rungs
        for u in _active(plan)
        if not plan.contacts_of(u.code, role, stand_in)
    ]
    if RungTo.MEMBER in rungs:
        used = {u.member for u in _active(plan)}
        found += [
            MissingContact(m.code, "member", f"{m.title}: thiếu địa chỉ thư của Thành viên phụ trách")
            for m in plan.members
            if m.code in used and not m.email
        ]
    for role in (Role.OPERATOR, Role.LEADER):
        if not plan.contacts_of(plan.policy.receiver, role):
            text = f"Cơ quan thường trực thiếu {ROLE_NAMES[role]}"
            found.append(MissingContact(plan.policy.receiver, role, text))
    return found


def _active(plan: Plan) -> list[Unit]:
    return [u for u in plan.units if u.active]
