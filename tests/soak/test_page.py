"""One byte of the database file, or of a backup, is changed by the disk."""

from __future__ import annotations

import random
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy.exc import SQLAlchemyError

from db.audit_check import head, keep_head, verify
from db.session import make_engine, reading
from tasks.office import Office
from tasks.system.backup import make_backup
from tasks.system.checks import Level, database
from tasks.system.doctor import examine
from tasks.system.drill import drill
from tasks.system.manifest import BackupError
from tasks.system.replay import differences, statuses_by_tables
from tests.integration.system.house import AFTER, a_house, copy_of, live_through_june

from .table import Count

pytestmark = [pytest.mark.soak, pytest.mark.timeout(1800)]
LIVE, BACKUPS = 120, 30
UNREADABLE = (SQLAlchemyError, ValueError, LookupError, TypeError)


@pytest.fixture(scope="module")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    made = a_house(tmp_path_factory.mktemp("house") / "var")
    live_through_june(made)
    with reading(made.engine) as session:
        keep_head(made.data, head(session), AFTER)
    yield made
    made.engine.dispose()


def flip(path: Path, dice: random.Random) -> None:
    with path.open("r+b") as file:
        place = dice.randrange(path.stat().st_size)
        file.seek(place)
        old = file.read(1)[0]
        file.seek(place)
        file.write(bytes([old ^ dice.randint(1, 255)]))


def noticed(office: Office) -> str:
    """By which of our looks the damage shows: doctor, the audit's hashes, its replay; or ""."""
    settings = office.settings
    looks = (database.version, database.integrity, database.audit)
    found = examine(settings, {}, office.data / ".env", AFTER, timeout=3, checks=looks)
    if any(r.level is Level.FAULT for r in found):
        return "doctor"
    try:
        with reading(office.engine) as session:
            if verify(session).signs:
                return "audit"
            return "replay" if differences(session, AFTER) else ""
    except UNREADABLE:
        return "unreadable"


def test_a_changed_byte_of_the_live_file_shows_or_changes_no_status(house: Office, tmp_path: Path) -> None:
    with reading(house.engine) as session:
        true = statuses_by_tables(session, AFTER)
    count = Count("one byte of the live SQLite file changed", "12")
    ways: dict[str, int] = {}
    for seed in range(LIVE):
        copy = copy_of(house, tmp_path / "var")
        flip(copy.data / "dondoc.db", random.Random(seed))
        copy.engine.dispose()
        way = noticed(copy)
        ways[way or "unseen"] = ways.get(way or "unseen", 0) + 1
        if not way:
            engine = make_engine(copy.settings.url)
            with reading(engine) as session:
                count.wrong += statuses_by_tables(session, AFTER) != true
            engine.dispose()
        count.runs += 1
        copy.engine.dispose()
        shutil.rmtree(tmp_path / "var")
    count.note = ", ".join(f"{way} {number}" for way, number in sorted(ways.items()))
    count.tell()
    assert count.wrong == 0


def test_a_changed_byte_of_a_backup_is_always_told(house: Office, tmp_path: Path) -> None:
    count = Count("one byte of a backup changed", "12")
    made = make_backup(house, AFTER, tmp_path / "backups")
    told_at_once = 0
    files = sorted(p for p in made.folder.rglob("*") if p.is_file())
    for seed in range(BACKUPS):
        dice = random.Random(seed)
        copy = tmp_path / "copy"
        shutil.copytree(made.folder, copy)
        path = copy / dice.choice(files).relative_to(made.folder)
        flip(path, dice)
        try:
            count.lost += not drill(copy).problems
        except BackupError:
            told_at_once += 1  # a manifest that cannot be read
        except UnicodeDecodeError:
            count.wrong += 1  # noticed, but as a traceback instead of a sentence
        count.runs += 1
        shutil.rmtree(copy)
    count.note = f"lost: not noticed; wrong: a traceback instead of a sentence; {told_at_once} manifests refused"
    count.tell()
    assert count.lost == 0
