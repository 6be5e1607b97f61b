"""Sending what is owed: claim, in-flight, SMTP, outcome; in hold, redirect, live, rehearse."""

from __future__ import annotations

import asyncio
import os
import tempfile
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy.exc import SQLAlchemyError

from config.plan import Plan
from config.settings import MailMode
from db import instance
from db.session import reading, writing
from tasks.office import Office

from . import caps, modes, outcomes
from .booking import Run, book, in_window, switch_is_on, take_up
from .contract import (
    STOPS,
    Clock,
    Compose,
    ComposeError,
    Delivery,
    Judgement,
    Parts,
    Rejudge,
)
from .outcomes import cancel_notice, release_unknown, retry_failed
from .smtp import TOO_BIG, CannotSend, Letter, Outcome, Pool

__all__ = [
    "STOPS",
    "Compose",
    "ComposeError",
    "Delivery",
    "Judgement",
    "Parts",
    "Rejudge",
    "cancel_notice",
    "deliver",
    "release_unknown",
    "retry_failed",
]

ON_THE_SHELF = 8  # held files written at a time: their names are the same on every try
GATHER = 0.02  # seconds that a mail's outcome waits for others to be recorded with it
Carried = asyncio.Task[tuple[Letter, Outcome]]
LOSSES_PER_CONNECTION = 3  # so many lost conversations in a row: the server is not well
REFUSALS = 10  # so many refused mails in a row: it refuses us, not the addresses


class Switch:
    """The kill switch, read for each letter after it asked; letters that ask together share a reading."""

    def __init__(self, run: Run) -> None:
        self._run = run
        self._reading: asyncio.Task[bool] | None = None  # under way: too old for whoever asks now
        self._next: asyncio.Task[bool] | None = None  # not yet begun

    async def is_on(self) -> bool:
        if self._next is None:
            self._next = asyncio.create_task(self._read(self._reading))
        return await asyncio.shield(self._next)

    async def _read(self, earlier: asyncio.Task[bool] | None) -> bool:
        if earlier is not None:
            await asyncio.wait([earlier])
        self._reading, self._next = self._next, None
        return await asyncio.to_thread(switch_is_on, self._run)


class Carrier(Protocol):
    async def open(self) -> None: ...
    async def carry(self, letter: Letter) -> Outcome: ...
    async def close(self) -> None: ...


def deliver(
    office: Office,
    now: datetime,
    *,
    compose: Compose,
    rejudge: Rejudge,
    run_cap: int | None = None,
    clock: Clock | None = None,
    chasing: Callable[[Plan, datetime], bool] = in_window,
) -> Delivery:
    """Send everything that is owed and may leave; safe to run twice at once and to kill anywhere.

    ``clock`` gives the instants of attempts and leases: the real clock in real flows (so that a
    sender frozen past its lease notices), the virtual one in a rehearsal; default: ``now``.
    """
    run = Run(
        office=office,
        compose=compose,
        rejudge=rejudge,
        clock=clock or (lambda: now),
        left=caps.run_cap(office.settings.mail, office.plan) if run_cap is None else run_cap,
        chasing=chasing,
    )
    with reading(office.engine) as session:
        run.did.stopped = modes.start_refusal(session, office.settings)
    if not run.did.stopped:
        modes.note_mode(office, run.clock())
        _in_own_loop(_deliver(run))
    return run.did


def _remember(office: Office) -> None:
    """Note outside the database how far it is, so that an older copy of it is noticed."""
    with reading(office.engine) as session:
        instance.remember(session, office.settings)


async def _deliver(run: Run) -> None:
    if not await asyncio.to_thread(take_up, run):
        return  # no connection, no login
    await asyncio.to_thread(_remember, run.office)
    carrier = _carrier(run)
    try:
        await carrier.open()
        await _work(run, carrier)
    except CannotSend as error:
        run.stop(error.reason)
        if error.reason == "auth":
            await asyncio.to_thread(_pause, run)
    finally:
        await carrier.close()
        await asyncio.to_thread(_remember, run.office)


