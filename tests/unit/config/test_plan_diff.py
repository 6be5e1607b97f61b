"""Two plans side by side: what changes for whom, in the operator's words."""

from __future__ import annotations

from pathlib import Path

from config.plan import Plan, Rung
from config.plan_diff import LABELS, TOPICS, Change, diff_plans
from config.plan_files import load_plan
from tests.unit.config.editing import replace


def changed(plan: Plan, folder: Path, *edits: tuple[str, str, str]) -> list[str]:
    for file, old, new in edits:
        replace(folder, file, old, new)
    return [str(c) for c in diff_plans(plan, load_plan(folder))]


def test_a_plan_does_not_differ_from_itself(plan: Plan) -> None:
    assert diff_plans(plan, plan) == []


def test_a_unit_that_is_switched_on_owes_what_it_did_not(plan: Plan, folder: Path) -> None:
    lines = changed(
        plan,
        folder,
        ("units.csv", "nganh_doc,false,,assumed,,assumed", "nganh_doc,true,TV-CAT,assumed,,assumed"),
    )
    owes = [line for line in lines if line.startswith("Nghĩa vụ báo cáo · TTINH")]
    assert [line.rsplit(" ", 1)[1] for line in owes] == ["II/2026", "III/2026", "IV/2026"]
    assert all("thêm mới: phải gửi" in line for line in owes)
    assert any("thành viên phụ trách · (trống) → TV-CAT" in line for line in lines)


def test_a_unit_that_leaves_owes_no_more(plan: Plan, folder: Path) -> None:
    lines = changed(plan, folder, ("units.csv", "Sở Du lịch,so_nganh,true", "Sở Du lịch,so_nganh,false"))
    assert "Nghĩa vụ báo cáo · SDL Sở Du lịch · không còn: phải gửi báo cáo quý III/2026" in lines


def test_a_limit_that_moves_is_shown_in_days_people_read(plan: Plan, folder: Path) -> None:
    lines = changed(plan, folder, ("plan.toml", "limit = 2026-09-25", "limit = 2026-09-28"))
    assert lines == ["Đợt báo cáo · q3: thời hạn (trước ngày) · 25/09/2026 → 28/09/2026"]


def test_a_contact_that_changes_is_named_with_its_role(plan: Plan, folder: Path) -> None:
    lines = changed(plan, folder, ("contacts.csv", "daumoi.snv@", "moi.snv@"))
    assert lines == [
        "Đầu mối nhận thư · SNV đầu mối · daumoi.snv@ninhbinh.example → moi.snv@ninhbinh.example"
    ]


def test_a_lead_that_moves_changes_who_owes_the_kpi_plan(plan: Plan, folder: Path) -> None:
    lines = changed(
        plan, folder, ("indicators.csv", "liên quan đến doanh nghiệp,SCT", "liên quan đến doanh nghiệp,SXD")
    )
    assert lines == [
        "Nghĩa vụ báo cáo · SXD Sở Xây dựng · thêm mới: phải gửi kế hoạch thực hiện chỉ tiêu năm 2026",
        "Nghĩa vụ báo cáo · SCT Sở Công Thương · không còn: phải gửi kế hoạch thực hiện chỉ tiêu năm 2026",
        "Chỉ tiêu · C11: đơn vị chủ trì · SCT → SXD",
    ]


def test_the_figures_a_unit_is_asked_for_are_compared(plan: Plan, folder: Path) -> None:
    lines = changed(plan, folder, ("indicators.csv", "CAT; STC; SCT; SXD", "CAT; SCT; SXD"))
    assert "Số liệu phải báo cáo · STC Sở Tài chính" in lines[0]
    assert lines[0].count("C7") == 1


def test_a_rung_that_comes_later_or_goes_is_shown(plan: Plan) -> None:
    ladder = plan.policy.ladder
    rungs = (*ladder.rungs[:2], Rung(**{**ladder.rungs[2].model_dump(), "after": 7}))
    later = plan.model_copy(
        update={
            "policy": plan.policy.model_copy(update={"ladder": ladder.model_copy(update={"rungs": rungs})})
        }
    )
    assert [str(c) for c in diff_plans(plan, later)] == [
        "Thang đôn đốc · bậc 3: từ ngày làm việc thứ · 5 → 7",
        "Thang đôn đốc · bậc 4 · không còn: chair",
    ]


def test_rounds_of_two_years_answer_to_each_other(plan: Plan) -> None:
    rounds = tuple(r.model_copy(update={"code": r.code.replace("2026", "2027")}) for r in plan.rounds)
    policy = plan.policy.model_copy(update={"code": "2027"})
    rounds = tuple(r.model_copy(update={"previous": None}) for r in rounds)
    new = plan.model_copy(update={"policy": policy, "rounds": rounds})
    assert {c.topic for c in diff_plans(plan, new)} == {"round", "policy"}
    assert not [c for c in diff_plans(plan, new) if c.topic == "round" and "previous" not in _fields(c)]


def _fields(change: Change) -> str:
    return "previous" if LABELS["previous"] in change.subject else change.subject


def test_every_topic_has_words() -> None:
    assert all(str(Change(t, "x", "a", "b")).startswith(name) for t, name in TOPICS.items())
