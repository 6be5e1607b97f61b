"""No unit, one unit, nothing sent, exotic rounds: a document comes out and tells the truth."""

from __future__ import annotations

from datetime import datetime

import pytest
from openpyxl import load_workbook

from config.plan import ZONE
from tasks.consolidate.follow_up import next_blocks
from tasks.consolidate.quarterly import told
from tasks.consolidate.report import digest_of, name, write_report

from .reading import everything, paragraphs, sheet
from .world import JUNE_30, Q2, share_of, unit_codes

MAY_29 = datetime(2026, 5, 29, 7, 10, tzinfo=ZONE)


def written(world, folder, code=Q2, now=JUNE_30):
    return write_report(world.office, code, now, folder, pdf=False)


def test_a_round_that_was_never_opened_owes_nothing(world, tmp_path):
    report = written(world, tmp_path)
    assert "không có cơ quan, đơn vị, địa phương nào thuộc diện" in report.summary[0]
    assert "chưa có chỉ tiêu đạt mục tiêu, 16 chỉ tiêu chưa có số liệu" in report.summary[1]
    assert "100%" not in report.summary[0]


def test_nothing_sent_by_anybody_is_said_plainly(world, tmp_path):
    world.opens(Q2)
    report = written(world, tmp_path)
    assert "chưa có cơ quan, đơn vị, địa phương nào trong 145" in report.summary[0]
    body = "\n".join(paragraphs(report.files[0]))
    assert "145 đơn vị chưa gửi báo cáo (quá hạn)" in body
    assert "và 135 đơn vị khác tại Phụ lục I" in body.replace("\u00a0", " ")
    assert (
        "chưa tổng hợp được 18 chỉ tiêu: A1 (01 đơn vị), A2 (01 đơn vị), C1 (01 đơn vị), C2a (129 đơn vị)"
        in body
    )


def test_one_unit(world, tmp_path):
    world.opens(Q2, ["SYT"])
    world.sends(Q2, "SYT", figures=share_of("C9", 9, 10))
    report = written(world, tmp_path)
    assert "01/01 cơ quan" in report.summary[0]
    assert "không còn đơn vị nào chưa gửi" in report.summary[0]


def test_the_last_round_of_a_year_with_nothing_left_to_follow_says_so(world, tmp_path):
    world.opens(Q2, ["SYT"])
    world.exempts(Q2, "SYT")
    (said,) = told(next_blocks(digest_of(world.office, Q2, JUNE_30), None))
    assert said["noi_dung"].startswith("Không còn báo cáo, nhiệm vụ, chỉ tiêu nào")
    assert told([]) == []


def test_before_the_limit_nobody_is_called_late(world, tmp_path):
    world.opens(Q2)
    report = written(world, tmp_path, now=datetime(2026, 6, 24, 23, 59, tzinfo=ZONE))
    text = everything(report.files[0])
    assert "Quá hạn chưa hoàn thành" not in text.split("PHỤ LỤC")[0].split("Phụ lục III")[0]
    assert not any("Quá hạn" in s for s in report.summary)


def test_a_past_day_is_told_as_it_was_known_then(world, tmp_path):
    world.opens(Q2, unit_codes("xa")[:2])
    first, second = unit_codes("xa")[:2]
    world.sends(Q2, first, figures=share_of("C9", 1, 2))
    world.sends(Q2, second, datetime(2026, 6, 29, 9, tzinfo=ZONE), figures=share_of("C9", 2, 2))
    then = datetime(2026, 6, 26, 9, tzinfo=ZONE)
    assert "01/02" in written(world, tmp_path / "then", now=then).summary[0]
    assert "02/02" in written(world, tmp_path / "now").summary[0]


def test_an_unknown_round_is_named(world, tmp_path):
    with pytest.raises(LookupError, match="2031-q9"):
        written(world, tmp_path, code="2031-q9")


def test_the_kpi_round_says_per_indicator_what_is_missing_and_from_whom(world, tmp_path):
    world.opens("2026-kpi")
    parts = [
        ("tasks", "Rà soát số liệu"),
        ("due", "30/9/2026"),
        ("lead", "Sở KH&CN"),
        ("method", "theo thống kê"),
    ]
    texts = [(section, text, "A1") for section, text in parts] + [
        ("mechanism", "Họp giao ban hằng tháng", "")
    ]
    texts.append(("intermediate", "quý II: 10", "A1"))
    world.sends("2026-kpi", "SKHCN", datetime(2026, 5, 12, tzinfo=ZONE), texts=texts,
                figures={("A1", "target_q2"): 10.0, ("A1", "target_q3"): (80.0, "gt", "trên 80")})  # fmt: skip
    report = written(world, tmp_path, "2026-kpi", MAY_29)
    body = "\n".join(paragraphs(report.files[0])).replace("\u00a0", " ")
    assert "A1 (Sở Khoa học và Công nghệ chủ trì): mục tiêu năm 15%" in body
    assert "quý II 10%; còn thiếu: nguồn lực thực hiện" in body
    assert "trên 80" not in body  # an unconfirmed bound is no intermediate target
    assert "Chưa có kế hoạch được tiếp nhận: C2a (Sở Tài chính)" in body
    assert "tạm xác định trong khi chờ Phụ lục I" in everything(report.files[0])


