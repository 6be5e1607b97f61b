"""The handbook builds strictly, asks nothing outside, and the clerk's page is one sheet of paper."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from .pages import ROOT

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
NO_NETWORK = "http://127.0.0.1:9"  # whoever asks the world gets refused at once


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("handbook")
    command = [sys.executable, "-m", "mkdocs", "build", "--strict", "--site-dir", str(folder)]
    quiet = {"NO_MKDOCS_2_WARNING": "1", "http_proxy": NO_NETWORK, "https_proxy": NO_NETWORK}
    done = subprocess.run(
        command, cwd=ROOT, env=os.environ | quiet, capture_output=True, text=True, timeout=240
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return folder


def test_every_page_of_the_navigation_is_built(site: Path) -> None:
    assert (site / "index.html").exists() and (site / "chuyen-vien" / "ban-lam-viec.html").exists()


def test_the_pages_load_nothing_from_outside(site: Path) -> None:
    loads = re.compile(r"<(?:script|img|iframe|link)\b[^>]*?(?:src|href)=\"?((?:https?:)?//[^\" >]+)")
    outside = {m for page in site.rglob("*.html") for m in loads.findall(page.read_text("utf-8"))}
    assert outside == set()


def test_headings_keep_their_vietnamese_address(site: Path) -> None:
    assert 'id="gia-han"' in (site / "chuyen-vien" / "ban-lam-viec.html").read_text("utf-8")


def test_the_clerks_page_prints_on_one_sheet(site: Path, tmp_path: Path) -> None:
    if CHROMIUM is None:
        assert os.environ.get("CI") != "true", "chromium is missing"
        pytest.skip("chromium is not installed")
    pdf = tmp_path / "don-vi.pdf"
    command = [
        CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
        "--disable-background-networking", "--disable-component-update", "--disable-sync",
        f"--user-data-dir={tmp_path / 'profile'}", "--no-pdf-header-footer",
        f"--print-to-pdf={pdf}", (site / "don-vi.html").as_uri(),
    ]  # fmt: skip
    subprocess.run(command, check=True, capture_output=True, timeout=120)
    assert len(re.findall(rb"/Type\s*/Page\b", pdf.read_bytes())) == 1
