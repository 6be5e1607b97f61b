"""One round's consolidated documents, written into a folder (plan l.123)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from config.plan import Form
from db.session import reading
from tasks.office import Office

from . import charts, free, kpi, quarterly
from .digest import Digest
from .document import TEMPLATES, Picture, render
from .gather import gather, judge
from .page import page
from .pdf import make_pdf
from .snapshot import fingerprint, snapshot
from .summary import summary
from .workbook import workbook


@dataclass(frozen=True)
class ReportSet:
    """``files`` for people, in the order they should be opened; ``summary``: Vietnamese sentences."""

    files: list[Path]
    summary: list[str]
    as_of: datetime
    facts_sha256: str  # the same facts make no new edition
    plan: str
    round: str
    facts: dict[str, Any]  # what the documents were made from (snapshot)


def digest_of(office: Office, round_code: str, now: datetime) -> Digest:
    """Everything the documents say, read in one transaction."""
    plan = office.plan
    with reading(office.engine) as session:
        facts, statuses = judge(session, plan, round_code, now, rehearsal=office.rehearsal)
        round_ = facts[0].round if facts else plan.round_by_code.get(round_code)
        earlier = None
        if round_ and round_.previous:
            earlier = judge(session, plan, round_.previous, now, rehearsal=office.rehearsal)[1]
        return Digest(
            gather(
                session, plan, round_code, now, statuses,
                facts=facts, earlier=earlier, assumed=office.assumed,
            )
        )  # fmt: skip


def write_report(
    office: Office, round_code: str, now: datetime, folder: Path, *, pdf: bool = True
) -> ReportSet:
    """Write the document set of ``round_code`` as known at ``now`` into ``folder``.

    The same facts at the same ``now`` give the same bytes. Raises ``LookupError`` for an
    unknown round, ``TemplateFault`` for a broken template.
    """
    return write_documents(digest_of(office, round_code, now), folder, pdf=pdf)


def write_documents(d: Digest, folder: Path, *, pdf: bool = True) -> ReportSet:
    """``write_report`` for facts that are gathered already."""
    round_code, now = d.data.round.code, d.data.as_of
    pictures = draw(d)
    made = {
        name("BaoCao", round_code, "docx"): document(d, pictures),
        name("SoLieu", round_code, "xlsx"): workbook(d),
        name("Trang", round_code, "html"): page(d).encode(),
    }
    made |= {name(CHART_NAMES[kind], round_code, "png"): png for kind, png in pictures.items()}
    folder.mkdir(parents=True, exist_ok=True)
    files = []
    for file, data in made.items():
        (folder / file).write_bytes(data)
        files.append(folder / file)
    if pdf:
        files.insert(1, make_pdf(files[0], now))
    facts = snapshot(d)
    return ReportSet(files, summary(d), now, fingerprint(facts), d.data.plan.code, round_code, facts)


CHART_NAMES = {"bieu_do_gui": "BieuDoGui", "bieu_do_chi_tieu": "BieuDoChiTieu", "bieu_do_xu_huong": "XuHuong"}
CHART_WIDTHS = {"bieu_do_gui": 160.0, "bieu_do_chi_tieu": 235.0, "bieu_do_xu_huong": 235.0}


def name(kind: str, round_code: str, ending: str) -> str:
    """ASCII, at most 50 characters (QĐ 161/2025/QĐ-UBND Đ.8)."""
    return f"{kind}_{round_code}"[: 49 - len(ending)] + f".{ending}"


def draw(d: Digest) -> dict[str, bytes]:
    pictures: dict[str, bytes] = {}
    if d.total.total:
        pictures["bieu_do_gui"] = charts.submission_chart(d.groups)
    if any(p.expected for p in d.provinces):
        pictures["bieu_do_chi_tieu"] = charts.indicator_chart(d.provinces)
    if trend := charts.trend_chart(d.provinces):
        pictures["bieu_do_xu_huong"] = trend
    return pictures


TEMPLATE_OF: dict[Form, tuple[str, Callable[[Digest], dict[str, object]]]] = {
    Form.QUARTERLY: ("bao-cao-quy.docx", quarterly.context),
    Form.KPI_PLAN: ("bao-cao-kpi.docx", kpi.context),
    Form.FREE: ("bao-cao-chung.docx", free.context),
}


def document(d: Digest, pictures: dict[str, bytes]) -> bytes:
    template, context = TEMPLATE_OF[d.data.round.form]
    images = {k: Picture(png, CHART_WIDTHS[k]) for k, png in pictures.items()}
    return render(TEMPLATES / template, context(d) | images, d.data.as_of)