def test_a_sector_round_tells_the_report_in_its_own_words(world, tmp_path):
    world.opens("2026-q2-da06")
    world.sends(
        "2026-q2-da06",
        "CAT",
        texts=[("content", "Đã cấp 1.234 tài khoản.", "1"), ("difficulty", "Thiếu máy.")],
    )
    body = "\n".join(paragraphs(written(world, tmp_path, "2026-q2-da06").files[0]))
    assert "Công an tỉnh" in body
    assert "Đã cấp 1.234 tài khoản." in body
    assert "Thiếu máy" in body
    assert "dòng 135" not in body


def test_the_quarterly_report_quotes_the_sector_reports(world, tmp_path):
    world.opens(Q2, ["SYT"])
    world.opens("2026-q2-cchc")
    world.sends("2026-q2-cchc", "SNV", texts=[("content", "Đã kiểm tra 12 đơn vị.", "1")])
    body = "\n".join(paragraphs(written(world, tmp_path).files[0]))
    assert "Cải cách hành chính (theo báo cáo của Sở Nội vụ):" in body
    assert "Đã kiểm tra 12 đơn vị." in body
    assert "Đề án 06 (theo báo cáo của Công an tỉnh): chưa có báo cáo chuyên đề được tiếp nhận" in body


def test_extensions_and_exemptions_appear_with_their_reasons(world, tmp_path):
    world.opens(Q2, ["SYT", "STC"])
    world.extends(Q2, "SYT", datetime(2026, 7, 6, tzinfo=ZONE), "mưa bão")
    world.exempts(Q2, "STC", "mới sáp nhập")
    report = written(world, tmp_path)
    text = everything(report.files[0]).replace("\u00a0", " ")
    assert "Được gia hạn: Sở Y tế, trước ngày 06/7/2026 (lý do: mưa bão)" in text
    assert "Không thuộc diện báo cáo đợt này: Sở Tài chính (mới sáp nhập)" in text
    assert len(sheet(report.files[1], "Gia hạn, miễn")) == 2


def test_in_live_mode_assumed_assignments_stay_out(world, tmp_path):
    from dataclasses import replace

    from config.settings import Mail, MailMode, Settings

    world.opens(Q2, ["STC"])
    live = Settings(
        data=tmp_path, mail=Mail(mode=MailMode.LIVE, allow_domains=("ninhbinh.example",)), _env_file=None
    )
    report = write_report(replace(world.office, settings=live), Q2, JUNE_30, tmp_path, pdf=False)
    assert "Trong 0 nhiệm vụ" in report.summary[-1]
    assert "chưa có nhiệm vụ nào được xác nhận" in "\n".join(paragraphs(report.files[0]))


@pytest.mark.parametrize("code", ["2026-q2", "dot-xuat-" + "x" * 31])
def test_file_names_are_ascii_and_at_most_50_characters(code):
    for kind, ending in (("BaoCao", "docx"), ("BieuDoChiTieu", "png"), ("DanhSachXemXet", "xlsx")):
        made = name(kind, code, ending)
        assert made.isascii() and len(made) <= 50 and made.endswith(f".{ending}")


def test_the_same_facts_give_the_same_bytes(province, report, tmp_path):
    again = write_report(province.office, report.round, report.as_of, tmp_path, pdf=False)
    assert again.facts_sha256 == report.facts_sha256
    assert [f.name for f in again.files] == [f.name for f in report.files]
    for one, other in zip(report.files, again.files, strict=True):
        assert one.read_bytes() == other.read_bytes(), one.name


def test_a_whole_number_carries_no_lone_decimal_mark(world, tmp_path):
    """Excel shows 90 as "90," in the format #,##0.##."""
    world.opens(Q2, ["SYT"])
    world.sends(Q2, "SYT", figures=share_of("C9", 9, 10) | share_of("C12", 2, 3))
    (row,) = load_workbook(written(world, tmp_path).files[1])["Chỉ tiêu theo đơn vị"].iter_rows(min_row=5)
    shown = {c.value: c.number_format for c in row if c.data_type == "n" and c.value is not None}
    assert (shown[9], shown[10], shown[90]) == ("#,##0",) * 3
    assert next(f for v, f in shown.items() if 66 < v < 67) == "#,##0.##"
