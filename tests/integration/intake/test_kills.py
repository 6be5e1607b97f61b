"""Killed with SIGKILL at random moments, the intake loses nothing and counts nothing twice."""

from __future__ import annotations

import os
import random
import signal
import time
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.models import AuditRow, CheckRow, InboundRow, NoticeRow, RecognitionRow, SubmissionRow
from db.session import reading
from tasks.intake.answer import queue_answers
from tasks.intake.check import check_submissions
from tasks.intake.collect import collect
from tasks.office import open_office
from tests.integration.intake.world import World, a_mail, a_world, clerk

Q2 = "2026-q2"


def cycle(world: World) -> None:
    office = open_office(world.office.settings, "2026")
    collect(office, world.now)
    check_submissions(office, world.now)
    queue_answers(office, world.now)


def killed_after(world: World, seconds: float) -> bool:
    """Run one cycle in a child and kill it; True where it came to its end before."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            cycle(world)
            code = 0
        finally:
            os._exit(code)
    time.sleep(seconds)
    os.kill(child, signal.SIGKILL)
    _, status = os.waitpid(child, 0)
    return os.WIFEXITED(status) and os.WEXITSTATUS(status) == 0


def play(folder: Path, seed: int, mails: int, kills: int) -> None:
    source = random.Random(seed)
    world = a_world(folder)
    units = [u for u, _ in sorted(world.tokens)][:mails]
    for unit in units:
        world.deliver(a_mail(clerk(unit), world.tokens[unit, Q2], ("bc.xlsx", world.form(unit, Q2))))
    world.office.engine.dispose()
    ended = sum(killed_after(world, source.uniform(0.02, 0.25)) for _ in range(kills))
    cycle(world)
    with reading(world.office.engine) as session:
        tables = (InboundRow, RecognitionRow, SubmissionRow, CheckRow, NoticeRow)
        counts = [session.scalar(select(func.count(t.id))) for t in tables]
        recorded = select(func.count(AuditRow.id)).where(AuditRow.action == "submission.recorded")
        audited = session.scalar(recorded)
        stored = list(session.scalars(select(InboundRow.sha256)))
    print(
        f"\nseed {seed}: {mails} mails, {kills - ended} kills; items, recognitions, submissions, checks, answers {counts}"
    )
    assert counts == [mails] * 5
    assert audited == mails
    assert sorted(world.submissions()) == [(u, Q2, 1) for u in sorted(units)]
    assert all(world.office.archive.get(sha256) for sha256 in stored)
    assert kills - ended >= kills // 3


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs fork")
def test_sigkill_at_random_moments(tmp_path: Path) -> None:
    play(tmp_path / "data", seed=7, mails=25, kills=15)


@pytest.mark.soak
@pytest.mark.parametrize("seed", range(5))
def test_sigkill_at_hundreds_of_moments(seed: int, tmp_path: Path) -> None:
    play(tmp_path / "data", seed=seed, mails=140, kills=100)
