"""LibreOffice opens our workbooks without repair, prints them on A4, and saves them readably."""

from __future__ import annotations

import io
import os
import re
import shutil
import subprocess
from pathlib import Path

import openpyxl
import pytest

from tasks.forms.annotate import annotate
from tasks.forms.build import build
from tasks.forms.check import check, expected_of
from tasks.forms.read import read
from tasks.forms.types import Kind, Reading
from tests.unit.forms.samples import FREE, KPI, Q2, filled, put, spec

SOFFICE = shutil.which("soffice") or shutil.which("libreoffice")
FORM = spec(last={"C1": 45.0})
A4 = (595, 842)
# quarterly: guide, two tables, texts; KPI plan: guide, two tables, texts; ad hoc: guide, answers
PAGES = {Q2: 4, KPI: 4, FREE: 2}

if SOFFICE is None and os.environ.get("CI") != "true":
    pytest.skip("LibreOffice is not installed here", allow_module_level=True)


def convert(folder: Path, kind: str, *files: Path) -> list[Path]:
    """``files`` saved by LibreOffice as ``kind``; a file it cannot open is missing."""
    assert SOFFICE, "LibreOffice is required where CI=true"
    out = folder / kind.split(":")[0]
    command = [SOFFICE, "--headless", f"-env:UserInstallation=file://{folder}/profile", "--convert-to", kind,
               "--outdir", str(out), *map(str, files)]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    return [out / f"{f.stem}.{kind.split(':')[0]}" for f in files]


def with_percentages() -> bytes:
    book = openpyxl.load_workbook(io.BytesIO(filled(FORM)))
    book["Biểu 01"]["J8"].value, book["Biểu 01"]["J8"].number_format = 0.175, "0.0%"
    book["Biểu 01"]["J9"].value = "=1/0"
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def marked() -> bytes:
    data = filled(FORM, {"cumulative:C1": "đạt"})
    return annotate(data, "x.xlsx", check(read(data, "x.xlsx"), expected_of(FORM))) or b""


ANSWER = put(filled(FORM, {"cumulative:A2": "17,4%", "numerator:A2": None, "denominator:A2": None}),
             {("Thuyết minh", "B15"): "Bố trí kinh phí", ("Thuyết minh", "C15"): "Sở Tài chính"})  # fmt: skip


@pytest.fixture(scope="module")
def saved(tmp_path_factory: pytest.TempPathFactory) -> dict[str, bytes]:
    """Everything that the tests want converted, in as few runs of the office program as can be."""
    folder = tmp_path_factory.mktemp("office")
    sources = {"answer": ANSWER, "percent": with_percentages(), "marked": marked()}
    forms = {code: build(spec(code)) for code in PAGES}
    paths = {}
    for name, data in (sources | forms).items():
        paths[name] = folder / f"{name}.xlsx"
        paths[name].write_bytes(data)
    found: dict[str, bytes] = {}
    for kind, names in (("xlsx", sources), ("ods", sources), ("xls", sources), ("pdf", forms)):
        for path in convert(folder, kind, *(paths[n] for n in names)):
            found[path.name] = path.read_bytes()
    return found


def said(reading: Reading) -> object:
    figures = sorted((f.indicator, f.field, f.raw, f.value, f.flag, f.remark) for f in reading.figures)
    progress = sorted((p.assignment, p.result, p.state) for p in reading.progress)
    return figures, progress, sorted((n.section, n.key, n.text, n.body) for n in reading.narrative)


@pytest.mark.parametrize(
    ("kind", "expected"), [("xlsx", Kind.WORKBOOK), ("ods", Kind.ODS), ("xls", Kind.XLS)]
)
def test_a_workbook_saved_by_another_office_reads_the_same(
    saved: dict[str, bytes], kind: str, expected: Kind
) -> None:
    reading, original = read(saved[f"answer.{kind}"], f"answer.{kind}"), read(ANSWER, "answer.xlsx")
    assert reading.kind is expected
    assert said(reading) == said(original)
    assert reading.identity == original.identity
    assert not check(reading, expected_of(FORM))


@pytest.mark.parametrize("kind", ["ods", "xlsx", "xls"])
def test_percentages_and_errors_survive(saved: dict[str, bytes], kind: str) -> None:
    figures = {f.cell: f for f in read(saved[f"percent.{kind}"], f"percent.{kind}").figures}
    assert (figures["J8"].value, figures["J8"].flag) == (17.5, "ok")
    assert (figures["J9"].raw, figures["J9"].flag) == ("#DIV/0!", "excel_error")


def test_a_table_as_csv_is_read_without_identity() -> None:
    lines = ["STT;Mã;Chỉ tiêu;Đơn vị tính;Tử số;Mẫu số;Kết quả lũy kế đến 14/6/2026;Ghi chú",
             "1;C1;Phủ sóng 5G;% dân số;45;90;50%;", "2;A2;Tỷ trọng;%;;;17,5%;"]  # fmt: skip
    for encoding in ("utf-8-sig", "utf-16", "utf-8"):
        reading = read("\r\n".join(lines).encode(encoding), "bieu.csv")
        assert reading.kind is Kind.CSV and reading.identity is None
        assert [(f.indicator, f.field, f.value) for f in reading.figures][-1] == ("A2", "cumulative", 17.5)


def pages(pdf: bytes) -> list[tuple[int, int]]:
    """Sizes of the pages in points (the square box of the whole tree is none)."""
    boxes = re.findall(rb"/MediaBox\s*\[\s*0 0 ([\d.]+) ([\d.]+)", pdf)
    return [(round(float(w)), round(float(h))) for w, h in boxes if w != h]


@pytest.mark.parametrize("code", [Q2, KPI, FREE])
def test_a_form_prints_on_a4_with_the_expected_pages(saved: dict[str, bytes], code: str) -> None:
    sizes = pages(saved[f"{code}.pdf"])
    assert len(sizes) == PAGES[code]
    for width, height in sizes:
        assert abs(min(width, height) - A4[0]) <= 1 and abs(max(width, height) - A4[1]) <= 1


def test_a_marked_workbook_opens_with_its_comments(saved: dict[str, bytes]) -> None:
    comment = openpyxl.load_workbook(io.BytesIO(saved["marked.xlsx"]))["Biểu 01"]["J7"].comment
    assert comment and "chưa có số liệu cụ thể" in comment.text
