"""A bounce marks the address of the notice it speaks of, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import BounceRow, NoticeRow
from db.session import reading, writing
from tasks.chase.judge import addresses
from tasks.post.outbox import NewNotice, queue
from tests.integration.intake.world import World, a_mail, a_world, clerk
from tests.unit.intake.test_bounces import dsn


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data")


def written_to(world: World, unit: str) -> str:
    with writing(world.office.engine) as session:
        notice = NewNotice("2026", "2026-q2", unit, clerk(unit), "reminder", f"{unit}-1", "chase")
        row = queue(session, notice, world.now)
        assert row is not None
        row.state = "sent"
        return row.message_id


def bounces(world: World) -> list[tuple[str, bool, str | None]]:
    with reading(world.office.engine) as session:
        query = (
            select(BounceRow.address, BounceRow.permanent, NoticeRow.unit)
            .outerjoin(NoticeRow)
            .order_by(BounceRow.id)
        )
        return list(session.execute(query).tuples())


def deliver(world: World, text: str) -> None:
    world.deliver(text.strip().encode())
    world.collect()
    assert world.last().outcome == "bounce"


def test_by_message_id(world: World) -> None:
    deliver(world, dsn("failed", "5.1.1", original=f"Message-ID: {written_to(world, 'SYT')}"))
    assert bounces(world) == [(clerk("SYT"), True, "SYT")]
    with reading(world.office.engine) as session:
        assert clerk("SYT") in addresses(session, world.office).dead


def test_by_recipient_where_the_report_quotes_nothing(world: World) -> None:
    written_to(world, "SYT")
    deliver(world, dsn("failed", "5.1.1", original=""))
    assert bounces(world) == [(clerk("SYT"), True, "SYT")]


def test_behind_a_forwarding_the_address_we_wrote_to_is_marked(world: World) -> None:
    deliver(world, dsn("failed", "5.1.1", original=f"Message-ID: {written_to(world, 'SXD')}"))
    assert bounces(world) == [(clerk("SXD"), True, "SXD")]


def test_a_forged_report_marks_nobody(world: World) -> None:
    written_to(world, "SYT")
    deliver(world, dsn("failed", "5.1.1", original="Message-ID: <never@ours.example>"))
    assert bounces(world) == [("", False, None)]
    with reading(world.office.engine) as session:
        assert addresses(session, world.office).dead == frozenset()


def test_a_report_neither_holds_nor_is_answered(world: World) -> None:
    deliver(world, dsn("failed", "5.1.1", original=f"Message-ID: {written_to(world, 'SYT')}"))
    item = world.inbound()[0]
    assert (item.automatic, world.last().hints) == (True, [])


def test_our_own_notice_come_back_is_irrelevant(world: World) -> None:
    message_id = written_to(world, "SYT")
    world.deliver(a_mail("dondoc@example.vn", f"[{world.tokens['SYT', '2026-q2']}]", Message_ID=message_id))
    world.collect()
    assert world.outcomes() == [("irrelevant", "own_notice")]
