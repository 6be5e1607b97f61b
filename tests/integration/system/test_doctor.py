from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from imapclient import IMAPClient
from pydantic import SecretStr
from sqlalchemy import text

from config.settings import Mail
from db import audit, controls, instance
from db.session import reading, writing
from tasks.intake.collect import collect
from tasks.office import Office
from tasks.system.checks import Check, Level, Result, plus, servers
from tasks.system.doctor import CHECKS, examine
from tasks.system.plus_test import PLUS_TEST, PlusTestError, passed, send_plus_test
from tests.integration.post.servers import Sink
from tests.mail_servers import PASSWORD, dovecot, free_port, webdav

from .house import AFTER, a_house, as_intruder, copy_of, live_through_june, settings_of


def examined(office: Office, only: Sequence[Check] = CHECKS, **changes: Any) -> dict[str, Result]:
    settings = office.settings.model_copy(update=changes)
    found = examine(settings, {}, office.data / ".env", AFTER, timeout=3, checks=only)
    assert not [r for r in found if r.check.startswith("doctor.")]
    return {r.check: r for r in found}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Office:
    made = a_house(tmp_path_factory.mktemp("house") / "var")
    made.engine.dispose()
    return made


@pytest.fixture
def office(built: Office, tmp_path: Path) -> Iterator[Office]:
    """A copy of the house that a person confirmed at its place."""
    made = copy_of(built, tmp_path / "var")
    with writing(made.engine) as session:
        instance.confirm(session, made.settings, at=AFTER, by="CV1", reason="bản sao để kiểm thử")
    yield made
    made.engine.dispose()


def test_a_fresh_house_has_no_fault_and_each_warning_says_how_to_mend_it(office: Office) -> None:
    found = examined(office)
    assert {r.check for r in found.values() if r.level is Level.FAULT} == set()
    assert all(r.mend for r in found.values() if r.level is not Level.OK)
    assert {"plan.assumed", "plan.examples", "plan.holidays_unsure", "backup", "prefect"} <= {
        r.check for r in found.values() if r.level is Level.WARN
    }


def test_before_init_the_doctor_says_so_and_creates_nothing(tmp_path: Path) -> None:
    found = examine(settings_of(tmp_path / "none"), {}, tmp_path / ".env", AFTER, timeout=1)
    faults = {r.check: r.mend for r in found if r.level is Level.FAULT}
    assert "dondoc init" in faults["database"]
    assert not (tmp_path / "none").exists()


