"""The checklist of Nghị định 30/2020/NĐ-CP (Phụ lục I) as assertions on the finished XML."""

from __future__ import annotations

import re
import unicodedata

import pytest

from tasks.consolidate.letters import correction_letter, urging_letter

from .reading import W, everything, paragraphs, xml
from .world import Q2, SEPTEMBER_30

MM = 56.7  # twips in a millimetre


@pytest.fixture(scope="session")
def letters(province, tmp_path_factory):
    folder = tmp_path_factory.mktemp("letters")
    return [
        make(province.office, Q2, SEPTEMBER_30, None, folder) for make in (urging_letter, correction_letter)
    ]


@pytest.fixture(scope="session", params=["report", "urging", "correction"])
def document(request, report, letters):
    return {"report": report.files[0], "urging": letters[0], "correction": letters[1]}[request.param]


def value(node, name):
    return node.get(f"{W}{name}")


def with_text(document, text):
    return next(
        p for p in xml(document).iter(f"{W}p") if "".join(t.text or "" for t in p.iter(f"{W}t")) == text
    )


def sizes(paragraph):
    return {int(value(s, "val")) / 2 for r in paragraph.iter(f"{W}r") for s in r.iter(f"{W}sz")}


def is_bold(paragraph):
    return all(r.find(f"{W}rPr/{W}b") is not None for r in paragraph.iter(f"{W}r"))


def test_paper_is_a4_upright_with_the_margins_of_the_decree(document):
    first = next(xml(document).iter(f"{W}sectPr"))
    size, margins = first.find(f"{W}pgSz"), first.find(f"{W}pgMar")
    assert (round(int(value(size, "w")) / MM), round(int(value(size, "h")) / MM)) == (210, 297)
    measured = {side: int(value(margins, side)) / MM for side in ("top", "bottom", "left", "right")}
    assert 20 <= round(measured["top"]) <= 25
    assert 20 <= round(measured["bottom"]) <= 25
    assert 30 <= round(measured["left"]) <= 35
    assert 15 <= round(measured["right"]) <= 20


def test_every_section_numbers_its_pages_from_one_and_hides_the_first(document):
    sections = list(xml(document).iter(f"{W}sectPr"))
    assert len(sections) >= 2
    for section in sections:
        assert value(section.find(f"{W}pgNumType"), "start") == "1"
        assert section.find(f"{W}titlePg") is not None


def test_the_page_number_is_centred_in_the_header_at_13(document):
    header = xml(document, "word/header1.xml")
    assert "".join(t.text for t in header.iter(f"{W}instrText")) == "PAGE"
    assert {int(value(s, "val")) / 2 for s in header.iter(f"{W}sz")} == {13}
    styles = xml(document, "word/styles.xml")
    name = value(header.find(f".//{W}pStyle"), "val")
    style = next(s for s in styles.iter(f"{W}style") if value(s, "styleId") == name)
    assert value(style.find(f"{W}pPr/{W}jc"), "val") == "center"


def test_the_font_is_times_new_roman_in_every_slot_and_the_language_vietnamese(document):
    styles = xml(document, "word/styles.xml")
    normal = next(s for s in styles.iter(f"{W}style") if value(s, "styleId") == "Normal")
    fonts = normal.find(f"{W}rPr/{W}rFonts")
    assert {value(fonts, slot) for slot in ("ascii", "hAnsi", "eastAsia", "cs")} == {"Times New Roman"}
    assert value(normal.find(f"{W}rPr/{W}lang"), "val") == "vi-VN"
    named = {value(f, slot) for f in xml(document).iter(f"{W}rFonts") for slot in ("ascii", "hAnsi", "cs")}
    assert named <= {None, "Times New Roman"}


def test_no_text_is_coloured(document):
    assert {value(c, "val") for c in xml(document).iter(f"{W}color")} <= {"000000", "auto"}


def test_quoc_hieu_and_tieu_ngu(document):
    head = with_text(document, "CỘNG HÒA XÃ HỘI CHỦ NGHĨA VIỆT NAM")
    motto = with_text(document, "Độc lập - Tự do - Hạnh phúc")
    assert is_bold(head) and sizes(head) <= {12, 13}
    assert is_bold(motto) and sizes(motto) <= {13, 14}
    line = motto.getnext()
    assert line.find(f"{W}pPr/{W}pBdr/{W}bottom") is not None
    indent = line.find(f"{W}pPr/{W}ind")
    length = 93 - (int(value(indent, "left")) + int(value(indent, "right"))) / MM
    assert length == pytest.approx(56.1, abs=0.5)  # the words in bold 13


def test_the_issuer_is_bold_under_its_superior_with_a_short_line(document):
    superior = with_text(document, "UBND TỈNH NINH BÌNH")
    assert not is_bold(superior) and sizes(superior) <= {12, 13}
    issuer = superior.getnext()
    assert is_bold(issuer) and sizes(issuer) <= {12, 13}
    line = issuer
    while line.find(f"{W}pPr/{W}pBdr") is None:
        line = line.getnext()
    indent = line.find(f"{W}pPr/{W}ind")
    length = 72 - (int(value(indent, "left")) + int(value(indent, "right"))) / MM
    assert 64.5 / 3 <= length <= 64.5 / 2  # a third to a half of the name, 64.5 mm


