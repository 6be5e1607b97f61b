"""Checking: which answer gets which finding, and which findings return it."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tasks.forms.build import build
from tasks.forms.check import check, expected_of
from tasks.forms.check_kpi import completion_date
from tasks.forms.read import read
from tasks.rules.findings import Finding, must_fix, wording
from tests.unit.forms.samples import FREE, KPI, Q2, filled, put, spec

UNITS = frozenset({"Sở Thử nghiệm 1", "Sở Tài chính"})


def findings(
    changes: Mapping[str, object] | None = None,
    code: str = Q2,
    last: Mapping[str, float] | None = None,
    states: Mapping[str, str] | None = None,
) -> list[Finding]:
    form = spec(code, last=last, states=states)
    return check(read(filled(form, changes), "x.xlsx"), expected_of(form, UNITS))


def codes(*args: object, **kwargs: object) -> list[str]:
    return [f.code for f in findings(*args, **kwargs)]  # type: ignore[arg-type]


@pytest.mark.parametrize("code", [Q2, FREE])
def test_a_full_answer_has_no_findings(code: str) -> None:
    assert codes(code=code) == []


def test_a_full_kpi_plan_needs_nothing_fixed() -> None:
    assert not must_fix(findings(code=KPI))


@pytest.mark.parametrize("code", [Q2, KPI, FREE])
def test_a_blank_form_never_counts(code: str) -> None:
    form = spec(code, last={"C1": 50.0})
    found = check(read(build(form), "x.xlsx"), expected_of(form))
    assert [f.code for f in found] == ["blank_form"] and must_fix(found)


def test_a_form_with_only_spaces_is_blank() -> None:
    form = spec()
    data = put(
        build(form), {("Biểu 01", "J7"): "   ", ("Thuyết minh", "C7"): "\n", ("Biểu 02", "H7"): "\u00a0"}
    )
    assert "blank_form" in [f.code for f in check(read(data, "x.xlsx"), expected_of(form))]


def test_a_lone_note_does_not_make_a_report() -> None:
    form = spec()
    data = put(build(form), {("Biểu 01", "N7"): "sẽ gửi sau"})
    assert "blank_form" in [f.code for f in check(read(data, "x.xlsx"), expected_of(form))]


FIGURES = [
    ({"cumulative:C1": "đạt", "numerator:C1": None, "denominator:C1": None}, "figure_no_number", True),
    ({"cumulative:C1": None}, "figure_missing", True),
    ({"cumulative:C1": "1.234", "numerator:C1": None, "denominator:C1": None}, "figure_ambiguous", True),
    ({"cumulative:C1": "xem phụ lục"}, "figure_text", True),
    ({"cumulative:C1": "#DIV/0!"}, "figure_error", True),
    ({"cumulative:C1": "=A1/B1"}, "figure_formula", True),
    ({"cumulative:C1": "100% số xã"}, "figure_unit", True),
    (
        {"cumulative:C1": "tối thiểu 70%", "numerator:C1": None, "denominator:C1": None},
        "figure_target_text",
        True,
    ),
    ({"cumulative:C1": 150, "numerator:C1": None, "denominator:C1": None}, "share_over_100", True),
    ({"cumulative:C1": -5, "numerator:C1": None, "denominator:C1": None}, "figure_negative", True),
    ({"numerator:C1": 95}, "numerator_over_denominator", True),
    ({"cumulative:C1": 60}, "result_not_ratio", True),
    ({"cumulative:C1": "§¹t"}, "figure_legacy", True),
    (
        {"cumulative:C1": "chưa có số liệu", "numerator:C1": None, "denominator:C1": None},
        "figure_no_data",
        False,
    ),
    ({"cumulative:C1": ">50%"}, "figure_bound", False),
    ({"cumulative:C1": "50-55%"}, "figure_range", False),
    ({"cumulative:C1": 70, "numerator:C1": None, "denominator:C1": None}, "target_copied", False),
    ({"cumulative:C1": None, "result:C1": 50}, "cumulative_missing", False),
    ({"denominator:C1": None}, "part_missing", False),
    ({"claim:C1": "Đạt"}, "claim_not_met", False),
]


@pytest.mark.parametrize(("changes", "code", "returns"), FIGURES, ids=[c for _, c, _ in FIGURES])
def test_a_figure_gets_its_finding_at_its_cell(changes: dict[str, object], code: str, returns: bool) -> None:
    found = findings(changes)
    assert [f.code for f in found] == [code]
    assert found[0].sheet == "Biểu 01" and found[0].cell[1:] == "7"
    assert bool(must_fix(found)) is returns
    assert "…" not in wording(found[0]).replace("…", "", wording(found[0]).count("… "))


@pytest.mark.parametrize(
    "code", ["figure_no_data", "figure_bound", "figure_range", "target_copied", "part_missing"]
)
def test_a_note_in_the_row_settles_a_question(code: str) -> None:
    changes = next(c for c, k, _ in FIGURES if k == code)
    assert codes({**changes, "remark:C1": "Số liệu theo Cục Thống kê"}) == []


def test_a_note_does_not_settle_what_must_be_fixed() -> None:
    assert codes({"cumulative:C1": "đạt", "remark:C1": "đã đạt"}) == ["figure_no_number"]


def test_an_empty_result_with_a_reason_is_no_data_and_not_missing() -> None:
    empty = {"cumulative:C1": None, "numerator:C1": None, "denominator:C1": None}
    assert codes({**empty, "remark:C1": "Chờ số liệu của Cục Thống kê"}) == []
    assert codes(empty) == ["figure_missing"]


def test_a_fall_against_the_last_cumulative_value_is_asked_about() -> None:
    found = findings(last={"C1": 60.0})
    assert [f.code for f in found] == ["fall"] and not must_fix(found)
    assert "60" in wording(found[0])
    assert codes({"remark:C1": "Rà soát lại mẫu số"}, last={"C1": 60.0}) == []
    assert codes(last={"C1": 50.0}) == []


def test_values_all_as_last_quarter_are_asked_about_once() -> None:
    assert codes(last={"C1": 50.0, "A2": 50.0, "C5": 50.0}) == ["same_as_last"]
    assert codes(last={"C1": 50.0, "A2": 49.0}) == []


def test_a_ratio_rounded_as_people_round_is_no_contradiction() -> None:
    for numerator, written in ((1, "33,3%"), (2, 67), (1, "33,33")):
        changes = {"numerator:C1": numerator, "denominator:C1": 3, "cumulative:C1": written}
        assert codes(changes) == [], written


def test_a_zero_denominator_is_a_question() -> None:
    changes = {"numerator:C1": 0, "denominator:C1": 0, "cumulative:C1": "không phát sinh"}
    assert set(codes(changes)) == {"figure_not_applicable", "denominator_zero"}
    assert codes({**changes, "remark:C1": "Không có hồ sơ trong kỳ"}) == []


NV = "NV-U1-1"
PROGRESS = [
    ({f"state:{NV}": None, f"result_text:{NV}": None}, "progress_missing", True),
    ({f"state:{NV}": None}, "state_missing", False),
    ({f"state:{NV}": "gần xong"}, "state_unknown", True),
    ({f"state:{NV}": "Quá hạn chưa hoàn thành"}, "state_computed", False),
    ({f"state:{NV}": "Đã hoàn thành", f"result_text:{NV}": None}, "result_missing", False),
]


@pytest.mark.parametrize(("changes", "code", "returns"), PROGRESS, ids=[c for _, c, _ in PROGRESS])
def test_an_assignment_gets_its_finding(changes: dict[str, object], code: str, returns: bool) -> None:
    found = findings(changes)
    assert [f.code for f in found] == [code] and bool(must_fix(found)) is returns
    assert (found[0].sheet, found[0].cell) == ("Biểu 02", "I7")


@pytest.mark.parametrize("typed", ["đã hoàn thành", "HOÀN THÀNH", "Đang triển khai", "chưa hoàn thành "])
def test_a_state_typed_by_hand_is_understood(typed: str) -> None:
    assert codes({f"state:{NV}": typed}) == []


def test_a_finished_assignment_that_is_open_again_is_asked_about() -> None:
    assert codes(states={NV: "Đã hoàn thành"}) == ["step_back"]
    assert codes({f"difficulty:{NV}": "Phải làm lại"}, states={NV: "Đã hoàn thành"}) == []


def test_a_missing_section_is_asked_about() -> None:
    assert codes({"causes:": None}) == ["section_missing"]


KPI_CASES = [
    ({"method:C1": None}, "component_missing", True),
    ({"tasks:C1": None}, "component_missing", True),
    ({"lead:C1": None}, "component_missing", True),
    ({"due:C1": None}, "component_missing", True),
    ({"target_q2:C1": None, "target_q3:C1": None, "target_q4:C1": None}, "component_missing", True),
    ({"due:C1": "30/6/2027"}, "date_after_year", True),
    ({"due:C1": "sớm nhất có thể"}, "date_unreadable", False),
    ({"lead:C1": "Công ty X"}, "unknown_lead", False),
    ({"target_q2:C1": 70, "target_q3:C1": 60}, "target_falls", False),
    ({"target_q4:C1": 65}, "last_target_short", False),
]


@pytest.mark.parametrize(("changes", "code", "returns"), KPI_CASES)
def test_a_kpi_plan_gets_its_finding(changes: dict[str, object], code: str, returns: bool) -> None:
    base: dict[str, object] = {f"target_q4:{c}": 200 if c == "D2" else 100 for c in ("C1", "A2", "C5", "D2")}
    found = findings(base | changes, code=KPI)
    assert [f.code for f in found] == [code] and bool(must_fix(found)) is returns
    assert found[0].sheet and found[0].cell


def test_resources_and_mechanism_may_be_written_once_for_all() -> None:
    base: dict[str, object] = {f"target_q4:{c}": 200 if c == "D2" else 100 for c in ("C1", "A2", "C5", "D2")}
    own = {f"{part}:{c}": None for part in ("resources", "mechanism") for c in ("C1", "A2", "C5", "D2")}
    assert codes(base | own, code=KPI) == []
    assert codes(base | own | {"mechanism:": None}, code=KPI) == ["component_missing"] * 4


@pytest.mark.parametrize(
    ("text", "day"),
    [("30/9/2026", "2026-09-30"), ("31.12.26", "2026-12-31"), ("tháng 9", "2026-09-30"), ("9/2026", "2026-09-30"),
     ("Quý III/2026", "2026-09-30"), ("quý 4", "2026-12-31"), ("năm 2027", "2027-12-31"), ("2026-11-30", "2026-11-30"),
     ("31/2/2026", "None"), ("tháng 13", "None"), ("sớm", "None")],
)  # fmt: skip
def test_a_completion_date_in_many_forms(text: str, day: str) -> None:
    assert str(completion_date(text, 2026)) == day


def test_another_unit_s_or_round_s_form_is_named() -> None:
    mine = expected_of(spec())
    assert "other_unit" in [f.code for f in check(read(filled(spec(unit="U2")), "x"), mine)]
    assert "other_round" in [f.code for f in check(read(filled(spec(KPI)), "x"), mine)]


def test_an_unanswered_ad_hoc_item_must_be_answered() -> None:
    assert codes({"content:2": None}, code=FREE) == ["answer_missing"]


def test_a_proposal_without_the_body_asked_is_a_question() -> None:
    form = spec()
    data = put(filled(form), {("Thuyết minh", "B15"): "Bố trí thêm kinh phí"})
    assert [f.code for f in check(read(data, "x"), expected_of(form))] == ["proposal_no_body"]
