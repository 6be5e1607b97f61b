from __future__ import annotations

import json
import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from dataclasses import asdict, replace
from datetime import UTC, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from sqlalchemy import select, text

from db import audit, copies
from db.audit_check import head, keep_head, verify
from db.models import NoticeRow
from db.session import make_engine, reading, writing
from tasks.office import Office
from tasks.system import backup as backups
from tasks.system import manifest as manifests
from tasks.system.backup import existing, make_backup, nightly_backup
from tasks.system.drill import drill, restore
from tasks.system.manifest import BackupError, Manifest
from tasks.system.replay import differences, statuses_by_audit, statuses_by_tables
from tests.integration.post.postgres import running

from .house import AFTER, a_house, as_intruder, copy_of, live_through_june, settings_of

DAY = timedelta(days=1)


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = a_house(tmp_path_factory.mktemp("house") / "var")
    live_through_june(made)
    with reading(made.engine) as session:
        keep_head(made.data, head(session), AFTER)
    made.engine.dispose()
    return made


@pytest.fixture
def office(built: Office, tmp_path: Path) -> Iterator[Office]:
    made = copy_of(built, tmp_path / "var")
    yield made
    made.engine.dispose()


def test_statuses_told_from_the_audit_alone_equal_those_of_the_tables_on_any_day(office: Office) -> None:
    with reading(office.engine) as session:
        for days in range(-70, 40, 3):
            assert differences(session, AFTER + days * DAY) == []
        states = {t.state for t in statuses_by_audit(session, AFTER).values()}
    assert states == {"done_on_time", "due_soon", "exempt", "overdue"}


@pytest.mark.parametrize(
    "change",
    [
        "DELETE FROM extension",
        "DELETE FROM exemption",
        "UPDATE check_result SET verdict = 'accepted'",
        "UPDATE submission SET arrived_at = '2026-06-29 01:00:00.000000'",
        "DELETE FROM check_result",
    ],
)
def test_a_table_changed_behind_our_back_differs_from_the_audit(office: Office, change: str) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("PRAGMA defer_foreign_keys=ON"))
        connection.execute(text("DELETE FROM finding"))
        for table in ("figure", "progress", "narrative"):
            connection.execute(text(f"DELETE FROM {table}"))
        connection.execute(text(change))
    with reading(office.engine) as session:
        assert differences(session, AFTER)


def test_backup_and_restore_give_the_same_statuses_files_and_audit(office: Office, tmp_path: Path) -> None:
    made = make_backup(office, AFTER)
    found = drill(made.folder)
    assert found.problems == []
    assert found.obligations == 145
    assert found.files == len(manifests.archive_names(office.archive.root)) > 0
    restore(made.folder, settings_of(tmp_path / "new"))
    again = make_engine(settings_of(tmp_path / "new").url)
    with reading(office.engine) as old, reading(again) as new:
        assert statuses_by_tables(new, AFTER) == statuses_by_tables(old, AFTER)
        assert head(new) == head(old)
        assert verify(new).signs == ()
    assert manifests.archive_names(tmp_path / "new" / "archive") == manifests.archive_names(
        office.archive.root
    )
    assert not (tmp_path / "new" / "instance.id").exists(), "its identity stays behind"
    again.dispose()


def test_postgresql_is_dumped_drilled_and_restored_alike(tmp_path: Path) -> None:
    with running() as url:
        office = a_house(tmp_path / "var", url)
        live_through_june(office)
        made = make_backup(office, AFTER)
        assert made.manifest.backend == "postgresql"
        found = drill(made.folder, url)
        assert (found.problems, found.obligations) == ([], 145)
        other = url.replace("/postgres", "/khac")
        with office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("CREATE DATABASE khac"))
            left = connection.scalars(
                text("SELECT datname FROM pg_database WHERE datname LIKE 'dondoc_thu%'")
            )
            assert list(left) == [], "the drill left no database behind"
        restore(made.folder, settings_of(tmp_path / "new", other))
        again = make_engine(other)
        with reading(office.engine) as old, reading(again) as new:
            assert statuses_by_tables(new, AFTER) == statuses_by_tables(old, AFTER)
            assert verify(new).signs == ()
        with pytest.raises(BackupError, match="đã có bảng"):
            restore(made.folder, settings_of(tmp_path / "newer", other))
        with pytest.raises(BackupError, match="sqlite"):
            restore(made.folder, settings_of(tmp_path / "lite"))
        again.dispose()
        office.engine.dispose()


