"""The letters that the tests read: each kind's own sample, and the variants worth seeing."""

from __future__ import annotations

import json
from typing import Any

from tasks.post.render import KINDS, TEMPLATES

TAG = "[DD-7K2M-9XPA-4T3C]"
OTHER_TAG = "[DD-Q8WN-3HJR-6VFT]"

HOSTILE = (
    "<script>alert(1)</script><img src=x onerror=alert(2)>"
    '"><a href="http://127.0.0.1:9/a">bấm</a> =cmd|\'/C calc\'!A0 {{ 7*7 }} {% raw %}'
    "\r\nBcc: ai@do.example\r\n\r\n\u202eđảo\u202c\u2066\u200b\x00\x1b[31m\ud800 "
    + "Ủy ban nhân dân xã có tên rất dài " * 6
    + "w" * 300
)


def sample(kind: str) -> dict[str, Any]:
    return json.loads((TEMPLATES / kind / "sample.json").read_text("utf-8"))


def item(**changes: Any) -> dict[str, Any]:
    return {**sample("reminder")["items"][0], **changes}


def kpi(**changes: Any) -> dict[str, Any]:
    return item(
        round_title="kế hoạch thực hiện các chỉ tiêu năm 2026",
        round_short="kế hoạch thực hiện chỉ tiêu năm 2026",
        clause="Mục II.1 (dòng 105)",
        limit="15/5/2026",
        last_day="14/5/2026",
        period_from="",
        period_to="",
        **changes,
    )


def second(**changes: Any) -> dict[str, Any]:
    return item(
        round_title="báo cáo chuyên đề Đề án 06 quý III năm 2026",
        round_short="báo cáo Đề án 06 quý III/2026",
        clause="Mục III.2 (dòng 135)",
        content="Tình hình, kết quả thực hiện các nhiệm vụ về Đề án 06.\nKhó khăn, vướng mắc; kiến nghị.",
        tag=OTHER_TAG,
        code=OTHER_TAG[1:-1],
        **changes,
    )


def hostile(value: Any) -> Any:
    """Every text of a context replaced by HOSTILE; states and numbers stay what they are."""
    if isinstance(value, dict):
        return {k: v if k in ("state", "tag", "mail_prefix") else hostile(v) for k, v in value.items()}
    if isinstance(value, list):
        return [hostile(v) for v in value]
    return HOSTILE if isinstance(value, str) and value else value


def _variants() -> dict[str, tuple[str, dict[str, Any]]]:
    receipt = {k: sample("receipt")[k] for k in ("received_at", "receipt_code", "files", "verdict", "doubt")}
    digest = {"tag": "", "addressee": "Công an tỉnh"}
    changes: dict[str, tuple[str, dict[str, Any]]] = {
        "invitation-kpi": (
            "invitation",
            {"items": [kpi()], "attachments": ["KPI_2026_HoaLu.xlsx"]},
        ),
        "invitation-digest": (
            "invitation",
            {
                **digest,
                "items": [item(), second()],
                "attachments": ["BieuMau_q3_CAT.xlsx", "DeAn06_q3_CAT.xlsx"],
            },
        ),
        "reminder-last-day": (
            "reminder",
            {"items": [item(days_left=1)], "channel_note": True},
        ),
        "reminder-digest": (
            "reminder",
            {
                **digest,
                "items": [
                    item(state="returned", missing="tệp .pdf đã ký số"),
                    second(days_left=12),
                ],
            },
        ),
        "reminder-extended": (
            "reminder",
            {
                "items": [
                    item(
                        extended=True,
                        limit="01/10/2026",
                        last_day="30/9/2026",
                        state="incomplete",
                    )
                ]
            },
        ),
        "reminder-kpi": ("reminder", {"items": [kpi()]}),
        "receipt-unrecognised": (
            "receipt",
            {"item": None, "verdict": "", "doubt": True, "tag": ""},
        ),
        "taken-back-extension": ("taken_back", {"what": "extension", "until": "30/9/2026"}),
        "taken-back-promise-late": (
            "taken_back",
            {"what": "promise", "until": "29/9/2026", "item": item(days_left=0, days_late=2)},
        ),
        "taken-back-file": (
            "taken_back",
            {"what": "assignment", "document": "112/BC-STP ngày 02/9/2026", "owes": False},
        ),
        "accepted-with-receipt": (
            "accepted",
            {
                "receipt": {**receipt, "verdict": "quá hạn 2 ngày"},
                "punctuality": "quá hạn 2 ngày",
                "document": "",
            },
        ),
        "accepted-plain": ("accepted", {"questions": [], "figures_total": 0}),
        "returned-with-receipt": (
            "returned",
            {
                "receipt": receipt,
                "questions": [{"place": "Biểu 02, ô G5", "text": "Đề nghị nêu lý do chậm."}],
            },
        ),
        "not-counted-unknown": (
            "not_counted",
            {"item": None, "receipt": None, "tag": ""},
        ),
        "noted-again": (
            "noted",
            {"notes": ["Tệp gửi kèm trùng hoàn toàn với tệp đã nhận trước đó."], "receipt": receipt},
        ),
        "overdue-digest": (
            "overdue",
            {
                **digest,
                "items": [
                    item(days_late=11, state="incomplete", missing="Biểu 02"),
                    second(days_late=3),
                ],
            },
        ),
        "overdue-mixed": (
            "overdue",
            {**digest, "items": [item(days_left=0, days_late=1), second(days_left=3)]},
        ),
        "overdue-become-reminder": ("overdue", {"items": [item(days_left=3)]}),
        "invitation-at-an-hour": (
            "invitation",
            {
                "items": [
                    item(
                        round_title="báo cáo đột xuất về an toàn thông tin",
                        round_short="báo cáo đột xuất về an toàn thông tin",
                        clause="Mục III.4 (dòng 151)",
                        limit="17 giờ 00 ngày 24/9/2026",
                        period_from="",
                        period_to="",
                        content="1. Các sự cố từ đầu năm.\n2. Biện pháp đã thực hiện.",
                    )
                ],
                "attachments": [],
            },
        ),
        "head-digest": (
            "head",
            {"items": [item(days_late=5), second(days_late=5)], "tag": ""},
        ),
        "extension-refused": (
            "extension",
            {
                "granted": False,
                "until": "",
                "reason": "đã quá thời điểm tổng hợp",
                "item": item(),
            },
        ),
        "bulletin-quiet": (
            "bulletin",
            {k: [] for k in ("rounds", "sent_today", "held", "waiting", "calendar")} | {"strangers": 0},
        ),
        "consolidated-final": ("consolidated", {"draft": False, "edition": 2}),
    }
    found = {name: (kind, {**sample(kind), **change}) for name, (kind, change) in changes.items()}
    for kind in ("reminder", "returned", "member"):
        found[f"{kind}-hostile"] = (kind, hostile(sample(kind)))
    return found


VARIANTS = _variants()
LETTERS: dict[str, tuple[str, dict[str, Any]]] = {kind: (kind, sample(kind)) for kind in KINDS} | VARIANTS
