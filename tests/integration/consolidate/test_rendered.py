"""The finished documents as LibreOffice, typst and Chromium show them."""

from __future__ import annotations

import re
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from tasks.consolidate.extracts import flat_export, shortlists
from tasks.consolidate.letters import correction_letter, urging_letter
from tasks.consolidate.pdf import make_pdf, office_program
from tasks.consolidate.report import digest_of, write_report
from tasks.consolidate.typeset import typeset
from tests.unit.consolidate.province_case import a_quarter
from tests.unit.consolidate.world import JUNE_30, Q2

from .need import need

FAMILY = {"LiberationSerif", "TimesNewRoman"}
DPI = 100


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Report, two letters and the workbooks of one quarter, as PDF where they are for paper."""
    if office_program() is None:
        need("LibreOffice (soffice)")
    folder = tmp_path_factory.mktemp("made")
    office = a_quarter(tmp_path_factory.mktemp("data")).office
    report = write_report(office, Q2, JUNE_30, folder, pdf=True)
    letters = [m(office, Q2, JUNE_30, None, folder) for m in (urging_letter, correction_letter)]
    for letter in letters:
        make_pdf(letter, JUNE_30)
    d = digest_of(office, Q2, JUNE_30)
    flat_export(d, folder)
    shortlists(d, folder)
    return folder, report


def tool(*command: str) -> str:
    if shutil.which(command[0]) is None:
        need(command[0])
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@pytest.fixture(scope="module", params=["BaoCao", "CvDonDoc", "CvChanChinh"])
def pdf(made, request) -> Path:
    return made[0] / f"{request.param}_{Q2}.pdf"


def test_paper_is_a4_upright_and_annex_tables_lie(pdf):
    sizes = re.findall(
        r"Page +\d+ size: +([\d.]+) x ([\d.]+)", tool("pdfinfo", "-f", "1", "-l", "99", str(pdf))
    )
    shapes = [(round(float(w) / 72 * 25.4), round(float(h) / 72 * 25.4)) for w, h in sizes]
    assert shapes[0] == (210, 297)
    assert set(shapes) == {(210, 297), (297, 210)}


def test_one_family_with_all_vietnamese_letters_is_embedded(pdf):
    rows = [line.split() for line in tool("pdffonts", str(pdf)).splitlines()[2:]]
    names = {r[0].split("+")[-1].split("-")[0] for r in rows}
    assert names <= FAMILY
    assert all("yes" in r for r in rows)  # embedded


def test_no_letter_is_lost_on_the_way_to_paper(pdf):
    text = tool("pdftotext", "-layout", str(pdf), "-")
    assert "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM" in text
    assert "Độc lập - Tự do - Hạnh phúc" in text
    assert "\ufffd" not in text and "□" not in text


def test_page_one_has_no_number_and_the_second_a_two_in_the_top_margin(pdf):
    def top(page: int) -> str:
        box = ["-x", "0", "-y", "0", "-W", "595", "-H", "54"]  # 19 mm
        return tool("pdftotext", "-f", str(page), "-l", str(page), *box, str(pdf), "-").strip()

    assert top(1) == ""
    assert top(2) in ("2", "")
    pages = int(re.search(r"Pages: +(\d+)", tool("pdfinfo", str(pdf)))[1])
    if "BaoCao" in pdf.name:  # a letter's second page may be the first of its annex
        assert top(2) == "2"
        assert sum(top(n) == "" for n in range(1, pages + 1)) == 5  # body and four annexes begin anew


def dark_rows(pdf: Path, folder: Path) -> list[tuple[int, int, int]]:
    """(row, first, last) of long unbroken dark lines in the upper third of page 1, in pixels."""
    from PIL import Image

    tool("pdftoppm", "-r", str(DPI), "-f", "1", "-l", "1", "-gray", "-png", str(pdf), str(folder / "page"))
    image = Image.open(next(folder.glob("page*.png"))).convert("L")
    found = []
    for y in range(image.height // 3):
        run = start = 0
        for x in range(image.width):
            if image.getpixel((x, y)) < 140:
                start, run = (x, 1) if run == 0 else (start, run + 1)
                continue
            if run > 60:
                found.append((y, start, x - 1))
            run = 0
    return found


def test_lines_under_motto_and_issuer_have_the_length_the_decree_asks_for(pdf, tmp_path):
    lines = dark_rows(pdf, tmp_path)
    mm = [((b - a) / DPI * 25.4, a / DPI * 25.4) for _, a, b in lines]
    motto = [length for length, start in mm if start > 110]
    issuer = [length for length, start in mm if start < 90]
    assert motto and motto[0] == pytest.approx(56, abs=2)  # as long as the words
    assert issuer and 64.5 / 3 - 1 <= issuer[0] <= 64.5 / 2 + 1


def test_signature_and_receivers_share_a_page(pdf):
    pages = tool("pdftotext", "-layout", str(pdf), "-").split("\f")
    (page,) = [p for p in pages if "Nơi nhận:" in p]
    assert "KT. " in page and "Lưu: VT" in page
    assert "./." in page  # the last words of the body stay with it


def test_the_pdf_of_the_same_document_has_the_same_bytes(made, tmp_path):
    folder, report = made
    copy = tmp_path / f"BaoCao_{Q2}.docx"
    copy.write_bytes((folder / copy.name).read_bytes())
    assert make_pdf(copy, JUNE_30).read_bytes() == (folder / f"BaoCao_{Q2}.pdf").read_bytes()
    tool("pdfinfo", str(copy.with_suffix(".pdf")))  # and is still a sound PDF


def test_libreoffice_opens_every_workbook_with_its_sheets_and_numbers(made, tmp_path):
    folder, _ = made
    books = sorted(folder.glob("*.xlsx"))
    tool(
        "soffice", "--headless", f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}",
        "--convert-to", "ods", "--outdir", str(tmp_path), *map(str, books),
    )  # fmt: skip
    from python_calamine import CalamineWorkbook

    for book in books:
        one, other = (CalamineWorkbook.from_path(p) for p in (book, tmp_path / f"{book.stem}.ods"))
        assert one.sheet_names == other.sheet_names
        first = one.sheet_names[0]
        assert (
            one.get_sheet_by_name(first).to_python()[4][:4]
            == other.get_sheet_by_name(first).to_python()[4][:4]
        )


def test_without_an_office_suite_typst_sets_the_same_words(made):
    folder, _ = made
    document = folder / f"CvDonDoc_{Q2}.docx"
    first = typeset(document.read_bytes(), JUNE_30)
    assert first == typeset(document.read_bytes(), JUNE_30)
    target = folder / "typst.pdf"
    target.write_bytes(first)
    text = " ".join(tool("pdftotext", "-layout", str(target), "-").split())
    for words in ("CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM", "Kính gửi", "Phụ lục", "Nơi nhận:", "PHÓ GIÁM ĐỐC"):
        assert words in text


def test_chromium_shows_the_page_and_asks_nobody_outside(made, tmp_path):
    page = made[0] / f"Trang_{Q2}.html"
    options = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
               "--disable-background-networking", "--disable-component-update", "--disable-sync"]  # fmt: skip
    log = tmp_path / "net.json"
    shown = tool("chromium", *options, f"--user-data-dir={tmp_path / 'chromium'}", f"--log-net-log={log}",
                 "--dump-dom", page.as_uri())  # fmt: skip
    assert "144/144 đơn vị" in shown or "145/145 đơn vị" in shown  # the page's own script has run
    asked = re.findall(r'"url":"(https?://[^"]+)"', log.read_text(encoding="utf-8", errors="replace"))
    assert not [u for u in asked if "google" not in u and "gstatic" not in u]


def test_pictures_inside_the_report_are_sharp_enough_for_paper(made):
    from PIL import Image

    with zipfile.ZipFile(made[0] / f"BaoCao_{Q2}.docx") as package:
        images = [n for n in package.namelist() if n.startswith("word/media/")]
        assert len(images) == 2
        for name in images:
            with package.open(name) as file, Image.open(file) as picture:
                assert picture.width / (235 / 25.4) >= 105 and picture.width >= 1000  # dots per inch on paper
