"""A round's area decides whose escalations they are: letters, drafts, who is told (ruling 13)."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from docx import Document
from sqlalchemy import select

from db.models import ProposalRow
from db.session import reading

from .installation import Installation, at

ROUND = "2026-dx1"
DEPARTMENT = "Sở Khoa học và Công nghệ (Cơ quan thường trực Ban Chỉ đạo)"
POLICE = "Công an tỉnh (cơ quan chủ trì theo dõi lĩnh vực Đề án 06)"


def late_round(folder: Path, area: str, units: str = "SYT, SXD, CAT") -> Installation:
    """Nobody answers; the third working day after the limit has come, the register was read."""
    made = Installation(folder / "var", at("2026-07-01T06:00"))
    made.ad_hoc("2026-07-06T06:30", units, "2026-07-09", reminders="1", area=area)
    for day in ("06", "09", "10"):
        made.day(f"2026-07-{day}T07:10")
    made.desk("register_reading", "2026-07-14T06:50", through=at("2026-07-14T06:50"))
    made.day("2026-07-14T07:10")
    return made


@pytest.fixture
def here(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Installation]:
    made = late_round(tmp_path, getattr(request, "param", "de_an_06"))
    yield made
    made.office.engine.dispose()


def heads(here: Installation) -> dict[str, str]:
    with reading(here.office.engine) as session:
        rows = session.scalars(select(ProposalRow).where(ProposalRow.rung == 2)).all()
    return {letter["units"][0]: " ".join(letter["text"].split()) for p in rows for letter in p.letters}


def test_the_letters_to_heads_are_the_owners_and_its_own_is_the_departments(here: Installation) -> None:
    told = heads(here)
    for unit in ("SYT", "SXD"):
        assert told[unit].count(POLICE) == 1 and DEPARTMENT + " trân trọng" not in told[unit]
        assert "Sau thời điểm trên, Công an tỉnh sẽ báo cáo" in told[unit]
        assert "Công an tỉnh (gửi qua hệ thống của Sở Khoa học và Công nghệ)" in told[unit]
    assert DEPARTMENT + " trân trọng" in told["CAT"] and "Công an tỉnh (" not in told["CAT"]


def test_a_digest_for_a_member_speaks_for_the_owner(here: Installation) -> None:
    here.desk("decide", "2026-07-14T09:00", proposal=1, verdict="approve")
    here.day("2026-07-14T13:10")
    here.desk("register_reading", "2026-07-16T06:50", through=at("2026-07-16T06:50"))
    here.day("2026-07-16T07:10")
    with reading(here.office.engine) as session:
        (proposal,) = session.scalars(select(ProposalRow).where(ProposalRow.rung == 3)).all()
    texts = {tuple(x["units"]): " ".join(x["text"].split()) for x in proposal.letters}
    assert any(POLICE + " trân trọng báo cáo" in t for units, t in texts.items() if set(units) != {"CAT"})
    sent = {n.kind for n in here.notices(state="held", nature="chase")}
    assert {"invitation", "overdue", "head"} <= sent


def test_the_owner_is_told_who_is_late_once_for_each_change(here: Installation) -> None:
    lists = here.notices(kind="area_late")
    clerk = next(c.email for c in here.office.plan.contacts if c.unit == "CAT" and c.role.value == "clerk")
    assert {n.recipient for n in lists} == {clerk}
    assert {r["unit"] for r in lists[-1].context["rows"]} == {"Sở Y tế", "Sở Xây dựng", "Công an tỉnh"}
    here.day("2026-07-14T13:10")  # nothing has changed
    assert len(here.notices(kind="area_late")) == len(lists)


@pytest.mark.parametrize("here", ["general"], indirect=True)
def test_without_an_area_everything_is_the_departments(here: Installation) -> None:
    assert all(DEPARTMENT + " trân trọng" in text for text in heads(here).values())
    assert here.notices(kind="area_late") == []


def test_a_round_of_the_owner_alone_is_the_departments(tmp_path: Path) -> None:
    here = late_round(tmp_path, "de_an_06", units="CAT")
    assert DEPARTMENT + " trân trọng" in heads(here)["CAT"]
    assert here.notices(kind="area_late") == []


@pytest.mark.parametrize(
    ("here", "above", "office"),
    [
        ("de_an_06", "BỘ CÔNG AN", "CÔNG AN TỈNH"),
        ("cchc", "UBND TỈNH NINH BÌNH", "SỞ NỘI VỤ"),
        ("general", "UBND TỈNH NINH BÌNH", "SỞ KHOA HỌC VÀ CÔNG NGHỆ"),
    ],
    indirect=["here"],
)
def test_the_draft_bears_the_owners_name(here: Installation, above: str, office: str) -> None:
    told = here.desk("draft_letters", "2026-07-14T10:00", round=ROUND, letter="urging")
    document = Document(told.partition(": ")[2])
    head = [p.text for p in document.tables[0].rows[0].cells[0].paragraphs if p.text]
    assert head[:2] == [above, office]
    body = "\n".join(p.text for p in document.paragraphs)
    assert "gửi về Sở Khoa học và Công nghệ trước" in body  # whoever urges, the Department receives
    told = here.desk("draft_letters", "2026-07-14T10:05", round=ROUND, letter="correction")
    order = "\n".join(p.text for p in Document(told.partition(": ")[2]).paragraphs).upper()
    assert f"2. {office} THEO DÕI, ĐÔN ĐỐC" in order
