from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import create_engine, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from db import audit
from db.audit_check import Head, head, keep_head, kept_heads, knows, verify
from db.migrate import downgrade, upgrade
from db.models import AuditRow, NoticeRow
from db.session import make_engine, reading, writing
from db.triggers import guarded
from tasks.office import Office
from tasks.post.compose import composer
from tasks.system.audit_head import queue_audit_head
from tasks.system.history import history
from tests.integration.intake.world import START, World
from tests.integration.post.postgres import running

from .house import AFTER, a_house, as_intruder, copy_of, live_through_june

ROWS = 8


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Office:
    """A house whose audit has a few rows; its head is kept outside."""
    made = a_house(tmp_path_factory.mktemp("house") / "var")
    with writing(made.engine) as session:
        while head(session).id < ROWS:
            audit.record(session, at=START, actor="test", action="thử", subject="x", n=head(session).id)
    with reading(made.engine) as session:
        keep_head(made.data, head(session), START)
    made.engine.dispose()
    return made


@pytest.fixture
def office(built: Office, tmp_path: Path) -> Iterator[Office]:
    made = copy_of(built, tmp_path / "var")
    yield made
    made.engine.dispose()


def told_to_mail(office: Office) -> Office:
    settings = office.settings.model_copy(update={"audit_head_to": "luutru@ninhbinh.example"})
    return replace(office, settings=settings)


def codes(office: Office) -> set[str]:
    with reading(office.engine) as session:
        return {s.code for s in verify(session, kept_heads(office.data)).signs}


def test_an_untouched_audit_shows_nothing(office: Office) -> None:
    assert codes(office) == set()


@pytest.mark.parametrize("row", range(1, ROWS + 1))
@pytest.mark.parametrize(
    "change",
    [
        "actor = 'kẻ khác'",
        "action = 'khác'",
        "subject = 'khác'",
        "at = '2026-05-02 00:00:00.000000'",
        "details = '{\"n\": 99}'",
        "details = '{'",
        "details = '{\"n\": \"\\ud800\"}'",
        "at = 'hôm qua'",
        "at = 5",
        "actor = x'ff'",
        "actor = CAST(x'ff' AS TEXT)",
        "hash = CAST(x'ff' AS TEXT)",
    ],
)
def test_every_edit_of_every_row_shows(office: Office, row: int, change: str) -> None:
    as_intruder(office.engine, f"UPDATE audit SET {change} WHERE id = {row}")
    assert "changed" in codes(office)


