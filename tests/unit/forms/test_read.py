"""Reading: what is written is read back, wherever it was moved to and whoever saved it."""

from __future__ import annotations

import io
import re
from typing import Any

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tasks.forms.build import build
from tasks.forms.read import is_mark, read
from tasks.forms.types import Kind, Reading
from tests.unit.forms.hostile import SHEET, members, packed
from tests.unit.forms.samples import FREE, KPI, Q2, filled, put, spec


def said(reading: Reading) -> tuple[Any, ...]:
    """What the file says, without where it says it."""
    figures = sorted(
        (f.indicator, f.field, f.raw, str(f.value), f.flag, f.basis, f.remark) for f in reading.figures
    )
    progress = sorted((p.assignment, p.result, p.state, p.difficulty, p.proposal) for p in reading.progress)
    return (
        figures,
        progress,
        sorted((n.section, n.key, n.text, n.body) for n in reading.narrative),
        reading.identity,
    )


def edited(data: bytes, *changes: Any) -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(data))
    for change in changes:
        change(book)
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


ANSWER = filled(
    spec(), {"remark:C5": "Số liệu đã rà soát", "cumulative:A2": "17,5%", "cumulative:C5": "ước đạt 70%"}
)


@pytest.mark.parametrize("code", [Q2, KPI, FREE])
def test_an_untouched_form_is_blank_and_knows_whose_it_is(code: str) -> None:
    reading = read(build(spec(code, "U2")), "bieu.xlsx")
    assert reading.kind is Kind.WORKBOOK and reading.blank and not reading.findings
    assert reading.identity and (reading.identity.unit, reading.identity.round) == ("U2", code)
    assert not (reading.figures or reading.progress or reading.narrative)


def test_every_figure_keeps_sheet_cell_raw_text_and_flag() -> None:
    figures = {(f.indicator, f.field): f for f in read(ANSWER, "x.xlsx").figures}
    figure = figures["C5", "cumulative"]
    assert (figure.sheet, figure.cell, figure.raw, figure.value, figure.flag) == (
        "Biểu 01", "J9", "ước đạt 70%", 70.0, "approx")  # fmt: skip
    assert figure.basis == "Chính thức" and figure.remark == "Số liệu đã rà soát"
    assert figures["D2", "cumulative"].uom == "nhiệm vụ"


def test_the_kpi_plan_s_seven_components_come_with_their_indicator() -> None:
    narrative = {(n.section, n.key) for n in read(filled(spec(KPI)), "x.xlsx").narrative}
    for section in ("intermediate", "method", "tasks", "lead", "due", "resources", "mechanism"):
        assert (section, "C1") in narrative


def test_proposals_come_with_the_body_asked() -> None:
    data = put(ANSWER, {("Thuyết minh", "B15"): "Bố trí kinh phí", ("Thuyết minh", "C15"): "Sở Tài chính"})
    proposal = next(n for n in read(data, "x.xlsx").narrative if n.section == "proposal")
    assert (proposal.text, proposal.body, proposal.key) == ("Bố trí kinh phí", "Sở Tài chính", "1")


def test_without_the_hidden_sheet_the_property_still_says_whose_it_is() -> None:
    def drop(book: Any) -> None:
        del book["_dondoc"]

    assert read(edited(ANSWER, drop), "x.xlsx").identity == read(ANSWER, "x.xlsx").identity


def test_without_both_there_is_no_identity_and_a_finding() -> None:
    def drop(book: Any) -> None:
        del book["_dondoc"]
        book.custom_doc_props.props.clear()

    reading = read(edited(ANSWER, drop), "x.xlsx")
    assert reading.identity is None and [f.code for f in reading.findings] == ["no_identity"]
    assert len(reading.figures) == len(read(ANSWER, "x.xlsx").figures)


def test_a_contradicting_identity_is_no_identity() -> None:
    reading = read(put(ANSWER, {("_dondoc", "B4"): "U2"}), "x.xlsx")
    assert reading.identity is None and "identity_conflict" in {f.code for f in reading.findings}


@pytest.mark.parametrize("units", [("U2",), ("U2", "U3")])
def test_a_second_hidden_sheet_of_another_unit_is_a_contradiction(units: tuple[str, ...]) -> None:
    def merge(book: Any) -> None:
        for unit in units:
            other = openpyxl.load_workbook(io.BytesIO(build(spec(Q2, unit))))["_dondoc"]
            copy = book.create_sheet(f"_dondoc ({unit})")
            for row in other.values:
                copy.append(row)

    reading = read(edited(ANSWER, merge), "x.xlsx")
    (conflict,) = (f for f in reading.findings if f.code == "identity_conflict")
    assert reading.identity is None
    assert list(conflict.params.values()) == [f"{u}, {Q2}" for u in ("U1", *units)]


