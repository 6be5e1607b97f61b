"""A small office for tests: a database filled through the models, in the words of the domain."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import create_engine
from sqlalchemy.orm import Session

from config.plan import ZONE, Plan, Unit
from config.plan_files import load_plan
from config.settings import PLANS, Settings
from db import models as m
from db.plans import save_plan
from db.session import make_engine
from tasks.office import Office

PLAN = load_plan(PLANS / "2026")
Q2, Q3 = "2026-q2", "2026-q3"
JUNE_20 = datetime(2026, 6, 20, 9, 0, tzinfo=ZONE)
JUNE_27 = datetime(2026, 6, 27, 9, 0, tzinfo=ZONE)
JUNE_30 = datetime(2026, 6, 30, 7, 10, tzinfo=ZONE)
SEPTEMBER_30 = datetime(2026, 9, 30, 7, 10, tzinfo=ZONE)
NONE: Mapping[str, Any] = {}


class World:
    """``a_world(folder)``, then ``sends``, ``extends``, ``exempts``; facts only, no conclusions."""

    def __init__(self, folder: Path, plan: Plan) -> None:
        self.plan = plan
        self.settings = Settings(data=folder, _env_file=None)  # type: ignore[call-arg]
        self.engine = make_engine("sqlite://")
        m.Base.metadata.create_all(self.engine)
        self.session = Session(self.engine, expire_on_commit=False)
        save_plan(self.session, plan, datetime(2026, 5, 4, tzinfo=UTC))
        self.obligations: dict[tuple[str, str], m.ObligationRow] = {}

    @property
    def office(self) -> Office:
        self.session.commit()
        return Office(settings=self.settings, engine=self.engine, plan=self.plan, rehearsal=True)

    def opens(self, round_code: str, units: Iterable[str] | None = None) -> None:
        round_ = self.plan.round_by_code[round_code]
        opened = datetime(round_.opens.year, round_.opens.month, round_.opens.day, 7, tzinfo=ZONE)
        self.session.add(
            m.RoundRow(
                plan=self.plan.code, code=round_code, definition=round_.model_dump(mode="json"),
                opened_at=opened, opened_by="test",
            )
        )  # fmt: skip
        audience = self.plan.audience_of(round_, assumed=True)
        wanted = None if units is None else set(units)
        for unit, certainty in audience:
            if wanted is None or unit.code in wanted:
                row = m.ObligationRow(
                    plan=self.plan.code, round=round_code, unit=unit.code,
                    token=f"{round_code}-{unit.code}", certainty=certainty.value, created_at=opened,
                )  # fmt: skip
                self.session.add(row)
                self.obligations[round_code, unit.code] = row
        self.session.flush()

    def sends(
        self, round_code: str, unit: str, at: datetime = JUNE_20, *, verdict: str = "accepted",
        figures: Mapping[tuple[str, str], Any] = NONE, progress: Mapping[str, Any] = NONE,
        texts: Iterable[tuple[str, ...]] = (), number: str = "", kind: str = "workbook",
    ) -> m.CheckRow | None:  # fmt: skip
        """One version. ``figures``: (indicator, field) → number, text or (value, flag, raw).
        ``progress``: assignment → state or (state, result, difficulty, proposal).
        ``texts``: (section, text[, key, body, reason])."""
        obligation = self.obligations[round_code, unit]
        earlier = list(self.session.query(m.SubmissionRow).filter_by(obligation_id=obligation.id))
        sha256 = hashlib.sha256(f"{round_code}{unit}{len(earlier)}".encode()).hexdigest()
        inbound = m.InboundRow(
            channel="folder", reference=f"{round_code}/{unit}/{len(earlier)}", sha256=sha256, size=1,
            kind="file", arrived_at=at, arrived_how="mtime", arrival_doubt=False, recorded_at=at,
            sender="", subject="", message_id="", automatic=False,
        )  # fmt: skip
        self.session.add(inbound)
        self.session.flush()
        file = m.FileRow(inbound_id=inbound.id, name=f"{unit}_{round_code}.xlsx", sha256=sha256, size=1)
        self.session.add(file)
        self.session.flush()
        submission = m.SubmissionRow(
            obligation_id=obligation.id, inbound_id=inbound.id, file_id=file.id, version=len(earlier) + 1,
            arrived_at=at, recorded_at=at, document_number=number, flags=[],
        )  # fmt: skip
        self.session.add(submission)
        self.session.flush()
        if not verdict:
            return None
        check = m.CheckRow(
            submission_id=submission.id, at=at + timedelta(minutes=5), by="system", verdict=verdict,
            counts=True, kind=kind,
        )  # fmt: skip
        self.session.add(check)
        self.session.flush()
        self.session.add_all(_figures(check.id, figures))
        self.session.add_all(_progress(check.id, progress))
        self.session.add_all(_texts(check.id, texts))
        self.session.flush()
        return check

    def extends(self, round_code: str, unit: str, until: datetime, reason: str = "mưa bão") -> None:
        self._decides(m.ExtensionRow, round_code, unit, reason, until=until)

    def exempts(self, round_code: str, unit: str, reason: str = "mới sáp nhập") -> None:
        self._decides(m.ExemptionRow, round_code, unit, reason)

    def takes_back(self, table: Any, round_code: str, unit: str, at: datetime) -> None:
        """The unit's extension or exemption is revoked."""
        obligation = self.obligations[round_code, unit]
        fact = self.session.query(table).filter_by(obligation_id=obligation.id).one()
        self.session.add(
            m.RevocationRow(
                fact=table.__tablename__, fact_id=fact.id, obligation_id=obligation.id, at=at, by="CV1",
                reason="ghi nhầm",
            )
        )  # fmt: skip
        self.session.flush()

    def _decides(self, table: Any, round_code: str, unit: str, reason: str, **more: Any) -> None:
        obligation = self.obligations[round_code, unit]
        row = table(obligation_id=obligation.id, at=JUNE_20, by="CV1", reason=reason, **more)
        self.session.add(row)
        self.session.flush()

    def settles(self, check: m.CheckRow, indicator: str, field: str, value: float | None) -> None:
        """A person decides on a flagged figure."""
        figure = self.session.query(m.FigureRow).filter_by(
            check_id=check.id, indicator=indicator, field=field
        )
        self.session.add(
            m.FigureDecisionRow(
                figure_id=figure.one().id, value=value, at=JUNE_27, by="CV1", reason="đã gọi điện xác nhận"
            )
        )
        self.session.flush()

    def urges(self, round_code: str, unit: str, at: datetime, step: str = "rung-1") -> None:
        """A letter that was sent."""
        obligation = self.obligations[round_code, unit]
        key = f"{round_code}-{unit}-{step}"
        notice = m.NoticeRow(
            plan=self.plan.code, round=round_code, unit=unit, recipient="x@ninhbinh.example", kind="overdue",
            occasion=key, nature="chase", rung=1, context={}, attachments=[], message_id=key, in_reply_to="",
            thread="", token="", queued_at=at, not_before=at, state="sent", claimed_by="", subject="",
            eml_sha256="",
        )  # fmt: skip
        self.session.add(notice)
        self.session.flush()
        limit = self.plan.round_by_code[round_code].limit_at
        self.session.add(
            m.NoticeItemRow(
                notice_id=notice.id, obligation_id=obligation.id, step=step, effective_limit=limit, restart=0,
                recipient="x@ninhbinh.example", dropped_why="",
            )
        )  # fmt: skip
        self.session.add(
            m.AttemptRow(
                notice_id=notice.id, started_at=at, finished_at=at, outcome="accepted", mode="live", text=""
            )
        )
        self.session.flush()