def test_number_and_date_stay_blank(document):
    text = everything(document)
    assert re.search(r"Số: {6,}/(BC-SKHCN|SKHCN-CĐS|CV-BCĐ)", text)
    assert re.search(r"Ninh Bình, ngày {4,}tháng {4,}năm 2026", text)


def test_the_body_is_justified_with_a_first_line_indent_and_six_points(document):
    styles = xml(document, "word/styles.xml")
    style = next(s for s in styles.iter(f"{W}style") if value(s.find(f"{W}name"), "val") == "VB Đoạn")
    properties = style.find(f"{W}pPr")
    assert value(properties.find(f"{W}jc"), "val") == "both"
    assert 10 <= int(value(properties.find(f"{W}ind"), "firstLine")) / MM <= 12.8
    spacing = properties.find(f"{W}spacing")
    assert int(value(spacing, "before")) >= 120
    assert 240 <= int(value(spacing, "line")) <= 360
    assert properties.find(f"{W}widowControl") is not None
    assert int(value(style.find(f"{W}rPr/{W}sz"), "val")) / 2 in (13, 14)


def test_the_body_ends_with_the_closing_mark_exactly_once(document):
    assert everything(document).count("./.") == 1


def test_noi_nhan_and_signature_stay_together(document):
    receivers = with_text(document, "Nơi nhận:")
    run = receivers.find(f"{W}r/{W}rPr")
    assert run.find(f"{W}b") is not None and run.find(f"{W}i") is not None and sizes(receivers) == {12}
    row = receivers.getparent().getparent()
    assert row.find(f"{W}trPr/{W}cantSplit") is not None
    kept = [p.find(f"{W}pPr/{W}keepNext") is not None for p in row.iter(f"{W}p")]
    assert all(kept[:-1])
    texts = ["".join(t.text or "" for t in p.iter(f"{W}t")) for p in row.iter(f"{W}p")]
    assert any(t.startswith("KT. ") for t in texts)
    assert any(re.fullmatch(r"- Lưu: VT, (CĐS|VP11)\.", t) for t in texts)
    assert texts[1] == "- Như trên;"


def test_tables_have_fixed_widths_repeated_headings_and_whole_rows(document):
    grids = [t for t in xml(document).iter(f"{W}tbl") if t.find(f"{W}tblPr/{W}tblBorders") is not None]
    assert grids
    for table in grids:
        assert value(table.find(f"{W}tblPr/{W}tblLayout"), "type") == "fixed"
        assert table.find(f"{W}tr/{W}trPr/{W}tblHeader") is not None
        assert all(r.find(f"{W}trPr/{W}cantSplit") is not None for r in table.iter(f"{W}tr"))


def test_no_line_is_drawn_with_underscores_and_no_field_is_left(document):
    text = everything(document)
    assert "___" not in text
    assert "{{" not in text and "{%" not in text


def test_text_is_nfc(document):
    text = everything(document)
    assert unicodedata.is_normalized("NFC", text)


def test_the_report_has_its_sections_in_order_and_four_annexes(report):
    found = [p for p in paragraphs(report.files[0]) if re.match(r"(I|II|III|IV|V)\. |Phụ lục ", p)]
    assert [p.split(".")[0].split(" (")[0] for p in found] == [
        "I", "II", "III", "IV", "V", "Phụ lục I", "Phụ lục II", "Phụ lục III", "Phụ lục IV",
    ]  # fmt: skip
    assert found[0].startswith("I. CÔNG TÁC CHỈ ĐẠO, ĐIỀU HÀNH")
    assert found[3] == "IV. NHIỆM VỤ TRỌNG TÂM QUÝ IV NĂM 2026"


def test_an_annex_names_its_report_with_blanks_for_number_and_date(report):
    lines = [p for p in paragraphs(report.files[0]) if p.startswith("(Kèm theo Báo cáo số")]
    assert len(lines) == 4
    assert all(re.search(r"số {4,}/BC-SKHCN ngày {4,}tháng {4,}năm 2026", x) for x in lines)


def test_days_and_quarters_never_break_from_their_number(report):
    body = "\n".join(paragraphs(report.files[0]))
    assert "quý\u00a0III năm\u00a02026" in body
    assert not re.search(r"\bngày \d", body.split("Phụ lục I\n")[0])


def test_the_departments_letter_asks_and_only_the_committees_draft_criticises(letters):
    asking, criticising = (everything(x) for x in letters)
    assert "đề nghị" in asking
    for word in ("phê bình", "yêu cầu:", "kiểm điểm", "chấn chỉnh"):
        assert word not in asking.lower()
    assert "phê bình" in criticising and "KT. TRƯỞNG BAN" in criticising


def test_a_line_break_of_a_units_text_does_not_draw_the_words_of_a_justified_line_apart(document):
    compat = xml(document, "word/settings.xml").find(f"{W}compat")
    assert compat[0].tag == f"{W}doNotExpandShiftReturn"
