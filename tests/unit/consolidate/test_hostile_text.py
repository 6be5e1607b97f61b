"""What a unit types cannot become code, markup or a broken file (guarantee 13)."""

from __future__ import annotations

import re
import zipfile

import openpyxl
import pytest
from lxml import etree

from tasks.consolidate.extracts import flat_export, shortlists
from tasks.consolidate.report import digest_of, write_report
from tasks.consolidate.sheets import CUT, cell_text

from .reading import everything, sheet
from .world import JUNE_30, Q2

PAYLOADS = (
    '=HYPERLINK("http://evil.example","x")',
    "+cmd|' /C calc'!A0",
    "@SUM(1+1)",
    "-2+3",
    "<script>document.title='pwned'</script><img src=x onerror=alert(1)>",
    "</w:t></w:r><w:r><w:t>chèn",
    "{{ 7*7 }} {% for x in y %} {{ self.__init__.__globals__ }}",
    "&lt;b&gt; & <b> \"quoted\" 'single'",
    "http://evil.example/x và \\\\server\\share",
    "dòng 1\ndòng 2\tcột\r\ndòng 3",
    "\x00\x01\x0b\x0c\x1b[31m\ufffe\u202eđảo",
    "x" * 40_000,
)


@pytest.fixture(scope="module")
def hostile(tmp_path_factory):
    from .world import a_world

    world = a_world(tmp_path_factory.mktemp("hostile"))
    units = [u.code for u in world.plan.units if u.active][: len(PAYLOADS)]
    world.opens(Q2, units)
    for unit, text in zip(units, PAYLOADS, strict=True):
        own = [a.code for a in world.plan.assignments if a.unit == unit][:1]
        world.sends(
            Q2, unit, number=text[:60], figures={("C9", "cumulative"): (None, "text", text[:300])},
            progress=dict.fromkeys(own, (text, text, text, text)),
            texts=[("shortcomings", text), ("proposal", text, "1", text[:200], text), ("direction", text)],
        )  # fmt: skip
    folder = tmp_path_factory.mktemp("made")
    report = write_report(world.office, Q2, JUNE_30, folder, pdf=False)
    d = digest_of(world.office, Q2, JUNE_30)
    return report, [report.files[1], flat_export(d, folder), shortlists(d, folder)]


def test_no_workbook_holds_a_formula_or_a_link(hostile):
    for path in hostile[1]:
        for ws in openpyxl.load_workbook(path):
            assert not ws._hyperlinks, path.name
            for row in ws.iter_rows():
                assert all(c.data_type != "f" for c in row), path.name


def test_every_part_is_well_formed_xml(hostile):
    for path in [hostile[0].files[0], *hostile[1]]:
        with zipfile.ZipFile(path) as package:
            for part in package.namelist():
                if part.endswith((".xml", ".rels")):
                    etree.fromstring(package.read(part))


def test_no_relation_leads_outside(hostile):
    for path in [hostile[0].files[0], *hostile[1]]:
        with zipfile.ZipFile(path) as package:
            for part in package.namelist():
                if part.endswith(".rels"):
                    assert b'TargetMode="External"' not in package.read(part), part


def test_the_words_are_all_there_unaltered_and_unevaluated(hostile):
    text = everything(hostile[0].files[0])
    assert "{{ 7*7 }}" in text and "49" not in text.split("Phụ lục IV")[1][:2000]
    assert "<script>document.title='pwned'</script>" in text
    assert "</w:t></w:r><w:r><w:t>chèn" in text
    assert "&lt;b&gt; & <b> \"quoted\" 'single'" in text


def test_the_workbook_repeats_the_words_exactly_but_for_control_characters(hostile):
    rows = sheet(hostile[0].files[1], "Thuyết minh")
    said = {r["Nội dung"] for r in rows if r["Mục"] == "Công tác chỉ đạo, điều hành"}
    for text in PAYLOADS[:9]:
        assert text in said
    assert "[31mđảo" in said
    assert any(len(t) < 32_767 and t.endswith("(nội dung đầy đủ trong tệp gốc)") for t in said)


def test_the_page_escapes_and_asks_nobody_outside(hostile):
    page = next(f for f in hostile[0].files if f.suffix == ".html").read_text(encoding="utf-8")
    assert "<script>document.title" not in page
    assert page.count("<script>") == 1
    assert not re.search(r"""(?:src|href|action)\s*=\s*["']?(?:https?:)?//""", page)
    assert "default-src 'none'" in page


@pytest.mark.parametrize("text", ["x" * 40_000, "😀" * 20_000, "x" + "😀" * 20_000])
def test_no_text_is_longer_than_an_excel_cell(text):
    """Excel counts UTF-16 units; a longer one makes it call the whole workbook damaged."""
    cut = cell_text(text)
    assert len(cut.encode("utf-16-le")) <= 2 * 32_767
    assert cut.endswith(CUT) and text.startswith(cut.removesuffix(CUT))
