"""Every `make` and `dondoc` line of the handbook exists; those of the pages with a clock are run."""

from __future__ import annotations

import json
import re
import shlex
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from tasks.desk.registry import FORMS, fill_in

from . import cli
from .pages import DOCS, PAGES, ROOT, Block, blocks, inline, name
from .world import Play, small_plan

TARGETS = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE))
LINES = [
    pytest.param(line, id=f"{name(page)}:{block.line} {line}")
    for page in PAGES
    for block in blocks(page.read_text("utf-8"))
    for line in block.commands
]
INLINE = sorted({code for page in PAGES for code in inline(page.read_text("utf-8"))})
FILLED = [
    pytest.param(block, id=f"{name(page)}:{block.title}")
    for page in PAGES
    for block in blocks(page.read_text("utf-8"))
    if block.language == "json" and block.title
]
PLAYED = [page for page in PAGES if "<!-- lúc: " in page.read_text("utf-8") and page.is_relative_to(DOCS)]


@pytest.mark.parametrize("line", LINES)
def test_a_line_in_a_block_is_a_command_that_exists(line: str) -> None:
    if line.startswith("make "):
        assert set(shlex.split(line, comments=True)[1:]) <= TARGETS
    else:
        cli.parse(line)


@pytest.mark.parametrize("code", INLINE)
def test_a_command_named_in_a_sentence_exists_with_its_options(code: str) -> None:
    if code.startswith("make "):
        assert code.split()[1] in TARGETS
        return
    command, rest = cli.find(code.split()[1:])
    named = {word.split("=")[0] for word in rest if word.startswith("--")}
    assert named <= cli.options(command)


@pytest.mark.parametrize("unit", sorted((ROOT / "deploy").rglob("*.service")), ids=lambda p: p.name)
def test_a_service_starts_a_command_that_exists(unit: Path) -> None:
    for line in re.findall(r"^ExecStart=\S*/(dondoc .*)$", unit.read_text("utf-8"), re.MULTILINE):
        cli.parse(line)


@pytest.mark.parametrize("block", FILLED)
def test_an_example_of_a_form_is_accepted_by_the_form(block: Block) -> None:
    form = _form_of(block.title)
    filled = fill_in(FORMS[form].form, json.loads(block.text))
    assert filled.by == "CV1"


def _form_of(file: str) -> str:
    lines = [p.values[0] for p in LINES if f"--json {file}" in str(p.values[0])]
    return str(lines[0]).split()[2]


@pytest.mark.parametrize("page", PLAYED, ids=name)
def test_the_commands_of_a_page_work_in_their_order(
    page: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    play = Play(CliRunner(), app, tmp_path)
    small_plan(tmp_path / "config" / "plans" / "2026")
    monkeypatch.chdir(tmp_path)
    for key, value in play.environment.items():
        monkeypatch.setenv(key, value)
    for block in blocks(page.read_text("utf-8")):
        play.block(block)
    assert play.ran, "a page with a clock runs something"


def test_every_form_is_shown_with_an_example() -> None:
    shown = {str(p.values[0]).split()[2] for p in LINES if str(p.values[0]).startswith("dondoc desk ")}
    decided = any(str(p.values[0]).startswith("dondoc decide ") for p in LINES)
    assert set(FORMS) - shown == {"decide"} and decided
