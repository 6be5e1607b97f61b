"""Guarantee 11: no secret, address, number or clerk's name outside the database and the mails."""

from __future__ import annotations

import csv
import logging
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.settings import PLANS
from db.models import AuditRow
from db.session import make_engine, reading
from flows.cli import app

PERSON = {"name": "Canarynguyen Vanthu", "phone": "0999000111", "title": "Canarychucdanh"}
SECRETS = {
    "DONDOC_MAIL__PASSWORD": "Canary-Mat-Khau-1",
    "DONDOC_IMAP__PASSWORD": "Canary-Mat-Khau-2",
    "DONDOC_SHARE__PASSWORD": "Canary-Mat-Khau-3",
    "DONDOC_PREFECT__AUTH_STRING": "canary:Canary-Mat-Khau-4",
}
ADDRESS = "canary-hop-thu"


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The plan of 2026 whose every contact is a canary; the communes rest, to be quick."""
    folder = tmp_path_factory.mktemp("plan") / "2026"
    shutil.copytree(PLANS / "2026", folder)
    rewrite(folder / "contacts.csv", lambda n, row: PERSON | {"email": f"{ADDRESS}-{n}@ninhbinh.example"})
    rewrite(
        folder / "units.csv", lambda n, row: {"active": "false"} if row["group"] in ("xa", "phuong") else {}
    )
    return folder


def rewrite(path: Path, change: Callable[[int, dict[str, str]], dict[str, str]]) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=[*rows[0]])
        writer.writeheader()
        writer.writerows(row | change(number, row) for number, row in enumerate(rows))


Run = Callable[..., str]


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Runs a command; everything it prints or logs on both streams, the log at its loudest."""
    monkeypatch.chdir(tmp_path)
    logging.getLogger().addHandler(logging.StreamHandler())
    monkeypatch.setattr(logging.getLogger(), "level", logging.DEBUG)

    def run_(*arguments: str) -> str:
        done = CliRunner().invoke(app, [*arguments, "--data", str(tmp_path / "var")])
        assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
        beside = capfd.readouterr()
        return done.output + beside.out + beside.err

    return run_


def hits(text: str) -> list[str]:
    canaries = [*PERSON.values(), *SECRETS.values(), "Canary-Mat-Khau", ADDRESS]
    return [c for c in canaries if c.lower() in text.lower()]


def test_no_canary_sings_in_output_logs_or_audit(
    tmp_path: Path, plan: Path, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in (SECRETS | {"DONDOC_PLAN": str(plan)}).items():
        monkeypatch.setenv(name, value)
    said = [run("init", "--now", "2026-05-04T08:00+07:00")]
    for now in ("2026-06-10T08:00+07:00", "2026-06-26T08:00+07:00"):
        said.append(run("day", "--json", "--now", now))
    said.append(run("status", "2026-q2"))
    said.append(run("status", "2026-q2", "--json"))
    said.append(run("why", "SYT", "2026-q2"))
    said.append(run("doctor", "--all"))
    said.append(run("doctor", "--json"))
    said.append(run("audit", "show", "--json"))
    said.append(run("instance", "show"))
    said.append(run("backup"))
    said.append(run("backup", "verify", "--json"))
    assert [hits(text) for text in said] == [[]] * len(said)
    assert any("SYT" in text for text in said), "the commands did say something"
    _nothing_but_database_and_mails(tmp_path / "var")


def _nothing_but_database_and_mails(data: Path) -> None:
    engine = make_engine(f"sqlite:///{data / 'dondoc.db'}")
    with reading(engine) as session:
        rows = session.query(AuditRow).all()
        assert len(rows) > 50
        assert hits(str([(r.actor, r.subject, r.details) for r in rows])) == []
    engine.dispose()
    mails = ("archive", "outbox", "backups")
    others = [p for p in data.rglob("*") if p.is_file() and p.parts[len(data.parts)] not in mails]
    readable = [p for p in others if p.suffix not in (".db", ".xlsx", ".docx", ".pdf")]
    assert [(p.name, hits(p.read_text(encoding="utf-8", errors="replace"))) for p in readable] == [
        (p.name, []) for p in readable
    ]
    assert any(
        hits(p.read_text(encoding="utf-8", errors="replace")) for p in (data / "outbox").glob("*.eml")
    ), "the canaries were really there: the mails carry the addresses"


@pytest.mark.parametrize(
    "fault",
    [
        {"DONDOC_MAIL__MODE": "Canary-Mat-Khau"},
        {"DONDOC_MAIL": '{"password": "Canary-Mat-Khau", "pasword": 1}'},
        {"DONDOC_DATABASE_URL": "postgresql://u:Canary-Mat-Khau@127.0.0.1:1/x"},
        {"DONDOC_DATABASE_URL": "Canary-Mat-Khau"},
        {"DONDOC_DESK__OPERATORS": "Canary-Mat-Khau"},
    ],
)
def test_a_faulty_setting_is_told_without_its_secret(
    run: Run, fault: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name, value in fault.items():
        monkeypatch.setenv(name, value)
    for command in ("doctor", "status 2026-q2", "instance show", "backup"):
        told = run(*command.split())
        assert told.strip(), "the fault is told"
        assert "Canary" not in told
