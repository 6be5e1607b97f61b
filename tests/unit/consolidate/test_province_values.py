"""The province's value is Σ numerators / Σ denominators; what is no number is never used as one."""

from __future__ import annotations

import pytest

from config.plan import Indicator
from tasks.consolidate.entries import Kind
from tasks.consolidate.indicators import Verdict, province
from tasks.consolidate.report import digest_of, write_report
from tasks.consolidate.results import sentence
from tasks.consolidate.words import number

from .reading import sheet
from .world import JUNE_30, Q2, World, share_of, unit_codes

COMMUNES = unit_codes("xa")[:4]


def value_of(world: World, code: str):
    return next(p for p in digest_of(world.office, Q2, JUNE_30).provinces if p.indicator.code == code)


def answers(world: World, *figures) -> None:
    world.opens(Q2, COMMUNES[: len(figures)])
    for unit, said in zip(COMMUNES, figures, strict=False):
        world.sends(Q2, unit, figures=said)


def test_a_large_and_a_small_unit_are_weighed_not_averaged(world):
    answers(world, share_of("C9", 900, 1000), share_of("C9", 1, 10))
    p = value_of(world, "C9")
    assert (p.numerator, p.denominator) == (901, 1010)
    assert p.value == pytest.approx(89.2079, abs=1e-4)  # the mean would be 50
    assert (p.gave, p.relevant) == (2, 2)


def test_shares_without_numerators_give_no_province_value(world):
    answers(world, {("C9", "cumulative"): 90.0}, {("C9", "cumulative"): 10.0})
    p = value_of(world, "C9")
    assert p.value is None
    assert p.verdict is Verdict.NO_DATA
    assert p.counts[Kind.STATED] == 2


@pytest.mark.parametrize(
    "flag",
    ["gt", "gte", "lt", "lte", "ambiguous", "range", "multi_value", "out_of_range", "unit_mismatch", "text"],
)
def test_an_unconfirmed_figure_is_told_in_words_and_never_counted(world, flag):
    answers(world, {("C9", "cumulative"): (80.0, flag, "trên 80%")}, share_of("C9", 5, 10))
    p = value_of(world, "C9")
    assert (p.numerator, p.denominator) == (5, 10)
    assert p.counts[Kind.WORDS] == 1
    assert "“trên 80%”" in p.entries[0].shown


def test_a_flagged_numerator_keeps_the_whole_pair_out_of_the_sum(world):
    pair = {
        ("C9", "numerator"): (45.0, "ambiguous", "4 5"),
        ("C9", "denominator"): 60.0,
        ("C9", "cumulative"): 75.0,
    }
    answers(world, pair, share_of("C9", 5, 10))
    p = value_of(world, "C9")
    assert p.denominator == 10
    assert p.counts[Kind.STATED] == 1


def test_a_persons_decision_makes_a_flagged_figure_count(world):
    world.opens(Q2, COMMUNES[:1])
    check = world.sends(
        Q2,
        COMMUNES[0],
        figures={("C9", "numerator"): (45.0, "ambiguous", "4 5"), ("C9", "denominator"): 60.0},
    )
    world.settles(check, "C9", "numerator", 45.0)
    assert value_of(world, "C9").value == pytest.approx(75.0)


def test_a_persons_decision_can_take_a_figure_out(world):
    world.opens(Q2, COMMUNES[:2])
    check = world.sends(Q2, COMMUNES[0], figures=share_of("C9", 45, 60))
    world.sends(Q2, COMMUNES[1], figures=share_of("C9", 5, 10))
    world.settles(check, "C9", "numerator", None)
    assert value_of(world, "C9").denominator == 10


def test_a_figure_that_a_person_set_aside_is_called_so_and_not_confirmed(world, tmp_path):
    world.opens(Q2, COMMUNES[:1])
    check = world.sends(Q2, COMMUNES[0], figures={("C9", "cumulative"): 85.0})
    world.settles(check, "C9", "cumulative", None)
    assert value_of(world, "C9").entries[0].shown == "“85,0” (không dùng theo quyết định xác nhận số liệu)"
    report = write_report(world.office, Q2, JUNE_30, tmp_path, pdf=False)
    (row,) = sheet(report.files[1], "Nguồn số liệu")
    assert (row["Giá trị ghi nhận"], row["Sử dụng"]) == ("", "Không dùng, theo quyết định")


def test_no_post_of_that_kind_is_not_applicable_and_not_nought(world):
    answers(world, share_of("C10", 0, 0), share_of("C10", 5, 10))
    p = value_of(world, "C10")
    assert p.value == 50
    assert p.relevant == 1
    assert p.counts[Kind.NOT_APPLICABLE] == 1


