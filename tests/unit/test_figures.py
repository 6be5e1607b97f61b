"""The sample of what clerks type, row by row, and the principle behind it."""

from __future__ import annotations

import csv
from datetime import date, datetime, time, timedelta
from pathlib import Path

import pytest

from tasks.rules.figures import Flag, Number, in_range, is_share, read_number

SAMPLE = Path(__file__).parents[1] / "golden" / "forms" / "messy_values.csv"
UNITS = {"trieu_dong": "triệu đồng", "nguoi": "người", "dong_or_count": "", "dong": "đồng"}
CELLS = {
    "<number 0.7 fmt 0%>": (0.7, "0%"),
    "<number 0.7 fmt General>": (0.7, "General"),
    "<date 2026-05-15>": (date(2026, 5, 15), "dd/mm"),
    "<formula =C5/D5 without cached value>": ("=C5/D5", None),
}


def rows() -> list[dict[str, str]]:
    with SAMPLE.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.parametrize("row", rows(), ids=lambda r: r["raw"][:30].strip() or "empty")
def test_every_row_of_the_sample_reads_as_it_says(row: dict[str, str]) -> None:
    raw, number_format = CELLS.get(row["raw"], (row["raw"], None))
    uom = UNITS.get(row["expected_unit"], row["expected_unit"] or "%")
    number = read_number(raw, uom=uom, number_format=number_format)
    value = float(row["expected_value"]) if row["expected_value"] else None
    assert (number.value, number.flag) == (value, row["expected_flag"])


def test_the_sample_has_all_its_rows() -> None:
    assert len(rows()) == 74


SHARES = [
    ("45/60 = 75%", 75.0, "ratio"),
    ("75% (45/60)", 75.0, "ratio"),
    ("75% (40/60)", None, "ambiguous"),
    ("45/60 (80%)", None, "ambiguous"),
    ("0/0", None, "not_applicable"),
    ("5/0", None, "ambiguous"),
    ("15/5", None, "ambiguous"),
    ("6/2026", None, "ambiguous"),
    ("từ 70% đến 75%", 70.0, "range"),
    ("70-75%", 70.0, "range"),
    ("khoảng 70%", 70.0, "approx"),
    ("ước đạt khoảng 70,5%", 70.5, "approx"),
    ("hơn 80%", 80.0, "gt"),
    ("<5%", 5.0, "lt"),
    ("tối đa 5%", 5.0, "lte"),
    ("(5)", None, "ambiguous"),
    ("1E+05", None, "ambiguous"),
    ("50+20", None, "ambiguous"),
    ("12 34", None, "ambiguous"),
    ("17,500", None, "ambiguous"),
    ("85.", 85.0, "ambiguous"),
    ("Đạt 85%.", 85.0, "ok"),
    ("７０％", 70.0, "ok"),
    ("5‰", 5.0, "unit_mismatch"),
    ("70% hồ sơ", 70.0, "ok"),
    ("45 xã", None, "unit_mismatch"),
    ("1,2 triệu", None, "unit_mismatch"),
    ("80% so với kế hoạch", 80.0, "unit_mismatch"),
    ("0,7", 0.7, "ambiguous"),
    ("0,7%", 0.7, "ok"),
    ("1", 1.0, "ambiguous"),
    ("0", 0.0, "ok"),
    ("100", 100.0, "ok"),
    ("-5%", -5.0, "out_of_range"),
    ("100,5%", 100.5, "out_of_range"),
    ("70%, tăng 5% so với cùng kỳ", 70.0, "multi_value"),
    ("70% (theo BC số 12/BC-UBND ngày 3/6/2026)", 70.0, "ok"),
    ("tăng 5%", None, "ambiguous"),
    ("từ 70% lên 75%", None, "ambiguous"),
    ("70% tăng lên 75%", None, "ambiguous"),
    ("70% trở lên", 70.0, "gte"),
    ("5½", None, "ambiguous"),
    ("5 ½%", None, "ambiguous"),
    ("15/05/2026", None, "date_mangled"),
    ("09-Thg10", None, "date_mangled"),
    ("l00%", None, "ambiguous"),
    ("chua dat", None, "not_met_no_number"),
    ("đạt và vượt kế hoạch", None, "met_no_number"),
    ("chưa có số liệu", None, "no_data"),
    ("có 70%", None, "text"),
    ("17 , 5 %", None, "ambiguous"),
    ("(5%)", None, "ambiguous"),
    ("5-", None, "ambiguous"),
    ("45:60", None, "ambiguous"),
    ("45 trên 60", None, "ambiguous"),
    ("70; 75", None, "ambiguous"),
    ("70 và 75", None, "ambiguous"),
    ("70 ~ 80%", 70.0, "range"),
    ("70% => 75%", 70.0, "range"),
    ("17,5% (ước)", 17.5, "approx"),
    ("17,5% tạm tính", 17.5, "approx"),
    ("70% trở lên", 70.0, "gte"),
    ("uoc dat 70%", 70.0, "approx"),
    ("70% (đến 15/6)", 70.0, "ok"),
    ("70% (số liệu tháng 5)", 70.0, "ok"),
    ("6 tháng: 70%", None, "ambiguous"),
    ("6 tháng đầu năm đạt 70%", None, "ambiguous"),
    ("5G phủ 70% dân số", None, "unit_mismatch"),
    ("45 thủ tục", None, "unit_mismatch"),
    ("45 (bốn lăm)", 45.0, "ok"),
    ("75 điểm", None, "unit_mismatch"),
    ("17,5 o/o", 17.5, "ok"),
    ("đang chờ số liệu", None, "no_data"),
    (1e19, None, "ambiguous"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "value", "flag"), SHARES)
