"""Judged once more inside the claiming transaction: who has meanwhile sent is not chased."""

from __future__ import annotations

import email
from datetime import datetime, timedelta
from email.message import EmailMessage
from email.policy import default
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from db.archive import ArchiveError
from db.models import AuditRow, NoticeItemRow, NoticeRow
from db.session import reading, writing
from tasks.office import Office
from tasks.post.contract import ComposeError, Delivery, Judgement, Parts
from tasks.post.deliver import deliver

from .office import (
    NOW,
    Books,
    a_day,
    an_item,
    an_obligation,
    live,
    open_test_office,
    owe,
    plain_parts,
    still_owed,
)
from .servers import Fault, Proxy, Sink

LATER = NOW + timedelta(hours=7)
TOMORROW = (NOW + timedelta(days=1)).date()


class Judge:
    """Drops the items of the obligations in ``sent``; counts how often it was asked."""

    def __init__(self) -> None:
        self.sent: set[int] = set()
        self.cancel = ""
        self.asked = 0

    def __call__(self, session: Session, notice: NoticeRow, now: datetime) -> Judgement:
        self.asked += 1
        query = select(NoticeItemRow).where(NoticeItemRow.notice_id == notice.id)
        dropped = {i.id: "đã gửi báo cáo" for i in session.scalars(query) if i.obligation_id in self.sent}
        return Judgement(dropped=dropped, context={"as_of": now.isoformat()}, cancel=self.cancel)


def a_digest(office: Office, rung: int = 0) -> tuple[int, list[int]]:
    """One notice carrying the reminders of two rounds; its id and the obligations."""
    with writing(office.engine) as session:
        obligations = [an_obligation(session, "U1", r) for r in ("2026-q2", "2026-de06")]
    items = [an_item(o) for o in obligations]
    (notice,) = owe(office, unit="*", round="*", items=items, rung=rung)
    return notice, obligations


def body_of(sink: Sink) -> str:
    (content,) = sink.contents.values()
    message = email.message_from_bytes(content, policy=default)
    assert isinstance(message, EmailMessage)
    part = message.get_body(("plain",))
    assert part is not None
    return str(part.get_content())


def test_a_dropped_item_is_not_written_and_says_why_and_when(tmp_path: Path) -> None:
    with Sink() as sink:
        office, judge = open_test_office(tmp_path, live(sink.port)), Judge()
        notice, (first, second) = a_digest(office)
        judge.sent = {first}
        assert deliver(office, NOW, compose=plain_parts, rejudge=judge).sent == 1
    with reading(office.engine) as session:
        rows = session.scalars(select(NoticeItemRow).order_by(NoticeItemRow.id)).all()
        assert [(r.obligation_id, r.dropped_why) for r in rows] == [(first, "đã gửi báo cáo"), (second, "")]
        assert rows[0].dropped_at == NOW
        live_ids = [r.id for r in rows if r.dropped_at is None]
    assert str(live_ids) in body_of(sink)
    assert NOW.isoformat() in body_of(sink)
    assert Books(office.engine).notice(notice).context == {"as_of": NOW.isoformat()}


def test_an_empty_letter_is_not_sent(tmp_path: Path) -> None:
    with Sink() as sink:
        office, judge = open_test_office(tmp_path, live(sink.port)), Judge()
        notice, obligations = a_digest(office)
        judge.sent = set(obligations)
        did = deliver(office, NOW, compose=plain_parts, rejudge=judge)
        assert did == Delivery(cancelled=1)
        assert sink.accepted == []
    assert Books(office.engine).notice(notice).state == "cancelled"
    assert Books(office.engine).attempts() == []


def test_a_judge_may_cancel_the_whole_notice(tmp_path: Path) -> None:
    with Sink() as sink:
        office, judge = open_test_office(tmp_path, live(sink.port)), Judge()
        judge.cancel = "đơn vị đã gửi"
        owe(office)
        assert deliver(office, NOW, compose=plain_parts, rejudge=judge).cancelled == 1
        assert sink.accepted == []


def test_a_try_that_surely_did_not_arrive_is_written_anew_without_the_dropped_rows(tmp_path: Path) -> None:
    with Sink() as sink, Proxy(sink.port) as proxy:
        office, judge = open_test_office(tmp_path, live(proxy.port)), Judge()
        notice, (first, _) = a_digest(office)
        proxy.fault = Fault("RCPT", "450 later", times=1)
        deliver(office, NOW, compose=plain_parts, rejudge=judge)
        before = Books(office.engine).notice(notice).eml_sha256
        judge.sent = {first}
        assert deliver(office, LATER, compose=plain_parts, rejudge=judge).sent == 1
        after = Books(office.engine).notice(notice).eml_sha256
        assert before != after
        assert office.archive.get(before) != office.archive.get(after)  # both versions are kept
        assert LATER.isoformat() in body_of(sink)
        with reading(office.engine) as session:
            details = session.scalars(
                select(AuditRow.details).where(AuditRow.action == "notice.items_dropped")
            ).one()
        assert details["version_before"] == before


