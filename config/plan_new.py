"""Next year's plan folder out of this year's: dates shifted, and a list of what must be decided.

What another year's plan cannot tell (clauses, holidays) is left out, so the folder does not
validate until it is filled in; what is only likely (dates, targets, people) is carried over,
marked ``assumed`` and listed.
"""

from __future__ import annotations

import re
import shutil
import tomllib
from datetime import date, timedelta
from pathlib import Path

from config.plan import DayKind, Plan
from config.plan_excel import csv_text
from config.plan_faults import Fault, PlanError, fields_of
from config.plan_files import check_plan, load_plan, read_folder
from config.plan_parse import TABLES, TOML
from config.plan_read import RawRow, key_lines, read_toml

CARRIED_OVER = {  # columns that are only an assumption in another year
    "units": ("member_certainty",),
    "members": ("certainty",),
    "indicators": ("lead_certainty", "reported_certainty"),
}
LAST_YEAR = 2100  # beyond lies a slip of the hand


def new_plan(source: Path, year: int, out: Path) -> list[Fault]:
    """Write ``out`` for ``year`` and return every decision that is open, in file and line order.

    Raises ``PlanError`` where ``source`` is faulty, ``year`` is not later, or ``out`` is not empty.
    """
    plan = load_plan(source)
    _refuse(plan, year, out)
    out.mkdir(parents=True, exist_ok=True)
    _write_tables(source, year, out)
    text = (source / TOML).read_text(encoding="utf-8-sig")
    text = _carry_over(_shift_years(text, plan.policy.year, year), plan)
    (out / TOML).write_text(text, encoding="utf-8")
    behind = check_plan(out)  # before a blank clause hides its round from the checks between rows
    (out / TOML).write_text(_blank_clauses(text), encoding="utf-8")
    return sorted({*behind, *check_plan(out), *_open_questions(plan, year, out)})


def _refuse(plan: Plan, year: int, out: Path) -> None:
    if year <= plan.policy.year:
        raise PlanError([Fault(TOML, 0, "year", str(year), f"Năm mới phải sau năm {plan.policy.year}.")])
    if year > LAST_YEAR:
        raise PlanError([Fault(TOML, 0, "year", str(year), f"Năm mới phải trước năm {LAST_YEAR + 1}.")])
    if out.exists() and any(out.iterdir()):
        raise PlanError([Fault(out.name, 0, "", "", "Thư mục này đã có tệp; hãy chọn thư mục trống.")])


def _shift_years(text: str, old: int, new: int) -> str:
    """Move every date by the years between, and every bare mention of the old year."""

    def moved(found: re.Match[str]) -> str:
        if not found[1]:
            return str(new)
        day = date.fromisoformat(found[0])
        return _same_day(day, day.year + new - old).isoformat()

    return re.sub(rf"\b(\d{{4}})-\d\d-\d\d\b|(?<!\d){old}(?!\d)", moved, text)


def _same_day(day: date, year: int) -> date:
    return day.replace(year=year) if (day.month, day.day) != (2, 29) else date(year, 2, 28)


def _carry_over(text: str, plan: Plan) -> str:
    """Every round an assumption; openings and consolidations moved on to working days."""
    off = {h.date for h in plan.holidays if h.kind is DayKind.OFF}
    work = {h.date for h in plan.holidays if h.kind is DayKind.WORK}
    lines, places = text.split("\n"), key_lines(text)
    _set(lines, places.get(("plan", "number")), '""')
    _comment_out(lines, places.get(("plan", "issued_on")))
    for index, item in enumerate(tomllib.loads(text)["rounds"]):
        for key in ("opens", "consolidates"):
            if key in item:
                _set(lines, places.get(("rounds", index, key)), f"{_working_day(item[key], off, work)}")
        if "certainty" in item:
            _set(lines, places[("rounds", index, "certainty")], '"assumed"')
        else:
            lines[places[("rounds", index, "code")] - 1] += '\ncertainty = "assumed"'
    return "\n".join(lines)


def _blank_clauses(text: str) -> str:
    """Clause and line can only come from the new plan's own text."""
    lines = text.split("\n")
    for path, number in key_lines(text).items():
        if path[0] == "rounds" and path[-1] == "clause":
            _set(lines, number, '""')
        elif path[0] == "rounds" and path[-1] == "line":
            _comment_out(lines, number)
    return "\n".join(lines)


