"""Extracts by area, the flat export, and shortlists with their facts."""

from __future__ import annotations

from collections import Counter

import pytest

from config.plan import Area
from tasks.consolidate.extracts import flat_export, sector_extract, shortlists
from tasks.consolidate.report import digest_of
from tasks.consolidate.shortlists import doubts, merits

from .reading import sheet
from .world import JUNE_30, PLAN, Q2, Q3, SEPTEMBER_30, share_of, unit_codes


@pytest.mark.parametrize("area", [Area.DE_AN_06, Area.CCHC])
def test_an_area_gets_its_own_assignments_and_no_others(province, tmp_path, area):
    rows = sheet(sector_extract(digest_of(province.office, Q3, SEPTEMBER_30), area, tmp_path), "Nhiệm vụ")
    assert [r["Mã"] for r in rows] == [a.code for a in PLAN.assignments if a.area is area]


def test_the_flat_export_has_each_assignment_once_on_one_line(province, tmp_path):
    rows = sheet(flat_export(digest_of(province.office, Q3, SEPTEMBER_30), tmp_path), "Dữ liệu")
    assert sorted(r["Mã"] for r in rows) == sorted(a.code for a in PLAN.assignments)
    assert not any("\n" in str(v) for r in rows for v in r.values())


def test_a_late_returned_or_incomplete_unit_is_never_put_forward_for_reward(world):
    good, late, returned, partial = unit_codes("xa")[:4]
    world.opens(Q2, [good, late, returned, partial])
    full = {}
    for i in PLAN.indicators_for(PLAN.unit_by_code[good], PLAN.round_by_code[Q2].form, assumed=True):
        full |= share_of(i.code, 100, 100)
    world.sends(Q2, good, figures=full)
    world.sends(Q2, late, JUNE_30.replace(day=27), figures=full)
    world.sends(Q2, returned, verdict="returned", figures=full)
    world.sends(Q2, returned, figures=full)
    world.sends(Q2, partial, figures=share_of("C9", 1, 1))
    (merit,) = merits(digest_of(world.office, Q2, JUNE_30))
    assert (merit.unit, merit.met, merit.told) == (good, 8, 8)


def test_a_unit_freed_of_its_report_is_not_put_forward_for_one_that_was_returned(world):
    (one,) = unit_codes("xa")[:1]
    world.opens(Q2, [one])
    world.sends(Q2, one, verdict="returned")
    world.exempts(Q2, one)
    assert doubts(digest_of(world.office, Q2, JUNE_30)) == []


def test_every_doubt_is_a_fact_in_words(world):
    one, two = unit_codes("xa")[:2]
    world.opens(Q2, [one, two])
    world.sends(Q2, one, figures=share_of("C9", 12, 10) | {("C12", "numerator"): 9.0, ("C12", "denominator"): 10.0,
                                                           ("C12", "cumulative"): 95.0})  # fmt: skip
    found = {x.unit: x.reasons for x in doubts(digest_of(world.office, Q2, JUNE_30))}
    assert found[two] == ("quá hạn chưa hoàn thành, 06 ngày",)
    assert "C9: tử số 12, mẫu số 10 (không hợp lý, cần xác nhận)" in found[one]
    assert "C12: ghi 95%, tử số/mẫu số cho 90%" in found[one]


def test_a_jump_between_quarters_calls_for_a_look(world):
    (one,) = unit_codes("xa")[:1]
    world.opens(Q2, [one])
    world.opens(Q3, [one])
    world.sends(Q2, one, figures=share_of("C9", 20, 100) | share_of("C12", 90, 100))
    world.sends(
        Q3, one, SEPTEMBER_30.replace(day=20), figures=share_of("C9", 80, 100) | share_of("C12", 70, 100)
    )
    (found,) = doubts(digest_of(world.office, Q3, SEPTEMBER_30))
    assert found.reasons == ("C9: tăng từ 20 lên 80%", "C12: giảm từ 90 xuống 70%")


def test_the_shortlists_say_that_they_are_no_verdict(province, tmp_path):
    from openpyxl import load_workbook

    book = load_workbook(shortlists(digest_of(province.office, Q3, SEPTEMBER_30), tmp_path))
    assert "không phải kết luận" in book["Khen thưởng"]["A2"].value
    both = Counter(r["Cơ quan, đơn vị, địa phương"] for n in ("Khen thưởng", "Kiểm tra")
                   for r in sheet(tmp_path / f"DanhSachXemXet_{Q3}.xlsx", n))  # fmt: skip
    assert both
