"""Queueing: owed once, by notice and by item."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import select

from config.settings import Mail
from db.models import AuditRow, NoticeItemRow, NoticeRow
from db.session import reading, writing
from tasks.office import Office
from tasks.post.outbox import NewNotice, queue

from .office import ALLOWED, NOW, Books, an_item, an_obligation, open_test_office

REMINDER = NewNotice(
    plan="2026",
    round="2026-q2",
    unit="U1",
    recipient=f"u1@{ALLOWED}",
    kind="reminder",
    occasion="reminder-3",
    nature="chase",
)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    return open_test_office(tmp_path, Mail())


def put(office: Office, notice: NewNotice) -> NoticeRow | None:
    with writing(office.engine) as session:
        return queue(session, notice, NOW, domain=ALLOWED)


def obligation(office: Office, unit: str = "U1", round_: str = "2026-q2") -> int:
    with writing(office.engine) as session:
        return an_obligation(session, unit, round_)


def test_the_same_notice_is_owed_once(office: Office) -> None:
    first = put(office, REMINDER)
    assert first is not None
    assert put(office, REMINDER) is None
    assert first.message_id.endswith(f"@{ALLOWED}>")
    assert (first.state, first.eml_sha256) == ("queued", "")


@pytest.mark.parametrize("field", ["round", "unit", "recipient", "kind", "occasion"])
def test_another_key_is_another_notice_with_another_message_id(office: Office, field: str) -> None:
    first, second = put(office, REMINDER), put(office, replace(REMINDER, **{field: "khac@ninhbinh.example"}))
    assert first is not None
    assert second is not None
    assert first.message_id != second.message_id


def test_items_owed_already_to_this_recipient_are_left_out_and_an_empty_rest_is_no_notice(office: Office) -> None:
    a, b = an_item(obligation(office, "U1")), an_item(obligation(office, "U2"))
    put(office, replace(REMINDER, items=[a]))
    digest = put(office, replace(REMINDER, unit="*", occasion="2026-06-24", items=[a, b]))
    assert digest is not None
    with reading(office.engine) as session:
        query = select(NoticeItemRow.obligation_id).where(NoticeItemRow.notice_id == digest.id)
        assert session.scalars(query).all() == [b.obligation_id]
    assert put(office, replace(REMINDER, occasion="again", items=[a, b])) is None
    assert Books(office.engine).states() == {"queued": 2}


def test_the_same_step_may_go_to_another_recipient_or_after_a_restart_or_a_new_limit(office: Office) -> None:
    item = an_item(obligation(office))
    assert put(office, replace(REMINDER, items=[item]))
    assert put(office, replace(REMINDER, recipient=f"head@{ALLOWED}", items=[item]))
    assert put(office, replace(REMINDER, occasion="x", items=[replace(item, effective_limit=NOW)]))
    restarted = put(office, replace(REMINDER, items=[replace(item, restart=1)]))
    assert restarted is not None
    assert restarted.occasion == "reminder-3~1"


def test_all_mail_of_one_obligation_is_one_conversation_and_a_digest_is_none(office: Office) -> None:
    one = obligation(office)
    first = put(office, replace(REMINDER, items=[an_item(one)]))
    second = put(office, replace(REMINDER, kind="overdue", items=[an_item(one, "rung-1")]))
    digest = put(office, replace(REMINDER, unit="*", items=[an_item(one, "rung-3")]))
    assert first is not None
    assert second is not None
    assert digest is not None
    assert first.thread == second.thread != ""
    assert digest.thread == ""


def test_a_wrong_nature_is_a_programming_error(office: Office) -> None:
    with pytest.raises(ValueError, match="nature"):
        put(office, replace(REMINDER, nature="spam"))


def test_every_queued_notice_has_its_audit_row_without_an_address(office: Office) -> None:
    put(office, replace(REMINDER, items=[an_item(obligation(office))]))
    books = Books(office.engine)
    assert books.audit_is_whole()
    with reading(office.engine) as session:
        details = session.scalars(select(AuditRow.details).where(AuditRow.action == "notice.queued")).all()
    assert [d["unit"] for d in details] == ["U1"]
    assert "@" not in str(details)