def _working_day(day: date, off: set[date], work: set[date]) -> date:
    while day in off or (day.weekday() >= 5 and day not in work):
        day += timedelta(days=1)
    return day


def _set(lines: list[str], number: int | None, value: str) -> None:
    """Replace the value of a one-line key, keeping its name; the old remark no longer holds."""
    if number is not None:
        lines[number - 1] = f"{lines[number - 1].partition('=')[0]}= {value}"


def _comment_out(lines: list[str], number: int | None) -> None:
    if number is not None:
        lines[number - 1] = f"# {lines[number - 1]}"


def _write_tables(source: Path, year: int, out: Path) -> None:
    """Units and contacts as they are; people and leads as assumptions; assignments empty."""
    _, tables = read_folder(source)
    for name, table in tables.items():
        columns = fields_of(TABLES[name])
        if name == "contacts":
            shutil.copyfile(source / "contacts.csv", out / "contacts.csv")
            continue
        rows = [_assumed(r, name) for r in table.rows]
        if name == "assignments":
            rows = []
        elif name == "holidays":
            rows = [r for r in rows if r.cells["date"] >= f"{year}-01-01"]
        (out / f"{name}.csv").write_text(csv_text(columns, rows), encoding="utf-8", newline="")


def _assumed(row: RawRow, table: str) -> RawRow:
    return RawRow(row.line, {**row.cells, **dict.fromkeys(CARRIED_OVER.get(table, ()), "assumed")})


def _open_questions(plan: Plan, year: int, out: Path) -> list[Fault]:
    """What validates but is only carried over."""
    toml = read_toml(out / TOML)
    off = {h.date for h in plan.holidays if h.kind is DayKind.OFF}

    def at(*path: str | int) -> int:
        return toml.line_of(path)

    asked = [
        Fault(TOML, at("plan", "title"), "title", "", f"Đối chiếu tên kế hoạch năm {year}."),
        Fault(TOML, at("plan", "number"), "number", "", "Điền số văn bản khi kế hoạch được ban hành."),
        Fault(TOML, at("plan", "issued_on"), "issued_on", "", "Điền ngày ban hành khi có."),
    ]
    for index, item in enumerate(toml.data["rounds"]):
        found = f"{item['limit']:%d/%m/%Y}"
        advice = f"Đợt {item['code']}: đối chiếu ngày mở, thời hạn, kỳ số liệu rồi đặt certainty = confirmed."
        asked.append(Fault(TOML, at("rounds", index, "limit"), "limit", found, advice))
        last = item["limit"] - timedelta(days=1)
        if last.weekday() >= 5 or last in off:
            advice = (
                f"Ngày cuối còn đúng hạn ({last:%d/%m/%Y}) không phải ngày làm việc; cân nhắc thời hạn khác."
            )
            asked.append(Fault(TOML, at("rounds", index, "limit"), "limit", found, advice))
    if not any(str(r["code"]).endswith("-q1") for r in toml.data["rounds"]):
        advice = (
            f"Kế hoạch {plan.policy.year} không có đợt quý I; nếu năm {year} có thì thêm một khối [[rounds]]."
        )
        asked.append(Fault(TOML, at("rounds", 0), "rounds", "", advice))
    return asked + [Fault(f"{name}.csv", 0, "", "", advice) for name, advice in _TABLE_QUESTIONS]


_TABLE_QUESTIONS = (
    ("units", "Rà soát danh sách đơn vị và phân công Thành viên phụ trách (member_certainty)."),
    ("contacts", "Rà soát địa chỉ văn thư, đầu mối, thủ trưởng của từng đơn vị."),
    ("members", "Rà soát Thành viên Ban Chỉ đạo rồi đặt certainty = confirmed."),
    ("indicators", "Chép chỉ tiêu, mục tiêu, nguyên văn, số dòng của kế hoạch mới; xác nhận đơn vị chủ trì."),
    ("assignments", "Bảng trống: điền nhiệm vụ của năm mới; nhiệm vụ năm cũ chưa xong vẫn theo kế hoạch cũ."),
    ("holidays", "Bổ sung ngày nghỉ, ngày làm bù theo thông báo chính thức, tới hết quý I năm sau nữa."),
)
