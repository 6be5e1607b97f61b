"""What cannot be opened on our own disks: it hides nothing else, and the reading is not complete."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.integration.intake.world import World, a_mail, a_world, clerk


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data")


@pytest.mark.parametrize("kind", ["file", "folder"])
def test_what_cannot_be_opened_in_the_drop_folder_does_not_hide_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    shut = world.drop("a/khoa.xlsx", b"x")
    shut = shut if kind == "file" else shut.parent
    world.drop("b.xlsx", world.form("SYT", "2026-q2"))
    for name, real in (("open", os.open), ("scandir", os.scandir)):

        def refusing(path: str, *rest: int, real: Any = real) -> Any:  # root may open everything
            if Path(path) == shut:
                raise PermissionError(13, "Permission denied", str(path))
            return real(path, *rest)

        monkeypatch.setattr(os, name, refusing)
    done = world.collect()
    assert (done.complete, world.submissions()) == (False, [("SYT", "2026-q2", 1)])
    assert "không đọc được 1 mục" in done.errors[0]


@pytest.mark.parametrize("make", [lambda p: p.symlink_to("/nowhere/at/all"), lambda p: p.write_bytes(b"")])
def test_a_drop_folder_that_is_none_is_a_failed_reading_and_the_mail_is_read(
    world: World, make: Callable[[Path], object]
) -> None:
    make(world.office.data / "inbox")
    world.deliver(a_mail(clerk("SYT"), "x", ("a.xlsx", world.form("SYT", "2026-q2"))))
    done = world.collect()
    assert (done.complete, world.submissions()) == (False, [("SYT", "2026-q2", 1)])


def test_a_file_of_a_year_that_no_calendar_holds_is_read(world: World) -> None:
    path = world.drop("a.xlsx", world.form("SYT", "2026-q2"))
    os.utime(path, (1e12, 1e12))  # not every file system keeps it
    mail = world.deliver(a_mail(clerk("SXD"), "x", ("a.xlsx", world.form("SXD", "2026-q2"))))
    os.utime(mail, (1e12, 1e12))
    assert world.collect().complete and len(world.submissions()) == 2


def test_a_mail_that_cannot_be_opened_does_not_hide_the_others(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    shut = world.deliver(a_mail(clerk("SXD"), "x", ("a.xlsx", world.form("SXD", "2026-q2"))))
    world.deliver(a_mail(clerk("SYT"), "x", ("a.xlsx", world.form("SYT", "2026-q2"))))
    real = Path.open

    def refusing(path: Path, *rest: Any, **more: Any) -> Any:
        if path == shut:
            raise PermissionError(13, "Permission denied")
        return real(path, *rest, **more)

    monkeypatch.setattr(Path, "open", refusing)
    assert (world.collect().complete, world.submissions()) == (False, [("SYT", "2026-q2", 1)])
    monkeypatch.undo()
    assert (world.collect().complete, len(world.submissions())) == (True, 2)


def test_a_mail_whose_file_has_a_name_of_other_bytes_is_read_once(world: World) -> None:
    path = world.deliver(a_mail(clerk("SYT"), "x", ("a.xlsx", world.form("SYT", "2026-q2"))))
    path.rename(os.fsdecode(os.fsencode(path.parent) + b"/1700.M1.m\xe1y"))
    assert (world.collect().inbound, world.collect().inbound) == (1, 0)
    assert world.submissions() == [("SYT", "2026-q2", 1)]


def test_a_maildir_that_the_office_named_and_that_is_not_there_is_not_an_empty_one(tmp_path: Path) -> None:
    box = tmp_path / "drive" / "box"
    world = a_world(tmp_path / "data", mailbox=box)
    assert not world.collect().complete  # nothing is mounted
    box.parent.mkdir()
    assert world.collect().complete  # no mail came yet
    box.mkdir()
    assert not world.collect().complete  # the drive's empty place
    (box / "new").mkdir()
    assert world.collect().complete
