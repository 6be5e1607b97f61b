"""The plan: valid, confirmed, reachable, with holidays enough."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import timedelta

from config.plan import ZONE, Certainty
from config.plan_files import check_plan
from config.plan_report import assumed_rows, missing_contacts
from config.settings import MailMode
from db.models import PlanRow
from db.plans import fingerprint
from db.session import reading
from tasks.chase import rounds

from . import Look, Result, fault, ok, warn
from .database import ready
from .wishes import is_example

TAIL = timedelta(days=45)  # ladder and consolidation after the last limit


def validity(look: Look) -> Iterator[Result]:
    folder = look.settings.plan
    if not folder.is_dir():
        yield fault("plan.valid", f"không có thư mục kế hoạch {folder}", "Sửa DONDOC_PLAN.")
        return
    faults = check_plan(folder)
    if faults:
        lines = tuple(str(f) for f in faults)
        yield fault(
            "plan.valid",
            f"kế hoạch {folder} có {len(faults)} lỗi",
            f"Chạy: dondoc plan check {folder}",
            lines,
        )
    else:
        yield ok("plan.valid", f"kế hoạch {folder} hợp lệ")


def loaded(look: Look) -> Iterator[Result]:
    """Has what stands in the folder been loaded?"""
    if look.plan is None or look.engine is None or not ready(look):
        return
    with reading(look.engine) as session:
        row = session.get(PlanRow, look.plan.code)
        same = row is not None and row.sha256 == fingerprint(look.plan)
    if row is None:
        yield fault("plan.loaded", f"kế hoạch {look.plan.code} chưa được nạp", "Chạy: dondoc init")
    elif not same:
        yield warn("plan.loaded", "thư mục kế hoạch đã sửa sau lần nạp cuối", "Chạy: dondoc init")
    else:
        yield ok("plan.loaded", f"kế hoạch {look.plan.code} đã nạp đúng như trong thư mục")


def assumptions(look: Look) -> Iterator[Result]:
    if look.plan is None:
        return
    rows = assumed_rows(look.plan)
    if not rows:
        yield ok("plan.assumed", "không còn giả định nào trong kế hoạch")
        return
    counts = Counter(r.file for r in rows)
    told = ", ".join(f"{file}: {count}" for file, count in sorted(counts.items()))
    mend = (
        "Đối chiếu văn bản rồi đặt certainty = confirmed (xem từng dòng: dondoc doctor --all); "
        "khi gửi thật, phần giả định không được đưa vào thư."
    )
    yield warn(
        "plan.assumed", f"{len(rows)} giả định chờ xác nhận ({told})", mend, tuple(str(r) for r in rows)
    )


def contacts(look: Look) -> Iterator[Result]:
    """Whom nobody can be reached at, and the addresses that came with the program."""
    plan = look.plan
    if plan is None:
        return
    missing = missing_contacts(plan)
    if missing:
        lines = tuple(f"{m.unit} · {m.text}" for m in missing)
        mend = "Bổ sung contacts.csv, members.csv; nơi thiếu bị giữ riêng bậc đó, không dừng cả đợt."
        yield warn("plan.contacts", f"{len(missing)} đầu mối còn thiếu", mend, lines)
    else:
        yield ok("plan.contacts", "mọi đơn vị đều có địa chỉ cho từng bậc")
    examples = [
        f"contacts.csv · {c.unit} · {c.role}" for c in plan.contacts if c.active and is_example(c.email)
    ]
    examples += [f"members.csv · {m.code}" for m in plan.members if m.email and is_example(m.email)]
    if examples:
        worst = fault if look.settings.mail.mode is MailMode.LIVE else warn
        mend = "Thay bằng địa chỉ thư công vụ: dondoc plan export, sửa trong Excel, dondoc plan import."
        yield worst("plan.examples", f"{len(examples)} địa chỉ ví dụ chưa được thay", mend, tuple(examples))
    else:
        yield ok("plan.examples", "không còn địa chỉ ví dụ")


def holidays(look: Look) -> Iterator[Result]:
    plan = look.plan
    if plan is None or not plan.holidays or not plan.rounds:
        return
    last = max(max(r.limit, r.consolidates or r.limit) for r in plan.rounds)
    reach = max(h.date for h in plan.holidays)
    if reach < last:
        mend = "Bổ sung holidays.csv theo thông báo chính thức tới hết quý sau."
        found = f"bảng ngày nghỉ chỉ tới {reach:%d/%m/%Y}, đợt cuối {last:%d/%m/%Y}"
        yield fault("plan.holidays", found, mend)
    elif reach < last + TAIL:
        mend = "Bổ sung holidays.csv: đôn đốc sau đợt cuối cũng tính theo ngày làm việc."
        yield warn("plan.holidays", f"bảng ngày nghỉ tới {reach:%d/%m/%Y}, sát đợt cuối", mend)
    else:
        yield ok("plan.holidays", f"bảng ngày nghỉ tới {reach:%d/%m/%Y}, sau đợt cuối {last:%d/%m/%Y}")
    unsure = [h for h in plan.holidays if h.certainty is Certainty.ASSUMED]
    if unsure:
        lines = tuple(f"{h.date:%d/%m/%Y} · {h.name}" for h in unsure)
        mend = "Đối chiếu thông báo nghỉ lễ rồi đặt certainty = confirmed trong holidays.csv."
        yield warn("plan.holidays_unsure", f"{len(unsure)} ngày nghỉ, làm bù chờ xác nhận", mend, lines)


def unopened(look: Look) -> Iterator[Result]:
    """Rounds that only a person may open: installed too late, or still assumed (ruling 3)."""
    if look.plan is None or look.engine is None or not ready(look):
        return
    with reading(look.engine) as session:
        waiting = rounds.unopened(session, look.plan, look.now)
    if waiting:
        lines = tuple(f"{r.code} · {r.title}" for r in waiting)
        mend = "Mở ở bàn làm việc, biểu Mở đợt của kế hoạch; chưa mở thì không đơn vị nào được nhắc."
        yield warn("plan.unopened", f"{len(waiting)} đợt đã tới ngày mở, chờ người mở", mend, lines)
    else:
        yield ok("plan.unopened", "không đợt nào chờ người mở")


def year(look: Look) -> Iterator[Result]:
    """Is this still the plan of the year?"""
    if look.plan is None or not look.plan.rounds:
        return
    last = max(max(r.limit, r.consolidates or r.limit) for r in look.plan.rounds)
    today = look.now.astimezone(ZONE).date()
    if today > last + TAIL:
        following = look.plan.policy.year + 1
        mend = f"Lập kế hoạch mới: dondoc plan new {following} --from {look.plan.policy.year} --out THƯ_MỤC"
        yield warn("plan.year", f"mọi đợt của kế hoạch {look.plan.code} đã qua", mend)
