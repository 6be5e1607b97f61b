"""Decisions that contradict what stands: refused in a sentence, or, of everybody, left as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from db.models import ReadingRow
from db.session import reading
from tasks.desk.common import DeskError

from .installation import Installation, at

ROUND = "2026-dx1"
NOON = "2026-06-10T12:00"


@pytest.fixture
def here(tmp_path: Path) -> Iterator[Installation]:
    """Four units, "trước ngày 25/6": SYT has sent, SNV is exempt, SXD was given until 5/7."""
    made = Installation(tmp_path / "var", at("2026-06-02T06:00"))
    asked = {"form": "quarterly", "period_from": "2026-03-15", "period_to": "2026-06-14"}
    made.ad_hoc("2026-06-02T06:30", "SYT, SXD, SCT, SNV", "2026-06-24", **asked)
    made.day("2026-06-02T07:10")
    made.answer("SYT", ROUND)
    made.desk("exempt", "2026-06-03T08:00", round=ROUND, units="SNV")
    made.desk("extend", "2026-06-03T08:10", round=ROUND, units="SXD", until="2026-07-05")
    made.day("2026-06-03T13:10")
    yield made
    made.office.engine.dispose()


def told(here: Installation, unit: str) -> list[str]:
    return [n.kind for n in here.notices(unit=unit, nature="answer")]


def test_everybodys_new_limit_leaves_the_exempt_and_a_later_one_as_they_are(here: Installation) -> None:
    said = here.desk("extend", NOON, round=ROUND, units="*", until="2026-06-30")
    assert said == (
        "Đã gia hạn 2 đơn vị đến hết ngày 30/6/2026; giữ nguyên SNV, SXD: đã được miễn hoặc có thời hạn muộn hơn"
    )
    assert (told(here, "SNV"), told(here, "SXD")) == (["exemption"], ["extension"])
    limits = {x.unit: x.limit for x in here.summary(ROUND, NOON).lines}
    assert limits == {"SYT": "01/7/2026", "SCT": "01/7/2026", "SXD": "06/7/2026", "SNV": "25/6/2026"}


def test_a_round_that_is_called_off_is_called_off_for_whoever_is_left(here: Installation) -> None:
    assert here.desk("exempt", NOON, round=ROUND, units="*") == "Đã miễn báo cáo cho 3 đơn vị"
    assert {x.state.value for x in here.summary(ROUND, NOON).lines} == {"exempt"}
    assert told(here, "SNV") == ["exemption"]
    with pytest.raises(DeskError, match="Đã được miễn từ trước: SNV, SXD, SCT, SYT"):
        here.desk("exempt", NOON, round=ROUND, units="*")


@pytest.mark.parametrize(
    ("form", "filled", "words"),
    [
        ("extend", {"units": "SCT, SNV", "until": "2026-06-30"}, "^SNV: đã được miễn báo cáo$"),
        ("extend", {"units": "SXD, SNV", "until": "2026-06-30"}, "SXD: .* trước ngày 06/7/2026 .*; SNV: đã"),
        ("extend", {"units": "*", "until": "2026-06-20"}, "SCT: thời hạn mới phải sau"),
        ("acknowledge", {"unit": "SNV", "promised": "2026-06-30"}, "SNV không còn nợ báo cáo này"),
        ("acknowledge", {"unit": "SYT", "promised": "2026-06-30"}, "hoàn thành đúng hạn"),
        ("accept_on_time", {"unit": "SCT"}, "SCT chưa gửi bản nào"),
        ("exempt", {"units": "SXD", "reason": "a\0b"}, "Lý do: có ký tự không đọc được"),
        ("draft_letters", {"letter": "urging"}, "Đợt 2026-dx1: không có đơn vị nào"),
        ("draft_letters", {"letter": "correction"}, "Đợt 2026-dx1: không có đơn vị nào quá hạn"),
    ],
)
def test_what_cannot_be_decided_tells_why_and_changes_nothing(
    here: Installation, form: str, filled: dict[str, str], words: str
) -> None:
    rows = here.audit_rows()
    with pytest.raises(DeskError, match=words):
        here.desk(form, NOON, round=ROUND, **filled)
    assert here.audit_rows() == rows


def test_on_time_is_granted_once_so_that_taking_it_back_leaves_none(here: Installation) -> None:
    here.answer("SCT", ROUND)
    here.day("2026-06-25T13:10")
    here.desk("accept_on_time", "2026-06-25T14:00", round=ROUND, unit="SCT")
    with pytest.raises(DeskError, match="từ trước"):
        here.desk("accept_on_time", "2026-06-25T14:01", round=ROUND, unit="SCT")
    here.desk("take_back", "2026-06-25T15:00", round=ROUND, units="SCT", what="on_time")
    states = {x.unit: x.state.value for x in here.summary(ROUND, "2026-06-25T16:00").lines}
    assert states["SCT"] == "done_late"


@pytest.mark.parametrize("export", [b"", b"PK", b"S\xe1\xbb\x91,Ng\xc3\xa0y\n"])
def test_an_export_that_is_no_register_does_not_count_as_a_reading(here: Installation, export: bytes) -> None:
    """Without a reading after the limit nobody is escalated: an export that failed must not be one."""
    (here.folder / "desk").mkdir(exist_ok=True)
    (here.folder / "desk" / "so.xlsx").write_bytes(export)
    with pytest.raises(DeskError, match="xuất của sổ|không phải bảng tính"):
        here.desk("register_reading", "2026-06-25T09:00", through=at("2026-06-25T08:00"), file="so.xlsx")
    with reading(here.office.engine) as session:
        assert session.scalars(select(ReadingRow).where(ReadingRow.channel == "register")).all() == []