def test_a_share_typed_in_many_ways(raw: object, value: float | None, flag: str) -> None:
    number = read_number(raw, uom="%")
    assert (number.value, number.flag) == (value, flag)


COUNTS = [
    ("1.234", 1234.0, "ok"),
    ("1,234", 1234.0, "dot_decimal"),
    ("1.234 hồ sơ", 1234.0, "ok"),
    ("1.234.567", 1234567.0, "ok"),
    ("12 345", 12345.0, "ok"),
    ("5 nghìn", 5000.0, "ok"),
    ("70%", 70.0, "unit_mismatch"),
    ("45/60", None, "ambiguous"),
    ("-1", -1.0, "out_of_range"),
    ("1'234'567", None, "ambiguous"),
    ("2 hồ sơ mới, 3 hồ sơ cũ", None, "ambiguous"),
    ("3 hồ sơ (trong đó 1 của cấp xã)", 3.0, "multi_value"),
]


@pytest.mark.parametrize(("raw", "value", "flag"), COUNTS)
def test_a_count_typed_in_many_ways(raw: str, value: float | None, flag: str) -> None:
    number = read_number(raw, uom="hồ sơ")
    assert (number.value, number.flag) == (value, flag)


def test_a_multiplier_that_the_unit_of_measure_already_has_is_not_applied_twice() -> None:
    assert read_number("1,2 triệu", uom="triệu đồng").value == 1.2
    assert read_number("1,2 tỷ", uom="triệu đồng") == Number("1,2 tỷ", None, Flag.UNIT_MISMATCH)


@pytest.mark.parametrize("raw", ["1.500.000.000 đồng", "1.500.000.000đ", "5 triệu USD", "1,234"])
def test_money_in_another_scale_than_the_unit_of_measure_is_never_a_value(raw: str) -> None:
    assert read_number(raw, uom="triệu đồng").value is None


@pytest.mark.parametrize(
    ("value", "number_format", "expected", "flag"),
    [
        (0.175, "0.0%", 17.5, "ok"),
        (0.07, "0%", 7.0, "ok"),
        (0.29, "0%", 29.0, "ok"),
        (1.5, "0%", 150.0, "out_of_range"),
        (17.5, None, 17.5, "ok"),
        (0.175, '0.0"%"', 0.175, "ambiguous"),  # a percent sign in quotes rescales nothing
        (46157.0, "dd/mm/yyyy", None, "date_mangled"),
        (46157.0, "[$-42A]d-mmm", None, "date_mangled"),
        (12.0, "#,##0 [Red]", 12.0, "ok"),
        (float("nan"), None, None, "excel_error"),
        (float("inf"), None, None, "excel_error"),
        (True, None, None, "text"),
        (None, None, None, "blank"),
    ],
)
def test_a_numeric_cell_is_rescaled_only_by_its_own_format(
    value: object, number_format: str | None, expected: float | None, flag: str
) -> None:
    number = read_number(value, uom="%", number_format=number_format)
    assert (number.value, number.flag) == (expected, flag)


@pytest.mark.parametrize(
    "value", [datetime(2026, 5, 15, 8), time(8, 30), timedelta(hours=30), date(2026, 5, 15)]
)
def test_dates_and_times_are_never_figures(value: object) -> None:
    number = read_number(value, uom="%")
    assert (number.value, number.flag) == (None, Flag.DATE_MANGLED)
    assert number.raw


def test_legacy_text_is_kept_and_its_reading_noted() -> None:
    assert read_number("§¹t", uom="%") == Number("§¹t", None, Flag.LEGACY_ENCODING, "Đạt")


def test_the_raw_text_is_kept_to_the_letter() -> None:
    assert read_number("  70 % \n", uom="%").raw == "  70 % \n"


def test_a_number_without_end_is_no_value() -> None:
    for raw in ("9" * 400, "1." + "000." * 200 + "000", "999 tỷ tỷ tỷ tỷ"):
        assert read_number(raw, uom="người").value is None


def test_range_applies_to_shares_and_negatives_only() -> None:
    assert in_range(Number("150", 150.0, Flag.OK), "hồ sơ").flag == Flag.OK
    assert is_share("% dân số") and not is_share("người")
