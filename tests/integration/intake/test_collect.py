"""Archive first, recognise second; once each, whatever happens in between."""

from __future__ import annotations

import hashlib
import os
import zipfile
from datetime import timedelta
from io import BytesIO
from pathlib import Path

import pytest
from sqlalchemy import func, select

from db.models import AuditRow, InboundRow, ReadingRow, SubmissionRow
from db.session import reading
from tasks.intake import settle
from tasks.intake.channels import Channel, ChannelError, Found
from tasks.intake.collect import collect
from tests.integration.intake.world import World, a_mail, a_world, at, clerk

PDF = b"%PDF-1.7\nbao cao\n%%EOF\n"


@pytest.fixture
def world(tmp_path: Path) -> World:
    return a_world(tmp_path / "data")


def test_a_mail_with_the_units_form_becomes_its_submission(world: World) -> None:
    world.deliver(
        a_mail(
            clerk("SYT"), f"Re: [{world.tokens['SYT', '2026-q2']}]", ("bc.xlsx", world.form("SYT", "2026-q2"))
        )
    )
    done = world.collect()
    assert (done.complete, done.inbound, done.submissions) == (True, 1, 1)
    assert world.submissions() == [("SYT", "2026-q2", 1)]


def test_a_second_reading_changes_nothing(world: World) -> None:
    world.deliver(a_mail(clerk("SYT"), "x", ("bc.xlsx", world.form("SYT", "2026-q2"))))
    world.drop("a/b/c.xlsx", world.form("SXD", "2026-q2"))
    world.collect()
    before = world.outcomes()
    again = world.collect()
    assert (again.inbound, world.outcomes()) == (0, before)


def test_everything_that_arrived_is_in_the_archive_byte_for_byte(world: World) -> None:
    items = [a_mail("x@y.vn", "la"), a_mail(clerk("SYT"), "y", ("a.pdf", PDF))]
    for data in items:
        world.deliver(data)
    world.drop("rac.bin", b"\0\1\2")
    world.collect()
    stored = {world.office.archive.get(i.sha256) for i in world.inbound()}
    assert stored == {*items, b"\0\1\2"}


def test_a_touched_file_is_not_new_and_the_same_bytes_elsewhere_are_a_duplicate(world: World) -> None:
    form = world.form("SYT", "2026-q2")
    path = world.drop("bc.xlsx", form)
    world.collect()
    os.utime(path, (1, 1))
    assert world.collect().inbound == 0
    world.drop("bc (1).xlsx", form)
    world.collect()
    assert [o for o, _ in world.outcomes()] == ["submission", "duplicate"]


