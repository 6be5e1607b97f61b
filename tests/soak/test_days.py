"""The clock is a day wrong, or the machine is off over a limit."""

from __future__ import annotations

import os
import random
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.plan import ZONE
from config.settings import Settings
from db import controls
from db.migrate import upgrade
from db.models import NoticeItemRow, NoticeRow, ObligationRow, ProposalItemRow
from db.plans import save_plan
from db.session import make_engine, reading, writing
from flows.demo.clerk import fill
from flows.round import play_day
from tasks import steps
from tasks.chase.summary import summarise
from tasks.desk.registry import submit
from tasks.forms.build import build, file_name
from tasks.forms.prefill import spec_for
from tasks.office import Office, open_office
from tasks.rules.clock import Heard, Tick
from tasks.rules.status import DONE, State
from tests.integration.scale.province import ROUND, quarter_of

from .table import Count

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]
UNITS, ANSWER = 10, 6
FIRST, LAST, LIMIT = date(2026, 6, 1), date(2026, 7, 8), date(2026, 6, 25)
DAY = timedelta(days=1)


class June:
    """One round of ten units, of which six answer, two of them on the last day in time."""

    def __init__(self, folder: Path, seed: int) -> None:
        start = datetime(2026, 5, 29, 8, tzinfo=ZONE)
        folder.mkdir()
        settings = Settings(_env_file=None, data=folder)
        engine = make_engine(settings.url, durable=False)
        upgrade(engine)
        plan = quarter_of(UNITS)
        with writing(engine) as session:
            save_plan(session, plan, start)
            for name in (controls.INSTALLED, controls.REHEARSAL):
                controls.put(session, name, "yes", at=start, by="system")
        self.office: Office = open_office(settings, plan.code, engine, durable=False)
        dice = random.Random(seed)
        units = list(plan.rounds[0].units)
        dice.shuffle(units)
        days = [LIMIT - DAY] * 2 + [FIRST + dice.randint(3, 22) * DAY for _ in range(ANSWER - 2)]
        self.answers = dict(zip(units, days, strict=False))

    def play(
        self, off: tuple[date, ...] = (), ahead: dict[date, timedelta] | None = None, witness: str = ""
    ) -> None:
        """Each day: a pass in the morning, files in the afternoon; ``ahead``: how wrong the clock is;
        ``witness``: who knows better, "count" or "server"."""
        ahead = ahead or {}
        for day in days(FIRST, LAST):
            if day not in off:
                now = datetime.combine(day, time(7, 10), ZONE) + ahead.get(day, timedelta(0))
                if day > LIMIT:
                    read = {"through": now - timedelta(minutes=9), "by": "CV1", "reason": "Đối chiếu sổ"}
                    submit(self.office, "register_reading", read, now - timedelta(minutes=5))
                self.ask(witness, now, datetime.combine(day, time(7, 10), ZONE))
                play_day(self.office, now)
            for unit in [u for u, answered in self.answers.items() if answered == day]:
                self.drop(unit, datetime.combine(day, time(15), ZONE))

    def ask(self, witness: str, now: datetime, really: datetime) -> None:
        tick = Tick("boot", (really - datetime(2026, 5, 1, tzinfo=ZONE)).total_seconds())
        if witness:
            heard = Heard(tick) if witness == "count" else Heard(told={"máy chủ web": really})
            steps.note_clock(self.office, now, heard)

    def drop(self, unit: str, at: datetime) -> None:
        with reading(self.office.engine) as session:
            query = select(ObligationRow.id).where(ObligationRow.unit == unit)
            spec = spec_for(session, self.office, session.scalars(query).one())
        path = self.office.data / "inbox" / file_name(spec)
        path.parent.mkdir(exist_ok=True)
        path.write_bytes(fill(build(spec), path.name, random.Random(unit), 0.4, unit))
        os.utime(path, (at.timestamp(), at.timestamp()))

    def letters(self) -> list[tuple[str, str, datetime]]:
        """(unit, step, the clock's time) of every step that a mail told."""
        query = (
            select(ObligationRow.unit, NoticeItemRow.step, NoticeRow.queued_at)
            .join(NoticeItemRow, NoticeItemRow.obligation_id == ObligationRow.id)
            .join(NoticeRow, NoticeRow.id == NoticeItemRow.notice_id)
            .where(NoticeItemRow.dropped_at.is_(None), NoticeRow.state == "held")
        )
        with reading(self.office.engine) as session:
            return list(session.execute(query).tuples())

    def proposed(self) -> set[str]:
        query = select(ObligationRow.unit).join(ProposalItemRow, ProposalItemRow.obligation_id == ObligationRow.id)
        with reading(self.office.engine) as session:
            return set(session.scalars(query))

    def reckon(self, count: Count, now: datetime) -> None:
        """Lost: an answer not credited in time, a silent unit without its letter and proposal."""
        with reading(self.office.engine) as session:
            states = {x.unit: x.state for x in summarise(session, self.office, ROUND, now).lines}
        letters = self.letters()
        told = {unit for unit, step, _ in letters if step == "rung-1"}
        silent = set(states) - set(self.answers)
        count.lost += sum(states[u] is not State.DONE_ON_TIME for u in self.answers)
        count.lost += len(silent - told) + len(silent - self.proposed())
        count.duplicated += sum(n - 1 for n in Counter((u, s) for u, s, _ in letters).values())
        count.wrong += len((told | self.proposed()) & set(self.answers))
        count.wrong += sum(states[u] in DONE for u in silent)