def test_a_row_that_cannot_be_read_hides_no_other(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("db.audit_check.PAGE", 2)
    as_intruder(
        office.engine,
        "UPDATE audit SET details = '{' WHERE id IN (3, 4)",
        "UPDATE audit SET actor = 'kẻ khác' WHERE id = 7",
    )
    with reading(office.engine) as session:
        found = verify(session)
    assert found.rows == ROWS
    assert {s.row for s in found.signs if s.code == "changed"} == {3, 4, 7}


@pytest.mark.parametrize("row", range(1, ROWS + 1))
def test_the_removal_of_every_row_shows(office: Office, row: int) -> None:
    as_intruder(office.engine, f"DELETE FROM audit WHERE id = {row}")
    assert codes(office) & {"gap", "missing"}


@pytest.mark.parametrize("row", range(1, ROWS + 1))
def test_a_removal_shows_even_where_the_later_rows_move_up(office: Office, row: int) -> None:
    as_intruder(
        office.engine, f"DELETE FROM audit WHERE id = {row}", f"UPDATE audit SET id = id - 1 WHERE id > {row}"
    )
    assert codes(office) & {"broken", "missing"}


@pytest.mark.parametrize("row", range(1, ROWS))
def test_every_exchange_of_two_rows_shows(office: Office, row: int) -> None:
    as_intruder(
        office.engine,
        f"UPDATE audit SET id = -1 WHERE id = {row}",
        f"UPDATE audit SET id = {row} WHERE id = {row + 1}",
        f"UPDATE audit SET id = {row + 1} WHERE id = -1",
    )
    assert "broken" in codes(office)


@pytest.mark.parametrize("left", range(ROWS))
def test_every_truncation_shows_by_the_head_kept_outside(office: Office, left: int) -> None:
    as_intruder(office.engine, f"DELETE FROM audit WHERE id > {left}")
    assert codes(office) == {"missing"}


@pytest.mark.parametrize(("row", "seen"), [(3, False), (ROWS - 1, True)])
def test_a_quick_look_reads_the_end_only(office: Office, row: int, seen: bool) -> None:
    as_intruder(office.engine, f"UPDATE audit SET actor = 'x' WHERE id = {row}")
    with reading(office.engine) as session:
        found = verify(session, kept_heads(office.data), last=3)
    assert (bool(found.signs), found.rows) == (seen, 3)


def test_an_audit_written_anew_from_the_first_row_shows_by_the_head_kept_outside(office: Office) -> None:
    with reading(office.engine) as session:
        old = [(r.at, r.actor, r.action, r.subject, r.details) for r in session.scalars(select(AuditRow))]
    as_intruder(office.engine, "DELETE FROM audit")
    with writing(office.engine) as session:
        for at, _, action, subject, details in old:
            audit.record(session, at=at, actor="giả", action=action, subject=subject, **details)
    with reading(office.engine) as session:
        assert not verify(session).signs, "the forged chain is sound in itself"
    assert codes(office) == {"other_head"}


@pytest.mark.parametrize("statement", ["UPDATE audit SET actor = 'x'", "DELETE FROM audit"])
def test_the_database_itself_refuses_to_change_the_audit(office: Office, statement: str) -> None:
    with pytest.raises(DBAPIError, match="append-only"), office.engine.begin() as connection:
        connection.execute(text(statement))
    assert codes(office) == set()


def test_postgresql_refuses_too_and_its_chain_is_read_the_same_way(tmp_path: Path) -> None:
    with running() as url:
        office = a_house(tmp_path / "var", url)
        for statement in ("UPDATE audit SET actor = 'x'", "DELETE FROM audit", "TRUNCATE audit"):
            with pytest.raises(DBAPIError, match="append-only"), office.engine.begin() as connection:
                connection.execute(text(statement))
        assert codes(office) == set()
        with pytest.raises(ValueError, match="quên"), writing(office.engine) as session:
            audit.record(session, at=START, actor="test", action="bị quên", subject="x")
            raise ValueError("quên")
        with writing(office.engine) as session:  # the sequence skipped an id: no tampering
            audit.record(session, at=START, actor="test", action="thử", subject="x")
            keep_head(office.data, head(session), START)
        assert codes(office) == set()
        as_intruder(office.engine, "UPDATE audit SET actor = 'x' WHERE id = 2")
        assert "changed" in codes(office)
        as_intruder(office.engine, "DELETE FROM audit WHERE id > 2")
        assert "missing" in codes(office)
        office.engine.dispose()


def test_the_head_is_kept_and_mailed_once_a_day(office: Office) -> None:
    assert not queue_audit_head(office, AFTER), "no address: only kept"
    told = told_to_mail(office)
    with reading(office.engine) as session:
        known = head(session)
    assert [queue_audit_head(told, AFTER + timedelta(hours=h)) for h in (0, 3, 24)] == [True, False, True]
    with reading(office.engine) as session:
        letters = session.scalars(select(NoticeRow).where(NoticeRow.kind == "audit_head")).all()
        assert letters[0].context["hash"] == known.hash
        assert letters[0].context["rows"] == known.id
        assert all(knows(session, h) for h in kept_heads(office.data))
    assert len(kept_heads(office.data)) == 2, "the fixture's, and the one after the mail was queued"


def test_the_mailed_head_can_be_composed_into_its_letter(office: Office) -> None:
    told = told_to_mail(office)
    queue_audit_head(told, AFTER)
    with reading(office.engine) as session:
        letter = session.scalars(select(NoticeRow).where(NoticeRow.kind == "audit_head")).one()
        parts = composer(told)(letter, [])
        assert letter.context["hash"] in parts.text.replace("\n", "").replace(" ", "")


def test_a_kept_head_that_is_none_is_told_and_not_skipped(office: Office) -> None:
    with (office.data / "audit-heads.txt").open("a") as file:
        file.write("x y\n")
    with pytest.raises(ValueError, match="dòng 2"):
        kept_heads(office.data)


def test_the_history_of_a_unit_holds_what_happened_to_it_and_nothing_of_the_others(tmp_path: Path) -> None:
    office = a_house(tmp_path / "var")
    world: World = live_through_june(office)
    with reading(office.engine) as session:
        of_syt = [r.action for r in history(session, unit="SYT")]
        of_13669 = [r.action for r in history(session, unit="13669", round_code="2026-q2")]
        every = history(session)
    assert {"round.opened", "inbound.recognised", "submission.recorded", "submission.checked"} <= set(of_syt)
    assert "extended" in of_13669
    assert not {"submission.recorded", "exempted", "acknowledged"} & set(of_13669)
    assert len(every) > len(of_syt) > len(of_13669)
    assert world.submissions() == [("SYT", "2026-q2", 1), ("SXD", "2026-q2", 1)]


def test_the_audit_carries_no_address_of_anybody(tmp_path: Path) -> None:
    office = a_house(tmp_path / "var")
    live_through_june(office)
    with reading(office.engine) as session:
        told = json.dumps([[r.actor, r.subject, r.details] for r in history(session)], ensure_ascii=False)
    assert "@" not in told


def test_a_head_that_another_database_made_is_unknown(office: Office) -> None:
    with reading(office.engine) as session:
        assert knows(session, Head(0, "0" * 64))
        assert not knows(session, Head(3, "f" * 64))


def test_the_triggers_come_and_go_with_the_migration(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'x.db'}")
    upgrade(engine)
    with engine.connect() as connection:
        assert guarded(connection)
    downgrade(engine, "0001")
    with engine.connect() as connection:
        assert not guarded(connection)
    upgrade(engine)
    upgrade(engine)
    with engine.connect() as connection:
        assert guarded(connection)
    with Session(create_engine(engine.url)) as session:
        assert head(session).id == 0
