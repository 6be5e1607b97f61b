"""Every link and picture of the pages leads to something, in the repository and on the built site."""

from __future__ import annotations

import importlib.util
import re
from pathlib import Path
from types import ModuleType

import pytest

from .pages import DOCS, PAGES, ROOT, inline, links, name

LINKS = [
    pytest.param(page, target, id=f"{name(page)} -> {target}")
    for page in PAGES
    for target in links(page.read_text("utf-8"))
    if not re.match(r"[a-z]+:", target)
]
PATHS = re.compile(r"`((?:deploy|docs|config|tasks|flows|templates|tests)/[\w./@-]+)`")


@pytest.mark.parametrize(("page", "target"), LINKS)
def test_a_link_leads_to_a_file_and_its_place(page: Path, target: str) -> None:
    path, _, anchor = target.partition("#")
    file = (page.parent / path).resolve() if path else page
    assert file.exists()
    if anchor and file.is_relative_to(DOCS):
        assert f"#{anchor} " in file.read_text("utf-8") or f"#{anchor}}}" in file.read_text("utf-8")


@pytest.mark.parametrize("page", PAGES, ids=name)
def test_a_file_named_in_a_sentence_exists(page: Path) -> None:
    named = PATHS.findall(page.read_text("utf-8"))
    future = "config/plans/2027"  # what the office will make
    assert not [p for p in named if not p.startswith(future) and not (ROOT / p.rstrip("/")).exists()]


def test_every_picture_is_shown_somewhere() -> None:
    shown = {Path(t).name for page in PAGES for t in links(page.read_text("utf-8"))}
    assert not [p.name for p in (DOCS / "pictures").glob("*.png") if p.name not in shown]


def test_a_drawing_is_as_new_as_its_source() -> None:
    render = _renderer()
    drawn = render.sources()
    assert len(drawn) == 3
    for title, source in drawn.items():
        assert (DOCS / "diagrams" / f"{title}.svg").read_text("utf-8").rstrip().endswith(render.mark(source))


def _renderer() -> ModuleType:
    spec = importlib.util.spec_from_file_location("render", DOCS / "diagrams" / "render.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_reader_finds_commands_in_sentences() -> None:
    assert list(inline("`dondoc doctor`\n```bash\n`dondoc no`\n```\n")) == ["dondoc doctor"]