def test_a_database_of_an_older_version_is_refused_with_the_command(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0001'"))
    found = examined(office)
    assert found["database.version"].level is Level.FAULT
    assert "dondoc init" in found["database.version"].mend


def test_a_file_that_is_no_database_ends_in_faults_not_in_a_traceback(office: Office) -> None:
    office.engine.dispose()
    (office.data / "dondoc.db").write_bytes(b"nothing like a database" * 1000)
    found = examine(office.settings, {}, office.data / ".env", AFTER, timeout=1)
    assert any(r.level is Level.FAULT for r in found)


def test_wal_mode_on_an_old_sqlite_is_a_fault(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tasks.system.checks.database.wal_is_safe", lambda release: False)
    assert examined(office)["database.release"].level is Level.OK, "the journal is not WAL"
    with office.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA journal_mode=WAL")
    assert examined(office)["database.release"].level is Level.FAULT


def test_tampering_shows_with_the_audit_verify_command(office: Office) -> None:
    as_intruder(office.engine, "UPDATE audit SET actor = 'x' WHERE id = 2")
    found = examined(office)
    assert found["audit.chain"].level is Level.FAULT
    assert "dondoc audit verify" in found["audit.chain"].mend


def test_missing_triggers_show(office: Office) -> None:
    with office.engine.begin() as connection:
        connection.execute(text("DROP TRIGGER audit_no_delete"))
    assert examined(office)["audit.guard"].level is Level.FAULT


def test_a_clock_behind_the_newest_record_shows(office: Office) -> None:
    with writing(office.engine) as session:
        audit.record(session, at=AFTER + timedelta(days=1), actor="test", action="thử", subject="x")
    assert examined(office)["clock"].level is Level.FAULT


def test_a_rehearsal_database_is_told_and_in_live_mode_it_is_a_fault(office: Office) -> None:
    with writing(office.engine) as session:
        controls.put(session, controls.REHEARSAL, "yes", at=AFTER, by="test")
    assert examined(office)["database.rehearsal"].level is Level.WARN
    live = Mail.model_validate({"mode": "live", "allow_domains": ["ninhbinh.gov.vn"], "port": free_port()})
    assert examined(office, mail=live)["database.rehearsal"].level is Level.FAULT


def test_a_copied_folder_is_told_with_the_command_that_confirms_it(office: Office, tmp_path: Path) -> None:
    shutil.copytree(office.data, tmp_path / "twin")
    found = {r.check: r for r in examine(settings_of(tmp_path / "twin"), {}, Path("x"), AFTER, timeout=1)}
    assert found["instance"].level is Level.FAULT
    assert "dondoc instance confirm" in found["instance"].mend


def test_a_damaged_file_of_the_archive_is_found(office: Office) -> None:
    live_through_june(office)
    assert examined(office)["archive"].level is Level.OK
    damaged = next(p for p in (office.data / "archive").rglob("*") if p.is_file())
    damaged.write_bytes(b"x")
    assert examined(office)["archive"].level is Level.FAULT


def test_a_plan_that_was_edited_after_init_is_told(office: Office, tmp_path: Path) -> None:
    shutil.copytree(office.settings.plan, tmp_path / "plan")
    toml = tmp_path / "plan" / "plan.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("gap = 2", "gap = 3"), encoding="utf-8")
    assert examined(office, plan=tmp_path / "plan")["plan.loaded"].level is Level.WARN
    toml.write_text("[plan", encoding="utf-8")
    spoilt = examined(office, plan=tmp_path / "plan")
    assert spoilt["plan.valid"].level is Level.FAULT
    assert "dondoc plan check" in spoilt["plan.valid"].mend


def redirect(port: int, **changes: Any) -> Mail:
    values = {"mode": "redirect", "redirect_to": "thu@ninhbinh.example", "port": port, "security": "none",
              "sender": "dondoc@ninhbinh.example"}  # fmt: skip
    return Mail.model_validate(values | changes)


def test_the_mail_server_is_greeted_and_nobody_is_named_to_it(office: Office) -> None:
    with Sink() as sink:
        assert (
            examined(office, [servers.mail_login], mail=redirect(sink.port))["mail.login"].level is Level.OK
        )
        assert (sink.rcpts, sink.accepted) == ([], [])


def test_a_mail_server_that_is_not_there_or_speaks_no_tls_is_told(office: Office) -> None:
    assert (
        examined(office, [servers.mail_login], mail=redirect(free_port()))["mail.login"].level is Level.FAULT
    )
    with Sink() as sink:
        found = examined(office, [servers.mail_login], mail=redirect(sink.port, security="starttls"))[
            "mail.login"
        ]
    assert found.level is Level.FAULT
    assert "mã hóa" in found.found


def test_a_refused_login_names_the_settings_and_never_the_password(office: Office) -> None:
    with Sink(password="đúng") as sink:
        mail = redirect(sink.port, username="dondoc", password="Canary-Mat-Khau")
        found = examined(office, [servers.mail_login], mail=mail)["mail.login"]
    assert found.level is Level.FAULT
    assert "Canary" not in str(found)


def test_the_mailbox_is_opened_and_counted(office: Office) -> None:
    with dovecot() as port:
        imap = office.settings.imap.model_copy(
            update={"host": "127.0.0.1", "port": port, "security": "none", "username": "dondoc"}
        )
        right = imap.model_copy(update={"password": SecretStr(PASSWORD)})
        wrong = imap.model_copy(update={"password": SecretStr("Canary-Mat-Khau")})
        opened, refused = (
            examined(office, [servers.mailbox_login], imap=right)["imap.login"],
            examined(office, [servers.mailbox_login], imap=wrong)["imap.login"],
        )
    assert (opened.level, "0 thư" in opened.found) == (Level.OK, True)
    assert (refused.level, "Canary" in str(refused)) == (Level.FAULT, False)


def test_a_spam_folder_that_is_not_read_is_told_once_something_lies_in_it(office: Office) -> None:
    with dovecot() as port:
        imap = office.settings.imap.model_copy(
            update={
                "host": "127.0.0.1",
                "port": port,
                "security": "none",
                "username": "dondoc",
                "password": SecretStr(PASSWORD),
            }
        )
        with IMAPClient("127.0.0.1", port=port, ssl=False) as client:
            client.login("dondoc", PASSWORD)
            client.create_folder("Spam")
            empty = examined(office, [servers.mailbox_login], imap=imap)["imap.spam"]
            client.append("Spam", b"Subject: bao cao quy II\r\n\r\n")
        told = examined(office, [servers.mailbox_login], imap=imap)["imap.spam"]
        read = imap.model_copy(update={"also_folders": ("Spam",)})
        assert "imap.spam" not in examined(office, [servers.mailbox_login], imap=read)
    assert (empty.level, told.level) == (Level.OK, Level.WARN)
    assert 'DONDOC_IMAP__ALSO_FOLDERS=["Spam"]' in told.mend


def test_the_web_share_is_asked_for_its_list_and_each_failure_says_how_to_mend_it(
    office: Office, tmp_path: Path
) -> None:
    (tmp_path / "share").mkdir()
    (tmp_path / "share" / "bc.xlsx").write_bytes(b"x")
    none = office.settings.share
    with webdav(tmp_path / "share") as url:
        right = none.model_copy(
            update={"url": url, "allow_private": True, "username": "dondoc", "password": SecretStr("bi-mat")}
        )
        changes = {
            "PASSWORD": {"password": SecretStr("Canary-Mat-Khau")},
            "DONDOC_SHARE__URL và DONDOC_SHARE__KIND": {"url": url + "khong-co/"},
            "DONDOC_SHARE__KIND (webdav": {"kind": "listing"},
            "thiết lập nêu trên": {"allow_private": False},
            "tường lửa": {"url": f"http://127.0.0.1:{free_port()}/"},
        }
        found = {
            words: examined(office, [servers.web_share], share=right.model_copy(update=change))["share.list"]
            for words, change in changes.items()
        }
        opened = examined(office, [servers.web_share], share=right)["share.list"]
    assert (opened.level, "có 1 mục" in opened.found) == (Level.OK, True)
    for words, result in found.items():
        assert (result.level, words in result.mend, "Canary" in str(result)) == (Level.FAULT, True, False), result
    assert examined(office, [servers.web_share], share=none)["share.list"].level is Level.OK


@contextmanager
def a_prefect(answers: dict[str, Any]) -> Iterator[int]:
    """An API that answers what it is told to."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._answer(True)

        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self._answer(answers[self.path])

        def _answer(self, value: Any) -> None:
            data = json.dumps(value).encode()
            self.send_response(200)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        server.server_close()


@pytest.mark.parametrize(
    ("deployments", "pools", "levels"),
    [
        ([], [], {"prefect.schedules": Level.WARN}),
        (
            [{"name": "a", "paused": False, "schedules": [{"active": True}]}],
            [],
            {"prefect.schedules": Level.OK},
        ),
        (
            [{"name": "a", "paused": True, "schedules": [{"active": True}]}],
            [],
            {"prefect.schedules": Level.FAULT},
        ),
        (
            [{"name": "a", "paused": False, "schedules": [{"active": False}]}],
            [],
            {"prefect.schedules": Level.FAULT},
        ),
        (
            [{"name": "a", "paused": False, "schedules": [{"active": True}]}],
            [{"name": "dondoc", "type": "process", "status": "NOT_READY", "is_paused": False}],
            {"prefect.schedules": Level.OK, "prefect.workers": Level.WARN},
        ),
        ({"detail": "khác hẳn"}, [], {"prefect": Level.WARN}),
    ],
)
def test_schedules_and_workers_are_told_where_prefect_answers(
    office: Office, deployments: Any, pools: Any, levels: dict[str, Level]
) -> None:
    with a_prefect({"/api/deployments/filter": deployments, "/api/work_pools/filter": pools}) as port:
        found = examined(
            office, [servers.prefect], prefect=office.settings.prefect.model_copy(update={"port": port})
        )
    names = {"prefect", "prefect.schedules", "prefect.workers"}
    assert {n: r.level for n, r in found.items() if n in names} == levels


def test_plus_addressing_is_trusted_only_after_our_own_mail_came_back(office: Office) -> None:
    with Sink() as sink:
        on = redirect(sink.port, plus_addressing=True)
        told = Office(
            office.settings.model_copy(update={"mail": on}), office.engine, office.plan, rehearsal=False
        )
        assert examined(told, [plus.plus_addressing])["mail.plus"].level is Level.WARN
        address = send_plus_test(told, AFTER, by="doctor")
        assert sink.rcpts == [address], "to ourselves, not to the test address of redirect"
        assert examined(told, [plus.plus_addressing])["mail.plus"].level is Level.WARN, "sent, not yet seen"
        mailbox = office.data / "mailbox" / "new"
        mailbox.mkdir(parents=True)
        (data,) = sink.contents.values()
        (mailbox / "1.M1.test").write_bytes(data)
        collect(told, AFTER)
        assert examined(told, [plus.plus_addressing])["mail.plus"].level is Level.OK
    with reading(office.engine) as session:
        assert passed(session) is True
        assert controls.get(session, PLUS_TEST) in address


def test_on_hold_no_self_test_leaves(office: Office) -> None:
    with pytest.raises(PlusTestError, match="hold"):
        send_plus_test(office, AFTER, by="doctor")
