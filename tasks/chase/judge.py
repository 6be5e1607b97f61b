"""Facts and rules brought together: what every open obligation is owed at an instant."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import lru_cache

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from config.plan import Certainty, Contact, Holiday, Member, Role, RungTo
from config.settings import MailMode
from db.controls import ladder_restart
from db.models import BounceRow, NoticeRow, ReadingRow
from db.session import reading
from tasks.facts import load_facts
from tasks.office import Office
from tasks.rules.holds import Hold, HoldCode
from tasks.rules.ladder import Owed, owed
from tasks.rules.words import show_through
from tasks.rules.working_days import Calendar, chasing_allowed

from .clock import doubt_of

CLOCK_SLACK = timedelta(minutes=10)  # two machines' clocks; a pass that began before another
REGISTER = "register"  # QLVB&ĐH, a channel that a person reads (ruling 12)


@lru_cache(maxsize=8)
def _calendar(holidays: tuple[Holiday, ...]) -> Calendar:
    return Calendar.of(holidays)


def calendar_of(office: Office) -> Calendar:
    return _calendar(office.plan.holidays)


def may_chase(office: Office, now: datetime) -> bool:
    """Inside the window of a working day, by a clock that has not gone back and that is believed.

    A clock behind the last pass's would see the past as the present and chase for what has
    long been answered; one that is ahead would chase for a limit still to come. Answers to
    units go on.
    """
    if not chasing_allowed(calendar_of(office), office.plan.policy.chasing, now):
        return False
    with reading(office.engine) as session:
        if doubt_of(session):
            return False
        last = session.scalar(select(func.max(ReadingRow.started_at)).where(ReadingRow.by == "system"))
    return last is None or last <= now + CLOCK_SLACK


@dataclass(frozen=True)
class Addresses:
    """Who can be reached: contacts whose address has not bounced."""

    office: Office
    dead: frozenset[str]

    def of(self, unit: str, *roles: Role) -> Contact | None:
        """The first living contact of ``unit`` in the order of ``roles``."""
        alive = [c for c in self.office.plan.contacts_of(unit, *roles) if c.email.lower() not in self.dead]
        return alive[0] if alive else None

    def for_step(self, unit: str, rung: int) -> str:
        """The address of a step's recipient, or "" where nobody can be reached.

        Never mended by skipping to the next person up (ruling 13).
        """
        to = RungTo.UNIT if rung == 0 else self.office.plan.policy.ladder.rungs[rung - 1].to
        if to is RungTo.UNIT:
            contact = self.of(unit, Role.CLERK, Role.LIAISON)
            return contact.email if contact else ""
        if to is RungTo.HEAD:
            contact = self.of(unit, Role.HEAD, Role.DEPUTY)
            return contact.email if contact else ""
        return self._of_member(unit, to)

    def member_of(self, unit: str, to: RungTo) -> Member | None:
        """The chair, or the member in charge of ``unit``."""
        plan = self.office.plan
        if to is RungTo.CHAIR:
            return next((m for m in plan.members if m.role == "chair"), None)
        return plan.member_by_code.get(plan.unit_by_code[unit].member or "")

    def _of_member(self, unit: str, to: RungTo) -> str:
        member = self.member_of(unit, to)
        if member is None or member.unit == unit or member.email.lower() in self.dead:
            return ""
        return member.email


def addresses(session: Session, office: Office) -> Addresses:
    """Dead: a permanent bounce, or the server refused it for good; until a person mends the contact."""
    bounced = select(BounceRow.address).where(BounceRow.permanent)
    refused = select(NoticeRow.recipient).where(NoticeRow.state == "failed")
    dead = {a.lower() for query in (bounced, refused) for a in session.scalars(query)}
    return Addresses(office, frozenset(dead))


def judge(
    session: Session,
    office: Office,
    now: datetime,
    rounds: Sequence[str] | None = None,
    *,
    owing: bool = False,
) -> list[Owed]:
    """What each obligation of the open rounds is owed, holds of contact and assumption included.

    ``owing``: only those of which something can still be owed.
    """
    facts = load_facts(session, office.plan.code, rounds, rehearsal=office.rehearsal, owing=owing)
    calendar, ladder = calendar_of(office), office.plan.policy.ladder
    restart = ladder_restart(session)
    reach = addresses(session, office)
    items = [owed(f, ladder, calendar, now, restart) for f in facts if f.opened_at <= now]
    read_through = _register_through(session, now) if any(o.rung > 1 for o in items) else None
    doubt = doubt_of(session)
    items = [_register_read(office, read_through, _reachable(office, reach, o)) for o in items]
    return [_by_this_clock(doubt, o) for o in items]


def _by_this_clock(doubt: str, item: Owed) -> Owed:
    if not doubt or not item.step or item.hold:
        return item
    return replace(item, hold=Hold(HoldCode.CLOCK, f"Đồng hồ máy chủ chưa tin được: {doubt}"))


def _register_through(session: Session, now: datetime) -> datetime | None:
    """Through which moment a person has checked the document register (ruling 12)."""
    query = select(func.max(ReadingRow.through)).where(
        ReadingRow.channel == REGISTER, ReadingRow.complete, ReadingRow.started_at <= now
    )
    return session.scalar(query)


def _register_read(office: Office, through: datetime | None, item: Owed) -> Owed:
    """Above the first rung nothing is proposed without a reading of the register after the limit."""
    wanted = office.plan.policy.ladder.register_reading and item.rung > 1 and not item.hold
    if not wanted or (through and through >= item.status.limit):
        return item
    why = f"Chưa đối chiếu sổ QLVB&ĐH sau thời hạn ({show_through(item.status.limit)})"
    return replace(item, hold=Hold(HoldCode.REGISTER, why))


def _reachable(office: Office, reach: Addresses, item: Owed) -> Owed:
    if not item.step or item.hold:
        return item
    if item.facts.certainty is Certainty.ASSUMED and office.settings.mail.mode is MailMode.LIVE:
        why = "Nghĩa vụ dựa trên phân công giả định, chưa được xác nhận"
        return replace(item, hold=Hold(HoldCode.ASSUMED, why))
    if item.rung and _drafted(office, reach, item):
        return item  # a document for a leader to sign needs no address
    if not reach.for_step(item.facts.unit, item.rung):
        return replace(item, hold=Hold(HoldCode.NO_CONTACT, _no_contact(office, item.rung)))
    return item


def _drafted(office: Office, reach: Addresses, item: Owed) -> bool:
    rung = office.plan.policy.ladder.rungs[item.rung - 1]
    known = rung.to in (RungTo.UNIT, RungTo.HEAD) or reach.member_of(item.facts.unit, rung.to) is not None
    return rung.draft_only and known


def _no_contact(office: Office, rung: int) -> str:
    to = RungTo.UNIT if rung == 0 else office.plan.policy.ladder.rungs[rung - 1].to
    who = {
        RungTo.UNIT: "văn thư hoặc đầu mối của đơn vị",
        RungTo.HEAD: "thủ trưởng hoặc cấp phó của đơn vị",
        RungTo.MEMBER: "thành viên Ban Chỉ đạo phụ trách",
        RungTo.CHAIR: "Trưởng Ban Chỉ đạo",
    }[to]
    return f"Chưa có địa chỉ thư dùng được của {who}"
