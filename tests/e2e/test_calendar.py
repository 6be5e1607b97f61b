"""A round on the virtual clock, whole path: real database, real files, mail held as .eml."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tasks.rules.status import State

from .installation import Installation, at

ROUND = "2026-q2"


@pytest.fixture
def opened(tmp_path: Path) -> Installation:
    """The second quarter, opened and announced on 1 June."""
    here = Installation(tmp_path, at("2026-06-01T06:00"))
    here.day("2026-06-01T07:10")
    return here


def test_the_round_opens_by_itself_and_every_unit_gets_its_own_workbook(opened: Installation) -> None:
    invitations = opened.notices(kind="invitation")
    assert len(invitations) == 145
    with_workbook = [m for m in opened.mails() if any(True for _ in m.iter_attachments())]
    assert len(with_workbook) == 145
    assert len({a.get_filename() for m in with_workbook for a in m.iter_attachments()}) == 145


def test_a_round_whose_opening_lies_before_the_installation_waits_for_a_person(tmp_path: Path) -> None:
    here = Installation(tmp_path, at("2026-06-10T08:00"))
    assert here.day("2026-06-10T08:30").rounds == []
    here.desk("open_round", "2026-06-10T09:00", round=ROUND)
    assert here.day("2026-06-10T09:30").rounds == [ROUND]
    assert len(here.notices(kind="invitation")) == 145


def test_the_second_pass_of_a_day_changes_nothing(opened: Installation) -> None:
    opened.answer("SYT", ROUND)
    opened.day("2026-06-16T07:10")
    before = (len(opened.notices()), len(opened.mails()))
    done = opened.day("2026-06-16T07:10")
    assert (len(opened.notices()), len(opened.mails())) == before
    assert done.reminded is not None and done.reminded.queued == 0
    assert done.delivered is not None and done.delivered.held == 0


def test_a_week_of_darkness_across_the_limit_brings_one_mail_per_unit(opened: Installation) -> None:
    opened.answer("SYT", ROUND)
    opened.day("2026-06-19T07:10")
    count = len(opened.notices(nature="chase"))
    done = opened.day("2026-06-26T07:10")  # machine off from the 19th, over the limit of the 25th
    later = opened.notices(nature="chase")[count:]
    assert Counter(n.kind for n in later) == {"overdue": 144}
    assert max(Counter(n.recipient for n in later).values()) == 1
    assert done.escalated is not None and done.escalated.proposals == 0  # no rung is jumped


def test_who_answers_in_time_is_never_chased_again(opened: Installation) -> None:
    opened.answer("SYT", ROUND)
    for now in ("2026-06-10T09:00", "2026-06-16T07:10", "2026-06-24T07:10", "2026-06-25T07:10"):
        opened.day(now)
    kinds = [n.kind for n in opened.notices(unit="SYT")]
    assert kinds == ["invitation", "accepted"]
    status = {x.unit: x for x in opened.summary(ROUND, "2026-06-25T08:00").lines}
    assert status["SYT"].state is State.DONE_ON_TIME
    assert status["SCT"].state is State.OVERDUE


def test_nothing_is_proposed_above_the_first_rung_before_the_register_was_read(opened: Installation) -> None:
    for now in ("2026-06-25T07:10", "2026-06-29T07:10"):
        done = opened.day(now)
    assert done.escalated is not None and done.escalated.proposals == 0
    assert {h.code for _, _, h in done.escalated.held} == {"register"}
    opened.desk("register_reading", "2026-06-30T08:00", through=at("2026-06-30T08:00"))
    done = opened.day("2026-06-30T08:10")
    assert done.escalated is not None and (done.escalated.proposals, done.escalated.units) == (1, 145)


def test_an_approved_letter_drops_the_unit_that_has_sent_its_file_meanwhile(opened: Installation) -> None:
    opened.day("2026-06-25T07:10")
    opened.desk("register_reading", "2026-06-29T07:00", through=at("2026-06-29T07:00"))
    opened.day("2026-06-29T07:10")
    opened.desk("decide", "2026-06-29T09:00", proposal=1, verdict="approve", strangers_seen=True)
    opened.answer("SYT", ROUND)
    opened.day("2026-06-29T09:30")
    assert len(opened.notices(kind="head", state="held")) == 144
    assert not opened.notices(kind="head", unit="SYT", state="held")
    assert opened.summary(ROUND, "2026-06-29T10:00").counts["late"] == 1


def test_on_a_day_off_nobody_is_chased_but_answers_leave(opened: Installation) -> None:
    opened.day("2026-06-25T07:10")
    chased = len(opened.notices(nature="chase"))
    opened.answer("SYT", ROUND)
    opened.day("2026-06-27T09:00")  # a Saturday
    assert len(opened.notices(nature="chase")) == chased
    assert [n.kind for n in opened.notices(nature="answer", state="held")] == ["accepted"]


def test_a_clock_that_went_back_chases_nobody(opened: Installation) -> None:
    opened.day("2026-06-16T07:10")
    before = len(opened.notices(nature="chase"))
    opened.day("2026-06-25T07:10")
    after = len(opened.notices(nature="chase"))
    opened.day("2026-06-22T07:10")  # the clock is three days behind the last pass
    assert (before, after, len(opened.notices(nature="chase"))) == (290, 435, 435)
