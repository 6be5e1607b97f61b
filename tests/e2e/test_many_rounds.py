"""Several rounds late at once: each recipient gets at most one chasing mail a day, and every letter comes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import AttemptRow, DecisionRow, ProposalRow
from db.session import reading
from tasks.rules.working_days import local_day

from .installation import Installation, at

ROUNDS = ("2026-dx1", "2026-dx2", "2026-dx3")


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """Three rounds of the same two units, "trước ngày 10/7"; what is proposed is approved in the hour."""
    made = Installation(tmp_path / "var", at("2026-07-01T06:00"))
    for minute, code in enumerate(ROUNDS, 30):
        made.ad_hoc(f"2026-07-06T06:{minute}", "SYT, SXD", "2026-07-09", round=code, reminders="1")
    day = date(2026, 7, 6)
    while day <= date(2026, 7, 23):
        if day.weekday() < 5:
            _live_through(made, day.isoformat())
        day += timedelta(days=1)
    yield made
    made.office.engine.dispose()


def _live_through(here: Installation, day: str) -> None:
    for hour in ("07", "13"):
        here.desk("register_reading", f"{day}T{hour}:05", through=at(f"{day}T{hour}:05"))
        here.day(f"{day}T{hour}:10")
        for number in _undecided(here):
            here.desk("decide", f"{day}T{hour}:30", proposal=number, verdict="approve")


def _undecided(here: Installation) -> list[int]:
    query = select(ProposalRow.id).where(ProposalRow.id.not_in(select(DecisionRow.proposal_id)))
    with reading(here.office.engine) as session:
        return list(session.scalars(query))


def test_no_recipient_is_chased_twice_a_day_and_no_letter_is_lost(here: Installation) -> None:
    chases = {n.id: n for n in here.notices(nature="chase")}
    with reading(here.office.engine) as session:
        sent = [a for a in session.scalars(select(AttemptRow)) if a.notice_id in chases]
    days = Counter((chases[a.notice_id].recipient, local_day(a.started_at)) for a in sent)
    assert max(days.values()) == 1
    letters = [(n.kind, n.round) for a in sent if (n := chases[a.notice_id])]
    together = dict.fromkeys(("invitation", "reminder", "overdue"), 2)  # all rounds in one mail a unit
    alone = {(kind, code): each for code in ROUNDS for kind, each in (("head", 2), ("member", 1))}
    assert Counter(letters) == {(kind, "*"): n for kind, n in together.items()} | alone


def test_every_rung_waited_for_the_one_before_and_its_gap(here: Installation) -> None:
    for code in ROUNDS:
        assert {(x.unit, x.rung) for x in here.summary(code, "2026-07-23T18:00").lines} == {("SYT", 3), ("SXD", 3)}
    with reading(here.office.engine) as session:
        first = dict(session.execute(select(AttemptRow.notice_id, AttemptRow.started_at)).tuples().all())
    day_of = {n.id: local_day(first[n.id]) for n in here.notices(nature="chase") if n.id in first}
    kinds = {(n.kind, n.round): day_of[n.id] for n in here.notices(nature="chase") if n.id in day_of}
    for code in ROUNDS:
        assert kinds["overdue", "*"] < kinds["head", code]
        assert (kinds["member", code] - kinds["head", code]).days >= 2