def days(first: date, last: date) -> Iterator[date]:
    while first <= last:
        yield first
        first += DAY


END = datetime.combine(LAST, time(12), ZONE)


@pytest.mark.parametrize("first_off", [LIMIT - 3 * DAY, LIMIT - 2 * DAY, LIMIT - DAY, LIMIT])
def test_the_machine_is_off_for_three_days_over_the_limit(tmp_path: Path, first_off: date) -> None:
    count = Count(f"machine off {first_off:%d/%m}–{first_off + 2 * DAY:%d/%m}, limit 25/06", "4, 5")
    off = (first_off, first_off + DAY, first_off + 2 * DAY)
    for seed in range(3):
        june = June(tmp_path / str(seed), seed)
        june.play(off)
        june.reckon(count, END)
        count.runs += 1
        june.office.engine.dispose()
    count.tell()
    assert (count.lost, count.duplicated, count.wrong) == (0, 0, 0)


@pytest.mark.parametrize("jump", [DAY, -DAY])
def test_the_clock_is_a_day_wrong_on_an_ordinary_day_and_then_right_again(tmp_path: Path, jump: timedelta) -> None:
    count = Count(f"clock {jump.days:+d} day for a day, then right again", "1, 4, 5")
    for seed in range(6):
        june = June(tmp_path / str(seed), seed)
        wrong = random.Random(seed).choice([d for d in days(FIRST + 2 * DAY, LIMIT - 3 * DAY) if d.weekday() < 4])
        june.play(ahead={wrong: jump})
        june.reckon(count, END)
        count.runs += 1
        june.office.engine.dispose()
    count.tell()
    assert (count.lost, count.duplicated, count.wrong) == (0, 0, 0)


@pytest.mark.parametrize("server", [False, True])
def test_a_clock_a_day_ahead_on_the_last_day_chases_nobody(tmp_path: Path, server: bool) -> None:
    """Found out by the machine's own count of seconds, or by another machine's word."""
    count = Count(f"clock +1 day on the last day in time, found out by {'a server' if server else 'the count'}", "4, 5")
    for seed in range(3):
        june = June(tmp_path / str(seed), seed)
        june.play(ahead={LIMIT - DAY: DAY}, witness="server" if server else "count")
        early = [(u, s) for u, s, at in june.letters() if s.startswith("rung") and at < datetime.combine(LIMIT, time(0), ZONE)]
        june.reckon(count, END)
        count.runs += 1
        count.wrong += len(early)
        june.office.engine.dispose()
    count.tell()
    assert (count.lost, count.duplicated, count.wrong) == (0, 0, 0)


def test_without_any_witness_such_a_clock_chases_a_day_early_and_no_more(tmp_path: Path) -> None:
    """A machine that was started with a wrong clock, and no server to ask: bounded, never above rung one."""
    count = Count("clock +1 day on the last day in time, no witness", "4: rung 1 a day early, nothing above")
    june = June(tmp_path / "0", 0)
    june.play(ahead={LIMIT - DAY: DAY})
    early = [(u, s) for u, s, at in june.letters() if s.startswith("rung") and at < datetime.combine(LIMIT + DAY, time(0), ZONE)]
    count.runs, count.wrong = 1, len({u for u, _ in early} & {u for u, d in june.answers.items() if d == LIMIT - DAY})
    count.note = f"{len(early)} letters of rung 1 a day early, {count.wrong} of them to units that answered that day"
    count.tell()
    assert {s for _, s in early} == {"rung-1"}
    assert not june.proposed() & set(june.answers)
    june.office.engine.dispose()
