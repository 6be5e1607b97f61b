"""What the e-mail templates are told: facts put into formatted Vietnamese strings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any

from config.plan import Form, Plan, Role, Round
from tasks.office import Office
from tasks.rules.facts import Facts, Letter
from tasks.rules.ladder import INVITATION
from tasks.rules.limits import days_late, effective_limit, working_days_left
from tasks.rules.status import State, Status
from tasks.rules.words import show_date, show_day, show_last_day, show_limit, show_moment
from tasks.rules.working_days import Calendar, local_day

Context = dict[str, Any]

MISSING = {
    Form.QUARTERLY: "báo cáo và biểu số liệu",
    Form.KPI_PLAN: "kế hoạch thực hiện chỉ tiêu (KPI)",
    Form.FREE: "báo cáo",
}


def plan_number(plan: Plan) -> str:
    """"Kế hoạch số …/KH-BCĐ": number and date are blank in the text we have, so they stay blank."""
    number = f"Kế hoạch số {plan.policy.number or '…'}{plan.policy.number_suffix}"
    return f"{number} ngày {show_date(plan.policy.issued_on)}" if plan.policy.issued_on else number


def common(office: Office, now: datetime, addressee: str, *, tag: str = "") -> Context:
    """What every template needs."""
    policy, mail = office.plan.policy, office.settings.mail
    return {
        "mail_prefix": policy.mail_prefix,
        "sender_name": mail.sender_name,
        "plan_title": policy.title,
        "plan_number": plan_number(office.plan),
        "support": {
            "name": policy.support_name,
            "phone": policy.support_phone,
            "email": policy.support_email,
        },
        "as_of": show_moment(now),
        "addressee": addressee,
        "tag": tag,
        "reply_to": mail.reply_to or mail.sender,
    }


def to_unit(office: Office, now: datetime, unit: str, *, tag: str = "") -> Context:
    return common(office, now, office.plan.unit_by_code[unit].letter_name, tag=tag)


def to_head(office: Office, now: datetime, unit: str) -> Context:
    return common(office, now, f"Thủ trưởng {office.plan.unit_by_code[unit].letter_name}")


def to_department(office: Office, now: datetime) -> Context:
    receiver = office.plan.unit_by_code[office.plan.policy.receiver]
    return common(office, now, f"Lãnh đạo {receiver.letter_name}")


def department_addresses(office: Office, *roles: Role) -> list[str]:
    """The Department's own recipients: leaders, operators, and those of the settings."""
    contacts = office.plan.contacts_of(office.plan.policy.receiver, *roles)
    return list(dict.fromkeys([c.email for c in contacts] + list(office.settings.bulletin_to)))


def tag_of(token: str) -> str:
    return f"[{token}]" if token else ""


def item(facts: Facts, status: Status, calendar: Calendar, now: datetime) -> Context:
    """One obligation as the templates show it."""
    round_, limit = facts.round, status.limit
    return round_words(round_) | {
        "limit": show_limit(limit),
        "last_day": show_last_day(limit),
        "days_left": working_days_left(calendar, limit, now),
        "days_late": days_late(limit, now),
        "state": _state(status),
        "missing": MISSING[round_.form],
        "extended": status.extended,
        "tag": tag_of(facts.token),
        "code": facts.token,
    }


def round_words(round_: Round) -> Context:
    def shown(day: date | None) -> str:
        return show_date(day) if day else ""

    return {
        "round_title": round_.title,
        "round_short": round_.short,
        "clause": round_.clause,
        "period_from": shown(round_.period_from),
        "period_to": shown(round_.period_to),
        "content": round_.content,
    }


def _state(status: Status) -> str:
    if status.state is State.RETURNED:
        return "returned"
    return "incomplete" if status.state is State.INCOMPLETE else "missing"


def urgings(facts: Facts) -> list[str]:
    """What was really sent about this obligation, for letters and annexes: "nhắc ngày 22/6/2026"."""
    sent = sorted(
        (x for x in facts.letters if x.sent_at and not x.bounced_at), key=lambda x: x.sent_at or x.queued_at
    )
    limit = effective_limit(facts)
    return [f"{step_label(x.step)} ngày {show_day(_sent(x))}" for x in sent if x.effective_limit <= limit]


def _sent(letter: Letter) -> datetime:
    return letter.sent_at or letter.queued_at


def step_label(step: str) -> str:
    if step == INVITATION:
        return "thông báo"
    name, _, number = step.partition("-")
    return "nhắc trước hạn" if name == "reminder" else f"đôn đốc lần {number}"


def respond_by(calendar: Calendar, now: datetime) -> str:
    """The day a late unit is asked to answer by: the next working day."""
    return show_date(calendar.after(local_day(now), 1))


def row(unit_name: str, item_: Mapping[str, Any], urged: Sequence[str]) -> Context:
    """One line of a digest for a member or the chair."""
    return {
        "unit": unit_name,
        "round_short": item_["round_short"],
        "state": item_["state"],
        "days_late": item_["days_late"],
        "urgings": "; ".join(urged),
    }
