"""What each event of the demo does: a clerk's mail over SMTP, or an operator's form."""

from __future__ import annotations

import io
import random
from collections import Counter, defaultdict
from datetime import date, datetime, time, timedelta
from pathlib import Path

from openpyxl import load_workbook
from sqlalchemy import select

from config.plan import ZONE, Role
from db.models import DecisionRow, EditionRow, ProposalRow, RecognitionRow
from db.session import reading, writing
from tasks.chase.execute import decide
from tasks.desk.registry import submit
from tasks.forms.read import read
from tasks.intake.outcome import UNDECIDED

from .clerk import Box, Post, Received, fill
from .stage import OFFICE_ADDRESS, OPERATOR, Stage
from .world import Event

SAMPLES = Path(__file__).parent / "samples"
PDF = SAMPLES / "bao_cao_da_ky.pdf"
XLS = SAMPLES / "bao_cao_quy.xls"
OWN_FORM = SAMPLES / "bieu_tu_lap.xlsx"
PROGRESS = {"2026-kpi": 0.2, "2026-q2": 0.35, "2026-q3": 0.65, "2026-q4": 0.95}


class Players:
    """The clerks and the operator, with what they remember."""

    def __init__(self, stage: Stage, seed: int) -> None:
        self.stage, self.seed = stage, seed
        self.post = Post(stage.catcher.port, OFFICE_ADDRESS)
        self.boxes: dict[str, Box] = {}
        self.sent: dict[tuple[str, str], tuple[str, bytes]] = {}  # (round, unit) → last good workbook
        self.done: Counter[str] = Counter()
        self.skipped: defaultdict[str, list[str]] = defaultdict(list)

    def play(self, event: Event) -> None:
        getattr(self, f"_{event.deed.value}")(event)
        self.done[event.deed.value] += 1

    # -- clerks -------------------------------------------------------------------------

    def _address(self, unit: str) -> str:
        return self.stage.office.plan.contacts_of(unit, Role.CLERK)[0].email

    def _received(self, unit: str, round_code: str) -> Received:
        box = self.boxes.setdefault(unit, Box(self.stage.root / "mail", self._address(unit)))
        received = box.form_of(round_code)
        if received is None:
            raise LookupError(f"{unit} chưa nhận được biểu mẫu đợt {round_code}")
        return received

    def _filled(self, event: Event) -> tuple[Received, bytes]:
        received = self._received(event.unit, event.round)
        rng = random.Random(f"{self.seed}/{event.round}/{event.unit}")
        data = fill(received.workbook, received.name, rng, PROGRESS[event.round], event.unit)
        return received, data

    def _reply(
        self, event: Event, received: Received, files: list[tuple[str, bytes]], text: str = ""
    ) -> None:
        words = text or "Kính gửi báo cáo của đơn vị.\n"
        self.post.send(
            self._address(event.unit), f"Re: {received.subject}", files, reply_to=received, text=words
        )

    def _good(self, event: Event) -> None:
        received, data = self._filled(event)
        self.sent[event.round, event.unit] = (received.name, data)
        self._reply(event, received, [(received.name, data)])

    def _broken(self, event: Event) -> None:
        received, data = self._filled(event)
        self._reply(event, received, [(received.name, data[: len(data) // 3])])

    def _incomplete(self, event: Event) -> None:
        """Sends the figures with one cell saying only "đạt"."""
        received, data = self._filled(event)
        self._reply(event, received, [(received.name, spoil(data, received.name))])

    def _wrong_form(self, event: Event) -> None:
        received = self._received(event.unit, event.round)
        own = signed(OWN_FORM, event)
        self._reply(event, received, [("bao cao (1) final.xlsx", own)])

    def _wrong_unit(self, event: Event) -> None:
        received = self._received(event.unit, event.round)
        other = self._received(event.other, event.round)
        rng = random.Random(f"{self.seed}/{event.other}")
        data = fill(other.workbook, other.name, rng, PROGRESS[event.round], event.other)
        self._reply(event, received, [(other.name, data)])

    def _last_round(self, event: Event) -> None:
        received = self._received(event.unit, event.round)
        old = self.sent.get((event.other, event.unit))
        if old is None:
            self.skipped[event.deed.value].append(f"{event.round}/{event.unit}")
            return
        self._reply(event, received, [old])

    def _duplicate(self, event: Event) -> None:
        received = self._received(event.unit, event.round)
        self._reply(event, received, [self.sent[event.round, event.unit]])

    def _xls(self, event: Event) -> None:
        received = self._received(event.unit, event.round)
        self._reply(event, received, [("bao_cao_quy.xls", signed(XLS, event))])

    def _pdf(self, event: Event) -> None:
        received = self._received(event.unit, event.round)
        self._reply(event, received, [("bao_cao_da_ky.pdf", signed(PDF, event))])

    def _claim(self, event: Event) -> None:
        received = self._received(event.unit, event.round)
        text = "Đơn vị đã gửi báo cáo qua Hệ thống quản lý văn bản và điều hành, đề nghị đối chiếu.\n"
        self._reply(event, received, [], text)

    def _unregistered(self, event: Event) -> None:
        received, data = self._filled(event)
        self.sent[event.round, event.unit] = (received.name, data)
        self.post.send(
            f"chuyenvien.{event.unit.lower()}@mail.example",
            f"Fwd: {received.subject}",
            [(received.name, data)],
            reply_to=received,
        )

    def _stranger(self, event: Event) -> None:
        self.post.send("nguoi.la@khac.example", "Hỏi về hội thảo", [], text="Xin cho biết lịch hội thảo.\n")

    # -- the operator -------------------------------------------------------------------

    def _desk(self, name: str, **fields: object) -> None:
        submit(self.stage.office, name, {"by": OPERATOR, **fields}, self.stage.clock.now)

    def _register(self, event: Event) -> None:
        arrived = datetime.combine(self._limit(event.round) - timedelta(days=2), time(15, 20), ZONE)
        self._desk(
            "record_by_hand",
            round=event.round,
            unit=event.unit,
            document_number=f"{100 + self.done['register']}/BC-UBND",
            document_date=arrived.date(),
            arrived=arrived,
            reason="Đã đối chiếu sổ QLVB&ĐH",
        )

    def _limit(self, round_code: str) -> date:
        return self.stage.office.plan.round_by_code[round_code].limit

    def _register_read(self, event: Event) -> None:
        self._desk("register_reading", through=self.stage.clock.now, reason="Đối chiếu sổ đầu ngày")

    def _extend(self, event: Event) -> None:
        self._desk(
            "extend",
            round=event.round,
            units=[event.unit],
            until=event.other,
            reason="Đơn vị đề nghị bằng văn bản do sáp nhập bộ phận",
        )

    def _exempt(self, event: Event) -> None:
        self._desk(
            "exempt", round=event.round, units=[event.unit], reason="Không phát sinh nhiệm vụ trong kỳ"
        )

    def _promise(self, event: Event) -> None:
        self._desk(
            "acknowledge",
            round=event.round,
            unit=event.unit,
            promised=event.other,
            reason="Đơn vị cam kết qua văn bản",
        )

    def _set_aside(self, event: Event) -> None:
        """Decide what the wrong file left open: it is not this unit's report."""
        for inbound in self._undecided_of(event.unit):
            self._desk("set_aside", inbound=inbound, reason="Tệp của đơn vị khác, đã báo đơn vị gửi lại")

    def _undecided_of(self, unit: str) -> list[int]:
        newest: dict[tuple[int, int | None], RecognitionRow] = {}
        with reading(self.stage.office.engine) as session:
            for r in session.scalars(select(RecognitionRow).order_by(RecognitionRow.id)):
                newest[r.inbound_id, r.file_id] = r
        return sorted({r.inbound_id for r in newest.values() if r.outcome in UNDECIDED and unit in r.hints})

    def _approve(self, event: Event) -> None:
        """Approve what waits for this round; once, one unit is left out."""
        with writing(self.stage.office.engine) as session:
            query = (
                select(ProposalRow)
                .outerjoin(DecisionRow, DecisionRow.proposal_id == ProposalRow.id)
                .where(ProposalRow.round == event.round, DecisionRow.id.is_(None))
                .order_by(ProposalRow.id)
            )
            for proposal in session.scalars(query).all():
                units = sorted(u for letter in proposal.letters for u in letter["units"])
                left_out = (
                    units[-1:] if proposal.rung == 2 and len(units) > 3 and not self.done["left_out"] else []
                )
                self.done["left_out"] += len(left_out)
                decide(
                    session,
                    proposal.id,
                    verdict="approve",
                    by=OPERATOR,
                    reason="Đã xem từng thư và bằng chứng",
                    now=self.stage.clock.now,
                    left_out=left_out,
                    strangers_seen=True,
                )

    def _approve_edition(self, event: Event) -> None:
        with reading(self.stage.office.engine) as session:
            query = select(EditionRow.number).where(EditionRow.round == event.round)
            number = session.scalar(query.order_by(EditionRow.number.desc()).limit(1))
        if number is not None:
            self._desk("approve_edition", round=event.round, number=number, reason="Lãnh đạo Sở đã đồng ý")


def signed(sample: Path, event: Event) -> bytes:
    """The sample as this unit's own file: no two scans or workbooks of real units are alike.

    Behind the end of a PDF or an .xls readers look no further; an .xlsx gets a zip comment.
    """
    mark = f"{event.round} {event.unit}".encode()
    data = sample.read_bytes()
    if sample.suffix == ".xlsx":
        return data[:-2] + len(mark).to_bytes(2, "little") + mark
    return data + (b"\n% " + mark + b"\n" if sample.suffix == ".pdf" else mark.ljust(512, b"\0"))


def spoil(data: bytes, name: str) -> bytes:
    """Put "đạt" into the first result, empty its numerator and denominator (or a KPI component)."""
    where = read(data, name).where
    book = load_workbook(io.BytesIO(data))
    first = next(w for w in where if w.startswith(("result:", "method:")))
    field, _, code = first.partition(":")
    changes = (
        {"method": ""}
        if field == "method"
        else {"result": "đạt", "cumulative": "đạt", "numerator": "", "denominator": ""}
    )
    for what, value in changes.items():
        sheet, cell = where[f"{what}:{code}"]
        book[sheet][cell] = value or None
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()
