"""A decision on a proposal, with the second approver's one-time code where one is configured.

The first complete decision wins. A code belongs to exactly one decision of one proposal
(verdict, who, units left out): a changed decision needs a new code.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.settings import Operator
from db import audit
from db.models import AuditRow, DecisionRow, NoticeRow, ProposalRow
from db.session import writing
from tasks.chase.execute import Decided, DecisionError, check_decision, decide
from tasks.office import Office
from tasks.post import contexts
from tasks.post.outbox import NewNotice, queue
from tasks.rules.words import show_moment

from . import forms
from .common import DeskError
from .fields import Codes, Line, Number

VALID = timedelta(hours=4)
TRIES = 5
WRONG_CODE = "second_approver.wrong_code"
VERDICTS = {"approve": "duyệt", "decline": "không duyệt", "lapse": "để hết hiệu lực"}


class Decide(forms.DeskForm):
    """Duyệt hoặc không duyệt một đề xuất; người quyết định đầu tiên có hiệu lực."""

    proposal: Number = Field(title="Đề xuất số")
    verdict: Literal["approve", "decline"] = Field(
        title="Quyết định", description="approve: duyệt; decline: không duyệt"
    )
    leave_out: Codes = Field((), title="Bỏ ra các đơn vị", description="Mã cách nhau bằng dấu phẩy")
    strangers_seen: bool = Field(False, title="Đã xem các mục đến chưa rõ của ai")
    code: Line = Field("", title="Mã xác nhận", description="Mã gửi cho người duyệt thứ hai, nếu có cấu hình")


class NeedsCode(DeskError):
    """Nothing is decided yet: a code has been mailed to the second approver."""


class WrongCode(DeskError):
    def __init__(self, notice: int) -> None:
        super().__init__("Mã xác nhận không đúng")
        self.notice = notice


def decide_proposal(office: Office, form: Decide, now: datetime) -> str:
    """Record the decision, or mail the code that it needs. Nothing is sent to units here.

    Raises ``NeedsCode`` once a code is on its way, ``DeskError`` for a mistake.
    """
    second = second_approver(office, form.by) if form.verdict == "approve" else None
    issued = ""
    try:
        with writing(office.engine) as session:
            if second and decided_already(session, form.proposal) is None:
                issued = _confirm(session, office, form, second, now)
            if not issued:
                done = _decide(session, form, second.code if second else "", now)
    except DecisionError as error:
        raise DeskError(str(error)) from error
    except WrongCode as error:
        _note_wrong(office, form, error.notice, now)
        raise
    if issued:
        raise NeedsCode(issued)
    return told(done, form.proposal)


def _decide(session: Session, form: Decide, second: str, now: datetime) -> Decided:
    return decide(
        session,
        form.proposal,
        verdict=form.verdict,
        by=form.by,
        reason=form.reason,
        now=now,
        left_out=form.leave_out,
        strangers_seen=form.strangers_seen,
        second_by=second,
    )


def told(done: Decided, proposal: int) -> str:
    """What an operator reads; a loser learns who decided."""
    words = f"{done.by} {VERDICTS[done.verdict]} đề xuất số {proposal}"
    left = f", bỏ ra {', '.join(done.left_out)}" if done.left_out else ""
    if done.first:
        return f"Đã ghi: {words}{left}"
    return f"Không ghi thêm: trước đó {words}{left}; quyết định đầu tiên có hiệu lực"


def decided_already(session: Session, proposal: int) -> DecisionRow | None:
    return session.scalars(select(DecisionRow).where(DecisionRow.proposal_id == proposal)).one_or_none()


def second_approver(office: Office, by: str) -> Operator | None:
    """Who must confirm, None where nobody is configured. Nobody confirms himself."""
    code = office.settings.desk.second_approver
    if not code:
        return None
    found = next((o for o in office.settings.desk.operators if o.code == code), None)
    if found is None or not found.email:
        raise DeskError(
            f"Người duyệt thứ hai {code!r} chưa khai báo mã và địa chỉ trong DONDOC_DESK__OPERATORS"
        )
    if found.code == by:
        raise DeskError(f"{by} là người duyệt thứ hai, không thể tự mình quyết định")
    return found


def fingerprint(form: Decide) -> str:
    """What a code confirms: this decision and no other."""
    content = [str(form.proposal), form.verdict, form.by, *sorted(form.leave_out)]
    return hashlib.sha256("\x1f".join(content).encode()).hexdigest()[:16]


def _confirm(session: Session, office: Office, form: Decide, second: Operator, now: datetime) -> str:
    """"" where the code is right; else the sentence that says a code was sent. ``DeskError``: wrong."""
    proposal = session.get(ProposalRow, form.proposal)
    if proposal is None:
        raise DeskError(f"Không có đề xuất số {form.proposal}")
    check_decision(session, proposal, form.verdict, form.reason, form.leave_out, form.strangers_seen)
    live = _live_code(session, office, form, now)
    given = "".join(form.code.split())
    if given and live is None:
        raise DeskError(
            "Mã xác nhận đã hết hiệu lực hoặc thuộc quyết định khác; hãy gửi lại biểu không kèm mã"
        )
    if given and live is not None:
        if hmac.compare_digest(given.encode(), live.context["code"].replace(" ", "").encode()):
            return ""
        raise WrongCode(live.id)
    if live is None:
        _issue(session, office, form, proposal, second, now)
    return (
        f"Chưa có hiệu lực: mã xác nhận đã soạn gửi người duyệt thứ hai {second.code}; "
        "nhập mã đó để quyết định có hiệu lực"
    )


def _note_wrong(office: Office, form: Decide, notice: int, now: datetime) -> None:
    """A wrong try is kept although the decision was rolled back: five end the code."""
    with writing(office.engine) as session:
        audit.record(
            session,
            at=now,
            actor=form.by,
            action=WRONG_CODE,
            subject=f"notice:{notice}",
            proposal=form.proposal,
        )


def _live_code(session: Session, office: Office, form: Decide, now: datetime) -> NoticeRow | None:
    """The newest code of this very decision that is neither too old nor guessed at too often."""
    query = (
        select(NoticeRow)
        .where(
            NoticeRow.plan == office.plan.code,
            NoticeRow.kind == "one_time_code",
            NoticeRow.occasion.startswith(f"{fingerprint(form)}-"),
            NoticeRow.queued_at > now - VALID,
        )
        .order_by(NoticeRow.id.desc())
    )
    newest = session.scalars(query.limit(1)).one_or_none()
    if newest is None or _wrong_tries(session, newest.id) >= TRIES:
        return None
    return newest


def _wrong_tries(session: Session, notice: int) -> int:
    query = select(func.count()).where(
        AuditRow.action == WRONG_CODE, AuditRow.subject == f"notice:{notice}"
    )
    return session.scalar(query) or 0


def _issue(
    session: Session, office: Office, form: Decide, proposal: ProposalRow, second: Operator, now: datetime
) -> None:
    code = f"{secrets.randbelow(1_000_000):06d}"
    units = sum(len(letter["units"]) for letter in proposal.letters) - len(form.leave_out)
    context = contexts.common(office, now, second.name) | {
        "title": f"đề xuất số {proposal.id}: thư bậc {proposal.rung}, {units} đơn vị, đợt {proposal.round}",
        "code": f"{code[:3]} {code[3:]}",
        "valid_until": show_moment(now + VALID),
    }
    queue(
        session,
        NewNotice(
            plan=office.plan.code,
            round="*",
            unit="*",
            recipient=second.email,
            kind="one_time_code",
            occasion=f"{fingerprint(form)}-{now.isoformat()}",
            nature="office",
            context=context,
        ),
        now,
    )
