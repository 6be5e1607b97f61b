"""The catalogue of findings: complete, worded, and used."""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path
from string import Formatter

import pytest

from tasks.rules.findings import (
    CATALOGUE,
    Finding,
    Severity,
    in_reading_order,
    must_fix,
    place,
    severity,
    short,
    wording,
)

ROOT = Path(__file__).parents[2] / "tasks"
CODE_IN_SOURCE = re.compile(r'(?:Finding|Refused|_finding|finding)\(\s*\n?\s*"([a-z0-9_]+)"')
KNOWN_PARAMETERS = {
    "place", "was", "name", "uom", "value", "last", "target", "computed", "numerator", "denominator", "part", "states",
    "state", "year", "count", "limit", "size", "detail", "kind", "cell_seen", "one", "two", "encoding", "unicode",
}  # fmt: skip


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_wording_is_a_vietnamese_sentence_that_asks(code: str) -> None:
    text = wording(Finding(code, "Biểu 01", "J9", "đạt", {"name": "Phủ sóng 5G"}))
    assert text == unicodedata.normalize("NFC", text)
    assert text.endswith(".") and text[0] == text[0].upper()
    assert "ề nghị" in text or code == "state_computed"
    assert "{" not in text and "yêu cầu" not in text and "phê bình" not in text


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_wording_uses_known_parameters(code: str) -> None:
    names = {field for _, field, _, _ in Formatter().parse(CATALOGUE[code].text) if field}
    assert names <= KNOWN_PARAMETERS


def test_every_code_in_the_source_is_in_the_catalogue() -> None:
    used = {code for path in [*ROOT.glob("forms/*.py"), *ROOT.glob("intake/*.py")]
            for code in CODE_IN_SOURCE.findall(path.read_text(encoding="utf-8"))}  # fmt: skip
    assert len(used) > 25
    assert used <= set(CATALOGUE)


def test_a_finding_names_sheet_and_cell_and_what_was_there() -> None:
    text = wording(Finding("figure_no_number", "Biểu 01", "J9", "đạt", {"name": "Phủ sóng 5G", "uom": "%"}))
    assert 'Ô J9, trang "Biểu 01"' in text and '"đạt"' in text and '"Phủ sóng 5G"' in text


def test_what_a_unit_typed_is_repeated_as_text_and_cut_where_long() -> None:
    text = wording(Finding("figure_text", "S", "A1", "{name} %s {0}" + "x" * 500, {"name": "{was}"}))
    assert "{name} %s {0}" in text and "…" in text and len(text) < 400
    assert short("a\n b\t c") == "a b c"


def test_a_missing_parameter_is_no_error() -> None:
    assert "…" in wording(Finding("fall"))


def test_only_must_fix_returns_an_answer() -> None:
    findings = [Finding("fall"), Finding("blank_form"), Finding("jump")]
    assert must_fix(findings) == [Finding("blank_form")]
    assert severity(Finding("fall")) is Severity.PLEASE_EXPLAIN


def test_the_place_of_a_finding() -> None:
    assert place(Finding("fall")) == "tệp gửi"
    assert place(Finding("fall", "Biểu 02")) == 'trang "Biểu 02"'


def test_a_clerk_reads_findings_from_left_to_right_and_down_each_sheet() -> None:
    found = [Finding("fall", "Biểu 01", "J10"), Finding("fall", "Biểu 01", "I10"), Finding("jump", "Biểu 02", "A2"),
             Finding("fall", "Biểu 01", "AA9"), Finding("jump", "Biểu 01", "I10"), Finding("blank_form")]  # fmt: skip
    told = [(f.code, f.sheet, f.cell) for f in in_reading_order(found)]
    assert told == [
        ("blank_form", "", ""),
        ("fall", "Biểu 01", "AA9"),
        ("fall", "Biểu 01", "I10"),
        ("jump", "Biểu 01", "I10"),
        ("fall", "Biểu 01", "J10"),
        ("jump", "Biểu 02", "A2"),
    ]
