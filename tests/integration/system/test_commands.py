"""What an operator types and reads: `dondoc plan`, `doctor`, `audit`, `instance`, `backup`, `purge`."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from typing import Any

import pytest
from openpyxl import load_workbook
from sqlalchemy import text
from typer.testing import CliRunner, Result

from config.settings import PLANS
from db.migrate import downgrade, head_revision, revision_of
from db.session import make_engine
from flows.cli import app

from .house import AFTER, a_house, as_intruder, live_through_june

PLAN = PLANS / "2026"


def dondoc(*arguments: str | Path) -> Result:
    done = CliRunner().invoke(app, [str(a) for a in arguments])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def said(*arguments: str | Path) -> Any:
    return json.loads(dondoc(*arguments).stdout)


@pytest.fixture(autouse=True)
def _quiet(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def plan(tmp_path: Path) -> Path:
    shutil.copytree(PLAN, tmp_path / "plan")
    return tmp_path / "plan"


@pytest.fixture
def data(tmp_path: Path) -> Path:
    office = a_house(tmp_path / "var")
    live_through_june(office)
    office.engine.dispose()
    return office.data


def test_a_valid_plan_ends_with_zero_and_a_faulty_one_with_every_fault_and_one(plan: Path) -> None:
    assert dondoc("plan", "check", plan).exit_code == 0
    units = plan / "units.csv"
    units.write_text(units.read_text(encoding="utf-8").replace("true", "có", 2), encoding="utf-8")
    done = dondoc("plan", "check", plan)
    assert (done.exit_code, done.stdout.count("units.csv:"), "2 lỗi" in done.stdout) == (1, 2, True)
    faults = said("plan", "check", plan, "--json")["faults"]
    assert [set(f) >= {"file", "line", "field", "found", "advice"} for f in faults] == [True, True]


def test_plan_diff_says_what_changes_for_whom(plan: Path) -> None:
    assert "như nhau" in dondoc("plan", "diff", PLAN, plan).stdout
    toml = plan / "plan.toml"
    toml.write_text(toml.read_text(encoding="utf-8").replace("gap = 2", "gap = 3"), encoding="utf-8")
    (change,) = said("plan", "diff", PLAN, plan, "--json")
    assert (change["topic"], change["old"], change["new"]) == ("ladder", "2", "3")


def test_next_years_plan_is_made_and_names_what_must_be_decided(tmp_path: Path) -> None:
    out = tmp_path / "2027"
    told = said("plan", "new", "2027", "--from", "2026", "--out", out, "--json")
    assert len(told["open"]) > 20
    assert dondoc("plan", "check", out).exit_code == 1
    again = dondoc("plan", "new", "2027", "--from", str(PLAN), "--out", out)
    assert (again.exit_code, "đã có tệp" in again.stderr) == (2, True)


def test_the_plan_goes_to_excel_and_back(plan: Path, tmp_path: Path) -> None:
    before = {p.name: p.read_bytes() for p in plan.iterdir()}
    book = tmp_path / "ke-hoach.xlsx"
    assert dondoc("plan", "export", book, "--plan-folder", plan).exit_code == 0
    assert dondoc("plan", "import", book, "--plan-folder", plan).exit_code == 0
    assert dondoc("plan", "diff", PLAN, plan).stdout.strip() == "Hai kế hoạch như nhau"
    edited = load_workbook(book)
    edited["contacts"]["C2"] = "không phải địa chỉ"
    edited.save(book)
    done = dondoc("plan", "import", book, "--plan-folder", plan)
    assert (done.exit_code, "contacts!C2" in done.stdout) == (1, True)
    assert {p.name for p in plan.iterdir()} == set(before)


@pytest.mark.parametrize(
    "command",
    [
        ["plan", "check", "none"],
        ["plan", "diff", "none", "none"],
        ["plan", "new", "2027", "--from", "1999", "--out", "x"],
        ["plan", "export", "x.doc"],
        ["audit", "verify", "--data", "none"],
        ["instance", "show", "--data", "none"],
        ["backup", "--data", "none"],
        ["backup", "verify", "--data", "none"],
        ["backup", "verify", "none", "--data", "none"],
        ["restore", "none", "--data", "x"],
        ["purge", "--before", "hôm qua", "--data", "none"],
    ],
)
def test_a_mistake_is_a_sentence_with_exit_code_two(command: list[str]) -> None:
    done = dondoc(*command)
    assert done.exit_code == 2
    assert done.stderr.startswith("dondoc: ")
    assert len(done.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    "command",
    [
        ["status", "2026-q2", "--as-of", "9999-12-31"],
        ["why", "SYT", "2026-q2", "--as-of", "0001-01-01T00:00"],
        ["day", "--now", "0001-01-01"],
        ["collect", "--now", "9999-12-31T23:59"],
        ["rehearse", "--from", "0001-01-01", "--to", "0001-01-02"],
        ["purge", "--before", "0001-01-01"],
    ],
)
def test_a_year_that_nobody_means_is_a_sentence_and_marks_nothing(data: Path, command: list[str]) -> None:
    before = dondoc("audit", "verify", "--data", data).stdout
    done = dondoc(*command, "--data", data)
    assert (done.exit_code, "năm phải từ 2000 đến 2100" in done.stderr) == (2, True)
    assert dondoc("audit", "verify", "--data", data).stdout == before


def test_a_plan_that_lacks_who_still_owes_is_refused_in_a_sentence(data: Path, plan: Path) -> None:
    for table in plan.glob("*.csv"):
        kept = [x for x in table.read_text("utf-8").splitlines(keepends=True) if "SXD" not in x]
        table.write_text("".join(kept), "utf-8")
    done = dondoc("init", "--data", data, "--plan-folder", plan)
    assert (done.exit_code, done.stderr.startswith("dondoc: Đơn vị SXD còn trong đợt đã mở")) == (2, True)


def test_the_doctor_speaks_json_and_ends_with_one_where_something_must_be_mended(
    data: Path, tmp_path: Path
) -> None:
    told = said("doctor", "--data", data, "--json", "--now", AFTER.isoformat())
    assert told["ok"] is True
    assert {r["level"] for r in told["results"]} == {"ok", "warn"}
    assert dondoc("doctor", "--data", tmp_path / "none").exit_code == 1


def test_the_doctor_tells_of_misspelt_and_faulty_settings(
    data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DONDOC_MIAL__MODE", "live")
    done = dondoc("doctor", "--data", data, "--now", AFTER.isoformat())
    assert (done.exit_code, "DONDOC_MAIL__MODE" in done.stdout) == (1, True)
    monkeypatch.setenv("DONDOC_MAIL__MODE", "gửi thật")
    done = dondoc("doctor", "--data", data)
    assert (done.exit_code, "✘ settings.values" in done.stdout) == (1, True)


def test_the_first_line_of_an_env_file_from_notepad_is_looked_at_too(
    data: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / ".env").write_bytes(b"\xef\xbb\xbfDONDOC_MIAL__MODE=live\r\n")
    done = dondoc("doctor", "--data", data, "--now", AFTER.isoformat())
    assert (done.exit_code, "DONDOC_MAIL__MODE" in done.stdout) == (1, True)


def test_audit_verify_ends_with_one_and_names_the_row_where_it_was_changed(data: Path) -> None:
    whole = said("audit", "verify", "--data", data, "--json")
    assert whole["signs"] == []
    assert dondoc("audit", "verify", "--data", data, "--head", whole["head"]).exit_code == 0
    assert dondoc("audit", "verify", "--data", data, "--head", "f" * 64).exit_code == 1
    assert dondoc("audit", "verify", "--replay", "--data", data).exit_code == 0
    engine = make_engine(f"sqlite:///{data / 'dondoc.db'}")
    as_intruder(engine, "DELETE FROM exemption")
    done = dondoc("audit", "verify", "--replay", "--data", data)
    assert (done.exit_code, "2026-q2 14743" in done.stdout) == (1, True)
    as_intruder(engine, "UPDATE audit SET actor = 'x' WHERE id = 7")
    engine.dispose()
    done = dondoc("audit", "verify", "--data", data)
    assert (done.exit_code, "dòng 7" in done.stdout) == (1, True)


def test_audit_show_filters_by_unit_and_round(data: Path) -> None:
    rows = said("audit", "show", "--unit", "13669", "--round", "2026-q2", "--data", data, "--json")
    assert "extended" in [r["action"] for r in rows]
    assert "exempted" not in [r["action"] for r in rows]
    last = dondoc("audit", "show", "--data", data, "--last", "1").stdout
    assert len(last.splitlines()) == 1


def test_backup_verify_restore_confirm_from_the_command_line(data: Path, tmp_path: Path) -> None:
    now = AFTER.isoformat()
    assert dondoc("backup", "--to", tmp_path / "sao-luu", "--data", data, "--now", now).exit_code == 0
    (made,) = (tmp_path / "sao-luu").iterdir()
    assert said("backup", "verify", made, "--data", data, "--json")["problems"] == []
    new = tmp_path / "moi"
    assert dondoc("restore", made, "--data", new).exit_code == 0
    shown = said("instance", "show", "--data", new, "--json")
    assert shown["refusal"]
    assert "@" not in json.dumps(shown)
    done = dondoc("instance", "confirm", "--by", "ai đó", "--reason", "x", "--data", new)
    assert (done.exit_code, "chưa khai báo" in done.stderr) == (2, True)
    confirm = [
        "instance",
        "confirm",
        "--by",
        "CV1",
        "--reason",
        "máy cũ hỏng",
        "--cancel",
        "--data",
        str(new),
    ]
    assert "Đã hủy" in dondoc(*confirm, "--now", now).stdout
    assert said("instance", "show", "--data", new, "--json")["refusal"] == ""
    assert said("instance", "show", "--data", data, "--json")["refusal"] == "", "the old place is untouched"


def test_purge_counts_first_and_removes_only_with_yes_who_and_why(data: Path) -> None:
    later = ["--now", "2030-03-01T09:00+07:00", "--before", "2028-01-01", "--data", str(data)]
    assert said("purge", *later, "--json")["done"] is False
    assert dondoc("purge", *later, "--yes").exit_code == 2
    told = said("purge", *later, "--yes", "--by", "CV1", "--reason", "hết thời gian lưu giữ", "--json")
    assert (told["done"], told["plans"]) == (True, ["2026"])
    assert said("purge", *later, "--json")["contacts"] == 0


def test_an_older_database_is_upgraded_by_init_which_keeps_it_as_it_was(data: Path) -> None:
    engine = make_engine(f"sqlite:///{data / 'dondoc.db'}")
    newest = head_revision()
    downgrade(engine, "0001")
    refused = dondoc("status", "2026-q2", "--data", data)
    assert (refused.exit_code, "dondoc init" in refused.stderr) == (2, True)
    assert "dondoc init" in dondoc("doctor", "--data", data).stdout
    assert dondoc("init", "--data", data).exit_code == 0
    (kept,) = (data / "backups").glob("truoc-nang-cap-0001-*.db")
    assert (revision_of(engine), revision_of(make_engine(f"sqlite:///{kept}"))) == (newest, "0001")
    assert dondoc("audit", "verify", "--replay", "--data", data).exit_code == 0
    assert dondoc("init", "--data", data).exit_code == 0
    assert len(list((data / "backups").iterdir())) == 1, "nothing to upgrade, nothing to keep"


def test_a_database_of_a_later_program_is_never_touched(data: Path) -> None:
    engine = make_engine(f"sqlite:///{data / 'dondoc.db'}")
    with engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    for command in (("status", "2026-q2"), ("init",), ("day",)):
        done = dondoc(*command, "--data", data)
        assert (done.exit_code, "mới hơn chương trình này" in done.stderr) == (2, True)
    assert "mới hơn chương trình" in dondoc("doctor", "--data", data).stdout
    assert revision_of(engine) == "9999"


def test_a_file_that_is_no_database_is_told_in_a_sentence(tmp_path: Path) -> None:
    data = tmp_path / "Dữ liệu số 1"
    data.mkdir()
    (data / "dondoc.db").write_bytes(b"khong phai co so du lieu" * 200)
    for command in (("day",), ("init",), ("backup",), ("audit", "verify")):
        done = dondoc(*command, "--data", data)
        assert (done.exit_code, done.stderr.startswith("dondoc: không dùng được cơ sở dữ liệu")) == (2, True)
    assert dondoc("doctor", "--data", data).exit_code == 1


def test_a_data_folder_that_is_a_file_is_told_in_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "var").write_text("")
    for command in (("init",), ("run",)):
        done = dondoc(*command, "--data", tmp_path / "var")
        assert (done.exit_code, "không đọc, ghi được" in done.stderr) == (2, True)


def test_advice_with_a_path_can_be_pasted_into_a_shell(tmp_path: Path) -> None:
    done = dondoc("status", "2026-q2", "--data", tmp_path / "Dữ liệu số 1")
    assert f"--data '{tmp_path}/Dữ liệu số 1'" in done.stderr
    assert list(tmp_path.iterdir()) == [], "looking makes nothing"
