"""Deeds that open a round: one of the plan's that waits for a person, or an ad hoc one."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError

from config.plan import ZONE, Audience, Form, Round
from db.session import writing
from tasks.chase.rounds import RoundError, open_round
from tasks.office import Office
from tasks.rules.limits import inclusive

from . import forms
from .common import EVERY, DeskError, note


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