async def _work(run: Run, carrier: Carrier) -> None:
    """Keep k mails under way; each turn records what ended and claims anew."""
    k = ON_THE_SHELF if run.mail.mode is MailMode.HOLD else run.mail.connections
    switch = Switch(run)
    under_way: set[Carried] = set()
    done: list[tuple[Letter, Outcome]] = []
    health = Health(k)
    try:
        while True:
            claimed = await asyncio.to_thread(book, run, done, k - len(under_way))
            under_way |= {asyncio.create_task(_carry(switch, carrier, letter)) for letter in claimed}
            if not under_way:
                return
            ended, under_way = await _ended(under_way, half=(k + 1) // 2)
            done = [task.result() for task in ended]
            for _, outcome in done:
                if illness := health.after(outcome):
                    run.stop(illness)
    finally:
        await asyncio.gather(*under_way, return_exceptions=True)


@dataclass
class Health:
    """What many outcomes in a row say of the server; a mail more or less would say nothing."""

    connections: int
    losses: int = 0
    refusals: int = 0

    def after(self, outcome: Outcome) -> str:
        """Why no further mail should be tried (a key of ``STOPS``), or ""."""
        self.losses = self.losses + 1 if outcome.lost else 0
        if outcome.kind in outcomes.REACHED:
            self.refusals = 0
        self.refusals += outcome.kind == "refused" and outcome.code not in (None, TOO_BIG)
        if self.losses >= LOSSES_PER_CONNECTION * self.connections:
            return "unstable"
        return "refuses_all" if self.refusals >= REFUSALS else ""


async def _ended(under_way: set[Carried], half: int) -> tuple[set[Carried], set[Carried]]:
    """The mails that ended, and the others: half of what can be under way, or what ends within GATHER."""
    end = asyncio.get_running_loop().time() + GATHER
    ended, others = await asyncio.wait(under_way, return_when=asyncio.FIRST_COMPLETED)
    while others and len(ended) < half and (left := end - asyncio.get_running_loop().time()) > 0:
        more, others = await asyncio.wait(others, timeout=left, return_when=asyncio.FIRST_COMPLETED)
        ended |= more
    return ended, others


async def _carry(switch: Switch, carrier: Carrier, letter: Letter) -> tuple[Letter, Outcome]:
    """Ask the kill switch once more, then hand the letter over. Fails closed."""
    try:
        on = await switch.is_on()
    except SQLAlchemyError:
        return letter, _put_back("switch_unreadable")
    if not on:
        return letter, _put_back("paused")
    return letter, await carrier.carry(letter)


def _put_back(reason: str) -> Outcome:
    return Outcome("deferred", text=STOPS[reason], stop=reason, tried=False)


def _carrier(run: Run) -> Carrier:
    mail = run.office.settings.mail
    if mail.mode is MailMode.HOLD:
        return HoldingShelf(run.office.data / "outbox")
    return Pool(mail, run.clock, partial(modes.permitted, mail))


class HoldingShelf:
    """``hold``: each mail becomes a file that a person can open; nothing is sent."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    async def open(self) -> None:
        self.folder.mkdir(parents=True, exist_ok=True)

    async def carry(self, letter: Letter) -> Outcome:
        await asyncio.to_thread(self._write, letter)
        return Outcome("held", text=letter.file_name)

    async def close(self) -> None:
        pass

    def _write(self, letter: Letter) -> None:
        """Whole or not at all, and the same name on every try."""
        handle, name = tempfile.mkstemp(dir=self.folder, prefix=".new-")
        with os.fdopen(handle, "wb") as file:
            file.write(letter.data)
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(self.folder / letter.file_name)


def _pause(run: Run) -> None:
    with writing(run.office.engine) as session:
        outcomes.pause_after_refused_login(session, run.clock())


def _in_own_loop(work: Coroutine[Any, Any, None]) -> None:
    """Run ``work`` to its end, also when called from inside a running event loop."""
    try:
        asyncio.get_running_loop()
    except RuntimeError:
        asyncio.run(work)
        return
    with ThreadPoolExecutor(1) as thread:
        thread.submit(asyncio.run, work).result()
