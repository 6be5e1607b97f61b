"""``dondoc rehearse``: who would receive what on which day, told before anything happens."""

from __future__ import annotations

import json
import re
import shutil
from datetime import date
from functools import cache
from pathlib import Path

import pytest
from typer.testing import CliRunner

from config.plan import Plan, Role
from config.plan_files import load_plan
from config.settings import PLANS
from flows.cli import app
from flows.rehearsal import Difference, Planned, compare, play_from, rehearse

COMMUNE, DEPARTMENT = "14329", "SYT"
HALF = date(2026, 5, 4), date(2026, 7, 9)
QUARTER = date(2026, 6, 1), date(2026, 7, 2)


@cache
def the_plan(*, without: str = "") -> Plan:
    """The plan of 2026 for a commune and a department; ``without`` the contact of that role."""
    plan = load_plan(PLANS / "2026")
    units = tuple(u.model_copy(update={"active": u.code in (COMMUNE, DEPARTMENT)}) for u in plan.units)
    contacts = tuple(c for c in plan.contacts if (c.unit, c.role) not in {(COMMUNE, r) for r in roles(without)})
    return plan.model_copy(update={"units": units, "contacts": contacts})


def roles(without: str) -> tuple[Role, ...]:
    return {"": (), "head": (Role.HEAD, Role.DEPUTY), "clerk": (Role.CLERK, Role.LIAISON)}[without]


@cache
def the_half() -> list[Planned]:
    return rehearse(the_plan(), *HALF)


def mails(planned: list[Planned], round_: str, unit: str = COMMUNE) -> list[tuple[str, str]]:
    return [(f"{p.day:%d/%m}", s) for p in planned if round_ in p.round and unit in p.unit for s in p.steps]


def test_a_silent_commune_gets_each_step_of_a_quarter_on_its_day() -> None:
    """Last good day 24/6; working day 1 after is 25/6; two working days between two letters."""
    assert mails(the_half(), "2026-q2") == [
        ("01/06", "invitation"),
        ("16/06", "reminder-7"),
        ("22/06", "reminder-3"),
        ("24/06", "reminder-1"),
        ("25/06", "rung-1"),
        ("29/06", "rung-2"),
        ("01/07", "rung-3"),
    ]


def test_nothing_is_planned_on_a_day_off() -> None:
    off = {h.date for h in the_plan().holidays if h.kind == "off"}
    assert not [p for p in the_half() if p.day in off or p.day.weekday() == 6]


def test_a_window_shows_what_a_longer_play_shows_there() -> None:
    first, last = date(2026, 6, 26), date(2026, 7, 9)
    assert play_from(the_plan(), first) == date(2026, 6, 1)  # the KPI plans of May are not played
    assert rehearse(the_plan(), first, last) == [p for p in the_half() if first <= p.day <= last] != []


def test_a_late_window_does_not_play_rounds_that_are_long_over() -> None:
    assert play_from(the_plan(), date(2026, 12, 22)) == date(2026, 12, 1)
    assert play_from(the_plan(), date(2026, 6, 10)) == date(2026, 5, 4)


def test_a_missing_head_holds_his_rung_and_is_never_skipped() -> None:
    steps = [s for _, s in mails(rehearse(the_plan(without="head"), *QUARTER), "2026-q2")]
    assert steps == ["invitation", "reminder-7", "reminder-3", "reminder-1", "rung-1"]


def test_a_unit_without_any_address_is_told_nothing_and_escalated_nowhere() -> None:
    assert mails(rehearse(the_plan(without="clerk"), *QUARTER), "2026-q2") == []


def test_two_plans_differ_by_the_mails_that_one_of_them_would_not_send() -> None:
    full = [p for p in the_half() if QUARTER[0] <= p.day <= QUARTER[1]]
    without = rehearse(the_plan(without="head"), *QUARTER)
    difference = compare(full, without)
    assert mails(difference.gone, "2026-q2") == [("29/06", "rung-2"), ("01/07", "rung-3")]
    assert mails(difference.added, "2026-q2", COMMUNE) == []
    assert compare(full, full) == Difference([], [])


@pytest.fixture
def folders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[Path, Path]:
    """Two plan folders with one commune; the second opens the last quarter a day later."""
    old, new = tmp_path / "old", tmp_path / "new"
    shutil.copytree(PLANS / "2026", old)
    rows = (old / "units.csv").read_text(encoding="utf-8")
    kept = re.sub(r"(?m)^(?!14329,)(\d{5},.*,(?:xa|phuong)),true,", r"\1,false,", rows)
    (old / "units.csv").write_text(kept, encoding="utf-8")
    shutil.copytree(old, new)
    toml = (new / "plan.toml").read_text(encoding="utf-8")
    (new / "plan.toml").write_text(toml.replace("opens = 2026-12-01", "opens = 2026-12-02"), encoding="utf-8")
    monkeypatch.setenv("DONDOC_PLAN", str(old))
    monkeypatch.chdir(tmp_path)
    return old, new


def test_the_command_tells_what_would_leave_and_what_another_plan_changes(folders: tuple[Path, Path]) -> None:
    window = ["--from", "2026-12-01", "--to", "2026-12-03"]
    alone = CliRunner().invoke(app, ["rehearse", *window, "--json"])
    planned = json.loads(alone.stdout)
    assert {p["day"] for p in planned} == {"2026-12-01"}
    assert [p["steps"] for p in planned if p["unit"] == COMMUNE] == [["invitation"]]
    compared = CliRunner().invoke(app, ["rehearse", *window, "--against", str(folders[1])])
    assert compared.exit_code == 0, compared.output
    assert "− 01/12/2026" in compared.stdout and "+ 02/12/2026" in compared.stdout
    assert f"bớt {len(planned)} thư, thêm {len(planned)} thư" in compared.stdout
    assert not list(Path.cwd().glob("**/*.eml"))


def test_a_folder_that_is_not_there_is_a_sentence_not_a_traceback(folders: tuple[Path, Path]) -> None:
    done = CliRunner().invoke(app, ["rehearse", "--from", "2026-12-01", "--to", "2026-12-01", "--against", "nowhere"])
    assert done.exit_code != 0 and "không có thư mục kế hoạch nowhere" in done.output
