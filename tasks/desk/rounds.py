"""Deeds that open a round: one of the plan's that waits for a person, or an ad hoc one."""

from __future__ import annotations

from datetime import datetime

from pydantic import ValidationError
from pydantic_core import ErrorDetails

from config.plan import ZONE, Area, Audience, Form, Round, Unit
from config.plan_faults import explain
from db.session import reading, writing
from tasks.chase.judge import calendar_of
from tasks.chase.rounds import RoundError, open_round
from tasks.facts import open_rounds
from tasks.office import Office
from tasks.rules.limits import inclusive
from tasks.rules.words import show_moment
from tasks.rules.working_days import next_window

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
    chosen = Form(form.form)
    units = _asked(office, chosen, form.units)
    if chosen is Form.QUARTERLY and not (form.period_from and form.period_to):
        raise DeskError("Biểu như báo cáo quý cần kỳ số liệu: từ ngày, đến ngày")
    limit = datetime.combine(form.until, form.until_time, ZONE) if form.until_time else inclusive(form.until)
    if limit <= now:
        raise DeskError("Hạn gửi đã qua")
    first = next_window(calendar_of(office), office.plan.policy.chasing, now)
    if first >= limit:  # units would first hear of a report that is late already
        when = show_moment(first)
        raise DeskError(f"Thư đề nghị đi sớm nhất lúc {when}, khi đã hết hạn; hãy chọn hạn muộn hơn")
    local = limit.astimezone(ZONE)
    try:
        round_ = Round(
            code=form.round,
            form=chosen,
            title=form.title,
            short=form.title,
            clause="Mục III.4 (dòng 151)",
            opens=now.astimezone(ZONE).date(),
            limit=local.date(),
            limit_time=local.time(),
            period_from=form.period_from,
            period_to=form.period_to,
            area=Area(form.area),
            previous=_last_values(office, chosen),
            audience=Audience.LISTED,
            units=units,
            reminders=form.reminders,
            content=form.content,
        )
    except ValidationError as error:
        raise DeskError("; ".join(_told(e) for e in error.errors())) from error
    return _open(office, round_, form, now)


def _told(error: ErrorDetails) -> str:
    """What is wrong with the round, under the title that the field has in the form."""
    name = str(error["loc"][0]) if error["loc"] else ""
    field = forms.OpenAdHoc.model_fields.get("round" if name == "code" else name)
    said = explain(error, Round).rstrip(".")
    return f"{field.title}: {said}" if field else said


def _asked(office: Office, form: Form, codes: tuple[str, ...]) -> tuple[str, ...]:
    """Codes of the units asked; ``DeskError`` where one is unknown or the form would be empty for it."""
    plan = office.plan
    if unknown := [c for c in codes if c not in plan.unit_by_code and codes != (EVERY,)]:
        raise DeskError(f"Không có đơn vị {', '.join(unknown)}")
    everybody = [u for u in plan.units if u.active]
    named = everybody if codes == (EVERY,) else [plan.unit_by_code[c] for c in codes]
    empty = [u.code for u in named if form is not Form.FREE and not _has_rows(office, u, form)]
    if empty and (codes != (EVERY,) or len(empty) == len(named)):
        whom = ", ".join(empty) if codes != (EVERY,) else "mọi đơn vị"
        raise DeskError(f"Mẫu biểu này không hỏi gì {whom}: kế hoạch chưa giao chỉ tiêu, nhiệm vụ")
    return tuple(u.code for u in named if u.code not in empty)


def _has_rows(office: Office, unit: Unit, form: Form) -> bool:
    if office.plan.indicators_for(unit, form, assumed=office.assumed):
        return True
    return form is Form.QUARTERLY and bool(office.plan.assignments_for(unit, assumed=office.assumed))


def _last_values(office: Office, form: Form) -> str | None:
    """The newest open quarterly round: its accepted values stand in the reference column."""
    if form is not Form.QUARTERLY:
        return None
    with reading(office.engine) as session:
        opened = [r for r, _ in open_rounds(session, office.plan.code).values()]
    quarters = [r for r in opened if r.form is Form.QUARTERLY and r.audience is Audience.ALL]
    return max(quarters, key=lambda r: r.limit).code if quarters else None


def _open(office: Office, round_: Round, form: forms.DeskForm, now: datetime) -> str:
    with writing(office.engine) as session:
        try:
            opened = open_round(session, office, round_, now, by=form.by)
        except RoundError as error:
            raise DeskError(str(error)) from error
        note(session, form, now, "round.opened.by_hand", [], round=round_.code)
    return f"Đã mở đợt {round_.code}: {opened.obligations} đơn vị"
