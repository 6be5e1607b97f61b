"""Guarantee 6: a restored, copied or cloned database sends nothing until a person confirms."""

from __future__ import annotations

import shutil
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import create_engine, text

from config.settings import Mail
from db import instance
from db.copies import driver_url
from db.session import make_engine, reading, writing
from tasks.office import Office
from tasks.post import modes
from tasks.post.contract import Delivery, Judgement, Parts
from tasks.post.deliver import deliver
from tasks.post.outbox import NewNotice, queue
from tasks.system.backup import make_backup
from tasks.system.drill import restore
from tasks.system.standing import cancel_waiting, standing
from tests.integration.intake.world import START, at
from tests.integration.post.postgres import running
from tests.integration.post.servers import Sink

from .house import a_house, settings_of

NOW = at("2026-06-22 08:00")
DAY = timedelta(days=1)
DOMAIN = "ninhbinh.example"


def live(port: int) -> Mail:
    values: dict[str, Any] = {
        "mode": "live", "host": "127.0.0.1", "port": port, "security": "none", "connections": 1,
        "allow_domains": (DOMAIN,), "sender": f"dondoc@{DOMAIN}", "timeout_seconds": 5,
    }  # fmt: skip
    return Mail.model_validate(values)


def going_live(folder: Path, port: int, url: str = "") -> Office:
    office = a_house(folder, url, mail=live(port))
    modes.go_live(office, START, "CV1")
    return office


def owe(office: Office, occasion: str) -> None:
    notice = NewNotice(
        plan="2026", round="2026-q2", unit="SYT", recipient=f"vanthu@{DOMAIN}", kind="reminder",
        occasion=occasion, nature="chase",
    )  # fmt: skip
    with writing(office.engine) as session:
        queue(session, notice, START, domain=DOMAIN)


def send(office: Office) -> Delivery:
    return deliver(
        office,
        NOW,
        compose=lambda notice, items: Parts("Nhắc", "Kính gửi đơn vị", "<p>Kính gửi đơn vị</p>"),
        rejudge=lambda session, notice, now: Judgement(),
    )


def opened_again(office: Office, data: Path, url: str = "") -> Office:
    """Another process, at ``data``, with the same settings otherwise."""
    settings = settings_of(data, url, mail=office.settings.mail)
    return Office(settings, make_engine(settings.url), office.plan, rehearsal=False)


def test_a_day_old_backup_put_back_over_the_database_is_held(tmp_path: Path) -> None:
    with Sink() as sink:
        office = going_live(tmp_path / "var", sink.port)
        backup = make_backup(office, NOW - DAY, tmp_path / "backups")
        owe(office, "nhắc 1")
        assert send(office).sent == 1
        office.engine.dispose()
        shutil.copyfile(backup.folder / "dondoc.db", tmp_path / "var" / "dondoc.db")
        again = opened_again(office, tmp_path / "var")
        owe(again, "nhắc 1")  # what the old copy believes it still owes
        did = send(again)
        assert (did.stopped, did.sent, len(sink.accepted)) == ("not_here", 0, 1)
        with reading(again.engine) as session:
            found = standing(session, again.settings)
        assert found.refusal == instance.OLDER
        assert [(w.round, w.kind, w.units) for w in found.waiting] == [("2026-q2", "reminder", ("SYT",))]


def test_a_backup_restored_into_a_new_folder_is_held_until_a_person_confirms(tmp_path: Path) -> None:
    with Sink() as sink:
        office = going_live(tmp_path / "var", sink.port)
        owe(office, "nhắc 1")
        backup = make_backup(office, NOW, tmp_path / "backups")
        restore(backup.folder, settings_of(tmp_path / "new"))
        restored = opened_again(office, tmp_path / "new")
        assert send(restored).stopped == "not_here"
        assert sink.accepted == []
        with writing(restored.engine) as session:
            instance.confirm(session, restored.settings, at=NOW, by="CV1", reason="máy cũ hỏng")
        assert send(restored).sent == 1
        with reading(restored.engine) as session:
            assert instance.belongs_here(session, restored.settings) == ""


def test_what_waited_in_a_restored_database_can_be_cancelled_with_the_confirmation(tmp_path: Path) -> None:
    with Sink() as sink:
        office = going_live(tmp_path / "var", sink.port)
        owe(office, "nhắc 1")
        backup = make_backup(office, NOW, tmp_path / "backups")
        assert send(office).sent == 1, "the original went on"
        restore(backup.folder, settings_of(tmp_path / "new"))
        restored = opened_again(office, tmp_path / "new")
        with writing(restored.engine) as session:
            assert cancel_waiting(session, at=NOW, by="CV1", reason="nơi cũ đã gửi") == 1
            instance.confirm(session, restored.settings, at=NOW, by="CV1", reason="chuyển máy")
        assert send(restored).sent == 0
        assert len(sink.accepted) == 1


def test_a_twin_of_the_whole_folder_is_held_and_the_original_goes_on(tmp_path: Path) -> None:
    with Sink() as sink:
        office = going_live(tmp_path / "var", sink.port)
        owe(office, "nhắc 1")
        shutil.copytree(tmp_path / "var", tmp_path / "twin")
        twin = opened_again(office, tmp_path / "twin")
        assert send(twin).stopped == "not_here"
        assert send(office).sent == 1
        assert len(sink.accepted) == 1
        with reading(twin.engine) as session:
            assert instance.belongs_here(session, twin.settings) == instance.MOVED


