"""A unit's clerk: opens the mail that arrived, fills the attached workbook, replies with it."""

from __future__ import annotations

import io
import mailbox
import random
import re
import smtplib
import zipfile
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage, MIMEPart
from email.parser import BytesParser
from email.utils import make_msgid
from pathlib import Path
from typing import Any, cast
from xml.sax.saxutils import escape

from openpyxl import load_workbook

from tasks.forms.read import read
from tasks.post.catcher import folder_name

XLSX = ("application", "vnd.openxmlformats-officedocument.spreadsheetml.sheet")


@dataclass(frozen=True)
class Received:
    """A mail of the office as the clerk sees it."""

    subject: str
    message_id: str
    workbook: bytes
    name: str


class Box:
    """One address's Maildir; remembers which mail brought which round's workbook."""

    def __init__(self, root: Path, address: str) -> None:
        self.path = root / folder_name(address)
        self.known: dict[str, Received] = {}
        self.seen: set[str] = set()

    def form_of(self, round_code: str) -> Received | None:
        """The newest mail that brought the workbook of ``round_code``."""
        if self.path.exists():
            box = mailbox.Maildir(self.path, create=False)
            for key in sorted(set(box.keys()) - self.seen):
                self.seen.add(key)
                self._look(box.get_bytes(key))
        return self.known.get(round_code)

    def _look(self, data: bytes) -> None:
        message = BytesParser(policy=policy.default).parsebytes(data)
        for part in message.iter_attachments():
            name = part.get_filename() or ""
            if not name.endswith(".xlsx"):
                continue
            round_code = name.split("_")[1] if name.count("_") >= 2 else ""
            body = cast(bytes, cast(MIMEPart, part).get_payload(decode=True))
            self.known[round_code] = Received(str(message["Subject"]), str(message["Message-ID"]), body, name)


def fill(data: bytes, name: str, rng: random.Random, progress: float, unit_name: str) -> bytes:
    """The workbook filled as a careful clerk would; ``progress`` 0…1 moves figures towards targets.

    Most clerks' programs change the cells and keep the file as it was; every fifth one writes
    the whole workbook anew.
    """
    values = {}
    for what, place in read(data, name).where.items():
        field, _, code = what.partition(":")
        value = _value(field, code, rng, progress, unit_name)
        if value is not None:
            values[place] = value
    return _rewrite(data, values) if rng.random() < 0.2 else _type_in(data, values)


Values = dict[tuple[str, str], Any]  # (sheet, cell) → what is typed


def _rewrite(data: bytes, values: Values) -> bytes:
    book = load_workbook(io.BytesIO(data))
    for (sheet, cell), value in values.items():
        book[sheet][cell] = value
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _type_in(data: bytes, values: Values) -> bytes:
    """Change the empty cells of the sheets' XML; every other part stays byte for byte."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(data)) as old, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as new:
        names = re.findall(r'<sheet name="([^"]*)"', old.read("xl/workbook.xml").decode())
        for member in old.namelist():
            part = old.read(member)
            if found := re.fullmatch(r"xl/worksheets/sheet(\d+)\.xml", member):
                part = _typed(part.decode(), names[int(found[1]) - 1], values).encode()
            new.writestr(member, part)
    return out.getvalue()


def _typed(xml: str, sheet: str, values: Values) -> str:
    def cell(found: re.Match[str]) -> str:
        value = values.get((sheet, found[1]))
        if value is None:
            return found[0]
        if isinstance(value, str):
            return f'<c r="{found[1]}"{found[2]} t="inlineStr"><is><t>{escape(value)}</t></is></c>'
        return f'<c r="{found[1]}"{found[2]}><v>{value}</v></c>'

    return re.sub(r'<c r="([A-Z]+\d+)"([^>]*)/>', cell, xml)


def _value(field: str, code: str, rng: random.Random, progress: float, unit_name: str) -> Any:
    if field in ("numerator", "denominator", "result", "cumulative", "basis"):
        return _figure(field, code, progress, unit_name)
    if field in ("target_q2", "target_q3", "target_q4"):
        return {"target_q2": 40, "target_q3": 60, "target_q4": 80}[field]
    if field == "state":
        return "Đã hoàn thành" if rng.random() < progress else "Đang thực hiện"
    return TEXTS.get(field, {}).get("text") if field in TEXTS else None


def _figure(field: str, code: str, progress: float, unit_name: str) -> Any:
    """Whole numbers over a base of 200; the share grows with the quarters, never falls."""
    start = random.Random(f"{unit_name}/{code}").randint(70, 110)
    numerator = min(200, round(start + progress * 85))
    share = numerator / 2
    return {
        "numerator": numerator,
        "denominator": 200,
        "result": share,
        "cumulative": share,
        "basis": "Chính thức",
    }[field]


TEXTS: dict[str, dict[str, str]] = {
    "direction": {"text": "Đã ban hành 02 văn bản chỉ đạo; tổ chức 01 cuộc họp rà soát tiến độ."},
    "shortcomings": {"text": "Một số chỉ tiêu chưa đạt tiến độ đề ra."},
    "causes": {"text": "Nhân lực chuyên trách về công nghệ thông tin còn thiếu."},
    "responsibility": {"text": "Bộ phận được giao chủ trì."},
    "next": {"text": "Tiếp tục thực hiện các chỉ tiêu được giao; bồi dưỡng kỹ năng số cho cán bộ."},
    "content": {"text": "Đơn vị đã thực hiện theo yêu cầu, kết quả cụ thể như trên."},
    "method": {"text": "Tử số chia mẫu số nhân 100, theo số liệu hệ thống."},
    "measure": {"text": "Đối chiếu số liệu hệ thống thông tin giải quyết thủ tục hành chính."},
    "source": {"text": "Hệ thống thông tin của tỉnh"},
    "tasks": {"text": "Rà soát, chuẩn hoá, đưa vào vận hành"},
    "product": {"text": "Báo cáo, hệ thống vận hành"},
    "lead": {"text": "Sở Khoa học và Công nghệ"},
    "coop": {"text": "UBND các xã, phường"},
    "due": {"text": "30/11/2026"},
    "resources": {"text": "Ngân sách tỉnh năm 2026; 02 cán bộ chuyên trách"},
    "mechanism": {"text": "Giao ban hằng tháng, báo cáo hằng quý"},
    "result_text": {"text": "Đã triển khai theo kế hoạch"},
}


@dataclass(frozen=True)
class Post:
    """The way a unit's mail takes: real SMTP to the office's address."""

    port: int
    office: str

    def send(
        self,
        sender: str,
        subject: str,
        files: list[tuple[str, bytes]],
        *,
        reply_to: Received | None = None,
        text: str = "Kính gửi báo cáo của đơn vị.\n",
    ) -> None:
        message = EmailMessage(policy=policy.SMTP)
        message["From"], message["To"] = sender, self.office
        message["Subject"] = subject
        message["Message-ID"] = make_msgid(domain=sender.rpartition("@")[2])
        if reply_to:
            message["In-Reply-To"] = reply_to.message_id
            message["References"] = reply_to.message_id
        message.set_content(text)
        for name, data in files:
            kind = {"pdf": ("application", "pdf"), "xls": ("application", "vnd.ms-excel")}
            main, sub = kind.get(name.rpartition(".")[2], XLSX)
            message.add_attachment(data, maintype=main, subtype=sub, filename=name)
        with smtplib.SMTP("127.0.0.1", self.port) as server:
            server.send_message(message)
