"""No file can crash, stall or escape the reader: each gets its own finding (guarantee 9)."""

from __future__ import annotations

import time

import pytest

from tasks.forms.annotate import annotate
from tasks.forms.check import check, expected_of
from tasks.forms.read import read
from tasks.rules.findings import CATALOGUE, wording
from tests.unit.forms.hostile import GOOD, corpus, mutations, with_parts
from tests.unit.forms.samples import spec

CORPUS = corpus()
SLOWEST = 25.0  # seconds; the child's own limit and a little


@pytest.mark.parametrize("name", CORPUS)
def test_a_hostile_file_gets_its_finding(name: str) -> None:
    data, file_name, code = CORPUS[name]
    start = time.monotonic()
    reading = read(data, file_name)
    assert time.monotonic() - start < SLOWEST
    codes = [f.code for f in reading.findings]
    assert code in codes or not code, codes
    assert all(wording(f) for f in reading.findings)
    for finding in check(reading, expected_of(spec())):
        assert finding.code in CATALOGUE
    annotate(data, file_name, reading.findings)


def survives(data: bytes) -> None:
    reading = read(data, "bao-cao.xlsx")
    found = check(reading, expected_of(spec()))
    assert all(f.code in CATALOGUE and wording(f) for f in found)
    assert reading.figures or found, "nothing was read and nothing was said"
    annotate(data, "bao-cao.xlsx", found)


def test_mutated_workbooks_never_crash_the_reader() -> None:
    for data in mutations(20260515, 300):
        survives(data)


@pytest.mark.soak
def test_many_mutated_workbooks_never_crash_the_reader() -> None:
    for seed in range(60):
        for data in mutations(seed, 500):
            survives(data)


def test_the_good_workbook_stays_good() -> None:
    assert not read(GOOD, "x.xlsx").findings


@pytest.mark.parametrize(("page", "codes"), [("a<br>b", []), ("<!DOCTYPE x>", ["doctype"])])
def test_a_drawing_as_excel_writes_it_spoils_no_workbook(page: str, codes: list[str]) -> None:
    start = "" if page.startswith("<!") else '<xml xmlns:v="urn:schemas-microsoft-com:vml"><v:textbox><div>'
    data = with_parts({"xl/drawings/vmlDrawing9.vml": f"{start}{page}</div></v:textbox></xml>".encode()})
    assert [f.code for f in read(data, "x.xlsx").findings] == codes


def test_a_file_beyond_the_limit_is_not_looked_at() -> None:
    assert [f.code for f in read(b"PK\3\4" + bytes(51 * 1024 * 1024), "x.xlsx").findings] == ["too_large"]
