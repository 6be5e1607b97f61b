"""The office edits the templates in Word; a broken one gives one clear Vietnamese sentence."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from docx import Document

from tasks.consolidate import free, kpi, quarterly
from tasks.consolidate.document import TEMPLATES, TemplateFault, render
from tasks.consolidate.report import digest_of

from .world import JUNE_30, Q2

GUIDE = Path(__file__).parents[3] / "docs" / "report-template.md"


def a_template(folder: Path, *lines: str) -> Path:
    doc = Document()
    for line in lines:
        doc.add_paragraph(line)
    path = folder / "mau.docx"
    doc.save(str(path))
    return path


@pytest.mark.parametrize(
    ("lines", "said"),
    [
        (["{{ khong_co }}"], "có trường không tồn tại"),
        (["{{ nam "], "viết sai hoặc thiếu"),
        (["{% for x in muc_1 %}"], "viết sai hoặc thiếu"),
        (["{{ nam.__class__.__mro__[1].__subclasses__() }}"], "không"),
        (["{{ nam + 'x' }}"], "không dựng được văn bản"),
    ],
)
def test_a_broken_template_says_what_is_wrong_and_where_to_look(tmp_path, lines, said):
    with pytest.raises(TemplateFault) as fault:
        render(a_template(tmp_path, *lines), {"nam": 2026, "muc_1": []}, JUNE_30)
    assert "mau.docx" in str(fault.value)
    assert said in str(fault.value)
    assert "docs/report-template.md" in str(fault.value)
    assert "\n" not in str(fault.value)


def test_a_file_that_is_no_word_document_is_named(tmp_path):
    path = tmp_path / "mau.docx"
    path.write_bytes(b"not a zip")
    with pytest.raises(TemplateFault, match="không phải tệp Word"):
        render(path, {}, JUNE_30)


def test_a_missing_template_is_named(tmp_path):
    with pytest.raises(TemplateFault, match="Không có tệp mẫu mau.docx"):
        render(tmp_path / "mau.docx", {}, JUNE_30)


def test_a_template_edited_by_the_office_is_used(tmp_path):
    path = a_template(tmp_path, "Năm {{ nam }}", "{%p for d in muc_1 %}", "{{ d.noi_dung }}", "{%p endfor %}")
    made = tmp_path / "made.docx"
    made.write_bytes(render(path, {"nam": 2026, "muc_1": [{"noi_dung": "<một & hai>"}]}, JUNE_30))
    assert [p.text for p in Document(str(made)).paragraphs] == ["Năm 2026", "<một & hai>"]


def fields(path: Path) -> set[str]:
    """Names that a template reads, loop variables left out."""
    doc = Document(str(path))
    texts = [p.text for p in doc.paragraphs] + [c.text for t in doc.tables for r in t.rows for c in r.cells]
    tags = re.findall(r"\{[{%]p?(?:tr)? ?(.*?) ?[%}]\}", "\n".join(texts))
    loops = {m[1] for t in tags if (m := re.match(r"for (\w+) in", t))}
    names = {m for t in tags for m in re.findall(r"(?:^|in |if )([a-z_0-9]+)(?!\w)", t)}
    return names - loops - {"for", "if", "elif", "else", "endif", "endfor"}


@pytest.mark.parametrize("name", sorted(p.name for p in TEMPLATES.glob("*.docx")))
def test_every_field_of_every_template_is_documented(name):
    guide = GUIDE.read_text(encoding="utf-8")
    missing = {f for f in fields(TEMPLATES / name) if f"`{f}`" not in guide}
    assert not missing


@pytest.mark.parametrize(
    ("context", "code"), [(quarterly.context, Q2), (kpi.context, "2026-kpi"), (free.context, "2026-q2-da06")]
)
def test_every_field_that_is_offered_is_documented(world, context, code):
    guide = GUIDE.read_text(encoding="utf-8")
    offered = context(digest_of(world.office, code, JUNE_30))
    assert not {f for f in offered if f"`{f}`" not in guide}


def test_the_script_makes_exactly_the_templates_that_are_kept(tmp_path):
    """Until the office edits a template; then this test's template is taken out of the script."""
    import subprocess
    import sys

    script = TEMPLATES / "make_templates.py"
    kept = {p.name: p.read_bytes() for p in TEMPLATES.glob("*.docx")}
    subprocess.run(
        [sys.executable, str(script), str(tmp_path)],
        check=True,
        capture_output=True,
        cwd=TEMPLATES.parents[1],
    )
    assert {p.name: p.read_bytes() for p in tmp_path.glob("*.docx")} == kept
