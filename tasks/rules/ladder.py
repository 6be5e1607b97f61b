"""What an obligation is owed now: an invitation, a reminder, a rung of the ladder, or a hold.

Nothing here asks "is today day −3?": the question is always which steps are due by now and
not yet done, so a late or repeated run is harmless (design §5, §6; rulings 3, 4, 6, 11–16).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from config.plan import Ladder, Rung

from .facts import (
    Arrival,
    Exemption,
    Extension,
    Facts,
    Letter,
    Proposed,
    Revocable,
    Superseded,
    as_of,
)
from .holds import Hold, HoldCode, hold_of, promise_hold
from .limits import working_day_after, working_day_before
from .status import State, Status, status
from .words import show_day
from .working_days import Calendar, local_day

INVITATION = "invitation"
NEVER_TOLD = "Chưa có thông báo nào được máy chủ thư nhận và không bị trả về"


def reminder(days: int) -> str:
    return f"reminder-{days}"


def rung_step(number: int) -> str:
    return f"rung-{number}"


@dataclass(frozen=True)
class Owed:
    """The next step of one obligation at an instant. ``step`` empty: nothing is owed now."""

    facts: Facts
    status: Status
    restart: int
    step: str = ""
    rung: int = 0
    superseded: tuple[str, ...] = ()
    hold: Hold | None = None

    @property
    def sendable(self) -> bool:
        return bool(self.step) and self.hold is None


def owed(facts: Facts, ladder: Ladder, calendar: Calendar, now: datetime, restart: int = 0) -> Owed:
    """Decide ``facts``' next step at ``now``. Pure; contacts and channels are the caller's to add."""
    on = standing(facts, ladder, calendar, now, restart)
    if on.judged.state is State.EXEMPT or on.judged.accepted:
        return on.nothing()
    if on.owes_invitation():
        return on.before_limit()
    if held := hold_of(on.facts, on.judged):
        return on.nothing(held)
    return on.before_limit() if now < on.judged.limit else on.after_limit()


def standing(facts: Facts, ladder: Ladder, calendar: Calendar, now: datetime, restart: int) -> Standing:
    facts = as_of(facts, now)
    return Standing(facts, status(facts, calendar, now), ladder, calendar, now, restart)


@dataclass(frozen=True)
class Standing:
    """Where one obligation stands on its ladder; ``facts`` as known at ``now``."""

    facts: Facts
    judged: Status
    ladder: Ladder
    calendar: Calendar
    now: datetime
    restart: int

    def nothing(self, hold: Hold | None = None) -> Owed:
        return Owed(self.facts, self.judged, self.restart, hold=hold)

    def step(self, step: str, rung: int = 0, superseded: tuple[str, ...] = ()) -> Owed:
        return Owed(self.facts, self.judged, self.restart, step=step, rung=rung, superseded=superseded)

    # -- before the limit ---------------------------------------------------------------

    def owes_invitation(self) -> bool:
        """The first letter of a round chases nobody: an old undecided item does not hold it."""
        return self.judged.owes and self.now < self.judged.limit and not self._done(INVITATION)

    def before_limit(self) -> Owed:
        due = self.due_reminders()
        undone = self._undone(due)
        if not self._done(INVITATION):
            return self.step(INVITATION, superseded=undone)
        if not due or due[-1] not in undone or self._told_today():
            return self.nothing()
        return self.step(due[-1], superseded=undone[:-1])

    def due_reminders(self) -> list[str]:
        """Reminders whose day has come, oldest first.

        After an extension only the days after it was granted: the letter that grants it
        has just named the new limit. So has the letter that takes an exemption or extension back.
        """
        today = local_day(self.now)
        named = [e.at for e in self.facts.extensions]
        named += self._owes_again()
        granted = max((local_day(at) for at in named), default=date.min)
        days = {
            n: working_day_before(self.calendar, self.judged.limit, n) for n in self.facts.round.reminders
        }
        return [reminder(n) for n, day in days.items() if granted < day <= today]

    def _told_today(self) -> bool:
        today = local_day(self.now)
        return any(local_day(x.queued_at) == today and not x.ended_at for x in self.facts.letters)

    # -- after the limit ----------------------------------------------------------------

    def after_limit(self) -> Owed:
        if not self.told():
            return self._never_told()
        if hold := promise_hold(self.facts, self.now):
            return self.nothing(hold)
        if self._told_today():
            return self.nothing()
        climbed, since = self.climbed()
        if climbed >= len(self.ladder.rungs):
            return self.nothing()
        rung = self.ladder.rungs[climbed]
        if hold := self._pending(rung):
            return self.nothing(hold)
        if not self.time_for(rung, since):
            return self.nothing()
        superseded = self._undone(self.due_reminders())
        return self.step(rung_step(rung.number), rung=rung.number, superseded=superseded)

    def told(self) -> bool:
        """Has any letter about this obligation been accepted by a server and not come back?"""
        return any(x.sent_at and not x.bounced_at for x in self.facts.letters)

    def _never_told(self) -> Owed:
        """Nobody is escalated without an invitation that a server accepted (ruling 3)."""
        if self._done(INVITATION):
            return self.nothing(Hold(HoldCode.NEVER_TOLD, NEVER_TOLD))
        return self.step(INVITATION, superseded=self._undone(self.due_reminders()))

    def climbed(self) -> tuple[int, date | None]:
        """The highest rung whose letter was really sent without a gap below it, and when."""
        number, since = 0, None
        for rung in self.ladder.rungs:
            sent = self._sent_on(rung)
            if sent is None:
                break
            number, since = rung.number, sent
        return number, since

    def _sent_on(self, rung: Rung) -> date | None:
        if rung.draft_only:
            drafted = self.approved(rung)
            done = [drafted.decided_at] if drafted and drafted.decided_at else []
        else:
            letters = self._letters(rung_step(rung.number))
            done = [x.sent_at for x in letters if x.sent_at and not x.bounced_at]
        return local_day(max(done)) if done else None

    def time_for(self, rung: Rung, since: date | None) -> bool:
        today = local_day(self.now)
        base = self.judged.limit
        if self.judged.state is State.INCOMPLETE and self.judged.cure_until:
            base = self.judged.cure_until
        base = max([base, *self._owes_again()])  # until then the unit rightly believed that it owed nothing
        if today < working_day_after(self.calendar, base, rung.after):
            return False
        if today in [local_day(at) for at in self._taken_back(Revocable)]:
            return False  # the unit has been told today
        return since is None or self.calendar.elapsed(since, today) >= self.ladder.gap

    def _pending(self, rung: Rung) -> Hold | None:
        """Is this rung's letter already on its way, before a person, or stuck?"""
        for letter in self._letters(rung_step(rung.number)):
            if letter.unknown:
                why = "Mất kết nối sau khi gửi, chưa rõ thư đã đến hay chưa; chờ chuyên viên quyết định"
                return Hold(HoldCode.UNKNOWN_OUTCOME, why)
            if not letter.sent_at and not letter.ended_at:
                return Hold(HoldCode.WAITING, f"Thư bậc {rung.number} đang chờ gửi")
        proposals = sorted(self._proposals(rung), key=lambda p: p.at)
        return self._decision(rung, proposals[-1]) if proposals else None

    def _decision(self, rung: Rung, proposal: Proposed) -> Hold | None:
        if proposal.lapsed_at:
            return None
        if proposal.decided_at is None:
            why = f"Đề xuất bậc {rung.number} ngày {show_day(proposal.at)} đang chờ phê duyệt"
            return Hold(HoldCode.APPROVAL, why)
        if proposal.verdict == "approve":
            letters = self._letters(rung_step(rung.number))
            if any(x.ended_at or x.bounced_at for x in letters if x.queued_at >= proposal.decided_at):
                return None  # dropped at the last look, refused or bounced: it must be proposed anew
            return Hold(HoldCode.APPROVED, f"Bậc {rung.number} đã được duyệt, chờ gửi")
        if self.calendar.elapsed(local_day(proposal.decided_at), local_day(self.now)) < self.ladder.gap:
            day = show_day(proposal.decided_at)
            return Hold(HoldCode.DECLINED, f"Bậc {rung.number}: ngày {day} đã quyết định chưa gửi")
        return None

    def _owes_again(self) -> list[datetime]:
        """When something was taken back that had freed the unit of its duty or of its limit."""
        return self._taken_back(Exemption, Extension, Arrival)

    def _taken_back(self, *kinds: type[Revocable]) -> list[datetime]:
        return [d.revoked_at for d in self.facts.revoked if isinstance(d, kinds) and d.revoked_at]

    # -- what was done ------------------------------------------------------------------

    def _same(self, item: Letter | Proposed | Superseded) -> bool:
        return (item.effective_limit, item.restart) == (self.judged.limit, self.restart)

    def _letters(self, step: str) -> list[Letter]:
        return [x for x in self.facts.letters if x.step == step and self._same(x)]

    def approved(self, rung: Rung) -> Proposed | None:
        """The newest approval of ``rung`` that has not lapsed."""
        given = [p for p in self._proposals(rung) if p.verdict == "approve" and not p.lapsed_at]
        return max(given, key=lambda p: p.at, default=None)

    def _proposals(self, rung: Rung) -> list[Proposed]:
        return [p for p in self.facts.proposals if p.rung == rung.number and self._same(p)]

    def _done(self, step: str) -> bool:
        """On its way, or sent and not bounced. An extension asks for no second invitation."""
        letters = [
            x
            for x in self.facts.letters
            if x.step == step and x.restart == self.restart and (step == INVITATION or self._same(x))
        ]
        return any(not x.ended_at and not x.bounced_at for x in letters)

    def _undone(self, steps: list[str]) -> tuple[str, ...]:
        """Of ``steps`` those neither done nor recorded as superseded."""
        known = {s.step for s in self.facts.superseded if self._same(s)}
        return tuple(s for s in steps if s not in known and not self._done(s))
