from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from pathlib import Path
from typing import Any

import pytest

from config.plan import ZONE, Plan
from config.plan_files import load_plan
from config.settings import PLANS, Settings
from tasks.system.checks import Level, Look, Result, machine, names, plans, wishes
from tasks.system.checks.database import wal_is_safe
from tasks.system.doctor import examine, refused_settings

NOW = datetime(2026, 6, 22, 8, 0, tzinfo=ZONE)
THE_PLAN = load_plan(PLANS / "2026")


def look(plan: Plan | None = THE_PLAN, **settings: Any) -> Look:
    made = Settings(_env_file=None, **settings)  # type: ignore[call-arg]
    return Look(made, {}, Path("/nonexistent/.env"), NOW, None, plan)


def levels(results: Any) -> dict[str, Level]:
    return {r.check: r.level for r in results}


def misspelt(environment: Mapping[str, str], env_file: Path = Path("/nonexistent/.env")) -> list[Result]:
    return [r for r in names.misspelt(environment, env_file) if r.level is Level.FAULT]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("DONDOC_MAIL__MODEE", "DONDOC_MAIL__MODE"),
        ("DONDOC_MIAL__MODE", "DONDOC_MAIL__MODE"),
        ("DONDOC_DATABSE_URL", "DONDOC_DATABASE_URL"),
        ("DONDOC_MAIL_MODE", "DONDOC_MAIL__MODE"),
        ("dondoc_imap__hots", "DONDOC_IMAP__HOST"),
    ],
)
def test_a_misspelt_setting_is_a_fault_with_the_name_that_was_meant(name: str, meant: str) -> None:
    (found,) = misspelt({name: "x", "PATH": "/bin"})
    assert name in found.found
    assert meant in found.mend


@pytest.mark.parametrize(
    "name", ["DONDOC_MAIL__MODE", "dondoc_mail__mode", "DONDOC_MAIL", "DONDOC_SECRETS_DIR"]
)
def test_settings_groups_and_the_secrets_folder_are_known(name: str, tmp_path: Path) -> None:
    assert misspelt({name: str(tmp_path)}) == []


