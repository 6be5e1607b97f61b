from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, select, text

from db.audit_check import verify
from db.models import AuditRow, ContactRow, FigureRow, FileRow, InboundRow, NoticeRow, SubmissionRow
from db.plans import load_plan
from db.session import reading, writing
from tasks.chase.remind import remind
from tasks.office import Office
from tasks.post.compose import composer
from tasks.post.contract import Judgement
from tasks.post.deliver import deliver
from tasks.system.backup import make_backup
from tasks.system.drill import PURGED, drill
from tasks.system.purge import PurgeError, purge, without_addresses
from tasks.system.replay import statuses_by_tables
from tests.integration.intake.world import a_mail, at

from .house import AFTER, a_house, copy_of, live_through_june

LATER = at("2030-03-01 09:00")
BEFORE = date(2028, 1, 1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = a_house(tmp_path_factory.mktemp("house") / "var")
    world = live_through_june(made)
    world.deliver(
        a_mail("ong.a@noikhac.example", "Hỏi về báo cáo", text="Tôi là Nguyễn Văn Khách, 0912 345 678.")
    )
    world.collect()
    monday = at("2026-06-22 09:00")
    remind(made, monday, channels_complete=True)
    deliver(made, monday, compose=composer(made), rejudge=lambda *_: Judgement(), run_cap=6)
    made.engine.dispose()
    return made


@pytest.fixture
def office(built: Office, tmp_path: Path) -> Iterator[Office]:
    made = copy_of(built, tmp_path / "var")
    yield made
    made.engine.dispose()


def gone(office: Office) -> None:
    purge(office, BEFORE, LATER, by="CV1", reason="hết thời gian lưu giữ", dry_run=False)


def everything(office: Office) -> str:
    """The whole database as text, every table."""
    with office.engine.connect() as connection:
        tables = [t for t in inspect(connection).get_table_names() if t != "alembic_version"]
        return "\n".join(str(connection.execute(text(f'SELECT * FROM "{t}"')).all()) for t in tables)


def files(office: Office) -> list[bytes]:
    return [p.read_bytes() for p in office.data.rglob("*") if p.is_file() and p.name != "dondoc.db"]


def test_without_yes_it_only_counts(office: Office) -> None:
    before = everything(office)
    told = purge(office, BEFORE, LATER)
    assert told.plans == ("2026",)
    assert (told.contacts > 400, told.mails, told.notices > 5, told.done) == (True, 3, True, False)
    assert everything(office) == before


def test_no_address_of_a_past_plan_remains_anywhere(office: Office) -> None:
    assert "@ninhbinh.example" in everything(office)
    assert any(b"0912 345 678" in data for data in files(office))
    gone(office)
    left = everything(office)
    assert "vanthu" not in left.lower()
    assert "ong.a@" not in left
    assert not any(b"Nguy" in data and b"0912 345 678" in data for data in files(office))
    assert not any(b"From:" in data or b"Message-ID:" in data for data in files(office))


def test_what_happened_stays_and_can_be_told(office: Office) -> None:
    with reading(office.engine) as session:
        before = statuses_by_tables(session, AFTER)
        figures = session.scalars(select(FigureRow.id)).all()
        hashes = session.scalars(select(InboundRow.sha256)).all()
        reports = session.scalars(
            select(FileRow.sha256).join(SubmissionRow, SubmissionRow.file_id == FileRow.id)
        ).all()
    gone(office)
    with reading(office.engine) as session:
        assert statuses_by_tables(session, AFTER) == before
        assert session.scalars(select(FigureRow.id)).all() == figures
        assert session.scalars(select(InboundRow.sha256)).all() == hashes
        assert verify(session).signs == ()
        row = session.scalars(select(AuditRow).where(AuditRow.action == PURGED)).one()
        assert row.actor == "CV1"
        load_plan(session, "2026")
    assert len(reports) == 2
    assert all(office.archive.get(h) for h in reports), "the reports themselves are records and stay"


def test_a_backup_after_the_purge_is_whole_because_the_audit_explains_what_is_missing(office: Office) -> None:
    gone(office)
    assert drill(make_backup(office, LATER).folder).problems == []


def test_running_it_again_changes_nothing(office: Office) -> None:
    gone(office)
    with reading(office.engine) as session:
        rows = len(session.scalars(select(NoticeRow.id)).all())
    again = purge(office, BEFORE, LATER + timedelta(days=1), by="CV1", reason="lần nữa", dry_run=False)
    assert (again.contacts, again.mails, again.notices, again.files) == (0, 0, 0, 0)
    with reading(office.engine) as session:
        assert len(session.scalars(select(NoticeRow.id)).all()) == rows


def test_files_that_a_killed_purge_left_go_with_the_next_one(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def dies(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch, pytest.raises(Killed):
        patch.setattr("tasks.system.purge.remove", dies)
        gone(office)
    assert any(b"0912 345 678" in data for data in files(office))
    gone(office)
    archive = office.data / "archive"
    assert not any(b"0912 345 678" in p.read_bytes() for p in archive.rglob("*") if p.is_file())


def test_a_plan_that_still_runs_is_not_touched(office: Office) -> None:
    before = everything(office)
    told = purge(office, date(2026, 7, 1), LATER, by="CV1", reason="thử", dry_run=False)
    assert told.plans == ()
    with reading(office.engine) as session:
        assert len(session.scalars(select(ContactRow.id)).all()) > 400
    assert before.count("@") == everything(office).count("@")


def test_younger_than_the_retention_period_is_refused(office: Office) -> None:
    with pytest.raises(PurgeError, match="01/03/2028"):
        purge(office, date(2028, 3, 2), LATER)
    with pytest.raises(PurgeError, match="--by"):
        purge(office, BEFORE, LATER, dry_run=False)


def test_the_same_bytes_arriving_in_a_running_plan_keep_their_file(office: Office) -> None:
    with reading(office.engine) as session:
        old = session.scalars(select(InboundRow).where(InboundRow.kind == "mail")).first()
        assert old is not None
        values = {c.key: getattr(old, c.key) for c in inspect(InboundRow).columns if c.key != "id"}
    with writing(office.engine) as session:
        session.add(InboundRow(**values | {"reference": "sau này", "recorded_at": LATER}))
    gone(office)
    assert office.archive.get(old.sha256)


def test_addresses_inside_json_go_and_the_rest_stays() -> None:
    letters = [{"to": "Thủ trưởng <a.b+c@ninhbinh.gov.vn>", "units": ["SYT"], "n": 3}]
    assert without_addresses(letters) == [{"to": "Thủ trưởng <(đã xóa)>", "units": ["SYT"], "n": 3}]
