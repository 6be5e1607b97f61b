"""Building: the fast way equals the slow one, and what is sent is safe and complete."""

from __future__ import annotations

import io
import re
import zipfile
from dataclasses import replace
from datetime import date

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.worksheet.worksheet import Worksheet

from tasks.forms.build import NAME_LENGTH, build, build_slowly, file_name
from tasks.forms.read import read
from tasks.forms.types import AssignmentRow
from tests.unit.forms.samples import FREE, KPI, Q2, spec

ROUNDS = [Q2, KPI, FREE]


def everything(ws: Worksheet) -> dict[str, object]:
    """All that a person could see or an office program act on."""
    cells = {
        c.coordinate: (c.value, c.data_type, c.style_id)
        for row in ws.iter_rows() for c in row
    }  # fmt: skip
    heights = {n: d.height for n, d in ws.row_dimensions.items()}
    widths = {n: d.width for n, d in ws.column_dimensions.items()}
    rules = sorted(
        (str(v.sqref), v.type, v.formula1, v.prompt, v.errorStyle) for v in ws.data_validations.dataValidation
    )
    return {"cells": cells, "heights": heights, "widths": widths, "rules": rules, "state": ws.sheet_state,
            "merged": sorted(map(str, ws.merged_cells.ranges)), "locked": ws.protection.sheet,
            "print": (ws.page_setup.paperSize, ws.page_setup.orientation, ws.print_title_rows)}  # fmt: skip


def same(one: bytes, two: bytes) -> None:
    assert parts(one)["xl/styles.xml"] == parts(two)["xl/styles.xml"]
    first, second = (openpyxl.load_workbook(io.BytesIO(d)) for d in (one, two))
    assert first.sheetnames == second.sheetnames
    for name in first.sheetnames:
        left, right = everything(first[name]), everything(second[name])
        for key in left:
            assert left[key] == right[key], (name, key)
    assert [p.value for p in first.custom_doc_props.props] == [p.value for p in second.custom_doc_props.props]


@pytest.mark.parametrize("code", ROUNDS)
@pytest.mark.parametrize("unit", ["U1", "U2"])
def test_the_patched_workbook_equals_the_written_one_cell_for_cell(code: str, unit: str) -> None:
    form = spec(code, unit, last={"C1": 61.25, "D2": 1234.0}, states={"NV-U1-1": "Đang thực hiện"})
    same(build(form), build_slowly(form))


TEXT = st.text(min_size=1, max_size=80)


@given(name=TEXT, title=TEXT, last=st.one_of(st.none(), st.floats(-1e12, 1e12)))
@settings(max_examples=40, deadline=None)
def test_any_unit_name_title_and_last_value_are_patched_as_written(
    name: str, title: str, last: float | None
) -> None:
    form = spec()
    form = replace(
        form, unit_name=name, indicators=(replace(form.indicators[0], last=last), *form.indicators[1:]),
        assignments=(AssignmentRow("NV-1", title, title, name, date(2026, 9, 30), ""), *form.assignments[1:]),
    )  # fmt: skip
    same(build(form), build_slowly(form))


def test_the_template_keeps_nothing_of_the_unit_before() -> None:
    build(spec(unit="U1", last={"C1": 99.0}))
    text = "".join(p.decode() for p in parts(build(spec(unit="U2"))).values())
    assert "U1" not in re.sub(r"\$?[A-Z]+\$?\d+", "", text) and "Sở Thử nghiệm 1" not in text
    assert "@@slot" not in text and "9000000" not in text


