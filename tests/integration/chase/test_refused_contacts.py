"""The server refuses one contact for good: the other one of the same rung is written to, or nobody is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest

from db.session import reading
from tasks.chase.judge import judge
from tasks.chase.rejudge import rejudger
from tasks.chase.remind import remind
from tasks.office import Office
from tasks.post.contract import Parts
from tasks.post.deliver import Delivery, deliver
from tasks.post.smtp import CATCHER
from tests.builders import at
from tests.integration.post.office import again, live
from tests.integration.post.servers import Sink
from tests.oracle.almanac import Almanac, start_of
from tests.oracle.history import UnitHistory, World
from tests.oracle.office import an_office

UNIT = "u0.example"
MORNING, NOON, LATE = at("15/6 07:10"), at("15/6 13:10"), at("25/6 07:10")


@pytest.fixture
def sink() -> Iterator[Sink]:
    with Sink(greets_as=CATCHER) as server:
        yield server


def an_office_of(folder: Path, sink: Sink, *roles: str) -> Office:
    unit = UnitHistory(UNIT, has={"head", "member", *roles})
    opens, limit = at("15/6 00:00").date(), start_of(at("25/6 00:00").date())
    world = World(0, Almanac(frozenset(), frozenset()), opens, limit, 3, 2, [], [], [unit], limit)
    return again(an_office(world, folder / "o").office, live(sink.port, mode="rehearse", allow_domains=()))


def a_pass(office: Office, now: datetime) -> Delivery:
    remind(office, now, channels_complete=True)
    return deliver(
        office, now, rejudge=rejudger(office, channels_complete=True),
        compose=lambda notice, items: Parts(notice.kind, "xin chào", "<p>xin chào</p>"),
    )  # fmt: skip


def judged(office: Office, now: datetime) -> str:
    with reading(office.engine) as session:
        (one,) = judge(session, office, now)
    return f"held: {one.hold.code}" if one.hold else one.step


def test_a_clerk_whom_the_server_refuses_is_followed_by_the_liaison(tmp_path: Path, sink: Sink) -> None:
    office = an_office_of(tmp_path, sink, "clerk", "liaison")
    sink.answers[f"clerk@{UNIT}"] = "550 5.1.1 no such user"
    assert a_pass(office, MORNING).refused == 1
    assert judged(office, NOON) == "invitation"
    assert a_pass(office, NOON).sent == 1
    assert [to for to, _, _ in sink.accepted] == [f"liaison@{UNIT}"]
    assert a_pass(office, LATE).sent == 1  # the first rung goes to whom can be reached
    assert [to for to, _, _ in sink.accepted][1:] == [f"liaison@{UNIT}"]


def test_a_unit_that_nobody_can_be_reached_at_is_held_and_never_escalated(tmp_path: Path, sink: Sink) -> None:
    office = an_office_of(tmp_path, sink, "clerk")
    sink.answers[f"clerk@{UNIT}"] = "550 5.1.1 no such user"
    assert a_pass(office, MORNING).refused == 1
    for now in (NOON, LATE, at("30/6 07:10"), at("8/7 07:10")):
        assert a_pass(office, now) == Delivery()
        assert judged(office, now) == "held: no_contact"
    assert sink.accepted == []


def test_a_box_that_is_only_greylisted_is_not_dead_and_no_second_contact_is_bothered(tmp_path: Path, sink: Sink) -> None:
    office = an_office_of(tmp_path, sink, "clerk", "liaison")
    sink.answers[f"clerk@{UNIT}"] = "450 4.2.0 greylisted"
    assert a_pass(office, MORNING).deferred == 1
    assert a_pass(office, NOON).deferred == 1
    del sink.answers[f"clerk@{UNIT}"]
    assert a_pass(office, at("16/6 07:10")).sent == 1
    assert [to for to, _, _ in sink.accepted] == [f"clerk@{UNIT}"]


def test_greylisting_over_the_limit_drops_the_reminder_and_tells_nobody_falsely(tmp_path: Path, sink: Sink) -> None:
    """Never told, so never escalated: the invitation itself is what is still owed after the limit."""
    office = an_office_of(tmp_path, sink, "clerk")
    sink.answers[f"clerk@{UNIT}"] = "450 4.2.0 greylisted"
    for now in (MORNING, NOON, at("16/6 07:10"), at("22/6 07:10"), at("24/6 16:30"), LATE):
        a_pass(office, now)
    assert judged(office, at("26/6 07:10")) in ("held: never_told", "held: no_contact")
    del sink.answers[f"clerk@{UNIT}"]
    a_pass(office, at("26/6 13:10"))
    kinds = {to for to, _, _ in sink.accepted}
    assert kinds <= {f"clerk@{UNIT}"}  # the head and the member have heard nothing
