"""The shape that every round's flow shares: collect → check → judge → remind → escalate.

Nothing here knows Prefect: ``do`` runs a step, as a Prefect task (``flows.engine.as_task``)
or plainly (``dondoc day``). Every function is safe to run late, twice, or after a crash.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from config.plan import Form
from db.session import reading
from tasks import steps
from tasks.chase.escalate import Escalated
from tasks.chase.remind import Reminded
from tasks.chase.rounds import unopened
from tasks.consolidate.due import Consolidated
from tasks.facts import open_rounds
from tasks.intake.collect import Collected
from tasks.office import Office
from tasks.post.contract import Clock, Delivery

from .witnesses import hear

Do = Callable[..., Any]


def plainly(step: Callable[..., Any], /, *args: Any, **kwargs: Any) -> Any:
    """Run a step in this process, without Prefect."""
    return step(*args, **kwargs)


@dataclass
class Pass:
    """What one pass did, for its summary."""

    now: datetime
    rounds: list[str] = field(default_factory=list)
    unopened: list[str] = field(default_factory=list)  # wait for a person to open them
    collected: Collected | None = None
    reminded: Reminded | None = None
    escalated: Escalated | None = None
    delivered: Delivery | None = None
    consolidated: list[Consolidated] = field(default_factory=list)
    clock_doubt: str = ""  # why this machine's clock is not believed

    @property
    def complete(self) -> bool:
        return self.collected is not None and self.collected.complete


def rounds_of(office: Office, forms: Collection[Form]) -> list[str]:
    """Open rounds whose form is one of ``forms``."""
    with reading(office.engine) as session:
        opened = open_rounds(session, office.plan.code)
    return [code for code, (round_, _) in opened.items() if round_.form in forms]


def unopened_rounds(office: Office, now: datetime) -> list[str]:
    """Rounds whose opening has come and that only a person may open (ruling 3)."""
    with reading(office.engine) as session:
        return [r.code for r in unopened(session, office.plan, now)]


def doubted(office: Office, now: datetime, did: Pass, do: Do, clock: Clock | None) -> bool:
    """Is the clock not to be believed? Then nothing is opened, read, judged or written by it.

    What arrives waits in its channel; the instants of a wrong clock would make it late. Where
    the time was given (no ``clock``) there is nobody to ask.
    """
    if clock is not None:
        did.clock_doubt = do(steps.note_clock, office, now, hear(office.settings))
    else:
        did.clock_doubt = steps.standing_clock_doubt(office)
    return bool(did.clock_doubt)


def take_in(office: Office, now: datetime, did: Pass, do: Do) -> None:
    """Read every channel, check what is new, owe the answers. Always before any chasing."""
    did.collected = do(steps.collect, office, now)
    do(steps.check_submissions, office, now)
    do(steps.answers, office, now)


def play_round(
    office: Office, now: datetime, forms: Collection[Form], do: Do = plainly, clock: Clock | None = None
) -> Pass:
    """One pass over the open rounds with these forms."""
    did = Pass(now)
    if doubted(office, now, did, do, clock):
        did.rounds = rounds_of(office, forms)
        return _only_post(office, did, do, clock)
    do(steps.open_rounds, office, now)
    did.rounds = rounds_of(office, forms)
    if not did.rounds:
        return did
    take_in(office, now, did, do)
    did.reminded = do(steps.remind, office, now, channels_complete=did.complete, rounds=did.rounds)
    did.escalated = do(steps.escalate, office, now, channels_complete=did.complete, rounds=did.rounds)
    did.delivered = do(steps.deliver, office, now, channels_complete=did.complete, clock=clock)
    return did


def play_mailroom(office: Office, now: datetime, do: Do = plainly, clock: Clock | None = None) -> Pass:
    """Every few minutes: intake, answers, approved letters, outbox."""
    did = Pass(now)
    if doubted(office, now, did, do, clock):
        return _only_post(office, did, do, clock)
    take_in(office, now, did, do)
    do(steps.execute, office, now)
    do(steps.remind_waiting, office, now)
    did.delivered = do(steps.deliver, office, now, channels_complete=did.complete, clock=clock)
    return did


def play_consolidation(office: Office, now: datetime, do: Do = plainly, clock: Clock | None = None) -> Pass:
    """The consolidated reports that are due, and the Department's daily bulletin.

    The channels are the mailroom's and the rounds' work; what needs them read waits for those.
    """
    did = Pass(now)
    if doubted(office, now, did, do, clock):
        return _only_post(office, did, do, clock)
    did.consolidated = do(steps.consolidate, office, now)
    do(steps.bulletin, office, now)
    do(steps.audit_head, office, now)
    did.delivered = do(steps.deliver, office, now, channels_complete=did.complete, clock=clock)
    return did


def play_day(office: Office, now: datetime, do: Do = plainly, clock: Clock | None = None) -> Pass:
    """One pass of everything that is due (``dondoc day``).

    What units are owed leaves before any document is written, so that a report that cannot
    be made never keeps a reminder back.
    """
    did = Pass(now)
    if doubted(office, now, did, do, clock):
        return _only_post(office, did, do, clock)
    do(steps.open_rounds, office, now)
    did.rounds = rounds_of(office, tuple(Form))
    did.unopened = unopened_rounds(office, now)
    take_in(office, now, did, do)
    do(steps.execute, office, now)
    did.reminded = do(steps.remind, office, now, channels_complete=did.complete)
    did.escalated = do(steps.escalate, office, now, channels_complete=did.complete)
    first = do(steps.deliver, office, now, channels_complete=did.complete, clock=clock)
    do(steps.remind_waiting, office, now)
    did.consolidated = do(steps.consolidate, office, now)
    do(steps.bulletin, office, now)
    do(steps.audit_head, office, now)
    second = do(steps.deliver, office, now, channels_complete=did.complete, clock=clock)
    did.delivered = add(first, second)
    return did


def _only_post(office: Office, did: Pass, do: Do, clock: Clock | None) -> Pass:
    """Answers that were owed already and the operators' alert leave; the last look holds the rest."""
    did.delivered = do(steps.deliver, office, did.now, channels_complete=False, clock=clock)
    return did


def add(first: Delivery, second: Delivery) -> Delivery:
    """Two runs of the post as one."""
    sums = {k: v + getattr(second, k) for k, v in vars(first).items() if k != "stopped"}
    return Delivery(**sums, stopped=first.stopped or second.stopped)
