"""Letters name who is late, what is missing, the limit, days late and urgings so far."""

from __future__ import annotations

from datetime import datetime

import pytest

from config.plan import ZONE
from db.models import FindingRow
from tasks.consolidate.letters import correction_letter, urging_letter

from .reading import everything, tables
from .world import JUNE_30, Q2, unit_codes

LATE, RETURNED, PROMPT, WAITING = unit_codes("xa")[:4]
JUNE_26 = datetime(2026, 6, 26, 7, 10, tzinfo=ZONE)


@pytest.fixture
def office(world):
    world.opens(Q2, [LATE, RETURNED, PROMPT, WAITING])
    world.sends(Q2, PROMPT)
    check = world.sends(Q2, RETURNED, verdict="returned")
    world.session.add(
        FindingRow(
            check_id=check.id, code="zip_archive", severity="must_fix", sheet="", cell="", was="", params={}
        )
    )
    world.extends(Q2, WAITING, datetime(2026, 7, 10, tzinfo=ZONE))
    world.urges(Q2, LATE, JUNE_26)
    return world.office


def annex(path):
    return next(t for t in tables(path) if t[0][0] == "STT")[1:]


def test_the_annex_tells_the_facts_of_each_late_unit(world, office, tmp_path):
    rows = annex(urging_letter(office, Q2, JUNE_30, None, tmp_path))
    names = [world.plan.unit_by_code[u].name for u in (LATE, RETURNED)]
    assert [r[1] for r in rows] == names  # neither the prompt one nor the extended one
    assert rows[0][2:6] == ["Chưa gửi báo cáo", "trước ngày 25/6/2026", "6", "01 lần: 26/6/2026"]
    assert rows[1][2].startswith("Gửi chưa đầy đủ, chưa bổ sung: Nhận được tệp nén")
    assert rows[1][5] == "Chưa có thư được gửi thành công"


def test_the_letter_counts_what_the_annex_lists(office, tmp_path):
    text = everything(urging_letter(office, Q2, JUNE_30, None, tmp_path)).replace("\u00a0", " ")
    assert "đã nhận được báo cáo của 02/04 cơ quan" in text
    assert "còn 01 cơ quan, đơn vị, địa phương chưa gửi báo cáo, 01 cơ quan" in text
    assert "trước 17 giờ 00 ngày 03/7/2026" in text  # three working days after 30/6


def test_it_is_addressed_to_the_late_ones_by_their_letter_names(world, office, tmp_path):
    text = everything(urging_letter(office, Q2, JUNE_30, None, tmp_path))
    assert f"- {world.plan.unit_by_code[LATE].letter_name};" in text
    assert world.plan.unit_by_code[PROMPT].letter_name not in text


def test_only_the_chosen_units_are_named(office, tmp_path):
    assert len(annex(correction_letter(office, Q2, JUNE_30, [LATE], tmp_path))) == 1


def test_the_criticism_says_urged_only_if_all_were(office, tmp_path):
    assert "mặc dù đã được đôn đốc" in everything(
        correction_letter(office, Q2, JUNE_30, [LATE], tmp_path / "a")
    )
    assert "mặc dù đã được đôn đốc" not in everything(
        correction_letter(office, Q2, JUNE_30, None, tmp_path / "b")
    )


def test_nobody_late_no_criticism(office, tmp_path):
    with pytest.raises(ValueError, match="không có đơn vị nào quá hạn"):
        correction_letter(office, Q2, JUNE_30, [PROMPT, WAITING], tmp_path)


def test_nobody_late_nobody_is_urged(office, tmp_path):
    with pytest.raises(ValueError, match="không có đơn vị nào"):
        urging_letter(office, Q2, JUNE_30, [PROMPT], tmp_path)


def test_a_unit_within_its_cure_period_is_never_criticised(office, tmp_path):
    before_cure = datetime(2026, 6, 24, 12, tzinfo=ZONE)
    with pytest.raises(ValueError, match="không có đơn vị nào quá hạn"):
        correction_letter(office, Q2, before_cure, None, tmp_path)


def test_nothing_incomplete_nothing_asked_to_be_completed(office, tmp_path):
    only_late = everything(urging_letter(office, Q2, JUNE_30, [LATE], tmp_path / "a"))
    assert "gửi báo cáo chưa đầy đủ rà soát" not in only_late
    assert "2. Thủ trưởng" in only_late
    both = everything(urging_letter(office, Q2, JUNE_30, None, tmp_path / "b"))
    assert "2. Các cơ quan" in both and "3. Thủ trưởng" in both
