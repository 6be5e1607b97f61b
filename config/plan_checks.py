"""What must hold between the rows of a plan: known codes, no doubles, dates that can work.

Every check adds faults to ``Parsed.faults`` and goes on; a code on a row that is itself
faulty still counts as known, so one slip gives one message.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from datetime import date, timedelta
from math import isfinite
from typing import Any

from config.addresses import BAD_EMAIL, EMAIL
from config.plan import Area, DayKind, Group, Role
from config.plan_faults import Fault, did_you_mean
from config.plan_parse import Located, Parsed


def check(parsed: Parsed) -> None:
    """Run every check."""
    for one in CHECKS:
        one(parsed)


def _unknown(parsed: Parsed, row: Located[Any], name: str, code: str, table: str) -> bool:
    known = parsed.codes.get(table, frozenset())
    if code in known or not known:  # a table without rows is told once, not by each row that needs it
        return False
    where = "plan.toml" if table == "rounds" else f"{table}.csv"
    parsed.blame(row, name, f"Mã không có trong {where}.{did_you_mean(code, known)}", code)
    return True


def _doubles(parsed: Parsed, rows: Iterable[Located[Any]], name: str, key: Callable[[Any], Any]) -> None:
    first: dict[Any, Located[Any]] = {}
    for row in rows:
        seen = first.setdefault(key(row.value), row)
        if seen is not row:
            line = parsed.toml.line_of((*seen.path, name)) if seen.path else seen.line
            parsed.blame(row, name, f"Bị lặp: đã có ở dòng {line}; mỗi giá trị chỉ dùng một lần.")


def _no_doubles(parsed: Parsed) -> None:
    for rows in (parsed.units, parsed.members, parsed.indicators, parsed.assignments, parsed.rounds):
        _doubles(parsed, rows, "code", lambda v: v.code.lower())
    _doubles(parsed, parsed.units, "name", lambda v: v.name.lower())
    _doubles(parsed, parsed.holidays, "date", lambda v: v.date)
    _doubles(parsed, parsed.contacts, "email", lambda v: (v.unit, v.role, v.email.lower()))


def _policy(parsed: Parsed) -> None:
    policy = parsed.policy
    if policy is None:
        return
    units = parsed.codes["units"]
    if units and policy.receiver not in units:
        advice = f"Mã không có trong units.csv.{did_you_mean(policy.receiver, units)}"
        parsed.blame_policy(("plan", "receiver"), advice, policy.receiver)
    for area in Area:
        owner = policy.area_owner.get(area)
        if owner is None:
            parsed.blame_policy(("area_owner",), f"Thiếu cơ quan phụ trách lĩnh vực {area}.")
        elif units and owner not in units:
            advice = f"Mã không có trong units.csv.{did_you_mean(owner, units)}"
            parsed.blame_policy(("area_owner", area.value), advice, owner)
    if not policy.ladder.rungs:
        parsed.blame_policy(("ladder",), "Thang đôn đốc chưa có bậc nào; thêm khối [[ladder.rungs]].")
    if policy.support_email and not EMAIL.fullmatch(policy.support_email):
        parsed.blame_policy(("plan", "support_email"), BAD_EMAIL, policy.support_email)
    if policy.chasing.window_from >= policy.chasing.window_to:
        parsed.blame_policy(("chasing", "window_from"), "Khung giờ bị đảo ngược (window_from < window_to).")
        return
    if not policy.chasing.passes:
        parsed.blame_policy(("chasing", "passes"), "Chưa có lượt gửi nào; ví dụ [07:10:00, 13:10:00].")
    for at in policy.chasing.passes:
        if not policy.chasing.window_from <= at < policy.chasing.window_to:
            parsed.blame_policy(("chasing", "passes"), "Lượt gửi nằm ngoài khung giờ làm việc.", f"{at}")


def _members(parsed: Parsed) -> None:
    for row in parsed.members:
        if row.value.unit:
            _unknown(parsed, row, "unit", row.value.unit, "units")
        if row.value.email and not EMAIL.fullmatch(row.value.email):
            parsed.blame(row, "email", BAD_EMAIL)
    chairs = [r for r in parsed.members if r.value.role == "chair"]
    for row in chairs[1:]:
        parsed.blame(row, "role", "Chỉ có một Trưởng Ban (chair).")
    if parsed.members and not chairs and not any(f.file == "members.csv" for f in parsed.faults):
        parsed.blame(parsed.members[0], "role", "Chưa có Trưởng Ban: cần đúng một dòng role = chair.")


def _units(parsed: Parsed) -> None:
    heads = {r.value.unit: r.value.code for r in parsed.members if r.value.unit}
    for row in parsed.units:
        unit = row.value
        if not unit.member:
            if unit.active:
                parsed.blame(row, "member", "Mỗi đơn vị phải có đúng một Thành viên phụ trách (members.csv).")
        elif _unknown(parsed, row, "member", unit.member, "members"):
            continue
        elif heads.get(unit.code) == unit.member:
            advice = "Thành viên này là thủ trưởng của chính đơn vị; hãy giao người khác phụ trách."
            parsed.blame(row, "member", advice)




def _contacts(parsed: Parsed) -> None:
    receiver = parsed.policy.receiver if parsed.policy else None
    receiver = receiver if receiver in parsed.codes["units"] else None
    owner: dict[str, Located[Any]] = {}
    for row in parsed.contacts:
        contact = row.value
        known = not _unknown(parsed, row, "unit", contact.unit, "units")
        if not EMAIL.fullmatch(contact.email):
            parsed.blame(row, "email", BAD_EMAIL)
        if contact.role in (Role.LEADER, Role.OPERATOR) and receiver and known and contact.unit != receiver:
            parsed.blame(row, "role", f"Vai trò này chỉ dùng cho cơ quan thường trực ({receiver}).")
        first = owner.setdefault(contact.email.lower(), row)
        if first.value.unit != contact.unit:
            advice = f"Địa chỉ này đã là của đơn vị {first.value.unit} (dòng {first.line}); không dùng chung."
            parsed.blame(row, "email", advice)
    _clerks(parsed)
    _heads_in_charge(parsed)


def _clerks(parsed: Parsed) -> None:
    """One registered box a unit: with two clerks nobody would know which one counts."""
    clerks = [r for r in parsed.contacts if r.value.role is Role.CLERK and r.value.active]
    counts = Counter(r.value.unit for r in clerks)
    for row in clerks[::-1]:
        if counts[row.value.unit] > 1:
            counts[row.value.unit] -= 1
            parsed.blame(
                row, "role", "Đơn vị có nhiều văn thư (clerk) đang dùng; chỉ giữ một.", row.value.unit
            )


def _heads_in_charge(parsed: Parsed) -> None:
    """A head who is the member in charge under the same address would chase himself (ruling 13)."""
    address = {r.value.code: r.value.email.lower() for r in parsed.members if r.value.email}
    member = {r.value.code: r.value.member for r in parsed.units}
    for row in parsed.contacts:
        in_charge = member.get(row.value.unit)
        if row.value.role is Role.HEAD and in_charge and address.get(in_charge) == row.value.email.lower():
            advice = f"Thủ trưởng và Thành viên phụ trách ({in_charge}) trùng địa chỉ: phải là hai người."
            parsed.blame(row, "email", advice)


def _indicators(parsed: Parsed) -> None:
    rows = {r.value.code: r for r in parsed.indicators}
    parents = {r.value.parent for r in parsed.indicators if r.value.parent}
    targets = parsed.codes["units"] | {g.value for g in Group}
    active = {r.value.code: r.value.active for r in parsed.units}
    for row in parsed.indicators:
        item = row.value
        for code in item.reported_by:
            if parsed.codes["units"] and code not in targets:
                advice = f"Không phải mã đơn vị, cũng không phải nhóm đơn vị.{did_you_mean(code, targets)}"
                parsed.blame(row, "reported_by", advice, code)
        if (
            item.lead
            and not _unknown(parsed, row, "lead", item.lead, "units")
            and not active.get(item.lead, True)
        ):
            parsed.blame(row, "lead", "Đơn vị này đang tắt (active = false) nên không thể chủ trì.")
        if item.code in parents and not item.parent and (item.lead or item.reported_by):
            field = "lead" if item.lead else "reported_by"
            parsed.blame(row, field, "Chỉ tiêu đã tách phần chỉ là tiêu đề: để trống lead và reported_by.")
        if item.parent and not _unknown(parsed, row, "parent", item.parent, "indicators"):
            above = rows.get(item.parent)
            if item.parent == item.code or (above and above.value.parent):
                parsed.blame(row, "parent", "Chỉ tách một cấp: chỉ tiêu cha không được là một phần tách.")
        if not isfinite(item.target) or (item.uom.startswith("%") and not 0 < item.target <= 100):
            parsed.blame(row, "target", "Mục tiêu theo % phải lớn hơn 0 và không quá 100.")


def _assignments(parsed: Parsed) -> None:
    year = parsed.policy.year if parsed.policy else None
    for row in parsed.assignments:
        _unknown(parsed, row, "unit", row.value.unit, "units")
        if row.value.due and year and row.value.due.year not in (year, year + 1):
            parsed.blame(row, "due", f"Hạn nằm ngoài năm kế hoạch {year} và năm sau; kiểm tra lại năm.")


def _rounds(parsed: Parsed) -> None:
    limits: dict[str | None, date] = {r.value.code: r.value.limit for r in parsed.rounds}
    year = parsed.policy.year if parsed.policy else None
    for row in parsed.rounds:
        item = row.value
        for code in item.units:
            _unknown(parsed, row, "units", code, "units")
        known = item.previous and not _unknown(parsed, row, "previous", item.previous, "rounds")
        if known and limits.get(item.previous, date.min) >= item.limit:
            parsed.blame(row, "previous", "Đợt trước phải có thời hạn sớm hơn đợt này.")
        if year and item.limit.year not in (year, year + 1):
            advice = f"Thời hạn nằm ngoài năm kế hoạch {year} và năm sau; kiểm tra lại năm."
            parsed.blame(row, "limit", advice)
            continue
        if item.consolidates and item.consolidates < item.limit:
            parsed.blame(row, "consolidates", "Ngày lập báo cáo tổng hợp phải từ thời hạn trở đi.")
        if item.period_to and item.period_to >= item.limit:
            parsed.blame(row, "period_to", "Kỳ số liệu phải kết thúc trước thời hạn.")


def _reminders(parsed: Parsed) -> None:
    off = {r.value.date for r in parsed.holidays if r.value.kind is DayKind.OFF}
    work = {r.value.date for r in parsed.holidays if r.value.kind is DayKind.WORK}
    for row in parsed.rounds:
        for days in row.value.reminders:
            if days < 1:
                parsed.blame(row, "reminders", "Số ngày nhắc phải từ 1 trở lên.", str(days))
                continue
            day = _nth_working_day_before(row.value.limit, days, off, work)
            if day < row.value.opens:
                advice = (
                    f"Nhắc trước {days} ngày làm việc rơi vào {day:%d/%m/%Y}, trước ngày mở đợt; "
                    "bỏ lần nhắc này hoặc mở đợt sớm hơn."
                )
                parsed.blame(row, "reminders", advice, str(days))


def _nth_working_day_before(limit: date, count: int, off: set[date], work: set[date]) -> date:
    """1 is the last working day before ``limit``. (The rules have their own: config may not import them.)"""
    day = limit
    while count:
        day -= timedelta(days=1)
        count -= day not in off and (day.weekday() < 5 or day in work)
    return day


def _holidays(parsed: Parsed) -> None:
    days = sorted(r.value.date for r in parsed.holidays)
    for row in parsed.holidays:
        if row.value.kind is DayKind.WORK and row.value.date.weekday() < 5:
            parsed.blame(row, "kind", "Ngày làm bù (work) phải là thứ Bảy hoặc Chủ nhật.")
    if any(f.file == "holidays.csv" for f in parsed.faults):
        return  # how far the table reaches is known once its rows are
    if not parsed.holidays:
        advice = "Chưa có ngày nghỉ nào; điền theo thông báo chính thức, tới sau đợt báo cáo cuối."
        parsed.faults.append(Fault("holidays.csv", 1, "date", "", advice))
    year = parsed.policy.year if parsed.policy else date.max.year
    round_days = [d for d in parsed.round_days if d.year <= year + 1]  # others are faults of their own
    if not round_days or not parsed.holidays:
        return
    end_row, last = parsed.holidays[-1], round_days[-1]
    if days[-1] <= last:
        advice = f"Bảng ngày nghỉ chưa tới sau đợt cuối ({last:%d/%m/%Y}); thêm ngày nghỉ đến hết quý sau."
        parsed.blame(end_row, "date", advice, days[-1].isoformat())
    for year in sorted({d.year for d in round_days} - {d.year for d in days}):
        parsed.blame(end_row, "date", f"Bảng ngày nghỉ chưa có năm {year}.", "")


CHECKS = (
    _no_doubles,
    _policy,
    _members,
    _units,
    _contacts,
    _indicators,
    _assignments,
    _rounds,
    _reminders,
    _holidays,
)
