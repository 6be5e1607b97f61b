"""Approvals in a real server: wait before any side effect, one decision, nothing lost or doubled."""

from __future__ import annotations

import re
import threading
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from sqlalchemy import select

from db.models import NoticeRow
from db.session import reading
from flows.desk.question import mask, private_words, quoted
from flows.overview import escape
from tasks.desk.registry import submit
from tests.prefect_house import READ_ONLY, ROUNDS, House, wait_for

pytestmark = pytest.mark.xdist_group("prefect")


def proposal_of(house: House, round_code: str) -> int:
    return next(p.id for p in house.proposals() if p.round == round_code)


def question_of(house: House, run: dict[str, Any]) -> str:
    """What the form of a waiting run shows."""
    keys = run["state"]["state_details"]["run_input_keyset"]
    return str(house.get(f"/flow_runs/{run['id']}/input/{keys['description']}"))


def test_a_waiting_approval_shows_who_why_and_the_exact_letter_without_addresses(house: House) -> None:
    run = house.run(house.approval(proposal_of(house, "2026-dx1")))
    shown = question_of(house, run)
    assert "14371" in shown
    assert "Kính gửi" in shown and "### Vì sao" in shown
    assert "@" not in shown
    assert run["parameters"] == {"proposal": proposal_of(house, "2026-dx1")}


def test_letters_that_the_form_has_no_room_for_stand_word_for_word_behind_its_link(house: House) -> None:
    proposal = next(p for p in house.proposals() if p.round == READ_ONLY)
    shown = question_of(house, house.run(house.approval(proposal.id)))
    whole = rf"\[mở toàn bộ nguyên văn {len(ROUNDS[READ_ONLY])} thư\]"
    link = re.search(whole + r"\(/v2/artifacts/artifact/([0-9a-f-]{36})\)", shown)
    assert link, shown[-500:]
    page = house.get(f"/artifacts/{link[1]}")["data"]
    hidden = private_words(house.office)
    for letter in proposal.letters:
        assert quoted(mask(letter["text"], hidden)) in page
        assert escape(mask(letter["addressee"], hidden)) in shown  # whom the form does not show, it names


def test_a_mistake_asks_again_and_the_corrected_answer_is_recorded_once(house: House) -> None:
    number = proposal_of(house, "2026-dx1")
    run = house.approval(number)
    answer = {"verdict": "Duyệt", "leave_out": [], "by": "CV1", "reason": "Đã xem từng thư"}
    house.resume(run, **answer)  # the stranger's item was not ticked as seen
    wait_for(lambda: _turns(house, run) == 2, 60, "the second question")
    assert house.decisions(number) == []
    house.resume(run, **answer, strangers_seen=True)
    wait_for(lambda: house.run(run)["state_type"] == "COMPLETED", 60, "the decision")
    (decision,) = house.decisions(number)
    assert (decision.verdict, decision.by) == ("approve", "CV1")
    assert house.run(run)["state"]["message"] == f"Đã ghi: CV1 duyệt đề xuất số {number}"


def test_two_clicks_at_once_make_one_decision(house: House) -> None:
    number = proposal_of(house, "2026-dx2")
    run = house.approval(number)
    answers = [
        {"verdict": verdict, "leave_out": [], "by": by, "reason": "Cùng lúc", "strangers_seen": True}
        for verdict, by in (("Duyệt", "CV1"), ("Không duyệt", "LD1"))
    ]
    clicks = [
        threading.Thread(
            target=requests.post,
            args=(f"{house.api}/flow_runs/{run}/resume",),
            kwargs={"json": {"run_input": a}, "timeout": 30},
        )
        for a in answers
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    wait_for(lambda: bool(house.decisions(number)), 60, "a decision")
    wait_for(lambda: house.run(run)["state_type"] == "COMPLETED", 60, "the run's end")
    assert len(house.decisions(number)) == 1


def test_a_lost_approval_run_is_opened_again_and_only_once(house: House) -> None:
    number = proposal_of(house, "2026-dx3")
    lost = house.approval(number)
    address = f"{house.api}/flow_runs/{lost}"  # SQLite under schedules answers 503 now and then
    wait_for(lambda: requests.delete(address, timeout=20).status_code in (204, 404), 30, "deletion")
    again = house.approval(number)
    assert again != lost
    assert house.do("Phòng thư/theo lịch")["state_type"] == "COMPLETED"
    body = {"flow_runs": {"state": {"type": {"any_": ["PAUSED", "SCHEDULED", "RUNNING"]}}}, "limit": 200}
    live = [r["id"] for r in house.post("/flow_runs/filter", body) if r["parameters"].get("proposal") == number]
    assert live == [again]


def test_a_decision_taken_elsewhere_closes_the_waiting_run(house: House) -> None:
    number = proposal_of(house, "2026-dx3")
    run = house.approval(number)
    filled = {"proposal": number, "verdict": "decline", "by": "LD1", "reason": "Đơn vị đã gọi điện"}
    submit(house.office, "decide", filled, datetime.now(UTC))
    assert house.do("Phòng thư/theo lịch")["state_type"] == "COMPLETED"
    closed = house.run(run)
    assert closed["state_type"] == "COMPLETED"
    assert "LD1 không duyệt" in closed["state"]["message"]


def test_the_operators_are_told_by_mail_what_waits(house: House) -> None:
    with reading(house.office.engine) as session:
        kinds = session.execute(select(NoticeRow.kind, NoticeRow.recipient)).tuples()
        assert ("proposal_waiting", "cv1@ninhbinh.example") in set(kinds)


def _turns(house: House, run: str) -> int:
    found = house.run(run)
    keys = (found["empirical_policy"] or {}).get("pause_keys") or []
    return len(keys) if found["state_type"] == "PAUSED" else 0