def test_what_the_address_says_of_the_connection_reaches_pg_dump_and_the_password_no_argument(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    asked: dict[str, Any] = {}

    def run(command: list[str], **how: Any) -> Any:
        asked.update(command=command, **how)
        return SimpleNamespace(returncode=0)

    monkeypatch.setattr(copies.shutil, "which", lambda tool: f"/usr/bin/{tool}")
    monkeypatch.setattr(copies.subprocess, "run", run)
    url = "postgresql+psycopg://dondoc:bi-mat@may/dd?sslmode=verify-full&sslrootcert=/etc/goc.pem"
    copies._postgres("pg_dump", url)
    assert (asked["env"]["PGSSLMODE"], asked["env"]["PGSSLROOTCERT"]) == ("verify-full", "/etc/goc.pem")
    assert asked["env"]["PGPASSWORD"] == "bi-mat"
    assert "bi-mat" not in " ".join(asked["command"])


def test_a_backup_taken_while_others_write_is_whole(office: Office) -> None:
    stop = threading.Event()

    def write() -> None:
        engine = make_engine(office.settings.url, durable=False)
        while not stop.is_set():
            with writing(engine) as session:
                audit.record(session, at=AFTER, actor="test", action="thử", subject="x")
        engine.dispose()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for number in range(3):
            made = make_backup(office, AFTER + number * timedelta(seconds=1))
            assert drill(made.folder).problems == []
    finally:
        stop.set()
        writer.join(20)


def test_nothing_is_ever_restored_over_something(office: Office, tmp_path: Path) -> None:
    made = make_backup(office, AFTER)
    before = (office.data / "dondoc.db").read_bytes()
    with pytest.raises(BackupError, match="không bao giờ ghi đè"):
        restore(made.folder, office.settings)
    (tmp_path / "busy").mkdir()
    (tmp_path / "busy" / "ghi-chu.txt").write_text("của tôi")
    with pytest.raises(BackupError, match="không bao giờ ghi đè"):
        restore(made.folder, settings_of(tmp_path / "busy"))
    assert (office.data / "dondoc.db").read_bytes() == before
    assert not (tmp_path / "busy" / "dondoc.db").exists()


def _flip_database(folder: Path) -> None:
    path = folder / "dondoc.db"
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)


def _flip_file(folder: Path) -> None:
    path = next(p for p in sorted((folder / "archive").rglob("*")) if p.is_file())
    path.write_bytes(path.read_bytes() + b"x")


def _lose_file(folder: Path) -> None:
    next(p for p in sorted((folder / "archive").rglob("*")) if p.is_file()).unlink()


def _lose_database(folder: Path) -> None:
    (folder / "dondoc.db").unlink()


def _forge(folder: Path) -> None:
    """A changed database whose hash was put right in the manifest."""
    engine = make_engine(f"sqlite:///{folder / 'dondoc.db'}")
    as_intruder(engine, "UPDATE extension SET until = '2027-01-01 00:00:00.000000'")
    engine.dispose()
    manifest = manifests.read(folder)
    manifests.write(folder, replace(manifest, database_sha256=manifests.sha256_of(folder / "dondoc.db")))


def _truncate_audit(folder: Path) -> None:
    engine = make_engine(f"sqlite:///{folder / 'dondoc.db'}")
    as_intruder(engine, "DELETE FROM audit WHERE id > 5")
    engine.dispose()
    manifest = manifests.read(folder)
    forged = replace(
        manifest,
        database_sha256=manifests.sha256_of(folder / "dondoc.db"),
        audit_head_id=5,
        audit_head=sqlite3.connect(folder / "dondoc.db")
        .execute("SELECT hash FROM audit WHERE id = 5")
        .fetchone()[0],
    )
    manifests.write(folder, forged)


