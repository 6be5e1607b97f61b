"""The same decisions by function and command line: codes, mistakes, alerts, what an approval shows."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select
from typer.testing import CliRunner

from config.settings import Desk, load_settings
from db.models import DecisionRow, NoticeRow, ProposalRow
from db.session import reading
from flows import engine
from flows.cli import app
from flows.desk.choices import Choices, codes, schema_of
from flows.desk.question import describe, mask
from tasks.desk.approve import NeedsCode
from tasks.desk.common import DeskError
from tasks.desk.registry import FORMS, submit
from tasks.office import Office, open_office, with_settings
from tests.prefect_house import OPERATORS, ROUND, found

NOW = datetime.now(UTC)


@pytest.fixture(scope="module")
def founded(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An installation with its history, to be copied."""
    data = tmp_path_factory.mktemp("founded")
    found(data, load_settings(data=data), NOW).engine.dispose()
    return data


@pytest.fixture
def office(founded: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Office]:
    data = tmp_path / "var"
    shutil.copytree(founded, data, ignore=shutil.ignore_patterns("archive", "outbox"))
    monkeypatch.setenv("DONDOC_DATA", str(data))
    monkeypatch.setenv("DONDOC_DESK__OPERATORS", OPERATORS)
    made = open_office(load_settings(data=data), "2026")
    yield made
    made.engine.dispose()


def approve(office: Office, number: int = 1, *, code: str = "", by: str = "CV1", at: datetime = NOW) -> str:
    filled = {
        "proposal": number,
        "verdict": "approve",
        "by": by,
        "reason": "Đã xem",
        "strangers_seen": True,
        "code": code,
    }
    return submit(office, "decide", filled, at)


def decisions(office: Office) -> list[DecisionRow]:
    with reading(office.engine) as session:
        return list(session.scalars(select(DecisionRow)))


def with_second(office: Office) -> Office:
    desk = Desk(operators=office.settings.desk.operators, second_approver="LD1")
    return with_settings(office, office.settings.model_copy(update={"desk": desk}))


def newest_code(office: Office) -> str:
    query = select(NoticeRow).where(NoticeRow.kind == "one_time_code").order_by(NoticeRow.id.desc())
    with reading(office.engine) as session:
        notice = session.scalars(query).first()
    assert notice is not None and notice.recipient == "ld1@ninhbinh.example"
    return str(notice.context["code"])


def test_with_a_second_approver_nothing_is_decided_before_his_code(office: Office) -> None:
    office = with_second(office)
    with pytest.raises(NeedsCode, match="LD1"):
        approve(office)
    assert decisions(office) == []
    assert approve(office, code=newest_code(office)) == "Đã ghi: CV1 duyệt đề xuất số 1"
    (row,) = decisions(office)
    assert (row.by, row.second_by) == ("CV1", "LD1")


def test_a_code_confirms_one_decision_and_no_other(office: Office) -> None:
    office = with_second(office)
    with pytest.raises(NeedsCode):
        approve(office, 1)
    with pytest.raises(DeskError, match="quyết định khác"):
        approve(office, 2, code=newest_code(office))
    assert decisions(office) == []


def test_a_code_grows_old(office: Office) -> None:
    office = with_second(office)
    with pytest.raises(NeedsCode):
        approve(office)
    with pytest.raises(DeskError, match="hết hiệu lực"):
        approve(office, code=newest_code(office), at=NOW + timedelta(hours=5))


def test_five_wrong_guesses_end_a_code(office: Office) -> None:
    office = with_second(office)
    with pytest.raises(NeedsCode):
        approve(office)
    right = newest_code(office).replace(" ", "")
    wrong = f"{(int(right) + 1) % 1_000_000:06d}"
    for _ in range(5):
        with pytest.raises(DeskError, match="không đúng"):
            approve(office, code=wrong)
    with pytest.raises(DeskError, match="hết hiệu lực"):
        approve(office, code=right)
    assert decisions(office) == []


@pytest.mark.parametrize("given", ["mã số", "１２３４５６", "٣", "0"])
def test_what_is_no_code_at_all_is_a_wrong_one(office: Office, given: str) -> None:
    office = with_second(office)
    with pytest.raises(NeedsCode):
        approve(office)
    with pytest.raises(DeskError, match="không đúng"):
        approve(office, code=given)
    assert decisions(office) == []