def test_a_second_hidden_sheet_that_says_the_same_is_none() -> None:
    def merge(book: Any) -> None:
        book.copy_worksheet(book["_dondoc"])

    assert read(edited(ANSWER, merge), "x.xlsx").identity == read(ANSWER, "x.xlsx").identity


def test_codes_that_a_program_turned_into_numbers_are_the_same_codes() -> None:
    reading = read(put(ANSWER, {("_dondoc", "B2"): 2026}), "x.xlsx")
    assert reading.identity == read(ANSWER, "x.xlsx").identity


@pytest.mark.parametrize(
    ("value", "number_format", "expected", "flag"),
    [(0.175, "0.0%", 17.5, "ok"), (0.7, "0%", 70.0, "ok"), (0.7, "General", 0.7, "ambiguous"),
     ("=C5/D5", "General", None, "formula_no_cache"), (True, "General", None, "text")],
)  # fmt: skip
def test_a_cell_s_format_reaches_the_number_reader(
    value: object, number_format: str, expected: float | None, flag: str
) -> None:
    def change(book: Any) -> None:
        book["Biểu 01"]["J8"].value = value
        book["Biểu 01"]["J8"].number_format = number_format

    figure = next(f for f in read(edited(ANSWER, change), "x.xlsx").figures if f.cell == "J8")
    assert (figure.value, figure.flag) == (expected, flag)


def test_an_error_cell_is_not_nothing() -> None:
    def change(book: Any) -> None:
        book["Biểu 01"]["J8"].value = "#DIV/0!"
        book["Biểu 01"]["J8"].data_type = "e"

    figure = next(f for f in read(edited(ANSWER, change), "x.xlsx").figures if f.cell == "J8")
    assert (figure.raw, figure.value, figure.flag) == ("#DIV/0!", None, "excel_error")


@pytest.mark.parametrize(
    ("cell", "raw"),
    [
        (' t="str"><f>IF(G8="","",G8)</f><v></v>', None),  # the result is an empty text
        ("><f>G8/H8</f><v/>", "=G8/H8"),
        ('><f t="shared" si="0"/>', "=…"),
    ],
)
def test_an_empty_result_is_nothing_and_a_missing_one_is_told(cell: str, raw: str | None) -> None:
    parts = members(ANSWER)
    parts[SHEET], changed = re.subn(
        b'<c r="I8"[^>]*></c>', f'<c r="I8"{cell}</c>'.encode(), parts[SHEET]
    )
    figures = {f.cell: f.raw for f in read(packed(parts), "x.xlsx").figures}
    assert (changed, figures.get("I8")) == (1, raw)


@pytest.mark.parametrize("shown", ["#NAME?", "=-Đã ban hành 02 văn bản", "#N/A"])
@pytest.mark.parametrize("as_error", [True, False])
def test_a_text_that_became_an_error_is_no_text_and_is_told(shown: str, as_error: bool) -> None:
    def change(book: Any) -> None:
        for sheet, cell in (("Thuyết minh", "C7"), ("Biểu 02", "H7"), ("Biểu 01", "N7")):
            book[sheet][cell].value = shown
            if as_error and shown.startswith("#"):
                book[sheet][cell].data_type = "e"

    reading = read(edited(ANSWER, change), "x.xlsx")
    told = {(f.sheet, f.cell, f.was) for f in reading.findings if f.code == "text_error"}
    assert told == {("Thuyết minh", "C7", shown), ("Biểu 02", "H7", shown), ("Biểu 01", "N7", shown)}
    assert shown not in {n.text for n in reading.narrative} | {p.result for p in reading.progress}


@given(st.lists(st.one_of(st.text(max_size=30), st.floats(allow_nan=False, allow_infinity=False, width=32),
                          st.integers(-10**9, 10**9)), min_size=4, max_size=4))  # fmt: skip
@settings(max_examples=25, deadline=None)
def test_whatever_is_typed_is_read_as_typed(values: list[Any]) -> None:
    legal = [
        openpyxl.cell.cell.ILLEGAL_CHARACTERS_RE.sub("", v).lstrip("=") if isinstance(v, str) else v
        for v in values
    ]
    data = put(build(spec()), {("Biểu 01", f"J{7 + n}"): v for n, v in enumerate(legal)})
    figures = {f.cell: f for f in read(data, "x.xlsx").figures}
    for n, value in enumerate(legal):
        figure = figures.get(f"J{7 + n}")
        if isinstance(value, str):
            assert (figure.raw if figure else "").strip() == value.replace(
                "\r\n", "\n"
            ).strip() or not value.isprintable()
        else:
            assert figure and float(figure.raw) == pytest.approx(float(value), rel=1e-9)


