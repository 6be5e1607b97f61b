"""What came back, was refused or taken back by a person is owed again, and counts as told to nobody."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from config.plan import Role
from db.models import AttemptRow, NoticeItemRow, NoticeRow
from db.session import reading, writing
from tasks.chase.judge import addresses, judge
from tasks.chase.remind import remind
from tasks.desk.forms import ReleaseNotice, ReviveAddress
from tasks.desk.posting import release, revive
from tasks.office import Office
from tests.builders import at
from tests.oracle.almanac import Almanac, start_of
from tests.oracle.history import Pass, UnitHistory, World
from tests.oracle.office import Play, an_office
from tests.oracle.verdict import Tally

UNIT = "u0.example"
MORNINGS = [at(f"{d} 07:10") for d in ("15/6", "25/6", "26/6", "29/6", "30/6")]


def a_play(folder: Path, **changes: object) -> Play:
    unit = UnitHistory(UNIT, has={"clerk", "head", "member"}, **changes)  # type: ignore[arg-type]
    almanac = Almanac(frozenset(), frozenset())
    limit = start_of(date(2026, 6, 25))
    return an_office(World(0, almanac, date(2026, 6, 15), limit, 3, 2, [], [], [unit], limit), folder / "office")


def steps(play: Play) -> list[tuple[str, str]]:
    """(step, state of its notice) in the order of queueing."""
    query = select(NoticeItemRow.step, NoticeRow.state).join(NoticeRow, NoticeRow.id == NoticeItemRow.notice_id)
    with reading(play.office.engine) as session:
        return list(session.execute(query.order_by(NoticeItemRow.id)).tuples())


def owed(play: Play, now: datetime) -> str:
    with reading(play.office.engine) as session:
        (one,) = judge(session, play.office, now)
    return f"held: {one.hold.code}" if one.hold else one.step


def dead(office: Office) -> frozenset[str]:
    with reading(office.engine) as session:
        return addresses(session, office).dead


def clean(tally: Tally) -> bool:
    return not tally.false and not tally.unexplained


def test_a_mended_address_gets_the_letter_that_came_back_anew(tmp_path: Path) -> None:
    play = a_play(tmp_path, bounces={"clerk": timedelta(hours=1)}, mended={"clerk": at("25/6 12:00")})
    tally = Tally()
    for now in MORNINGS:
        play.run(Pass(now), tally)
    assert clean(tally)
    assert steps(play) == [("invitation", "held"), ("invitation", "held"), ("rung-1", "held")]


def test_a_letter_that_came_back_told_nobody_even_after_the_address_is_mended(tmp_path: Path) -> None:
    play = a_play(tmp_path, bounces={"clerk": timedelta(hours=1)})
    play.run(Pass(MORNINGS[0]), Tally())
    play.record_until(at("25/6 06:00"))
    assert owed(play, at("25/6 07:10")) == "held: no_contact"
    revive(play.office, ReviveAddress(by="CV1", reason="đã sửa", owner=UNIT, role="clerk"), at("25/6 06:30"))
    assert owed(play, at("25/6 07:10")) == "invitation"


def test_an_address_is_mended_whichever_of_its_role_it_is(tmp_path: Path) -> None:
    play = a_play(tmp_path, bounces={"clerk": timedelta(hours=1)})
    play.run(Pass(MORNINGS[0]), Tally())
    play.record_until(at("25/6 06:00"))
    plan = play.office.plan
    (first,) = plan.contacts_of(UNIT, Role.CLERK)
    others = [c for c in plan.contacts if c is not first]
    new = first.model_copy(update={"email": "moi@u0.example"})
    office = replace(play.office, plan=plan.model_copy(update={"contacts": (new, *others, first)}))
    assert first.email in dead(office)
    revive(office, ReviveAddress(by="CV1", reason="đã sửa", owner=UNIT, role="clerk"), at("25/6 06:30"))
    assert first.email not in dead(office)


@pytest.mark.parametrize(("state", "before"), [("unknown", ""), ("failed", "held: no_contact")])
def test_a_letter_that_a_person_takes_back_is_owed_again_the_next_day(
    tmp_path: Path, state: str, before: str
) -> None:
    play = a_play(tmp_path)
    play.run(Pass(MORNINGS[0]), Tally())
    remind(play.office, MORNINGS[1], channels_complete=True)
    with writing(play.office.engine) as session:
        notice = session.scalars(select(NoticeRow).where(NoticeRow.rung == 1)).one()
        notice.state = state
        session.add(
            AttemptRow(notice_id=notice.id, started_at=MORNINGS[1], finished_at=MORNINGS[1], outcome="unknown",
                       mode="live", code=None, text="")
        )  # fmt: skip
        number = notice.id
    assert owed(play, at("25/6 09:00")) == before
    release(play.office, ReleaseNotice(by="CV1", reason="không gửi", notice=number, outcome="cancel"), at("25/6 10:00"))
    assert owed(play, MORNINGS[2]) == "rung-1"
    assert remind(play.office, MORNINGS[2], channels_complete=True).queued == 1
    assert steps(play)[-2:] == [("rung-1", "cancelled"), ("rung-1", "queued")]
