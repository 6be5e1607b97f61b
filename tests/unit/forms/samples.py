"""A small plan with three units, its forms, and a clerk who fills them."""

from __future__ import annotations

import io
from collections.abc import Mapping
from datetime import date, time
from functools import cache

import openpyxl

from config.plan import (
    Assignment,
    Audience,
    Certainty,
    Form,
    Group,
    Indicator,
    Ladder,
    Plan,
    Policy,
    Round,
    Unit,
)  # fmt: skip
from tasks.forms.build import build
from tasks.forms.read import read
from tasks.forms.spec import form_spec
from tasks.forms.types import FormSpec

Q2, KPI, FREE = "2026-q2", "2026-kpi", "2026-dx1"
INDICATORS = (
    ("C1", "Mở rộng phủ sóng 5G đạt 70% dân số", "% dân số", 70.0),
    ("A2", "Tỷ trọng đóng góp của khoa học, công nghệ trong GRDP", "%", 17.5),
    ("C5", "Tỷ lệ thủ tục hành chính cung cấp dịch vụ công trực tuyến toàn trình", "%", 80.0),
    ("D2", "Số nhiệm vụ khoa học được theo dõi trên Nền tảng số", "nhiệm vụ", 120.0),
)
ANSWERS: dict[str, object] = {
    "direction:": "Đã ban hành 02 văn bản.", "shortcomings:": "Không có.", "causes:": "Không có.",
    "next:": "Tiếp tục thực hiện.", "state": "Đang thực hiện", "result_text": "Đã triển khai", "basis": "Chính thức",
    "numerator": 45, "denominator": 90, "cumulative": 50,
    "target_q2": 40, "target_q3": 60, "target_q4": 200, "method": "Tử số chia mẫu số", "tasks": "Rà soát",
    "lead": "Sở Thử nghiệm 1", "due": "30/9/2026", "resources": "Ngân sách tỉnh", "mechanism": "Giao ban hằng tháng",
    "content": "Đã thực hiện.",
}  # fmt: skip


@cache
def plan() -> Plan:
    units = tuple(
        Unit(
            code=f"U{n}", name=f"Sở Thử nghiệm {n}", letter_name=f"Sở Thử nghiệm {n}", group=Group.DEPARTMENT
        )
        for n in (1, 2, 3)
    )
    return Plan(
        policy=Policy(
            code="2026", year=2026, title="Kế hoạch năm 2026", receiver="U1", area_owner={}, ladder=Ladder(rungs=()),
            issuer="Ban Chỉ đạo của Ủy ban nhân dân tỉnh về phát triển khoa học, công nghệ và Đề án 06",
        ),
        rounds=_rounds(), units=units, contacts=(), members=(), holidays=(),
        indicators=tuple(
            Indicator(
                code=code, name=name, wording=name, line=60, area="cds", area_name="Chuyển đổi số", uom=uom,
                target=target, strength="dat", lead="U1", lead_certainty=Certainty.CONFIRMED, reported_by=("so_nganh",),
            )
            for code, name, uom, target in INDICATORS
        ),
        assignments=tuple(
            Assignment(
                code=f"NV-{u.code}-{n}", title=f"Xây dựng nền tảng dữ liệu dùng chung, phần {n} của {u.name}",
                family="kh_140", document="Kế hoạch số 140/KH-UBND", unit=u.code,
                due=date(2026, 9, 30) if n % 2 else None, certainty=Certainty.CONFIRMED,
            )
            for u in units for n in (1, 2, 3)
        ),
    )  # fmt: skip


def _rounds() -> tuple[Round, ...]:
    return (
        Round(code=Q2, form=Form.QUARTERLY, title="báo cáo quý II năm 2026", short="báo cáo quý II/2026",
              clause="Mục III.4 (dòng 157)", opens=date(2026, 6, 1), limit=date(2026, 6, 25),
              period_from=date(2026, 3, 15), period_to=date(2026, 6, 14), audience=Audience.ALL),
        Round(code=KPI, form=Form.KPI_PLAN, title="kế hoạch thực hiện các chỉ tiêu năm 2026", short="kế hoạch KPI",
              clause="Mục II.1 (dòng 105)", opens=date(2026, 4, 29), limit=date(2026, 5, 15), audience=Audience.LEADS),
        Round(code=FREE, form=Form.FREE, title="báo cáo đột xuất về an toàn thông tin", short="báo cáo đột xuất",
              clause="Mục III.4", opens=date(2026, 7, 1), limit=date(2026, 7, 10), limit_time=time(17),
              audience=Audience.ALL, content="Tình hình triển khai\nSố sự cố đã xử lý"),
    )  # fmt: skip


def spec(
    round_code: str = Q2,
    unit: str = "U1",
    last: Mapping[str, float] | None = None,
    states: Mapping[str, str] | None = None,
) -> FormSpec:
    p = plan()
    return form_spec(
        p, p.round_by_code[round_code], p.unit_by_code[unit], f"token-{unit}-{round_code}",
        last_values=last or {}, last_states=states or {}, assumed=True,
    )  # fmt: skip


def put(data: bytes, cells: Mapping[tuple[str, str], object]) -> bytes:
    """``data`` with (sheet, cell) → value typed into it and saved by openpyxl."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    for (sheet, cell), value in cells.items():
        book[sheet][cell] = value
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def filled(form: FormSpec, changes: Mapping[str, object] | None = None, data: bytes | None = None) -> bytes:
    """The form answered in full, apart from ``changes``: "field:code" → value (None leaves it empty)."""
    data = build(form) if data is None else data
    wanted: dict[tuple[str, str], object] = {}
    where = read(data, "form.xlsx").where
    for what, place in where.items():
        field, _, code = what.partition(":")
        value = ANSWERS.get(f"{field}:", ANSWERS.get(field))
        if changes and what in changes:
            value = changes[what]
        elif code == "D2" and field in ("numerator", "denominator"):
            value = None  # a count has neither
        if value is not None:
            wanted[place] = value
    unknown = set(changes or {}) - set(where)
    assert not unknown, f"no such cell: {unknown}"
    return put(data, wanted)