@pytest.mark.parametrize("text", ["MẬT", "Tối mật", "TUYỆT MẬT", " (MẬT) ", "TUYÖT MËT", "MẬT"])
def test_a_mark_of_secrecy_alone_in_a_cell_is_seen(text: str) -> None:
    assert is_mark(text)
    reading = read(put(ANSWER, {("Biểu 01", "A1"): f"Sở X\n{text}"}), "x.xlsx")
    assert reading.classified and reading.findings[0].code == "classified"


@pytest.mark.parametrize(
    "text", ["bí mật nhà nước", "Hồ sơ mật không thuộc phạm vi", "mật", "mất", "Ong mật", "MAT"]
)
def test_the_word_inside_a_sentence_is_no_mark(text: str) -> None:
    assert not is_mark(text)
    assert not read(put(ANSWER, {("Biểu 01", "N7"): text}), "x.xlsx").classified


def test_legacy_text_is_converted_and_named() -> None:
    data = put(ANSWER, {("Biểu 02", "H7"): "§· ban hµnh kÕ ho¹ch"})
    reading = read(data, "x.xlsx")
    assert next(p for p in reading.progress if p.cell == "I7").result == "Đã ban hành kế hoạch"
    assert "legacy_text" in {f.code for f in reading.findings}


def test_a_row_inserted_without_a_code_continues_the_indicator_above() -> None:
    data = filled(spec(KPI))
    data = put(data, {("Biểu 02", "B8"): None, ("Biểu 02", "D8"): "Nhiệm vụ thứ hai"})
    tasks = [n.text for n in read(data, "x.xlsx").narrative if (n.section, n.key) == ("tasks", "C1")]
    assert tasks == ["Rà soát", "Nhiệm vụ thứ hai"]


@pytest.mark.parametrize(
    ("code", "row", "name", "told"),
    [
        (Q2, {"C11": "Chỉ tiêu riêng của Sở", "J11": 55}, ("Biểu 01", "C11"), True),
        (Q2, {"C11": "Nhóm chỉ tiêu chung"}, ("Biểu 01", "C11"), False),
        (KPI, {"C11": "Chỉ tiêu riêng của Sở", "F11": 55}, ("Biểu 01", "C11"), True),
    ],
)
def test_a_row_that_a_unit_added_is_told_where_it_holds_an_answer(
    code: str, row: dict[str, object], name: tuple[str, str], told: bool
) -> None:
    reading = read(put(filled(spec(code)), {("Biểu 01", cell): v for cell, v in row.items()}), "x.xlsx")
    found = [(f.sheet, f.cell, f.was) for f in reading.findings if f.code == "uncoded_row"]
    assert found == ([(*name, row["C11"])] if told else [])
    assert not any(f.value == 55 for f in reading.figures)


def test_an_answer_that_begins_like_the_headings_is_no_heading() -> None:
    said = {"tasks:C1": "Nhiệm vụ 1: rà soát", "resources:C1": "Nguồn lực: ngân sách", "lead:C1": "Cơ quan chủ trì: Sở"}
    narrative = {(n.section, n.key): n.text for n in read(filled(spec(KPI), said), "x.xlsx").narrative}
    assert [narrative.get(("tasks", code)) for code in ("C1", "A2")] == ["Nhiệm vụ 1: rà soát", "Rà soát"]


def test_an_answer_that_begins_like_a_signature_ends_no_table() -> None:
    said = "Thủ trưởng cơ quan chịu trách nhiệm về kết quả."
    reading = read(filled(spec(), {"responsibility:": said, "next:": "Nơi nhận hồ sơ mở thêm."}), "x.xlsx")
    texts = {n.section: n.text for n in reading.narrative}
    assert (texts["responsibility"], texts["next"]) == (said, "Nơi nhận hồ sơ mở thêm.")


@pytest.mark.parametrize(
    "signature",
    ["NGƯỜI LẬP BIỂU", "Người lập biểu\n(Ký, ghi rõ họ tên)", "Nơi nhận: Như trên", "THỦ TRƯỞNG CƠ QUAN, ĐƠN VỊ"],
)
def test_what_stands_below_the_signatures_is_no_row(signature: str) -> None:
    data = put(ANSWER, {("Biểu 01", "B11"): signature, ("Biểu 01", "B12"): "X9", ("Biểu 01", "J12"): 55})
    assert not any(f.value == 55 for f in read(data, "x.xlsx").figures)


def test_ad_hoc_answers_come_by_item() -> None:
    content = [
        (n.key, n.text) for n in read(filled(spec(FREE)), "x.xlsx").narrative if n.section == "content"
    ]
    assert content == [("1", "Đã thực hiện."), ("2", "Đã thực hiện.")]
