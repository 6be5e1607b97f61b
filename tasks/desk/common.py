"""What every deed of the desk shares: its error, who may decide, whom it is about, the letter, the record.

A mistake raises ``DeskError`` with a sentence for the operator, and changes nothing.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy.orm import Session

from config.plan import Role
from db import audit
from tasks.chase.judge import addresses, calendar_of
from tasks.facts import load_facts
from tasks.office import Office
from tasks.post import contexts
from tasks.post.outbox import NewNotice, queue
from tasks.rules.facts import Facts, as_of
from tasks.rules.status import status

from . import forms

EVERY = "*"


class DeskError(ValueError):
    """What is wrong with the form and what to do (Vietnamese)."""


def known_operator(office: Office, by: str) -> None:
    codes = [o.code for o in office.settings.desk.operators]
    if by not in codes:
        raise DeskError(f"Mã người quyết định {by!r} chưa khai báo; các mã đã khai báo: {', '.join(codes)}")


def find(
    session: Session, office: Office, round_code: str, units: Sequence[str], now: datetime
) -> list[Facts]:
    """The facts of the named units in a round, as known now; ``DeskError`` names what is unknown."""
    found = load_facts(session, office.plan.code, [round_code], rehearsal=office.rehearsal)
    facts = {f.unit: as_of(f, now) for f in found}
    if not facts:
        raise DeskError(f"Đợt {round_code!r} chưa mở hoặc không có trong kế hoạch")
    if list(units) == [EVERY]:
        return list(facts.values())
    if unknown := [u for u in units if u not in facts]:
        raise DeskError(f"Đợt {round_code} không có đơn vị {', '.join(unknown)}")
    return [facts[u] for u in units]


def tell(
    session: Session, office: Office, facts: Facts, kind: str, words: dict[str, Any], now: datetime
) -> None:
    """Queue the answer that tells a unit of a decision about it."""
    contact = addresses(session, office).of(facts.unit, Role.CLERK, Role.LIAISON)
    if contact is None:
        return
    (fresh,) = load_facts(session, office.plan.code, rehearsal=office.rehearsal, ids=[facts.obligation])
    calendar = calendar_of(office)
    judged = status(fresh, calendar, now)
    item = contexts.item(fresh, judged, calendar, now)
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
            context=words | {"item": item, "owes": judged.owes},
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
