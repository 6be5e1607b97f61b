"""What the software can say or ask has its paragraph in the handbook, in the software's own words."""

from __future__ import annotations

import re
import unicodedata

import pytest

from flows.schedule import SCHEDULED
from tasks.desk.registry import FORMS
from tasks.rules.findings import CATALOGUE, Severity
from tasks.rules.holds import HoldCode
from tasks.rules.status import LABELS, State

from .pages import DOCS, PAGES, ROOT, name

OPERATOR = DOCS / "chuyen-vien"
DESK = (OPERATOR / "ban-lam-viec.md").read_text("utf-8")
STANDING = (OPERATOR / "tinh-trang.md").read_text("utf-8")
FINDINGS = dict(
    re.findall(r"^\| `(\w+)` \| ([^|]+?) \|", (OPERATOR / "y-kien.md").read_text("utf-8"), re.MULTILINE)
)
ENTRY = re.compile(r"^\*\*(.+?)\*\* \(`(\w+)`\)\n: (\S.*)", re.MULTILINE)
WORDS = {Severity.MUST_FIX: "phải sửa", Severity.PLEASE_EXPLAIN: "giải trình"}
# "Mã …" fields are named once for all forms at the top of the page
EVERYWHERE = {"by", "reason"}
TRIED = {"nginx.conf"}  # tests/e2e/test_behind_the_proxy.py, tests/integration/scale
TRIED_ELSEWHERE = re.compile(r"systemd|container|windows|wsl", re.IGNORECASE)


def section(form: str) -> str:
    """The part of the desk's page that explains ``form``."""
    parts = re.split(r"(?m)^#{2,3} ", DESK)
    return next((p for p in parts if re.search(rf"^Biểu `{form}`\.", p, re.MULTILINE)), "")


@pytest.mark.parametrize("form", FORMS)
def test_a_form_of_the_desk_has_its_section_under_its_title(form: str) -> None:
    heading = section(form).splitlines()[:1]
    assert heading and heading[0].split(" {")[0] == FORMS[form].title


@pytest.mark.parametrize("form", FORMS)
def test_every_field_of_a_form_is_named_as_the_form_names_it(form: str) -> None:
    told = section(form)
    fields = {n: f.title for n, f in FORMS[form].form.model_fields.items() if n not in EVERYWHERE}
    assert not [title for title in fields.values() if title not in told]


def test_the_two_fields_of_every_form_are_told_once() -> None:
    assert "**Mã người quyết định**" in DESK and "**Lý do**" in DESK


def test_every_status_has_its_paragraph_under_its_label() -> None:
    told = {code: label for label, code, _ in ENTRY.findall(STANDING.split("{ #tam-giu }")[0])}
    assert told == {s.value: LABELS[s] for s in State}


def test_every_hold_has_its_paragraph() -> None:
    told = [code for _, code, _ in ENTRY.findall(STANDING.split("{ #tam-giu }")[1])]
    assert sorted(told) == sorted(h.value for h in HoldCode)


def test_every_finding_stands_in_the_table_with_its_weight() -> None:
    assert {code: WORDS[kind.severity] for code, kind in CATALOGUE.items()} == FINDINGS


def test_every_flow_on_schedule_is_named_for_engineers() -> None:
    told = (DOCS / "architecture.md").read_text("utf-8")
    assert not [d.entrypoint for d in SCHEDULED if f"`{d.entrypoint.rsplit('.')[-1]}`" not in told]


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_page_is_in_composed_characters(page) -> None:
    text = page.read_text("utf-8")
    assert text == unicodedata.normalize("NFC", text)


@pytest.mark.parametrize(
    "path",
    sorted(p for p in (ROOT / "deploy").rglob("*") if p.is_file() and p.name not in TRIED),
    ids=lambda p: p.name,
)
def test_a_template_of_deploy_says_that_it_was_not_tried_here(path) -> None:
    first = path.read_text("utf-8").splitlines()[0]
    assert "CHƯA THỬ TẠI ĐÂY" in first or ("CHƯA CHẠY" in first and "tại đây" in first)


def test_what_was_not_tried_here_is_marked_where_it_is_told() -> None:
    admin = [p for p in (DOCS / "quan-tri").glob("*.md") if TRIED_ELSEWHERE.search(p.read_text("utf-8"))]
    assert admin
    assert not [name(p) for p in admin if "chưa thử tại đây" not in p.read_text("utf-8").lower()]
