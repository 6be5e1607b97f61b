"""A PDF always comes out: LibreOffice first, typst where it is absent or fails."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tasks.consolidate import pdf

from .world import JUNE_30


@pytest.fixture
def document(report, tmp_path) -> Path:
    return Path(shutil.copy(report.files[0], tmp_path / "a.docx"))


def test_without_libreoffice_typst_makes_it(document, monkeypatch):
    monkeypatch.setattr(pdf, "office_program", lambda: None)
    assert pdf.make_pdf(document, JUNE_30).read_bytes().startswith(b"%PDF-")


def test_a_libreoffice_that_fails_is_replaced_and_named_in_the_log(document, monkeypatch, caplog):
    monkeypatch.setattr(pdf, "office_program", lambda: shutil.which("false"))
    assert pdf.make_pdf(document, JUNE_30).read_bytes().startswith(b"%PDF-")
    assert "LibreOffice không chuyển được a.docx" in caplog.text


def test_settling_keeps_the_length_so_that_the_cross_references_stay_true():
    raw = (
        b"/CreationDate(D:20261122200929Z')>>\n/ID [ <F426AF666EB359DC65538F36937B5C7F>\n"
        b"<F426AF666EB359DC65538F36937B5C7F> ]\n/DocChecksum /C29A5F927BBEE60969064FD8BE160D00"
    )
    other = raw.replace(b"2009", b"2010").replace(b"F426", b"AAAA").replace(b"C29A", b"BBBB")
    assert len(pdf.settled(raw, JUNE_30)) == len(raw)
    assert pdf.settled(raw, JUNE_30) == pdf.settled(other, JUNE_30)
    assert b"D:20260630001000" in pdf.settled(raw, JUNE_30)


def test_the_heavy_libraries_are_loaded_only_when_a_document_is_made():
    code = "import sys, tasks.consolidate.report, tasks.consolidate.letters, tasks.consolidate.extracts\n"
    code += "print([m for m in ('pandas', 'matplotlib', 'docx', 'docxtpl', 'xlsxwriter', 'typst') if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
