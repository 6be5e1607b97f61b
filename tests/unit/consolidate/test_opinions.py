"""Near-duplicates are merged with their units named; a different meaning is never merged."""

from __future__ import annotations

import pytest

from tasks.consolidate.opinions import alike, area_of, merged, says_something
from tasks.consolidate.report import digest_of

from .world import JUNE_30, Q2, unit_codes


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Thiếu kinh phí mua sắm máy tính.", "thiếu kinh phí mua sắm máy tính"),
        (
            "Thiếu cán bộ chuyên trách công nghệ thông tin tại cấp xã",
            "Thiếu cán bộ chuyên trách công nghệ thông tin ở cấp xã",
        ),
    ],
)
def test_the_same_thing_in_other_letters_is_alike(one, other):
    assert alike(one, other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Kinh phí đã được bố trí đủ cho năm", "Kinh phí chưa được bố trí đủ cho năm"),
        ("Cần mua 05 máy tính cho xã", "Cần mua 50 máy tính cho xã"),
        ("Đề nghị tăng biên chế cho cấp xã", "Đề nghị giảm biên chế cho cấp xã"),
        ("Đường truyền chậm", "Thiếu cán bộ"),
        (
            "Đề nghị hướng dẫn xác định mẫu số của chỉ tiêu C5",
            "Đề nghị hướng dẫn xác định mẫu số của chỉ tiêu C6",
        ),
        (
            "Đề nghị sớm phủ sóng 5G tại các thôn đặc biệt khó khăn",
            "Đề nghị sớm phủ sóng 4G tại các thôn đặc biệt khó khăn",
        ),
        (
            "Kinh phí chuyển đổi số giải ngân chậm tiến độ trong quý II năm 2026",
            "Kinh phí chuyển đổi số giải ngân chậm tiến độ trong quý III năm 2026",
        ),
    ],
)
def test_a_negation_a_number_or_another_matter_is_not_alike(one, other):
    assert not alike(one, other)


@pytest.mark.parametrize(
    "text", ["", "Không", "Không có", "Không có khó khăn, vướng mắc.", "không có tồn tại, hạn chế", "-"]
)
def test_nothing_said_is_nothing(text):
    assert not says_something(text)


def test_a_text_that_begins_with_no_still_says_something():
    assert says_something("Không có cán bộ chuyên trách công nghệ thông tin")


def test_areas_are_recognised_by_their_words():
    assert area_of("Đề nghị mở rộng VNeID") == "Đề án 06"
    assert area_of("Hồ sơ trực tuyến còn chậm") == "Thủ tục hành chính, dịch vụ công trực tuyến"
    assert area_of("Mưa nhiều") == "Nội dung khác"


def test_words_are_not_altered_and_all_units_are_named(world):
    units = unit_codes("xa")[:3]
    world.opens(Q2, units)
    said = ["Kinh phí  còn hạn hẹp;\nchưa được cấp.", "kinh phí còn hạn hẹp; chưa được cấp", "Không có"]
    for unit, text in zip(units, said, strict=True):
        world.sends(Q2, unit, texts=[("shortcomings", text)])
    found = digest_of(world.office, Q2, JUNE_30)
    (one,) = found.difficulties
    assert one.text == said[0]
    assert list(one.units) == units[:2]
    assert [o.text for o in found.opinions] == said[:2]


def test_proposals_are_grouped_by_the_body_asked(world):
    units = unit_codes("xa")[:3]
    world.opens(Q2, units)
    for unit, body in zip(units, ["Sở Tài chính", "sở tài chính", "Sở Nội vụ"], strict=True):
        world.sends(Q2, unit, texts=[("proposal", "Đề nghị cấp kinh phí", "1", body, "thiếu")])
    groups = merged(digest_of(world.office, Q2, JUNE_30).opinions)
    assert [(m.body, len(m.units)) for m in groups] == [("Sở Tài chính", 2), ("Sở Nội vụ", 1)]


def test_a_dash_in_the_place_of_the_body_names_no_body(world):
    one, two = unit_codes("xa")[:2]
    world.opens(Q2, [one, two])
    world.sends(Q2, one, texts=[("proposal", "Hỗ trợ máy tính", "1", " - ")])
    world.sends(Q2, two, texts=[("proposal", "Cấp chữ ký số", "1", "")])
    assert {m.body for m in digest_of(world.office, Q2, JUNE_30).proposals} == {""}