def test_the_second_approver_cannot_decide_alone(office: Office) -> None:
    with pytest.raises(DeskError, match="không thể tự mình"):
        approve(with_second(office), by="LD1")


def test_an_item_set_aside_since_the_proposal_need_not_be_ticked_as_seen(office: Office) -> None:
    with reading(office.engine) as session:
        listed = session.get_one(ProposalRow, 1).strangers
    filled = {"proposal": 1, "verdict": "approve", "by": "CV1", "reason": "Đã xem"}
    with pytest.raises(DeskError, match="chưa rõ của ai"):
        submit(office, "decide", filled, NOW)
    for inbound in listed:
        submit(office, "set_aside", {"inbound": inbound, "by": "CV1", "reason": "Thư quảng cáo"}, NOW)
    assert submit(office, "decide", filled, NOW) == "Đã ghi: CV1 duyệt đề xuất số 1"


def test_the_loser_of_two_decisions_is_told_who_won(office: Office) -> None:
    approve(office)
    filled = {"proposal": 1, "verdict": "decline", "by": "LD1", "reason": "Không đồng ý"}
    said = submit(office, "decide", filled, NOW)
    assert said.startswith("Không ghi thêm: trước đó CV1 duyệt đề xuất số 1")
    assert len(decisions(office)) == 1


@pytest.mark.parametrize("name", FORMS)
def test_an_empty_form_says_in_vietnamese_what_is_missing_and_changes_nothing(name: str, office: Office) -> None:
    with pytest.raises(DeskError, match="chưa điền"):
        submit(office, name, {}, NOW)


BEYOND = {"integer": 10**20, "date": "9999-12-31", "date-time": "0001-01-01T00:00"}  # of every database


@pytest.mark.parametrize("name", FORMS)
def test_a_number_or_day_that_no_table_holds_is_a_mistake_in_every_form(name: str, office: Office) -> None:
    fields = schema_of(name, Choices())["properties"]
    for field, drawn in fields.items():
        assert not {"minimum", "maximum"} & set(drawn)  # the server would say it in English
        kind = drawn.get("format") or drawn.get("type")
        if kind in BEYOND:
            with pytest.raises(DeskError, match=rf"{re.escape(drawn['title'])}: (năm phải|lớn hơn)"):
                submit(office, name, {field: BEYOND[kind]}, NOW)


@pytest.mark.parametrize("name", FORMS)
def test_every_form_has_vietnamese_titles_and_asks_who_and_why_last(name: str) -> None:
    schema = schema_of(name, Choices(("CV1",), (f"{ROUND} · quý III",), ("2026-q4 · quý IV",)))
    titles = [p["title"] for p in schema["properties"].values()]
    assert list(schema["properties"])[-2:] == ["by", "reason"]
    assert all(title != field for field, title in zip(schema["properties"], titles, strict=True))
    assert "anyOf" not in json.dumps(schema) and "$ref" not in json.dumps(schema)


@pytest.mark.parametrize("name", FORMS)
def test_what_stands_in_a_drop_down_at_first_is_one_of_its_choices(name: str) -> None:
    for field in schema_of(name, Choices(operators=("CV1",), open_rounds=("2026-q3 · quý III",)))["properties"].values():
        if "enum" in field and "default" in field:
            assert field["default"] in field["enum"]


def test_what_a_drop_down_shows_becomes_its_code() -> None:
    filled = {"state": "off · tạm dừng", "by": "CV1", "reason": "Nghỉ · lễ", "note": None}
    assert codes(FORMS["sending"].form, filled) == {"state": "off", "by": "CV1", "reason": "Nghỉ · lễ"}


def test_an_approval_masks_addresses_telephones_clerks_and_codes(office: Office) -> None:
    with reading(office.engine) as session:
        proposal = session.get_one(ProposalRow, 1)
    letter = proposal.letters[0]
    letter["text"] += "\nCanary: canary@ninhbinh.example, 0912 345 678, Nguyễn Văn Canary, DD-7K2M-9XPA-4T3C"
    contacts = tuple(
        c.model_copy(update={"name": "Nguyễn Văn Canary"}) if c.role == "clerk" else c for c in office.plan.contacts
    )
    office = replace(office, plan=office.plan.model_copy(update={"contacts": contacts}))
    shown = describe(office, proposal, [])
    assert "Canary:" in shown
    for secret in ("canary@", "0912", "Nguyễn Văn Canary", "7K2M"):
        assert secret not in shown