def test_a_numerator_above_its_denominator_stays_out(world):
    answers(world, share_of("C9", 12, 10), share_of("C9", 5, 10))
    p = value_of(world, "C9")
    assert p.denominator == 10
    assert p.counts[Kind.INCONSISTENT] == 1


def test_units_that_said_something_are_never_told_to_be_without_data(world):
    bound = {("C9", "cumulative"): (80.0, "gt", "trên 80%")}
    answers(world, share_of("C9", 12, 10), bound, {})
    found = digest_of(world.office, Q2, JUNE_30)
    text = sentence(found, next(p for p in found.provinces if p.indicator.code == "C9"))
    assert "chưa có số liệu của 01 đơn vị nên chưa tổng hợp được; 01 đơn vị chưa ghi số cụ thể" in text
    assert "01 đơn vị có tử số lớn hơn mẫu số" in text


def test_a_very_large_number_keeps_its_digits():
    assert number(1_234_567_890_123_456) == "1.234.567.890.123.456"


def test_the_only_reporter_speaks_for_the_province_even_with_an_estimate(world):
    world.opens(Q2, ["SKHCN"])
    world.sends(Q2, "SKHCN", figures={("A2", "cumulative"): (17.5, "approx", "ước 17,5%")})
    p = value_of(world, "A2")
    assert p.value == 17.5
    assert p.verdict is Verdict.MET
    assert p.value_text == "ước 17,5%"


def test_estimates_by_the_units_own_word_are_said(world):
    world.opens(Q2, ["SKHCN"])
    world.sends(Q2, "SKHCN", figures={("A2", "cumulative"): (12.0, "ok", "12", "Ước")})
    assert value_of(world, "A2").value_text == "ước 12%"


def test_numbers_from_less_than_half_of_the_units_are_no_verdict(world):
    world.opens(Q2, COMMUNES[:3])
    world.sends(Q2, COMMUNES[0], figures=share_of("C9", 10, 10))
    p = value_of(world, "C9")
    assert p.value == 100
    assert p.verdict is Verdict.THIN


def test_returned_and_unchecked_versions_give_no_figure(world):
    world.opens(Q2, COMMUNES[:2])
    world.sends(Q2, COMMUNES[0], verdict="returned", figures=share_of("C9", 9, 10))
    world.sends(Q2, COMMUNES[1], verdict="", figures=share_of("C9", 9, 10))
    assert value_of(world, "C9").value is None


def test_only_the_newest_accepted_version_speaks(world):
    world.opens(Q2, COMMUNES[:1])
    world.sends(Q2, COMMUNES[0], figures=share_of("C9", 1, 10))
    world.sends(Q2, COMMUNES[0], figures=share_of("C9", 7, 10))
    world.sends(Q2, COMMUNES[0], verdict="returned", figures=share_of("C9", 9, 10))
    assert value_of(world, "C9").value == pytest.approx(70)


def test_a_document_that_a_person_vouches_for_takes_no_figure_out(world):
    """The signed report comes by QLVB&ĐH after its workbook came by mail; nothing in it is read."""
    world.opens(Q2, COMMUNES[:2])
    world.sends(Q2, COMMUNES[0], figures=share_of("C9", 7, 10), texts=[("proposal", "Hỗ trợ máy tính")])
    world.sends(Q2, COMMUNES[0], kind="document", number="12/BC-UBND")
    world.sends(Q2, COMMUNES[1], kind="document")
    p = value_of(world, "C9")
    assert (p.numerator, p.denominator) == (7, 10)
    assert p.counts[Kind.NO_DATA] == 1  # only a document: reported, without data
    assert [o.text for o in digest_of(world.office, Q2, JUNE_30).opinions] == ["Hỗ trợ máy tính"]


def test_an_exempt_unit_is_neither_expected_nor_counted(world):
    answers(world, share_of("C9", 9, 10), share_of("C9", 5, 10))
    world.exempts(Q2, COMMUNES[0])
    p = value_of(world, "C9")
    assert (p.numerator, p.expected) == (5, 1)


def test_a_split_statement_is_met_only_if_both_parts_are(world):
    answers(world, share_of("C2a", 10, 10) | share_of("C2b", 9, 10))
    found = digest_of(world.office, Q2, JUNE_30)
    assert found.statements["C2"] is Verdict.NOT_MET
    assert len(found.statements) == 16


def test_no_unit_at_all_is_no_data():
    indicator = Indicator(
        code="X", name="x", wording="x", line=1, area="a", area_name="a", uom="%", target=80, strength="dat"
    )
    p = province(indicator, [])
    assert p.value is None
    assert p.verdict is Verdict.NO_DATA


def test_met_is_judged_on_the_printed_number(world):
    answers(world, share_of("C12", 94996, 100000))  # prints as 95%
    p = value_of(world, "C12")
    assert p.value_text == "95%"
    assert p.verdict is Verdict.MET