def a_world(folder: Path, plan: Plan = PLAN) -> World:
    folder.mkdir(parents=True, exist_ok=True)
    return World(folder, plan)


def _figures(check_id: int, figures: Mapping[tuple[str, str], Any]) -> list[m.FigureRow]:
    rows = []
    for n, ((indicator, field), said) in enumerate(figures.items(), 6):
        known = said if isinstance(said, tuple) else (said, "ok", str(said).replace(".", ","))
        value, flag, raw, basis = (*known, "Chính thức")[:4]
        rows.append(
            m.FigureRow(
                check_id=check_id, sheet="Biểu 01", cell=f"H{n}", indicator=indicator, field=field, raw=raw,
                value=value, flag=flag, uom="%", note="", basis=basis, source="", remark="",
            )
        )  # fmt: skip
    return rows


def _progress(check_id: int, progress: Mapping[str, Any]) -> list[m.ProgressRow]:
    rows = []
    for n, (code, said) in enumerate(progress.items(), 6):
        state, result, difficulty, proposal = said if isinstance(said, tuple) else (said, "", "", "")
        rows.append(
            m.ProgressRow(
                check_id=check_id, sheet="Biểu 02", cell=f"I{n}", assignment=code, result=result, state=state,
                difficulty=difficulty, proposal=proposal,
            )
        )  # fmt: skip
    return rows


def _texts(check_id: int, texts: Iterable[tuple[str, ...]]) -> list[m.NarrativeRow]:
    rows = []
    for n, said in enumerate(texts, 4):
        section, text, key, body, reason = (*said, "", "", "")[:5]
        rows.append(
            m.NarrativeRow(
                check_id=check_id, sheet="Thuyết minh", cell=f"C{n}", section=section, key=key, text=text,
                body=body, reason=reason,
            )
        )  # fmt: skip
    return rows


def unit_codes(*groups: str, plan: Plan = PLAN) -> list[str]:
    return [u.code for u in plan.units if u.active and (not groups or u.group.value in groups)]


def share_of(indicator: str, top: float, bottom: float) -> dict[tuple[str, str], float]:
    """A unit's numerator, denominator and the share they make."""
    return {
        (indicator, "numerator"): top,
        (indicator, "denominator"): bottom,
        (indicator, "cumulative"): round(100 * top / bottom, 2) if bottom else 0.0,
    }


def unit(code: str, plan: Plan = PLAN) -> Unit:
    return plan.unit_by_code[code]


__all__ = ["PLAN", "Q2", "Q3", "World", "a_world", "create_engine", "share_of", "unit", "unit_codes"]