def test_the_same_bytes_go_again_where_nothing_was_dropped(tmp_path: Path) -> None:
    with Sink() as sink, Proxy(sink.port) as proxy:
        office, judge = open_test_office(tmp_path, live(proxy.port)), Judge()
        notice, _ = a_digest(office)
        proxy.fault = Fault("RCPT", "450 later", times=1)
        deliver(office, NOW, compose=plain_parts, rejudge=judge)
        before = Books(office.engine).notice(notice).eml_sha256
        deliver(office, LATER, compose=plain_parts, rejudge=judge)
        assert Books(office.engine).notice(notice).eml_sha256 == before
        assert judge.asked == 2


def test_a_mail_that_may_have_arrived_is_never_rewritten_but_shown_to_a_person(tmp_path: Path) -> None:
    with Sink() as sink, Proxy(sink.port) as proxy:
        office, judge = open_test_office(tmp_path, live(proxy.port)), Judge()
        notice, (first, _) = a_digest(office)
        proxy.fault = Fault("DOT", "swallow", times=1)
        deliver(office, NOW, compose=plain_parts, rejudge=judge)
        judge.sent = {first}
        assert deliver(office, LATER, compose=plain_parts, rejudge=judge).unknown == 1
        assert len(sink.accepted) == 1
    assert Books(office.engine).notice(notice).state == "unknown"


@pytest.mark.parametrize("error", [ComposeError("thiếu mẫu"), KeyError("tag"), ArchiveError("thiếu tệp"),
                                   TypeError("context")])
def test_a_notice_that_cannot_be_written_is_shown_to_a_person_and_the_others_leave(
    tmp_path: Path, error: Exception
) -> None:
    def compose(notice: NoticeRow, items: list[NoticeItemRow]) -> Parts:
        if notice.unit == "U1":
            raise error
        return plain_parts(notice, items)

    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port))
        first, _ = owe(office, 2)
        did = deliver(office, NOW, compose=compose, rejudge=still_owed)
    assert (did.sent, did.refused) == (1, 1)
    books = Books(office.engine)
    assert books.notice(first).state == "failed"
    assert type(error).__name__ in books.attempts(first)[0].text


@pytest.mark.parametrize(
    ("instant", "leaves"),
    [
        (a_day(TOMORROW, 6), {"answer", "office"}),
        (a_day(TOMORROW, 7), {"answer", "office", "chase"}),
        (a_day(TOMORROW, 17), {"answer", "office"}),
        (NOW + timedelta(days=3), {"answer", "office"}),  # a Saturday
    ],
)
def test_chasing_leaves_only_in_the_window_and_answers_at_any_time(
    tmp_path: Path, instant: datetime, leaves: set[str]
) -> None:
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port))
        ids = {nature: owe(office, first=n, nature=nature)[0] for n, nature in enumerate(("chase", "answer", "office"))}
        deliver(office, instant, compose=plain_parts, rejudge=still_owed)
    books = Books(office.engine)
    assert {nature for nature, i in ids.items() if books.notice(i).state == "sent"} == leaves


def test_the_window_may_close_in_the_middle_of_a_run(tmp_path: Path) -> None:
    ticks = iter([a_day(NOW.date(), 16)] * 7 + [a_day(NOW.date(), 17)] * 100)
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port))
        owe(office, 10)
        did = deliver(office, NOW, compose=plain_parts, rejudge=still_owed, clock=lambda: next(ticks))
    assert 0 < did.sent < 10
    assert len(sink.accepted) == did.sent


def test_one_address_gets_one_chasing_mail_a_day_and_any_number_of_answers(tmp_path: Path) -> None:
    tomorrow = NOW + timedelta(days=1)
    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port))
        for n in range(3):
            owe(office, recipient="u1@ninhbinh.example", occasion=f"chase-{n}")
            owe(office, recipient="u1@ninhbinh.example", occasion=f"answer-{n}", nature="answer")
        did = deliver(office, NOW, compose=plain_parts, rejudge=still_owed)
        assert (did.sent, did.deferred) == (4, 2)
        assert deliver(office, NOW + timedelta(hours=2), compose=plain_parts, rejudge=still_owed) == Delivery()
        assert deliver(office, tomorrow, compose=plain_parts, rejudge=still_owed).sent == 1


def test_a_letter_may_look_into_the_database_while_a_large_claim_is_being_written(tmp_path: Path) -> None:
    """SQLite would else spill a big transaction to disk and lock out the very letter it is writing."""

    def large(session: Session, notice: NoticeRow, now: datetime) -> Judgement:
        session.flush()  # as any query of a judge does
        return Judgement(context={"rows": "x" * 400_000})

    def compose(notice: NoticeRow, items: list[NoticeItemRow]) -> Parts:
        with reading(office.engine) as session:
            assert session.get(NoticeRow, notice.id) is not None
        return Parts(subject=notice.unit, text="", html="")

    with Sink() as sink:
        office = open_test_office(tmp_path, live(sink.port, connections=16))
        owe(office, 16)
        assert deliver(office, NOW, compose=compose, rejudge=large).sent == 16