def test_the_env_file_and_the_secret_files_are_read_for_names_too(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("# DONDOC_X=1\nexport DONDOC_PLAN=x\nDONDOC_PALN = y\n\nOTHER=1\n", encoding="utf-8")
    secrets = tmp_path / "secrets"
    secrets.mkdir()
    (secrets / "dondoc_mail__pasword").write_text("bí mật")
    found = misspelt({"DONDOC_SECRETS_DIR": str(secrets)}, env)
    assert [f.found.rpartition(" ")[2] for f in found] == ["DONDOC_PALN", "dondoc_mail__pasword"]
    assert "bí mật" not in str(found)


def test_an_env_file_that_is_no_text_is_a_fault_and_no_traceback(tmp_path: Path) -> None:
    (tmp_path / ".env").write_bytes(b"\xff\xfe\x00")
    assert levels(names.misspelt({}, tmp_path / ".env"))["settings.readable"] is Level.FAULT


def test_a_secret_that_others_on_the_machine_can_read_is_told(tmp_path: Path) -> None:
    env = tmp_path / ".env"
    env.write_text("DONDOC_PLAN=x")
    env.chmod(0o644)
    assert levels(names.readable_by_others({}, env))["settings.secrecy"] is Level.WARN
    env.chmod(0o600)
    assert levels(names.readable_by_others({}, env))["settings.secrecy"] is Level.OK


@pytest.mark.parametrize(
    ("changed", "level"),
    [("2025-12-20", Level.WARN), ("2026-01-10", Level.OK), (None, Level.WARN)],
)
def test_a_password_older_than_six_months_is_told(changed: str | None, level: Level) -> None:
    mail = {"username": "dondoc", "password_changed": changed and date.fromisoformat(changed)}
    assert levels(wishes.password_age(look(mail=mail))) == {"mail.password_age": level}


def test_without_a_login_there_is_no_password_to_grow_old() -> None:
    assert list(wishes.password_age(look())) == []


@pytest.mark.parametrize(
    ("address", "is_one"),
    [
        ("a@ninhbinh.example", True),
        ("a@EXAMPLE.com", True),
        ("a@mail.example.org", True),
        ("a@x.invalid", True),
        ("a@ninhbinh.gov.vn", False),
        ("a@notexample.com", False),
        ("a@example.gov.vn", False),
    ],
)
def test_reserved_addresses_are_examples(address: str, is_one: bool) -> None:
    assert wishes.is_example(address) is is_one


def test_shipped_addresses_warn_and_in_live_mode_they_are_faults() -> None:
    live = {"mode": "live", "allow_domains": ["ninhbinh.gov.vn"]}
    assert levels(plans.contacts(look()))["plan.examples"] is Level.WARN
    assert levels(plans.contacts(look(mail=live)))["plan.examples"] is Level.FAULT
    assert levels(wishes.mail_mode(look(mail=live)))["mail.sender"] is Level.FAULT


def test_no_result_shows_an_address() -> None:
    shown = str([*plans.contacts(look()), *plans.assumptions(look()), *wishes.mail_mode(look())])
    assert "@" not in shown


def test_a_unit_without_a_clerk_is_named_by_its_code() -> None:
    contacts = tuple(c for c in THE_PLAN.contacts if (c.unit, c.role) != ("SYT", "clerk"))
    (missing,) = [
        r for r in plans.contacts(look(THE_PLAN.model_copy(update={"contacts": contacts}))) if r.lines
    ][:1]
    assert missing.check == "plan.contacts"
    assert missing.lines[0].startswith("SYT")


def test_the_assumptions_of_2026_are_counted_and_listed() -> None:
    (found,) = plans.assumptions(look())
    assert found.level is Level.WARN
    assert found.found.startswith(f"{len(found.lines)} giả định")
    assert len(found.lines) > 50


def test_holidays_that_end_before_the_last_round_are_a_fault() -> None:
    early = tuple(h for h in THE_PLAN.holidays if h.date < date(2026, 12, 1))
    near = tuple(h for h in THE_PLAN.holidays if h.date < date(2027, 1, 10))
    assert (
        levels(plans.holidays(look(THE_PLAN.model_copy(update={"holidays": early}))))["plan.holidays"]
        is Level.FAULT
    )
    assert (
        levels(plans.holidays(look(THE_PLAN.model_copy(update={"holidays": near}))))["plan.holidays"]
        is Level.WARN
    )
    assert levels(plans.holidays(look()))["plan.holidays"] is Level.OK


def test_an_open_prefect_without_a_password_is_a_fault() -> None:
    assert levels(wishes.exposure(look()))["prefect.exposure"] is Level.OK
    opened = look(prefect={"host": "0.0.0.0"})
    assert levels(wishes.exposure(opened))["prefect.exposure"] is Level.FAULT
    guarded = look(prefect={"host": "0.0.0.0", "auth_string": "a:bi-mat"})
    (found,) = wishes.exposure(guarded)
    assert found.level is Level.WARN
    assert "bi-mat" not in str(found)


def test_a_second_approver_must_be_declared_with_an_address() -> None:
    nobody = look(desk={"second_approver": "LD1"})
    assert levels(wishes.desk(nobody)) == {"desk.second": Level.FAULT}
    mute = look(desk={"second_approver": "LD1", "operators": [{"code": "LD1", "name": "Lãnh đạo"}]})
    assert levels(wishes.desk(mute)) == {"desk.second": Level.FAULT}


@pytest.mark.parametrize(
    ("release", "safe"),
    [((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False), ((3, 50, 6), False),
     ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True), ((3, 60, 0), True)],
)  # fmt: skip
def test_the_releases_of_sqlite_whose_wal_is_safe(release: tuple[int, ...], safe: bool) -> None:
    assert wal_is_safe(release) is safe


def test_a_font_without_vietnamese_letters_is_seen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(machine, "font_file", lambda family: None)
    assert levels(machine.fonts(look())) == {"fonts": Level.FAULT}
    (tmp_path / "x.ttf").write_bytes(b"no font")
    monkeypatch.setattr(machine, "font_file", lambda family: tmp_path / "x.ttf")
    (found,) = machine.fonts(look())
    assert (found.level, "thiếu chữ" in found.found) == (Level.FAULT, True)


def test_every_vietnamese_letter_is_asked_of_the_font() -> None:
    assert len(set(machine.LETTERS)) == 12 * 6 + 1  # twelve vowels in six tones, and đ


def test_little_room_on_the_disk_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def free(size: int) -> dict[str, Level]:
        usage = type("Usage", (), {"free": size})()
        monkeypatch.setattr(machine.shutil, "disk_usage", lambda path: usage)
        return levels(machine.disk(look(data=tmp_path / "not" / "yet")))

    assert [free(n)["disk"] for n in (10 * 1024**3, 1024**3, 1024**2)] == [Level.OK, Level.WARN, Level.FAULT]


def test_a_data_folder_that_cannot_be_written_is_a_fault(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert levels(machine.writable(look(data=tmp_path))) == {"data": Level.OK}

    def refuses(**_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(machine.tempfile, "TemporaryFile", refuses)
    assert levels(machine.writable(look(data=tmp_path))) == {"data": Level.FAULT}
    assert levels(machine.writable(look(data=tmp_path / "none"))) == {"data": Level.FAULT}


def test_a_check_that_breaks_is_a_finding_and_the_others_still_run(tmp_path: Path) -> None:
    def breaks(_: Look) -> list[Result]:
        raise RuntimeError("hỏng giữa chừng")

    settings = Settings(_env_file=None, data=tmp_path)  # type: ignore[call-arg]
    found = examine(settings, {}, tmp_path / ".env", NOW, checks=(breaks, wishes.exposure))
    assert {"doctor.breaks", "prefect.exposure", "database"} == set(levels(found))


def test_faulty_settings_become_results_with_their_names() -> None:
    found = refused_settings("DONDOC_MAIL__MODE: x\nDONDOC_MAIL__PORT: y")
    assert [r.found.partition(":")[0] for r in found] == ["DONDOC_MAIL__MODE", "DONDOC_MAIL__PORT"]
    assert {r.level for r in found} == {Level.FAULT}
