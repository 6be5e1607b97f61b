"""Deeds about the post: going live, doubtful mails, addresses that bounced."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.plan import Role
from db import audit
from db.models import BounceRow, NoticeRow
from db.session import writing
from tasks.chase.summary import KIND_LABELS
from tasks.office import Office
from tasks.post.modes import NotLive, going_live
from tasks.post.modes import go_live as confirm_live
from tasks.post.outcomes import cancel_notice, free_steps, release_unknown

from . import forms
from .common import DeskError, note


def go_live(office: Office, form: forms.GoLive, now: datetime) -> str:
    """``look`` tells what would leave at once; ``yes`` confirms live mode (ruling 15)."""
    leaving = going_live(office, now, form.by)
    kinds = Counter(KIND_LABELS.get(x.kind, x.kind) for x in leaving)
    shown = "; ".join(f"{label}: {n}" for label, n in sorted(kinds.items())) or "không có thư nào"
    if form.confirm == "look":
        return f"Sẽ đi ngay {len(leaving)} thư ({shown}). Chưa thay đổi gì"
    try:
        cancelled = confirm_live(office, now, form.by)
    except NotLive as error:
        raise DeskError(f"Chưa chuyển sang gửi thật được: {error}") from error
    with writing(office.engine) as session:
        note(session, form, now, "post.live.confirmed", [], cancelled=cancelled)
    return f"Đã chuyển sang gửi thật: huỷ {cancelled} thư đang giữ; sẽ đi ngay {shown}"


def release(office: Office, form: forms.ReleaseNotice, now: datetime) -> str:
    """A mail of which nobody knows whether it arrived (guarantee 2): a person says."""
    with writing(office.engine) as session:
        try:
            if form.outcome == "cancel":
                cancel_notice(session, form.notice, form.by, now, form.reason)
            else:
                release_unknown(session, form.notice, form.by, now, resend=form.outcome == "resend")
        except LookupError as error:
            text = str(error.args[0])
            raise DeskError(text[:1].upper() + text[1:]) from error
        note(session, form, now, "notice.settled", [], notice=form.notice, outcome=form.outcome)
    done = {"arrived": "đã đến nơi", "resend": "gửi lại ở lượt kế tiếp", "cancel": "không gửi nữa"}
    return f"Thông báo số {form.notice}: {done[form.outcome]}"


def revive(office: Office, form: forms.ReviveAddress, now: datetime) -> str:
    """Addresses of a role that bounced or were refused work again; what failed is not sent again by itself.

    The letters that came back stay bounced (nobody was told by them); only the address is
    taken off the bounce, and their steps may be owed again.
    """
    addresses = _addresses(office, form)
    with writing(office.engine) as session:
        bounces = session.scalars(
            select(BounceRow).where(func.lower(BounceRow.address).in_(addresses), BounceRow.permanent)
        ).all()
        failed = session.scalars(
            select(NoticeRow).where(
                func.lower(NoticeRow.recipient).in_(addresses), NoticeRow.state == "failed"
            )
        ).all()
        if not bounces and not failed:
            raise DeskError("Địa chỉ này không bị đánh dấu hỏng")
        for bounce in bounces:
            bounce.address = ""
        free_steps(session, [b.notice_id for b in bounces if b.notice_id])
        for notice in failed:
            _let_go(session, notice, form, now)
        audit.record(
            session,
            at=now,
            actor=form.by,
            action="address.revived",
            subject=f"{form.owner}:{form.role}",
            reason=form.reason,
            bounces=[b.id for b in bounces],
            notices=[n.id for n in failed],
        )
    return f"Đã cho dùng lại địa chỉ ({form.role}) của {form.owner}"


def _let_go(session: Session, notice: NoticeRow, form: forms.ReviveAddress, now: datetime) -> None:
    cancel_notice(session, notice.id, form.by, now, "địa chỉ được dùng lại; thư cũ không gửi nữa")


def _addresses(office: Office, form: forms.ReviveAddress) -> list[str]:
    plan = office.plan
    if form.role == "member":
        member = plan.member_by_code.get(form.owner)
        found = [member.email] if member and member.email else []
    elif form.owner in plan.unit_by_code:
        found = [c.email for c in plan.contacts_of(form.owner, Role(form.role)) if c.email]
    else:
        raise DeskError(f"Không có đơn vị {form.owner}")
    if not found:
        raise DeskError(f"{form.owner} chưa có địa chỉ thư cho vai trò {form.role}")
    return [address.lower() for address in found]
