"""The unit's own workbook comes back marked and commented, with nothing else changed."""

from __future__ import annotations

import io
import time
import zipfile

import openpyxl
import pytest
from openpyxl.comments import Comment

from tasks.forms.annotate import annotate
from tasks.forms.build import build
from tasks.forms.check import check, expected_of
from tasks.forms.read import read
from tasks.rules.findings import Finding, wording
from tests.unit.forms.hostile import SHEET, members, packed
from tests.unit.forms.samples import KPI, filled, put, spec

FORM = spec()
ANSWER = filled(
    FORM, {"cumulative:C1": "đạt", "state:NV-U1-2": "gần xong", "cumulative:D2": None, "causes:": None}
)
FOUND = check(read(ANSWER, "x.xlsx"), expected_of(FORM))


def marked(data: bytes = ANSWER, found: list[Finding] | None = None) -> bytes:
    result = annotate(data, "x.xlsx", FOUND if found is None else found)
    assert result is not None
    return result


def test_every_finding_stands_as_a_comment_at_its_cell() -> None:
    book = openpyxl.load_workbook(io.BytesIO(marked()))
    assert len(FOUND) == 4
    for finding in FOUND:
        comment = book[finding.sheet][finding.cell].comment
        assert comment and wording(finding) in comment.text


def test_cells_to_be_fixed_and_to_be_explained_have_their_colours() -> None:
    book = openpyxl.load_workbook(io.BytesIO(marked()))
    assert book["Biểu 01"]["J7"].fill.fgColor.rgb == "FFFFC7CE"
    assert book["Thuyết minh"]["C9"].fill.fgColor.rgb == "FFFFEB9C"
    assert book["Biểu 01"]["J8"].fill.fgColor.rgb == "FFFFF9DB"


def test_no_value_is_touched_and_all_else_looks_as_before() -> None:
    before, after = (openpyxl.load_workbook(io.BytesIO(d)) for d in (ANSWER, marked()))
    for ws in before:
        for row in ws.iter_rows():
            for cell in row:
                other = after[ws.title][cell.coordinate]
                assert (other.value, other.data_type) == (cell.value, cell.data_type)
                assert other.protection.locked == cell.protection.locked
                assert (
                    other.number_format == cell.number_format
                    and other.border.left.style == cell.border.left.style
                )
        rules = [str(v.sqref) for v in ws.data_validations.dataValidation]
        assert [str(v.sqref) for v in after[ws.title].data_validations.dataValidation] == rules


def test_stored_results_of_formulas_survive() -> None:
    """A library that loads and saves would lose them."""
    with zipfile.ZipFile(io.BytesIO(ANSWER)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    name = "xl/worksheets/sheet2.xml"
    parts[name] = parts[name].replace(b"<v>50</v>", b"<f>100/2</f><v>50</v>")
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for part, content in parts.items():
            archive.writestr(part, content)
    book = openpyxl.load_workbook(io.BytesIO(marked(buffer.getvalue())), data_only=True)
    assert book["Biểu 01"]["J8"].value == 50


def test_the_marked_workbook_reads_as_the_unit_s_own() -> None:
    one, two = read(ANSWER, "x.xlsx"), read(marked(), "x.xlsx")
    assert (one.figures, one.progress, one.narrative, one.identity) == (
        two.figures, two.progress, two.narrative, two.identity)  # fmt: skip


def test_marking_twice_adds_to_the_comment_and_breaks_nothing() -> None:
    twice = annotate(marked(), "x.xlsx", FOUND)
    assert twice
    comment = openpyxl.load_workbook(io.BytesIO(twice))["Biểu 01"]["J7"].comment
    assert comment and comment.text.count("chưa có số liệu cụ thể") == 2


def test_the_unit_s_own_comments_stay() -> None:
    book = openpyxl.load_workbook(io.BytesIO(ANSWER))
    book["Biểu 01"]["J7"].comment = Comment("Đã hỏi Phòng CĐS", "Văn thư")
    book["Biểu 01"]["N8"].comment = Comment("Ghi chú riêng", "Văn thư")
    buffer = io.BytesIO()
    book.save(buffer)
    after = openpyxl.load_workbook(io.BytesIO(marked(buffer.getvalue())))["Biểu 01"]
    assert after["N8"].comment.text == "Ghi chú riêng"
    assert (
        "Đã hỏi Phòng CĐS" in after["J7"].comment.text
        and "chưa có số liệu cụ thể" in after["J7"].comment.text
    )


def test_findings_without_a_cell_stand_at_the_top() -> None:
    found = [Finding("blank_form"), Finding("table_missing", "Biểu 02", params={"name": "Biểu 01"})]
    book = openpyxl.load_workbook(io.BytesIO(marked(build(FORM), found)))
    assert "chưa được điền" in book["Hướng dẫn"]["A1"].comment.text
    assert book["Biểu 02"]["A1"].comment


def test_a_cell_that_the_sheet_does_not_have_is_made() -> None:
    book = openpyxl.load_workbook(io.BytesIO(marked(ANSWER, [Finding("fall", "Biểu 01", "AB400")])))
    assert book["Biểu 01"]["AB400"].comment


def test_comments_of_the_xml_among_rows_and_cells_are_no_obstacle() -> None:
    parts = members(ANSWER)
    parts[SHEET] = parts[SHEET].replace(b"<row ", b"<!-- x --><row ").replace(b"<c ", b"<?x y?><c ")
    book = openpyxl.load_workbook(io.BytesIO(marked(packed(parts))))
    assert all(book[f.sheet][f.cell].comment for f in FOUND)


def test_a_sheet_with_findings_without_end_is_marked_in_a_moment() -> None:
    book = openpyxl.load_workbook(io.BytesIO(ANSWER))
    for row in range(100, 30_000):
        book["Biểu 01"].cell(row, 10).value = row
    buffer = io.BytesIO()
    book.save(buffer)
    found = [Finding("fall", "Biểu 01", f"J{row}") for row in range(30_000, 100, -1)]
    began = time.monotonic()
    after = openpyxl.load_workbook(io.BytesIO(marked(buffer.getvalue(), found)))["Biểu 01"]
    assert time.monotonic() - began < 20
    assert after["J30000"].comment and not after["J100"].comment


def test_what_a_unit_typed_is_no_markup_in_a_comment() -> None:
    data = put(ANSWER, {("Biểu 01", "J7"): "<b>&amp;]]> =1+1"})
    found = check(read(data, "x.xlsx"), expected_of(FORM))
    comment = openpyxl.load_workbook(io.BytesIO(marked(data, found)))["Biểu 01"]["J7"].comment
    assert comment and "<b>&amp;]]> =1+1" in comment.text


@pytest.mark.parametrize("data", [b"", b"%PDF-1.7", b"a;b;c", ANSWER[:2000], b"PK\3\4"])
def test_what_is_no_workbook_is_not_annotated(data: bytes) -> None:
    assert annotate(data, "x.csv", FOUND) is None


def test_a_kpi_plan_is_annotated_too() -> None:
    form = spec(KPI)
    data = filled(form, {"method:C1": None})
    found = check(read(data, "x.xlsx"), expected_of(form))
    assert annotate(data, "x.xlsx", found)