@pytest.mark.parametrize("spoil", [_flip_database, _flip_file, _lose_file, _lose_database])
def test_a_damaged_backup_is_told_and_never_restored(
    office: Office, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    made = make_backup(office, AFTER)
    spoil(made.folder)
    assert drill(made.folder).problems
    with pytest.raises(BackupError, match="hỏng"):
        restore(made.folder, settings_of(tmp_path / "new"))
    assert not (tmp_path / "new" / "dondoc.db").exists()


@pytest.mark.parametrize("forge", [_forge, _truncate_audit])
def test_a_forged_backup_shows_in_the_drill(office: Office, forge: Callable[[Path], None]) -> None:
    made = make_backup(office, AFTER)
    forge(made.folder)
    assert drill(made.folder).problems


@pytest.mark.parametrize("manifest", ["", "{}", "[]", '{"format": 1}'])
def test_a_folder_without_a_readable_manifest_is_no_backup(tmp_path: Path, manifest: str) -> None:
    (tmp_path / manifests.FILE).write_text(manifest)
    with pytest.raises(BackupError):
        drill(tmp_path)


@pytest.mark.parametrize(
    "wrong", [{"created_at": "2026-06-24T08:00:00"}, {"database": 5}, {"audit_head_id": "9"}, {"plans": None}]
)
def test_a_manifest_with_a_value_of_another_kind_is_told_in_a_sentence(
    tmp_path: Path, wrong: dict[str, object]
) -> None:
    sound = Manifest(AFTER.isoformat(), "0004", "sqlite", ["2026"], "dondoc.db", "", 9, "", "", 0, 0, "")
    manifests.write(tmp_path, sound)
    assert manifests.read(tmp_path) == sound
    (tmp_path / manifests.FILE).write_text(json.dumps(asdict(sound) | wrong), encoding="utf-8")
    with pytest.raises(BackupError, match="không đọc được"):
        manifests.read(tmp_path)


def test_the_second_backup_links_what_the_first_holds_and_copies_only_what_is_new(office: Office) -> None:
    first = make_backup(office, AFTER)
    office.archive.put("tệp mới".encode())
    second = make_backup(office, AFTER + DAY)
    assert first.linked == 0
    assert second.linked == first.manifest.archive_files == second.manifest.archive_files - 1
    name = manifests.archive_names(first.folder / "archive")[0]
    inode = (first.folder / "archive" / name[:2] / name[2:]).stat().st_ino
    assert (second.folder / "archive" / name[:2] / name[2:]).stat().st_ino == inode
    assert office.archive.path(name).stat().st_ino != inode, "never a link to the running archive"
    shutil.rmtree(first.folder)
    assert drill(second.folder).problems == []


def test_a_backup_that_fails_leaves_nothing_half_behind(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backups.shutil, "copy2", full)
    with pytest.raises(BackupError, match="không sao lưu được"):
        make_backup(office, AFTER)
    assert list((office.data / "backups").iterdir()) == []


def test_a_second_backup_of_the_same_second_leaves_the_first_one_alone(office: Office) -> None:
    under_way = office.data / "backups" / f"{backups.PARTIAL}{AFTER.astimezone(UTC).strftime(backups.NAME)}"
    under_way.mkdir(parents=True)
    (under_way / "dondoc.db").write_bytes(b"half of it")
    with pytest.raises(BackupError, match="không sao lưu được"):
        make_backup(office, AFTER)
    assert (under_way / "dondoc.db").exists()


def test_the_nightly_backup_proves_itself_keeps_what_was_asked_and_tells_nobody(office: Office) -> None:
    kept = office.settings.backup.model_copy(update={"keep_daily": 3, "keep_weekly": 0})
    small = replace(office, settings=office.settings.model_copy(update={"backup": kept}))
    for night in range(5):
        done = nightly_backup(small, AFTER + night * DAY)
        assert done.problems == ()
    assert len(existing(office.data / "backups")) == 3
    with reading(office.engine) as session:
        assert session.scalars(select(NoticeRow.id).where(NoticeRow.kind == "alert")).all() == []


def test_a_nightly_backup_that_fails_is_told_to_the_operators_and_removes_nothing(office: Office) -> None:
    first = nightly_backup(office, AFTER)
    _lose = next(p for p in sorted((office.data / "archive").rglob("*")) if p.is_file())
    _lose.unlink()
    done = nightly_backup(office, AFTER + DAY)
    assert done.problems
    assert first.folder in existing(office.data / "backups")
    with reading(office.engine) as session:
        alert = session.scalars(select(NoticeRow).where(NoticeRow.kind == "alert")).first()
        assert alert is not None
        assert alert.context["title"] == "Sao lưu hằng đêm không đạt"
