"""Why an obligation stands as it does: limit, clause, evidence, rule (``dondoc why``)."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from tasks.office import Office
from tasks.post.contexts import step_label
from tasks.rules.facts import (
    Arrival,
    Decision,
    Exemption,
    Extension,
    Facts,
    Letter,
    Promise,
    Proposed,
    Punctuality,
    as_of,
)
from tasks.rules.ladder import Owed
from tasks.rules.limits import effective_limit
from tasks.rules.words import show_last_day, show_moment, show_term, show_through

from .judge import judge
from .summary import line_of

VERDICTS = {"": "đang chờ kiểm tra", "accepted": "đã tiếp nhận", "returned": "trả lại"}
DECISIONS = {"approve": "duyệt", "decline": "không duyệt", "left_out": "bỏ đơn vị này ra"}


def explain(session: Session, office: Office, unit: str, round_code: str, now: datetime) -> dict[str, Any]:
    """Everything that led to the status of ``unit`` in ``round_code`` as known at ``now``."""
    found = [o for o in judge(session, office, now, [round_code]) if o.facts.unit == unit]
    if not found:
        raise LookupError(f"đơn vị {unit} không có nghĩa vụ trong đợt {round_code} vào thời điểm này")
    return explain_owed(office, found[0], now)


def explain_owed(office: Office, owed: Owed, now: datetime) -> dict[str, Any]:
    """The same of an obligation that was judged already."""
    line = line_of(office, owed)
    return {
        "unit": owed.facts.unit,
        "round": owed.facts.round.code,
        "as_of": now.isoformat(),
        "status": line.state.value,
        "label": line.label,
        "rule": line.rule,
        "limit": effective_limit(owed.facts).isoformat(),
        "clause": owed.facts.round.clause,
        "days_late": line.days_late,
        "rung": line.rung,
        "next_step": owed.step,
        "hold": line.hold,
        "lines": _lines(office, owed, as_of(owed.facts, now), now),
    }


def _lines(office: Office, owed: Owed, facts: Facts, now: datetime) -> list[tuple[str, str]]:
    round_, limit = facts.round, effective_limit(facts)
    lines = [
        ("Đơn vị", f"{office.plan.unit_by_code[facts.unit].name} ({facts.unit})"),
        ("Nghĩa vụ", f"{round_.title}, {round_.clause}"),
        ("Căn cứ", "kế hoạch" if facts.certainty == "confirmed" else "giả định, chưa xác nhận"),
        ("Thời hạn", show_term(limit)),
        ("Tính đến", show_moment(now)),
        (
            "Kết luận",
            f"{owed.status.label}" + (f", {owed.status.days_late} ngày" if owed.status.days_late else ""),
        ),
        ("Quy tắc", owed.status.rule),
    ]
    lines += [
        ("Gia hạn", f"{show_moment(e.at)}: đến {show_through(e.until)}; {e.reason}")
        for e in facts.extensions
    ]
    lines += [("Miễn", f"{show_moment(e.at)}: {e.reason}") for e in facts.exemptions]
    lines += [
        ("Cam kết", f"{show_moment(p.at)}: hết ngày {show_last_day(p.promised)}") for p in facts.promises
    ]
    lines += [("Chấp nhận đúng hạn", f"{show_moment(p.at)}: {p.reason}") for p in facts.punctuality]
    lines += [
        ("Bản gửi", f"lần {a.version}, đến {show_moment(a.arrived_at)}, {VERDICTS[a.verdict]}")
        for a in facts.arrivals
    ]
    if owed.status.cure_until:
        lines.append(("Thời gian bổ sung", f"đến {show_through(owed.status.cure_until)}"))
    lines += [
        ("Mục chưa nhận diện", f"mục đến số {u.inbound}, từ {show_moment(u.since)}") for u in facts.undecided
    ]
    lines += [("Thư", _letter(x)) for x in facts.letters]
    lines += [("Đề xuất", _proposal(p)) for p in facts.proposals]
    lines += [("Đã rút lại", _taken_back(d)) for d in facts.revoked]
    if owed.step:
        lines.append(("Việc kế tiếp", step_label(owed.step)))
    if owed.hold:
        lines.append(("Tạm giữ vì", owed.hold.reason))
    return lines


def _taken_back(decision: Decision) -> str:
    match decision:
        case Extension():
            what = f"gia hạn đến {show_through(decision.until)}"
        case Exemption():
            what = f"miễn báo cáo ({decision.reason})"
        case Promise():
            what = f"cam kết gửi hết ngày {show_last_day(decision.promised)}"
        case Punctuality():
            what = f"chấp nhận đúng hạn ({decision.reason})"
        case Arrival():
            what = f"bản gửi lần {decision.version} ghi nhận nhầm, đến {show_moment(decision.arrived_at)}"
    since = show_moment(decision.revoked_at) if decision.revoked_at else ""
    return f"{what}, ghi {show_moment(decision.at)}; rút lại {since}: {decision.revoked_why}"


def _letter(letter: Letter) -> str:
    label = step_label(letter.step)
    if letter.bounced_at:
        return f"{label}: bị trả về {show_moment(letter.bounced_at)}"
    if letter.sent_at:
        return f"{label}: gửi {show_moment(letter.sent_at)}"
    return f"{label}: {'không gửi' if letter.ended_at else 'chờ gửi'} (lập {show_moment(letter.queued_at)})"


def _proposal(proposal: Proposed) -> str:
    made = f"bậc {proposal.rung}, lập {show_moment(proposal.at)}"
    lapsed = f"; hết hiệu lực {show_moment(proposal.lapsed_at)}" if proposal.lapsed_at else ""
    if proposal.decided_at is None:
        return made + (lapsed or ": đang chờ duyệt")
    return f"{made}; {DECISIONS[proposal.verdict]} {show_moment(proposal.decided_at)}{lapsed}"
