"""How a round stands at an instant, for the screen, the bulletin, the command line."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.plan import Round, midnight
from db.models import AttemptRow, DecisionRow, NoticeRow, ProposalRow
from tasks.office import Office
from tasks.rules.ladder import Owed
from tasks.rules.status import DONE, LATE, WAITING, State
from tasks.rules.words import show_last_day, show_limit, show_moment
from tasks.rules.working_days import local_day

from .judge import judge

KIND_LABELS = {
    "invitation": "Thông báo nhiệm vụ báo cáo",
    "reminder": "Nhắc trước hạn",
    "overdue": "Đôn đốc quá hạn (bậc 1)",
    "head": "Thủ trưởng đơn vị (bậc 2)",
    "member": "Thành viên Ban Chỉ đạo (bậc 3)",
    "chair": "Trưởng Ban Chỉ đạo (bậc 4)",
    "receipt": "Xác nhận đã nhận tệp",
    "accepted": "Đã tiếp nhận",
    "returned": "Trả lại, đề nghị bổ sung",
    "noted": "Đã nhận thư (không kèm bản gửi mới)",
    "not_counted": "Tệp không được tính là bản gửi",
    "difficulty_receipt": "Đã nhận phản ánh khó khăn, vướng mắc",
    "extension": "Trả lời đề nghị gia hạn",
    "exemption": "Miễn báo cáo",
    "acknowledged": "Ghi nhận cam kết",
    "taken_back": "Rút lại quyết định",
    "correction": "Đính chính",
    "bulletin": "Bản tin hằng ngày",
    "consolidated": "Báo cáo tổng hợp",
    "consolidation_due": "Nhắc báo cáo tổng hợp",
    "sector_overdue": "Danh sách nhiệm vụ quá hạn theo lĩnh vực",
    "area_late": "Danh sách đơn vị quá hạn, gửi cơ quan phụ trách lĩnh vực",
    "proposal_waiting": "Đề xuất chờ duyệt",
    "one_time_code": "Mã xác nhận",
    "alert": "Cảnh báo",
    "audit_head": "Dấu nhật ký",
    "trial": "Thư thử",
}


@dataclass(frozen=True)
class Line:
    """One unit in one round."""

    unit: str
    name: str
    group: str
    state: State
    label: str
    limit: str
    extended: bool
    days_late: int
    rung: int  # highest rung whose letter was sent
    arrived_at: datetime | None
    rule: str
    hold: str
    hold_code: str


@dataclass
class RoundSummary:
    round: Round
    as_of: datetime
    lines: list[Line]
    sent_today: dict[str, int] = field(default_factory=dict)
    waiting: list[dict[str, Any]] = field(default_factory=list)
    judged: dict[str, Owed] = field(default_factory=dict)  # by unit: what each line was told from

    def count(self, *states: State) -> int:
        return sum(line.state in states for line in self.lines)

    @property
    def counts(self) -> dict[str, int]:
        """The figures of a round, each unit in exactly one of the first seven."""
        return {
            "obligations": len(self.lines),
            "on_time": self.count(State.DONE_ON_TIME),
            "late": self.count(State.DONE_LATE),
            "in_check": self.count(State.SUBMITTED, State.RESUBMITTED),
            "returned": self.count(State.RETURNED),
            "incomplete": self.count(State.INCOMPLETE),
            "missing": self.count(State.OVERDUE, *WAITING),
            "exempt": self.count(State.EXEMPT),
            "extended": sum(line.extended for line in self.lines),
        }

    @property
    def received(self) -> int:
        return sum(line.arrived_at is not None for line in self.lines)

    def held(self) -> list[Line]:
        return [line for line in self.lines if line.hold and line.state not in DONE]

    def late(self) -> list[Line]:
        return [line for line in self.lines if line.state in LATE]


def summarise(session: Session, office: Office, round_code: str, now: datetime) -> RoundSummary:
    """How ``round_code`` stands at ``now``; ``LookupError`` where it is not open."""
    owed = judge(session, office, now, [round_code])
    if not owed:
        raise LookupError(f"đợt {round_code} chưa mở hoặc không có nghĩa vụ nào")
    return RoundSummary(
        round=owed[0].facts.round,
        as_of=now,
        lines=[line_of(office, o) for o in owed],
        sent_today=sent_on(session, office.plan.code, now, round_code),
        waiting=waiting_proposals(session, office.plan.code, now, round_code),
        judged={o.facts.unit: o for o in owed},
    )


def line_of(office: Office, o: Owed) -> Line:
    unit = office.plan.unit_by_code[o.facts.unit]
    arrival = o.status.arrival
    return Line(
        unit=unit.code,
        name=unit.name,
        group=unit.group,
        state=o.status.state,
        label=o.status.label,
        limit=show_limit(o.status.limit),
        extended=o.status.extended,
        days_late=o.status.days_late,
        rung=rung_reached(o),
        arrived_at=arrival.arrived_at if arrival else None,
        rule=o.status.rule,
        hold=o.hold.reason if o.hold else "",
        hold_code=o.hold.code if o.hold else "",
    )


def rung_reached(o: Owed) -> int:
    """The highest rung of which a letter really left and did not bounce."""
    return max(
        (
            int(x.step.removeprefix("rung-"))
            for x in o.facts.letters
            if x.step.startswith("rung-") and x.sent_at and not x.bounced_at
        ),
        default=0,
    )


def sent_on(session: Session, plan: str, now: datetime, round_code: str | None = None) -> dict[str, int]:
    """Mails handed over (or held) on the day of ``now``, by kind."""
    start = midnight(local_day(now))
    query = (
        select(NoticeRow.kind, func.count(func.distinct(NoticeRow.id)))
        .join(AttemptRow, AttemptRow.notice_id == NoticeRow.id)
        .where(
            NoticeRow.plan == plan,
            AttemptRow.outcome.in_(("accepted", "held", "redirected")),
            AttemptRow.finished_at >= start,
            AttemptRow.finished_at < start + timedelta(days=1),
        )
        .group_by(NoticeRow.kind)
    )
    if round_code:
        query = query.where(NoticeRow.round.in_((round_code, "*")))
    return dict(session.execute(query).tuples().all())


def waiting_proposals(
    session: Session, plan: str, now: datetime, round_code: str | None = None
) -> list[dict[str, Any]]:
    """Proposals that no person has decided yet."""
    query = (
        select(ProposalRow)
        .outerjoin(DecisionRow, DecisionRow.proposal_id == ProposalRow.id)
        .where(ProposalRow.plan == plan, DecisionRow.id.is_(None), ProposalRow.created_at <= now)
        .where(ProposalRow.lapsed_at.is_(None))
        .order_by(ProposalRow.id)
    )
    if round_code:
        query = query.where(ProposalRow.round == round_code)
    return [
        {
            "id": p.id,
            "round": p.round,
            "rung": p.rung,
            "units": sorted(u for letter in p.letters for u in letter["units"]),
            "since": show_moment(p.created_at),
        }
        for p in session.scalars(query)
    ]


def last_day(summary: RoundSummary) -> str:
    return show_last_day(summary.round.limit_at)