@pytest.mark.parametrize("harmless", ["25/9/2026", "Kế hoạch số 123/KH-BCĐ", "07 giờ 10 phút ngày 30/9/2026"])
def test_masking_leaves_dates_and_document_numbers(harmless: str) -> None:
    assert mask(harmless) == harmless


def test_a_units_markup_stays_text_in_an_approval(office: Office) -> None:
    with reading(office.engine) as session:
        proposal = session.get_one(ProposalRow, 1)
    proposal.letters[0]["text"] = "```\n![x](http://evil.example/a.png)\n<script>alert(1)</script>"
    shown = describe(office, proposal, [])
    assert "evil.example" in shown
    assert not re.search(r"(?<!\\)(<script|!\[|```)", shown)


def test_a_failed_flow_is_told_once_an_hour_and_without_its_data(
    office: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "OFFICE", [office])
    flow = SimpleNamespace(name="Phòng thư")
    run = SimpleNamespace(name="Phòng thư · 24/09 07:10")
    state = SimpleNamespace(
        name="Failed", message="Flow run encountered an exception: ValueError: canary@ninhbinh.example"
    )
    engine.tell_failure(flow, run, state)
    engine.tell_failure(flow, run, state)
    with reading(office.engine) as session:
        alerts = session.scalars(select(NoticeRow).where(NoticeRow.kind == "alert")).all()
    assert {a.recipient for a in alerts} >= {"cv1@ninhbinh.example", "ld1@ninhbinh.example"}
    assert len(alerts) == len({a.recipient for a in alerts})
    assert "ValueError" in str(alerts[0].context["lines"])
    assert "canary" not in str(alerts[0].context)


def test_the_time_is_told_to_a_rehearsal_only(office: Office) -> None:
    with pytest.raises(engine.NotARehearsal):
        engine.moment(NOW, replace(office, rehearsal=False))
    assert engine.moment(NOW, office) == NOW


# -- the command line ------------------------------------------------------------------


def dondoc(*args: object, text: str = "") -> tuple[int, str]:
    done = CliRunner().invoke(app, [str(a) for a in args], input=text)
    return done.exit_code, done.output


def test_dondoc_desk_does_what_the_form_does(office: Office) -> None:
    filled = "\ufeff" + json.dumps({"state": "off", "by": "CV1", "reason": "Bảo trì"})  # as Notepad saves it
    assert dondoc("desk", "sending", "--json", "-", "--data", office.data, text=filled) == (
        0,
        "Đã tạm dừng gửi thư\n",
    )


@pytest.mark.parametrize(
    ("form", "text", "said"),
    [
        ("sending", '{"state": "off", "by": "X9", "reason": "thử"}', "Mã người quyết định 'X9' chưa khai báo"),
        ("khong_co", "{}", "Không có biểu 'khong_co'"),
        ("sending", "[1]", "phải là một đối tượng JSON"),
        ("sending", "{", "không phải JSON"),
        ("sending", "[" * 100_000, "không phải JSON"),
    ],
)
def test_a_mistake_on_the_command_line_is_a_sentence_and_exit_code_2(
    office: Office, form: str, text: str, said: str
) -> None:
    code, output = dondoc("desk", form, "--json", "-", "--data", office.data, text=text)
    assert code == 2
    assert said in output and "Traceback" not in output


def test_dondoc_decide_records_the_decision(office: Office) -> None:
    args = ("--by", "CV1", "--reason", "Đã xem", "--leave-out", "SYT", "--data", office.data)
    code, output = dondoc("decide", 1, "--approve", *args)
    assert code == 2 and "chưa rõ của ai" in output
    code, output = dondoc("decide", 1, "--approve", "--strangers-seen", *args)
    assert (code, output) == (0, "Đã ghi: CV1 duyệt đề xuất số 1, bỏ ra SYT\n")
    code, output = dondoc("decide", 2, "--approve", "--leave-out", "XX, YY", "--strangers-seen", *args)
    assert code == 2 and "XX, YY" in output and "không có đơn vị" in output
    code, output = dondoc("decide", 99, "--decline", *args)
    assert code == 2 and "Không có đề xuất số 99" in output
