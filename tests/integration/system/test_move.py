"""From SQLite to a real PostgreSQL: everything comes along, and only the new one may send."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import psycopg
import pytest
from pydantic import SecretStr
from sqlalchemy import func, select, text

from config.settings import MailMode, Settings
from db import instance, moving
from db.audit_check import head, keep_head, verify
from db.models import AuditRow, FigureRow, NoticeRow
from db.session import make_engine, reading, writing
from tasks.office import Office, open_office
from tasks.post import modes
from tasks.system.moving import MoveError, move
from tasks.system.replay import differences, statuses_by_tables
from tests.integration.intake.world import World, a_mail, clerk
from tests.integration.post.postgres import running

from .house import AFTER, a_house, as_intruder, live_through_june

NOW = AFTER + timedelta(hours=1)
REASON = "chuyển lên máy chủ của tỉnh"


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    with running() as url:
        yield url


@pytest.fixture
def empty(server: str, request: pytest.FixtureRequest) -> str:
    """The address of a database of its own on the one server."""
    name = "d" + hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    return server.replace("/postgres", f"/{name}")


def towards(office: Office, url: str) -> Settings:
    """The office's settings once the administrator has named the new database."""
    return office.settings.model_copy(update={"database_url": SecretStr(url)})


def the_file(office: Office) -> Path:
    return office.data / "dondoc.db"


def with_a_june(folder: Path) -> tuple[Office, World]:
    office = a_house(folder)
    world = live_through_june(office)
    with reading(office.engine) as session:
        keep_head(office.data, head(session), world.now)
    return office, world


def test_rows_audit_and_statuses_come_along_and_work_goes_on(tmp_path: Path, empty: str) -> None:
    office, world = with_a_june(tmp_path / "var")
    before = the_file(office).read_bytes()
    with reading(office.engine) as session:
        statuses, known = statuses_by_tables(session, NOW), head(session)
        figures = session.scalar(select(func.count()).select_from(FigureRow))
    moved = move(towards(office, empty), the_file(office), NOW, by="CV1", reason=REASON)
    assert (moved.audit_rows, moved.obligations) == (known.id, len(statuses))
    assert the_file(office).read_bytes() == before, "the old database is only read"
    here = open_office(towards(office, empty), "2026")
    with reading(here.engine) as session:
        assert statuses_by_tables(session, NOW) == statuses
        assert figures and session.scalar(select(func.count()).select_from(FigureRow)) == figures
        assert not verify(session, [known]).signs and not differences(session, NOW)
        last = session.scalars(select(AuditRow).order_by(AuditRow.id.desc()).limit(3)).all()
        assert {"database.moved", "instance.confirmed"} <= {r.action for r in last}
    there = World(here)  # the counters stand behind the last id: new rows find their place
    there.now, there.tokens = world.now + timedelta(minutes=5), world.tokens
    data = there.form("SNV", "2026-q2")
    there.deliver(a_mail(clerk("SNV"), f"Báo cáo [{world.tokens['SNV', '2026-q2']}]", ("b.xlsx", data)))
    there.collect()
    with reading(here.engine) as session:
        assert not verify(session, [known]).signs


def test_afterwards_only_the_new_database_may_send(tmp_path: Path, empty: str) -> None:
    office = a_house(tmp_path / "var")
    move(towards(office, empty), the_file(office), NOW, by="CV1", reason=REASON)
    live = office.settings.mail.model_copy(update={"mode": MailMode.REDIRECT})
    new = towards(office, empty).model_copy(update={"mail": live})
    with reading(make_engine(new.url)) as session:
        assert modes.start_refusal(session, new) == ""
    with reading(office.engine) as session:
        assert instance.belongs_here(session, office.settings) == instance.COPIED
        assert modes.start_refusal(session, new.model_copy(update={"database_url": SecretStr("")})) == "not_here"


def test_a_database_that_is_not_empty_is_never_written_over(tmp_path: Path, empty: str) -> None:
    office = a_house(tmp_path / "var")
    a_house(tmp_path / "other", empty).engine.dispose()
    with pytest.raises(MoveError, match="phải trống"):
        move(towards(office, empty), the_file(office), NOW, by="CV1", reason=REASON)


def test_a_move_that_fails_leaves_the_new_one_empty_and_can_be_made_again(tmp_path: Path, empty: str) -> None:
    office, _ = with_a_june(tmp_path / "var")
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE inbound SET subject = 'Báo' || char(0) || 'cáo'"))
    with pytest.raises(MoveError, match="PostgreSQL không nhận"):
        move(towards(office, empty), the_file(office), NOW, by="CV1", reason=REASON)
    with make_engine(empty).connect() as connection:
        assert moving.occupied(connection) == []
    with reading(office.engine) as session:
        assert instance.belongs_here(session, office.settings) == "", "the old one goes on"
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE inbound SET subject = 'Báo cáo'"))
    assert move(towards(office, empty), the_file(office), NOW, by="CV1", reason=REASON).rows


def test_a_copy_of_a_database_is_not_made_free_by_moving_it(tmp_path: Path, empty: str) -> None:
    office = a_house(tmp_path / "var")
    (office.data / instance.FILE).unlink()
    with pytest.raises(MoveError, match="đang bị giữ"):
        move(towards(office, empty), the_file(office), NOW, by="CV1", reason=REASON)


def test_an_audit_with_a_changed_row_is_not_moved(tmp_path: Path, empty: str) -> None:
    office = a_house(tmp_path / "var")
    as_intruder(office.engine, "UPDATE audit SET actor = 'khác' WHERE id = 1")
    with pytest.raises(MoveError, match="không nguyên vẹn"):
        move(towards(office, empty), the_file(office), NOW, by="CV1", reason=REASON)


def test_a_database_whose_mail_is_under_way_is_not_moved(tmp_path: Path, empty: str) -> None:
    office, _ = with_a_june(tmp_path / "var")
    with writing(office.engine) as session:
        notice = session.scalars(select(NoticeRow).limit(1)).one()
        notice.state, notice.lease_until = "in_flight", NOW + timedelta(minutes=2)
    with pytest.raises(MoveError, match="đang có tiến trình gửi thư"):
        move(towards(office, empty), the_file(office), NOW, by="CV1", reason=REASON)


def test_the_command_says_what_it_did_and_what_to_do_next(tmp_path: Path, empty: str) -> None:
    office = a_house(tmp_path / "var")

    def dondoc(*words: str, url: str = empty) -> subprocess.CompletedProcess[str]:
        told = os.environ | {"DONDOC_DATA": str(office.data), "DONDOC_DATABASE_URL": url}
        command = [sys.executable, "-c", "from flows.cli import main; main()", *words]
        return subprocess.run(command, env=told, capture_output=True, text=True, timeout=120)

    who = ("--by", "CV1", "--reason", REASON)
    refused = dondoc("move", *who, url="")
    assert refused.returncode == 2 and "DONDOC_DATABASE_URL" in refused.stderr
    done = dondoc("move", *who)
    assert done.returncode == 0, done.stderr
    assert "không gửi được thư nữa" in done.stdout
    shown = dondoc("instance", "show")
    assert "Thuộc về nơi này" in shown.stdout
    assert "Đang giữ mọi thư" in dondoc("instance", "show", url="").stdout
