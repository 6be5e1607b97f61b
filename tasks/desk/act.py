"""Each form's deed: checks it, records it with who and why, queues the letter that tells the unit.

A mistake raises ``DeskError`` with a sentence for the operator, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import Session

from config.plan import ZONE, Audience, Form, Role, Round
from db import audit, controls
from db.models import (
    AcknowledgementRow,
    ExemptionRow,
    ExtensionRow,
    FigureDecisionRow,
    FigureRow,
    NoticeRow,
    ObligationRow,
    PunctualityRow,
)
from db.session import writing
from tasks.chase.judge import addresses, calendar_of
from tasks.chase.rounds import RoundError, open_round
from tasks.facts import load_facts
from tasks.office import Office
from tasks.post import contexts
from tasks.post.outbox import NewNotice, queue
from tasks.rules.facts import Facts
from tasks.rules.limits import effective_limit, inclusive
from tasks.rules.status import status
from tasks.rules.words import show_date, show_day, show_limit

from . import forms

EVERY = "*"


class DeskError(ValueError):
    """What is wrong with the form and what to do (Vietnamese)."""


def known_operator(office: Office, by: str) -> None:
    codes = [o.code for o in office.settings.desk.operators]
    if by not in codes:
        raise DeskError(f"Mã người quyết định {by!r} chưa khai báo; các mã đã khai báo: {', '.join(codes)}")


def find(session: Session, office: Office, round_code: str, units: Sequence[str]) -> list[Facts]:
    """The facts of the named units in a round; ``DeskError`` names what is unknown."""
    facts = {
        f.unit: f for f in load_facts(session, office.plan.code, [round_code], rehearsal=office.rehearsal)
    }
    if not facts:
        raise DeskError(f"Đợt {round_code!r} chưa mở hoặc không có trong kế hoạch")
    if list(units) == [EVERY]:
        return list(facts.values())
    if unknown := [u for u in units if u not in facts]:
        raise DeskError(f"Đợt {round_code} không có đơn vị {', '.join(unknown)}")
    return [facts[u] for u in units]


def extend(office: Office, form: forms.Extend, now: datetime) -> str:
    until = datetime.combine(form.until, form.until_time, ZONE) if form.until_time else inclusive(form.until)
    with writing(office.engine) as session:
        chosen = find(session, office, form.round, form.units)
        if until <= now:
            raise DeskError("Thời hạn mới phải sau thời điểm này")
        for f in chosen:
            if until <= effective_limit(f):
                raise DeskError(
                    f"{f.unit}: thời hạn mới phải sau thời hạn đang áp dụng ({show_day(effective_limit(f))})"
                )
        for f in chosen:
            session.add(
                ExtensionRow(obligation_id=f.obligation, at=now, by=form.by, reason=form.reason, until=until)
            )
            last = show_limit(until) if form.until_time else show_date(form.until)
            words = {"granted": True, "until": last, "reason": form.reason}
            tell(session, office, f, "extension", words, now)
        note(session, form, now, "extended", [f.unit for f in chosen], until=until.isoformat())
    return f"Đã gia hạn {len(chosen)} đơn vị đến hết ngày {show_date(form.until)}"


def exempt(office: Office, form: forms.Exempt, now: datetime) -> str:
    with writing(office.engine) as session:
        chosen = find(session, office, form.round, form.units)
        if again := [f.unit for f in chosen if f.exemptions]:
            raise DeskError(f"Đã được miễn từ trước: {', '.join(again)}")
        for f in chosen:
            session.add(ExemptionRow(obligation_id=f.obligation, at=now, by=form.by, reason=form.reason))
            tell(session, office, f, "exemption", {"reason": form.reason}, now)
        note(session, form, now, "exempted", [f.unit for f in chosen])
    return f"Đã miễn báo cáo cho {len(chosen)} đơn vị"


def acknowledge(office: Office, form: forms.Acknowledge, now: datetime) -> str:
    promised = inclusive(form.promised)
    with writing(office.engine) as session:
        (f,) = find(session, office, form.round, [form.unit])
        if promised <= now:
            raise DeskError("Ngày cam kết đã qua; hãy nhập ngày từ hôm nay trở đi")
        session.add(
            AcknowledgementRow(
                obligation_id=f.obligation, at=now, by=form.by, reason=form.reason, promised=promised
            )
        )
        tell(session, office, f, "acknowledged", {"promised": show_date(form.promised)}, now)
        note(session, form, now, "acknowledged", [f.unit], promised=promised.isoformat())
    return f"Đã ghi nhận cam kết của {form.unit} đến hết ngày {show_date(form.promised)}"


def accept_on_time(office: Office, form: forms.AcceptOnTime, now: datetime) -> str:
    with writing(office.engine) as session:
        (f,) = find(session, office, form.round, [form.unit])
        session.add(PunctualityRow(obligation_id=f.obligation, at=now, by=form.by, reason=form.reason))
        note(session, form, now, "punctuality.accepted", [f.unit])
    return f"Đã chấp nhận đúng hạn cho {form.unit}"


def confirm_figure(office: Office, form: forms.ConfirmFigure, now: datetime) -> str:
    with writing(office.engine) as session:
        figure = session.get(FigureRow, form.figure)
        if figure is None:
            raise DeskError(f"Không có số liệu số {form.figure}")
        session.add(
            FigureDecisionRow(figure_id=figure.id, value=form.value, at=now, by=form.by, reason=form.reason)
        )
        note(session, form, now, "figure.confirmed", [], figure=figure.id, value=form.value)
    shown = "không dùng" if form.value is None else f"{form.value:g} {figure.uom}"
    return f"Đã xác nhận chỉ tiêu {figure.indicator} ({figure.raw!r}): {shown}"


def sending(office: Office, form: forms.Sending, now: datetime) -> str:
    with writing(office.engine) as session:
        controls.put(session, controls.SENDING, form.state, at=now, by=form.by)
        note(session, form, now, "sending." + form.state, [])
    return "Đã tiếp tục gửi thư" if form.state == "on" else "Đã tạm dừng gửi thư"


def open_plan_round(office: Office, form: forms.OpenRound, now: datetime) -> str:
    round_ = office.plan.round_by_code.get(form.round)
    if round_ is None:
        raise DeskError(f"Kế hoạch không có đợt {form.round!r}")
    return _open(office, round_, form, now)


def open_ad_hoc(office: Office, form: forms.OpenAdHoc, now: datetime) -> str:
    if form.round in office.plan.round_by_code:
        raise DeskError(f"Mã {form.round} đã có trong kế hoạch; hãy chọn mã khác")
    units = tuple(u.code for u in office.plan.units if u.active) if form.units == (EVERY,) else form.units
    if unknown := [u for u in units if u not in office.plan.unit_by_code]:
        raise DeskError(f"Không có đơn vị {', '.join(unknown)}")
    limit = datetime.combine(form.until, form.until_time, ZONE) if form.until_time else inclusive(form.until)
    if limit <= now:
        raise DeskError("Hạn gửi đã qua")
    local = limit.astimezone(ZONE)
    try:
        round_ = Round(
            code=form.round,
            form=Form.FREE,
            title=form.title,
            short=form.title,
            clause="Báo cáo đột xuất (Mục III.4, dòng 151)",
            opens=now.astimezone(ZONE).date(),
            limit=local.date(),
            limit_time=local.time(),
            audience=Audience.LISTED,
            units=units,
            reminders=form.reminders,
            content=form.content,
        )
    except ValidationError as error:
        raise DeskError("; ".join(e["msg"] for e in error.errors())) from error
    return _open(office, round_, form, now)


def _open(office: Office, round_: Round, form: forms.DeskForm, now: datetime) -> str:
    with writing(office.engine) as session:
        try:
            opened = open_round(session, office, round_, now, by=form.by)
        except RoundError as error:
            raise DeskError(str(error)) from error
        note(session, form, now, "round.opened.by_hand", [], round=round_.code)
    return f"Đã mở đợt {round_.code}: {opened.obligations} đơn vị"


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


def tell(
    session: Session, office: Office, facts: Facts, kind: str, words: dict[str, Any], now: datetime
) -> None:
    """Queue the answer that tells a unit of a decision about it."""
    contact = addresses(session, office).of(facts.unit, Role.CLERK, Role.LIAISON)
    if contact is None:
        return
    (fresh,) = load_facts(session, office.plan.code, rehearsal=office.rehearsal, ids=[facts.obligation])
    calendar = calendar_of(office)
    item = contexts.item(fresh, status(fresh, calendar, now), calendar, now)
    queue(
        session,
        NewNotice(
            plan=office.plan.code,
            round=facts.round.code,
            unit=facts.unit,
            recipient=contact.email,
            kind=kind,
            occasion=now.isoformat(),
            nature="answer",
            context=words | {"item": item},
            token=facts.token,
        ),
        now,
    )


def note(
    session: Session, form: forms.DeskForm, now: datetime, action: str, units: list[str], **details: Any
) -> None:
    subject = getattr(form, "round", "")
    if units:
        details["units"] = units
    audit.record(
        session, at=now, actor=form.by, action=action, subject=subject, reason=form.reason, **details
    )