def parts(data: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {n: archive.read(n) for n in archive.namelist()}


@pytest.mark.parametrize("code", ROUNDS)
def test_no_formula_no_link_no_macro_is_ever_sent(code: str) -> None:
    form = replace(spec(code), unit_name='=HYPERLINK("http://x","y")', round_title="=1+1")
    form = replace(form, assignments=tuple(replace(a, title="=cmd|' /C calc'!A0") for a in form.assignments))
    for name, content in parts(build(form)).items():
        assert not re.search(rb"<(f|hyperlinks?)[ >]", content), name
    assert not any("vba" in n or "externalLink" in n for n in parts(build(form)))


def headings(data: bytes, sheet: str) -> list[str]:
    ws = openpyxl.load_workbook(io.BytesIO(data))[sheet]
    return [c.value for c in ws[6] if c.value]


def test_the_headings_are_those_of_the_report_s_outline() -> None:
    data = build(spec())
    first, second = headings(data, "Biểu 01"), headings(data, "Biểu 02")
    for heading in ("STT", "Mã", "Chỉ tiêu", "Đơn vị tính", "Mục tiêu năm 2026", "Tử số", "Mẫu số",
                    "Kết quả lũy kế đến 14/6/2026", "Ước/chính thức", "So với mục tiêu", "Nguồn số liệu", "Ghi chú",
                    "Kỳ trước (đã tiếp nhận)"):  # fmt: skip
        assert heading in first
    for heading in ("STT", "Nhiệm vụ", "Văn bản giao nhiệm vụ", "Cơ quan chủ trì", "Thời hạn hoàn thành", "Kết quả",
                    "Trạng thái", "Khó khăn, vướng mắc"):  # fmt: skip
        assert heading in second
    kpi = build(spec(KPI))
    assert {
        "Chỉ tiêu",
        "Mục tiêu 2026",
        "Phương pháp tính",
        "Cách đo lường, đánh giá (KPIs)",
        "Nguồn số liệu",
    } <= set(headings(kpi, "Biểu 01"))
    assert {"Nhiệm vụ", "Sản phẩm", "Cơ quan, đơn vị chủ trì", "Phối hợp", "Thời hạn", "Nguồn lực"} <= set(
        headings(kpi, "Biểu 02")
    )


def test_the_computed_state_is_never_offered() -> None:
    ws = openpyxl.load_workbook(io.BytesIO(build(spec())))["Biểu 02"]
    lists = [v.formula1 for v in ws.data_validations.dataValidation if v.type == "list"]
    assert lists == ['"Đã hoàn thành,Đã hoàn thành quá hạn,Đang thực hiện,Chưa hoàn thành"']


@pytest.mark.parametrize("code", ROUNDS)
def test_result_cells_are_empty_and_open_and_the_rest_is_locked(code: str) -> None:
    data = build(spec(code, last={"C1": 61.25}))
    book = openpyxl.load_workbook(io.BytesIO(data))
    inputs = set(read(data, "x.xlsx").where.values())
    assert len(inputs) > 2
    for ws in book:
        if ws.sheet_state == "visible":
            assert ws.protection.sheet
        for row in ws.iter_rows():
            for cell in row:
                if not cell.protection.locked:
                    assert cell.value is None
                if (ws.title, cell.coordinate) in inputs and cell.column > 2:
                    assert not cell.protection.locked, cell.coordinate


def test_the_last_accepted_value_stands_as_a_number_in_its_own_locked_column() -> None:
    ws = openpyxl.load_workbook(io.BytesIO(build(spec(last={"C1": 61.25}))))["Biểu 01"]
    column = next(c.column for c in ws[6] if c.value == "Kỳ trước (đã tiếp nhận)")
    assert ws.cell(7, column).value == 61.25 and ws.cell(7, column).protection.locked
    assert ws.cell(8, column).value is None


@pytest.mark.parametrize("code", ROUNDS)
def test_identity_is_in_a_hidden_sheet_and_in_a_property(code: str) -> None:
    form = spec(code)
    book = openpyxl.load_workbook(io.BytesIO(build(form)))
    assert book["_dondoc"].sheet_state == "veryHidden"
    assert book.custom_doc_props["dondoc"].value == f"2026|{code}|U1|token-U1-{code}|{form.form.value}"


@given(
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", fullmatch=True),
    st.from_regex(r"[A-Za-z0-9][A-Za-z0-9_.-]{0,39}", fullmatch=True),
)
@settings(max_examples=200, deadline=None)
def test_a_file_name_is_ascii_and_at_most_50_characters(unit: str, round_code: str) -> None:
    form = spec()
    name = file_name(replace(form, identity=replace(form.identity, unit=unit, round=round_code)))
    assert len(name) <= NAME_LENGTH and re.fullmatch(r"[A-Za-z0-9_-]+\.xlsx", name)


def test_long_codes_still_give_different_names() -> None:
    form = spec()
    names = {file_name(replace(form, identity=replace(form.identity, unit="X" * 39 + e))) for e in "abcdef"}
    assert len(names) == 6


def test_building_twice_gives_the_same_bytes() -> None:
    assert build(spec()) == build(spec())


def test_a_unit_without_indicators_or_assignments_still_gets_a_form_that_reads_as_its_own() -> None:
    form = replace(spec(), indicators=(), assignments=())
    same(build(form), build_slowly(form))
    reading = read(build(form), "x.xlsx")
    assert reading.blank and reading.identity and "sections" in reading.tables


def test_many_assignments_and_very_long_titles_fit() -> None:
    form = spec()
    rows = tuple(
        replace(form.assignments[0], code=f"NV-{n}", title=f"Nhiệm vụ {n} " * (1 + n)) for n in range(150)
    )
    form = replace(form, assignments=rows)
    same(build(form), build_slowly(form))
