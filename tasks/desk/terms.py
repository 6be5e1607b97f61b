"""Deeds about what a unit owes: its limit, its exemption, its promise, its standing as punctual."""

from __future__ import annotations

from datetime import datetime

from config.plan import ZONE
from db.models import AcknowledgementRow, ExemptionRow, ExtensionRow, PunctualityRow
from db.session import writing
from tasks.chase.judge import calendar_of
from tasks.office import Office
from tasks.rules.facts import Facts
from tasks.rules.limits import effective_limit, inclusive
from tasks.rules.status import State, status
from tasks.rules.words import show_date, show_term, show_through, show_until

from . import forms
from .common import EVERY, DeskError, find, note, tell


def extend(office: Office, form: forms.Extend, now: datetime) -> str:
    until = datetime.combine(form.until, form.until_time, ZONE) if form.until_time else inclusive(form.until)
    with writing(office.engine) as session:
        chosen = find(session, office, form.round, form.units, now)
        if until <= now:
            raise DeskError("Thời hạn mới phải sau thời điểm này")
        refused = {f.unit: why for f in chosen if (why := _not_extended(f, until))}
        chosen = [f for f in chosen if f.unit not in refused]
        if refused and (form.units != (EVERY,) or not chosen):
            raise DeskError("; ".join(f"{unit}: {why}" for unit, why in refused.items()))
        for f in chosen:
            session.add(
                ExtensionRow(obligation_id=f.obligation, at=now, by=form.by, reason=form.reason, until=until)
            )
            words = {"granted": True, "until": show_until(until), "reason": form.reason}
            tell(session, office, f, "extension", words, now)
        note(session, form, now, "extended", [f.unit for f in chosen], until=until.isoformat())
    kept = f"; giữ nguyên {', '.join(refused)}: đã được miễn hoặc có thời hạn muộn hơn" if refused else ""
    return f"Đã gia hạn {len(chosen)} đơn vị đến {show_through(until)}{kept}"


def _not_extended(f: Facts, until: datetime) -> str:
    """Why the limit of ``f`` does not move to ``until`` (Vietnamese); empty where it does."""
    if f.exemptions:
        return "đã được miễn báo cáo"
    if until <= effective_limit(f):
        return f"thời hạn mới phải sau thời hạn đang áp dụng: {show_term(effective_limit(f))}"
    return ""


def exempt(office: Office, form: forms.Exempt, now: datetime) -> str:
    with writing(office.engine) as session:
        chosen = find(session, office, form.round, form.units, now)
        again = [f.unit for f in chosen if f.exemptions]
        chosen = [f for f in chosen if not f.exemptions]
        if again and (form.units != (EVERY,) or not chosen):
            raise DeskError(f"Đã được miễn từ trước: {', '.join(again)}")
        for f in chosen:
            session.add(ExemptionRow(obligation_id=f.obligation, at=now, by=form.by, reason=form.reason))
            tell(session, office, f, "exemption", {"reason": form.reason}, now)
        note(session, form, now, "exempted", [f.unit for f in chosen])
    return f"Đã miễn báo cáo cho {len(chosen)} đơn vị"


def acknowledge(office: Office, form: forms.Acknowledge, now: datetime) -> str:
    promised = inclusive(form.promised)
    with writing(office.engine) as session:
        (f,) = find(session, office, form.round, [form.unit], now)
        if promised <= now:
            raise DeskError("Ngày cam kết đã qua; hãy nhập ngày từ hôm nay trở đi")
        judged = status(f, calendar_of(office), now)
        if judged.state is State.EXEMPT or judged.accepted:
            raise DeskError(f"{form.unit} không còn nợ báo cáo này ({judged.label.lower()})")
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
        (f,) = find(session, office, form.round, [form.unit], now)
        if not f.arrivals:
            raise DeskError(f"{form.unit} chưa gửi bản nào; muốn cho thêm thời gian thì gia hạn")
        if f.punctuality:
            raise DeskError(f"{form.unit} đã được chấp nhận đúng hạn từ trước")
        session.add(PunctualityRow(obligation_id=f.obligation, at=now, by=form.by, reason=form.reason))
        note(session, form, now, "punctuality.accepted", [f.unit])
    return f"Đã chấp nhận đúng hạn cho {form.unit}"
