"""The words of the report in many cases, as approved: tests/unit/consolidate/golden/*.txt.

After a wanted change of wording: DONDOC_GOLDEN=write pytest …, then read the difference.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from config.plan import ZONE
from tasks.consolidate import quarterly
from tasks.consolidate.report import digest_of

from .province_case import a_quarter
from .world import JUNE_30, Q2, Q3, SEPTEMBER_30, World, a_world, share_of, unit_codes

GOLDEN = Path(__file__).parent / "golden"
LATE = datetime(2026, 6, 27, 9, tzinfo=ZONE)
SECTIONS = ("muc_1", "muc_2_chi_tieu", "muc_2_nhiem_vu", "muc_2_linh_vuc", "muc_3", "muc_4", "muc_5")


def nobody_sent(w: World) -> None:
    w.opens(Q2)


def all_in_time(w: World) -> None:
    w.opens(Q2, unit_codes("so_nganh"))
    for unit in unit_codes("so_nganh"):
        w.sends(Q2, unit, figures=share_of("C9", 10, 10))


def one_late(w: World) -> None:
    w.opens(Q2, unit_codes("xa")[:3])
    for unit, at in zip(
        unit_codes("xa"), (JUNE_30.replace(day=20), JUNE_30.replace(day=20), LATE), strict=False
    ):
        w.sends(Q2, unit, at)


def one_missing(w: World) -> None:
    w.opens(Q2, unit_codes("xa")[:3])
    for unit in unit_codes("xa")[:2]:
        w.sends(Q2, unit)


def returned_within_cure(w: World) -> None:
    w.opens(Q2, unit_codes("phuong")[:2])
    w.sends(Q2, unit_codes("phuong")[0], JUNE_30.replace(day=24, hour=8), verdict="returned")
    w.sends(Q2, unit_codes("phuong")[1], verdict="")


def extended_and_exempt(w: World) -> None:
    w.opens(Q2, ["SYT", "STC", "SCT"])
    w.sends(Q2, "SCT")
    w.extends(Q2, "SYT", datetime(2026, 7, 6, tzinfo=ZONE), "khắc phục hậu quả mưa bão")
    w.exempts(Q2, "STC", "mới sắp xếp lại tổ chức bộ máy")


def doubtful_figures(w: World) -> None:
    units = unit_codes("xa")[:6]
    w.opens(Q2, units)
    said: list[dict] = [
        share_of("C9", 90, 100), share_of("C9", 12, 10), {("C9", "cumulative"): 88.5},
        {("C9", "cumulative"): (80.0, "gt", "trên 80%")}, {("C9", "cumulative"): (None, "met_no_number", "đạt")},
        share_of("C9", 45, 50) | {("C9", "numerator"): (45.0, "approx", "ước 45")},
    ]  # fmt: skip
    for unit, figures in zip(units, said, strict=True):
        w.sends(Q2, unit, figures=figures)


def single_reporter(w: World) -> None:
    w.opens(Q2, ["SKHCN"])
    w.sends(Q2, "SKHCN", figures={("A1", "cumulative"): (None, "no_data", "chưa có số liệu"),
                                  ("A2", "cumulative"): (17.5, "approx", "ước 17,5%"),
                                  ("C1", "cumulative"): (70.0, "gte", "≥ 70%"), **share_of("D2", 20, 20)})  # fmt: skip


def difficulties(w: World) -> None:
    units = unit_codes("xa")[:3]
    w.opens(Q2, units)
    texts = ["Thiếu kinh phí mua máy tính.", "Thiếu kinh phí mua máy tính", "Không có khó khăn, vướng mắc"]
    for n, (unit, text) in enumerate(zip(units, texts, strict=True)):
        proposal = [("proposal", "Đề nghị tổ chức tập huấn VNeID.", "1", "Công an tỉnh", "")] if n else []
        w.sends(Q2, unit, texts=[("shortcomings", text), *proposal])


CASES: dict[str, Callable[[World], None]] = {
    f.__name__: f
    for f in (nobody_sent, all_in_time, one_late, one_missing, returned_within_cure, extended_and_exempt,
              doubtful_figures, single_reporter, difficulties)
}  # fmt: skip


def words(office, code: str, now: datetime) -> str:
    fields = quarterly.context(digest_of(office, code, now))
    lines = [fields["trich_yeu"], fields["mo_dau"]]
    for section in SECTIONS:
        lines += ["", f"[{section}]", *(d["noi_dung"] for d in fields[section])]
    return "\n".join([*lines, "", fields["ket_thuc"], ""]).replace("\u00a0", " ")


def approved(name: str, text: str) -> None:
    path = GOLDEN / f"{name}.txt"
    if os.environ.get("DONDOC_GOLDEN") == "write":
        path.write_text(text, encoding="utf-8")
    assert text == path.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", CASES)
def test_the_words_are_the_approved_ones(name, tmp_path):
    world = a_world(tmp_path)
    CASES[name](world)
    approved(
        name, words(world.office, Q2, JUNE_30.replace(day=25) if name == "returned_within_cure" else JUNE_30)
    )


def test_the_words_of_a_whole_province_over_two_quarters(tmp_path):
    world = a_quarter(tmp_path, rounds=(Q2, Q3))
    approved("whole_province", words(world.office, Q3, SEPTEMBER_30))
