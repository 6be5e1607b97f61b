"""Guarantee 11 at Prefect: no address, telephone number or clerk's name in its API, parameters, artifacts, logs."""

from __future__ import annotations

import json
import re
from email.message import EmailMessage
from email.utils import format_datetime

import pytest

from tests.prefect_house import House

pytestmark = pytest.mark.xdist_group("prefect")
PERSON, NUMBER, BOX = "Canarynguyen Vanthu", "0999000111", "canary-hop-thu"
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
PATHS = (
    "/flow_runs/filter", "/task_runs/filter", "/artifacts/filter", "/artifacts/latest/filter", "/deployments/filter",
    "/logs/filter", "/automations/filter", "/variables/filter", "/block_documents/filter",
)  # fmt: skip


def a_letter(house: House) -> None:
    """From somebody whom nobody knows, who says more about himself than is wanted."""
    mail = EmailMessage()
    mail["From"], mail["To"] = f"{PERSON} <{BOX}@ninhbinh.example>", "dondoc@ninhbinh.example"
    mail["Subject"], mail["Message-ID"] = f"{PERSON} gọi lại số {NUMBER}", f"<{BOX}@ninhbinh.example>"
    mail["Date"] = format_datetime(house.office.plan.rounds[0].limit_at)
    mail.set_content(f"Kính gửi Sở, liên hệ {PERSON}, điện thoại {NUMBER}, {BOX}@ninhbinh.example.")
    box = house.office.settings.mailbox or house.data / "mailbox"
    for name in ("new", "cur", "tmp"):
        (box / name).mkdir(parents=True, exist_ok=True)
    (box / "new" / "1.canary").write_bytes(bytes(mail))


def told_by(house: House) -> dict[str, str]:
    """Everything the API gives of its tables, page by page, and the log files."""
    found: dict[str, str] = {}
    for path in PATHS:
        rows: list[object] = []
        while page := house.post(path, {"limit": 200, "offset": len(rows)}):
            rows += page
        found[path] = json.dumps(rows, ensure_ascii=False)
    for log in (house.server.log, house.flows.log):
        found[log.name] = log.read_text("utf-8", errors="replace")
    return found


def test_no_person_is_named_in_prefects_api_artifacts_or_logs(house: House) -> None:
    a_letter(house)
    for name in ("Phòng thư/theo lịch", "Báo cáo quý/theo lịch", "Tổng hợp/theo lịch"):
        assert house.do(name)["state_type"] == "COMPLETED", name
    told = told_by(house)
    assert len(told["/logs/filter"]) > 1000 and len(told["/artifacts/filter"]) > 1000, "there is something to read"
    for place, text in told.items():
        assert [canary for canary in (PERSON, NUMBER, BOX) if canary in text] == [], place
        assert {a for a in ADDRESS.findall(text) if a.endswith(".example")} == set(), place