def test_unfinished_and_growing_files_wait_and_the_reading_is_not_complete(tmp_path: Path) -> None:
    world = a_world(tmp_path / "data", rehearsal=False)
    form = world.form("SYT", "2026-q2")
    part = world.drop("bc.xlsx.part", form)
    cut = world.drop("cut.xlsx", form[: len(form) // 2])
    world.drop("~$bc.xlsx", b"lock")
    world.drop(".DS_Store", b"litter")
    for path in (part, cut):
        os.utime(path, (world.now.timestamp(),) * 2)
    done = world.collect(timedelta(seconds=20))
    assert (done.complete, done.inbound) == (False, 0)
    part.rename(part.with_suffix(""))
    cut.write_bytes(world.form("SXD", "2026-q2"))
    done = world.collect()
    assert (done.complete, done.submissions) == (True, 2)


def test_links_out_of_the_drop_folder_are_not_followed(world: World, tmp_path: Path) -> None:
    secret = tmp_path / "secret.xlsx"
    secret.write_bytes(world.form("SYT", "2026-q2"))
    inbox = world.office.data / "inbox"
    inbox.mkdir()
    (inbox / "a.xlsx").symlink_to(secret)
    (inbox / "dir").symlink_to(tmp_path)
    os.mkfifo(inbox / "pipe")
    assert world.collect().inbound == 0


def test_a_mail_saved_as_eml_is_read_as_a_mail(world: World) -> None:
    mail = a_mail(clerk("SYT"), f"Re: {world.tokens['SYT', '2026-q2']}", ("bc.pdf", PDF))
    world.drop("thu.eml", mail)
    world.collect()
    assert (world.inbound()[0].kind, world.submissions()) == ("mail", [("SYT", "2026-q2", 1)])


def test_a_token_in_a_file_name_suffices_in_the_folder(world: World) -> None:
    world.drop(f"{world.tokens['SYT', '2026-q2']} bao cao.pdf", PDF)
    world.collect()
    assert world.submissions() == [("SYT", "2026-q2", 1)]


def test_a_zip_with_one_workbook_is_opened(world: World) -> None:
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("__MACOSX/._bc.xlsx", b"x")
        archive.writestr("../bc.xlsx", world.form("SYT", "2026-q2"))
    world.deliver(a_mail(clerk("SYT"), "bao cao", ("bc.zip", packed.getvalue())))
    world.collect()
    assert world.submissions() == [("SYT", "2026-q2", 1)]


def test_a_zip_that_a_collector_made_of_many_units_forms_credits_each(world: World) -> None:
    units = sorted(u for u, _ in world.tokens)[:30]
    packed = BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for unit in units:
            archive.writestr(f"{unit}.xlsx", world.form(unit, "2026-q2", ""))
    world.deliver(a_mail("tonghop@xa.example", "Báo cáo của 30 đơn vị", ("tat-ca.zip", packed.getvalue())))
    world.collect()
    assert sorted(world.submissions()) == [(unit, "2026-q2", 1) for unit in units]


def test_files_that_take_too_long_are_left_to_a_person(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.intake.look.MAX_SECONDS", -1)
    world.deliver(a_mail(clerk("SYT"), f"[{world.tokens['SYT', '2026-q2']}]", ("a.xlsx", b"x")))
    world.collect()
    assert (world.last().outcome, world.last().reason, world.last().hints) == (
        "unknown",
        "too_many_files",
        ["SYT"],
    )


def test_several_workbooks_in_one_mail_are_each_judged(world: World) -> None:
    world.deliver(
        a_mail(
            "vanthu@xa.example",
            "gui bao cao",
            *[(f"{u}.xlsx", world.form(u, "2026-q2")) for u in ("SYT", "SXD")],
        )
    )
    world.collect()
    assert sorted(world.submissions()) == [("SXD", "2026-q2", 1), ("SYT", "2026-q2", 1)]


def test_a_pdf_beside_the_workbook_is_kept_and_the_workbook_is_the_submission(world: World) -> None:
    token = world.tokens["SYT", "2026-q2"]
    world.deliver(a_mail(clerk("SYT"), token, ("a.pdf", PDF), ("b.xlsx", world.form("SYT", "2026-q2"))))
    world.collect()
    assert world.submissions() == [("SYT", "2026-q2", 1)]
    assert (world.office.archive.path(hashlib.sha256(PDF).hexdigest())).exists()


class Faulty:
    """A channel that gives some items and then breaks, or kills the process between two steps."""

    name = "share"
    settles = False
    validator = ""

    def __init__(self, items: list[Found], error: BaseException | None = None) -> None:
        self.items, self.error = items, error

    def read(self, seen):  # type: ignore[no-untyped-def]
        for item in self.items:
            if not seen(item.reference):
                yield item
        if self.error:
            raise self.error

    def settle(self, outcomes: dict[str, str]) -> None:
        pass


def test_a_failing_channel_is_a_recorded_fact_and_does_not_stop_the_others(world: World) -> None:
    from tasks.intake.channels.folder import Folder

    world.drop("bc.xlsx", world.form("SYT", "2026-q2"))
    channels: list[Channel] = [
        Faulty([], ChannelError("không kết nối được")),
        Folder(world.office.data / "inbox", world.now),
    ]
    done = collect(world.office, world.now, channels)
    assert (done.complete, done.submissions, done.errors) == (False, 1, ("share: không kết nối được",))
    with reading(world.office.engine) as session:
        rows = (
            session.execute(select(ReadingRow.channel, ReadingRow.complete, ReadingRow.through))
            .tuples()
            .all()
        )
    assert rows == [("share", False, None), ("folder", True, world.now)]


class Kill(BaseException):
    pass


def test_killed_between_archive_row_and_recognition_nothing_is_lost_or_twice(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Killed at every write of the pass, then run again: one item, one submission, one audit chain."""
    world.deliver(a_mail(clerk("SYT"), "x", ("bc.xlsx", world.form("SYT", "2026-q2"))))
    world.drop("c.xlsx", world.form("SXD", "2026-q2"))
    steps = ["collect.store", "store.read_head", "settle.recognition", "settle.submit", "settle.gather"]

    def dying(*_: object, **__: object) -> None:
        raise Kill

    for step in steps:
        with monkeypatch.context() as patch:
            patch.setattr(f"tasks.intake.{step}", dying)
            with pytest.raises(Kill):
                world.collect()
    world.collect()
    assert sorted(world.submissions()) == [("SXD", "2026-q2", 1), ("SYT", "2026-q2", 1)]
    with reading(world.office.engine) as session:
        assert session.scalar(select(func.count(InboundRow.id))) == 2
        recorded = select(func.count(AuditRow.id)).where(AuditRow.action == "submission.recorded")
        assert session.scalar(recorded) == session.scalar(select(func.count(SubmissionRow.id))) == 2


def test_an_item_that_cannot_be_opened_waits_for_a_person(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def stumble(*_: object) -> None:
        raise RecursionError

    monkeypatch.setattr(settle, "open_mail", stumble)
    world.deliver(a_mail(clerk("SYT"), "x"))
    world.collect()
    assert world.outcomes() == [("unknown", "unreadable_item")]


def test_live_a_file_copied_with_an_old_time_across_the_limit_is_on_time_and_flagged(tmp_path: Path) -> None:
    world = a_world(tmp_path / "data", rehearsal=False)
    world.now = at("2026-06-24 17:00")
    world.collect(timedelta(0))
    path = world.drop("bc.xlsx", world.form("SYT", "2026-q2"))
    os.utime(path, (1, 1))
    world.now = at("2026-06-25 08:00")
    world.collect(timedelta(0))
    with reading(world.office.engine) as session:
        row = session.scalars(select(SubmissionRow)).one()
        assert row.arrived_at < at("2026-06-25 00:00")
        assert row.flags == ["arrival_doubt"]
        assert session.scalars(select(InboundRow.arrived_at)).one() == world.now


def test_live_a_file_written_after_the_limit_is_late(tmp_path: Path) -> None:
    world = a_world(tmp_path / "data", rehearsal=False)
    world.now = at("2026-06-24 17:00")
    world.collect(timedelta(0))
    path = world.drop("bc.xlsx", world.form("SYT", "2026-q2"))
    os.utime(path, (at("2026-06-25 00:00").timestamp(),) * 2)
    world.now = at("2026-06-25 08:00")
    world.collect(timedelta(0))
    with reading(world.office.engine) as session:
        assert session.scalars(select(SubmissionRow.arrived_at)).one() == at("2026-06-25 00:00")


def test_an_item_whose_bytes_are_damaged_makes_the_pass_incomplete(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.deliver(a_mail(clerk("SYT"), "x", ("bc.xlsx", world.form("SYT", "2026-q2"))))
    real = world.office.archive.put

    def damaging(data: bytes) -> str:
        sha256 = real(data)
        world.office.archive.path(sha256).write_bytes(data[:-1] + b"?")
        return sha256

    monkeypatch.setattr(world.office.archive, "put", damaging)
    done = world.collect()
    assert (done.complete, done.inbound, done.submissions) == (False, 1, 0)
    assert "kho lưu" in done.errors[0]
    assert not world.collect().complete
