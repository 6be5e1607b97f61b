"""Next year's folder: valid except for what a person must decide, and that is listed."""

from __future__ import annotations

import tomllib
from datetime import date
from pathlib import Path

import pytest

from config.plan import Certainty, Plan
from config.plan_faults import Fault, PlanError
from config.plan_files import check_plan, load_plan
from config.plan_new import new_plan
from config.settings import PLANS


@pytest.fixture
def made(tmp_path: Path) -> tuple[Path, list[Fault]]:
    out = tmp_path / "2027"
    return out, new_plan(PLANS / "2026", 2027, out)


def decide(folder: Path) -> Plan:
    """A person fills in the clauses and the holidays."""
    text = (folder / "plan.toml").read_text(encoding="utf-8")
    (folder / "plan.toml").write_text(text.replace('clause = ""', 'clause = "Mục III"'), encoding="utf-8")
    with (folder / "holidays.csv").open("a", encoding="utf-8") as table:
        table.write("2028-01-01,off,Tết Dương lịch,confirmed,\n")
    return load_plan(folder)


def test_every_fault_of_the_new_folder_is_among_the_decisions(made: tuple[Path, list[Fault]]) -> None:
    folder, decisions = made
    faults = check_plan(folder)
    assert {f.field for f in faults} == {"clause", "date"}
    assert set(faults) <= set(decisions)


def test_every_fault_says_what_to_do_not_what_a_library_calls_it(made: tuple[Path, list[Fault]]) -> None:
    assert [str(f) for f in check_plan(made[0]) if "không hợp lệ; xem" in f.advice] == []


def test_once_they_are_decided_the_folder_is_valid(made: tuple[Path, list[Fault]]) -> None:
    plan = decide(made[0])
    assert (plan.code, plan.policy.year) == ("2027", 2027)
    assert plan.round_by_code["2027-q3"].previous == "2027-q2"


def test_dates_move_by_a_year_and_openings_to_working_days(made: tuple[Path, list[Fault]]) -> None:
    rounds = {r["code"]: r for r in tomllib.loads((made[0] / "plan.toml").read_text("utf-8"))["rounds"]}
    q3 = rounds["2027-q3"]
    assert (q3["limit"], q3["period_from"]) == (date(2027, 9, 25), date(2027, 6, 15))
    assert q3["opens"] == date(2027, 9, 6)  # 3/9/2027 is a day off, 4-5/9 a weekend
    assert q3["title"] == "báo cáo quý III năm 2027"


def test_what_is_carried_over_is_an_assumption(made: tuple[Path, list[Fault]]) -> None:
    plan = decide(made[0])
    assert all(r.certainty is Certainty.ASSUMED for r in plan.rounds)
    assert all(m.certainty is Certainty.ASSUMED for m in plan.members)
    assert all(i.lead_certainty is Certainty.ASSUMED for i in plan.indicators)
    assert plan.assignments == ()


def test_lines_of_the_decisions_point_at_their_keys(made: tuple[Path, list[Fault]]) -> None:
    folder, decisions = made
    lines = (folder / "plan.toml").read_text(encoding="utf-8").split("\n")
    keyed = [f for f in decisions if f.file == "plan.toml" and f.field in ("limit", "clause", "title")]
    assert len(keyed) > 20
    for fault in keyed:
        assert lines[fault.line - 1].startswith(fault.field), fault


def test_the_first_quarter_that_2026_did_not_have_is_asked_about(made: tuple[Path, list[Fault]]) -> None:
    assert [f for f in made[1] if "quý I;" in f.advice]


def test_a_number_and_day_of_issue_are_not_inherited(folder: Path, tmp_path: Path) -> None:
    text = (folder / "plan.toml").read_text(encoding="utf-8")
    text = text.replace('number = ""', 'number = "12"').replace(
        "# issued_on = 2026-05-06", "issued_on = 2026-05-06"
    )
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    assert load_plan(folder).policy.number == "12"
    new_plan(folder, 2027, tmp_path / "2027")
    plan = decide(tmp_path / "2027")
    assert (plan.policy.number, plan.policy.issued_on) == ("", None)


@pytest.mark.parametrize("year", [2025, 2026, 20270])
def test_a_year_that_is_not_later_or_no_year_at_all_is_refused(tmp_path: Path, year: int) -> None:
    with pytest.raises(PlanError):
        new_plan(PLANS / "2026", year, tmp_path / "x")
    assert not (tmp_path / "x").exists()


def test_a_folder_with_files_is_never_overwritten(folder: Path) -> None:
    with pytest.raises(PlanError):
        new_plan(PLANS / "2026", 2027, folder)
    assert load_plan(folder).code == "2026"