def test_a_pass_under_way_stops_when_another_database_is_confirmed_in_its_folder(tmp_path: Path) -> None:
    with Sink() as sink:
        office = going_live(tmp_path / "var", sink.port)
        for n in range(3):
            owe(office, f"nhắc {n}")

        def compose(notice: Any, items: Any) -> Parts:
            path = office.data / instance.FILE
            path.write_text(path.read_text().replace('"id": "', '"id": "f'))
            return Parts("Nhắc", "Kính gửi đơn vị", "<p>Kính gửi đơn vị</p>")

        did = deliver(office, NOW, compose=compose, rejudge=lambda session, notice, now: Judgement())
        assert (did.stopped, did.sent, len(sink.accepted)) == ("not_here", 1, 1)


def test_a_twin_that_was_confirmed_does_not_make_its_copies_free(tmp_path: Path) -> None:
    with Sink() as sink:
        office = going_live(tmp_path / "var", sink.port)
        shutil.copytree(tmp_path / "var", tmp_path / "twin")
        twin = opened_again(office, tmp_path / "twin")
        with writing(twin.engine) as session:
            instance.confirm(session, twin.settings, at=NOW, by="CV1", reason="chuyển thư mục")
        office.engine.dispose()
        shutil.copyfile(tmp_path / "twin" / "dondoc.db", tmp_path / "var" / "dondoc.db")
        again = opened_again(office, tmp_path / "var")
        owe(again, "nhắc 1")
        assert send(again).stopped == "not_here"
        assert sink.accepted == []


def test_the_same_folder_on_another_machine_is_held(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Sink() as sink:
        office = going_live(tmp_path / "var", sink.port)
        owe(office, "nhắc 1")
        monkeypatch.setattr(instance, "machine", lambda: "may-khac/0123")
        assert send(office).stopped == "not_here"
        assert sink.accepted == []


@pytest.mark.parametrize("spoil", ["", "không phải JSON", "{}", '{"id": 1, "row": "x", "hash": ""}'])
def test_a_spoilt_mark_holds_everything(tmp_path: Path, spoil: str) -> None:
    with Sink() as sink:
        office = going_live(tmp_path / "var", sink.port)
        owe(office, "nhắc 1")
        (tmp_path / "var" / instance.FILE).write_text(spoil)
        assert send(office).stopped == "not_here"
        assert sink.accepted == []


def test_nothing_but_a_person_mends_it(tmp_path: Path) -> None:
    """Neither another init nor waiting nor the post itself names a copied database anew."""
    with Sink() as sink:
        office = going_live(tmp_path / "var", sink.port)
        shutil.copytree(tmp_path / "var", tmp_path / "twin")
        twin = opened_again(office, tmp_path / "twin")
        owe(twin, "nhắc 1")
        for _ in range(3):
            with writing(twin.engine) as session:
                assert not instance.establish(session, twin.settings, at=NOW, by="system")
            assert send(twin).stopped == "not_here"
        assert sink.accepted == []


def test_on_hold_a_copy_may_be_looked_at_but_its_mark_does_not_move(tmp_path: Path) -> None:
    office = a_house(tmp_path / "var")
    shutil.copytree(tmp_path / "var", tmp_path / "twin")
    twin = opened_again(office, tmp_path / "twin")
    before = (tmp_path / "twin" / instance.FILE).read_text()
    owe(twin, "nhắc 1")
    assert send(twin).held == 1
    assert (tmp_path / "twin" / instance.FILE).read_text() == before


def test_a_second_worker_of_one_database_is_confirmed_beside_the_first(tmp_path: Path) -> None:
    with running() as url, Sink() as sink:
        office = going_live(tmp_path / "one", sink.port, url)
        worker = opened_again(office, tmp_path / "two", url)
        owe(office, "nhắc 1")
        assert send(worker).stopped == "not_here"
        with writing(worker.engine) as session:
            instance.confirm(session, worker.settings, at=NOW, by="CV1", reason="máy thứ hai", also=True)
        assert send(worker).sent == 1
        owe(office, "nhắc 2")
        with reading(office.engine) as session:
            assert instance.belongs_here(session, office.settings) == ""
        office.engine.dispose()
        worker.engine.dispose()


def test_a_postgresql_database_cloned_on_its_server_is_held(tmp_path: Path) -> None:
    with running() as url, Sink() as sink:
        office = going_live(tmp_path / "var", sink.port, url)
        owe(office, "nhắc 1")
        office.engine.dispose()
        with create_engine(
            driver_url(url.replace("/postgres", "/template1")), isolation_level="AUTOCOMMIT"
        ).connect() as c:
            c.execute(text("CREATE DATABASE ban_sao TEMPLATE postgres"))
        twin = opened_again(office, tmp_path / "var", url.replace("/postgres", "/ban_sao"))
        assert send(twin).stopped == "not_here"
        assert sink.accepted == []
        twin.engine.dispose()
