"""Deeds about single mails and the switch: pause and go on, correct a wrong one, try one."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from db import controls
from db.models import NoticeRow, ObligationRow
from db.session import writing
from tasks.chase.clock import believe, doubt_of
from tasks.chase.judge import calendar_of
from tasks.facts import load_facts
from tasks.office import Office
from tasks.post import contexts
from tasks.post.outbox import NewNotice, queue
from tasks.rules.status import status
from tasks.rules.words import show_day, show_moment

from . import forms
from .common import EVERY, DeskError, note


def sending(office: Office, form: forms.Sending, now: datetime) -> str:
    with writing(office.engine) as session:
        controls.put(session, controls.SENDING, form.state, at=now, by=form.by)
        note(session, form, now, "sending." + form.state, [])
    return "Đã tiếp tục gửi thư" if form.state == "on" else "Đã tạm dừng gửi thư"


def clock_checked(office: Office, form: forms.ClockChecked, now: datetime) -> str:
    """A person vouches for the clock; a witness that still disagrees brings the doubt back at once."""
    with writing(office.engine) as session:
        if not doubt_of(session):
            raise DeskError("Đồng hồ máy chủ không bị nghi ngờ; không có gì phải ghi")
        believe(session, now, form.by)
        note(session, form, now, "clock.checked", [])
    return f"Đã ghi: đồng hồ máy chủ đúng, lúc {show_moment(now)}; thư nhắc, đôn đốc đi tiếp ở lượt sau"


def correct(office: Office, form: forms.Correct, now: datetime) -> str:
    """A correction letter after a wrong notice, in the same conversation, to the same recipient."""
    with writing(office.engine) as session:
        wrong = session.get(NoticeRow, form.notice)
        if wrong is None or not wrong.subject:
            raise DeskError(f"Không có thông báo số {form.notice} đã gửi")
        context: dict[str, Any] = {
            "text": form.text,
            "wrong_notice": {"subject": wrong.subject, "date": show_day(wrong.queued_at)},
            "item": _item_of(session, office, wrong, now),
        }
        if wrong.unit == EVERY:  # a digest's letter: the same person is addressed again
            context["addressee"] = wrong.context["addressee"]
        queued = queue(
            session,
            NewNotice(
                plan=wrong.plan,
                round=wrong.round,
                unit=wrong.unit,
                recipient=wrong.recipient,
                kind="correction",
                occasion=f"notice-{wrong.id}-{now.isoformat()}",
                nature="answer",
                context=context,
                token=wrong.token,
                in_reply_to=wrong.message_id,
                thread=wrong.thread,
            ),
            now,
        )
        if queued is None:
            raise DeskError("Thư đính chính này đã có")
        note(session, form, now, "notice.corrected", [], notice=wrong.id)
    return f"Đã soạn thư đính chính cho thông báo số {form.notice}"


def _item_of(session: Session, office: Office, notice: NoticeRow, now: datetime) -> dict[str, Any] | None:
    row = session.scalars(
        select(ObligationRow).where(
            ObligationRow.plan == notice.plan,
            ObligationRow.round == notice.round,
            ObligationRow.unit == notice.unit,
        )
    ).one_or_none()
    if row is None:
        return None
    (f,) = load_facts(session, notice.plan, rehearsal=office.rehearsal, ids=[row.id])
    return contexts.item(f, status(f, calendar_of(office), now), calendar_of(office), now)


def trial(office: Office, form: forms.Trial, now: datetime) -> str:
    """To the operator's declared address: a form, and so the Prefect UI, never carries one."""
    to = next((o.email for o in office.settings.desk.operators if o.code == form.by), "")
    if not to:
        raise DeskError(f"Chưa khai báo địa chỉ thư của {form.by} trong DONDOC_DESK__OPERATORS")
    with writing(office.engine) as session:
        queue(
            session,
            NewNotice(
                plan=office.plan.code,
                round="*",
                unit="*",
                recipient=to,
                kind="trial",
                occasion=now.isoformat(),
                nature="office",
            ),
            now,
        )
        note(session, form, now, "trial.queued", [])
    return "Đã soạn thư thử; thư đi ở lượt gửi kế tiếp"
