"""A whole quarter of a province, seeded: prompt, late, missing, returned, exempt, extended units."""

from __future__ import annotations

import random
from datetime import datetime, timedelta
from pathlib import Path

from config.plan import ZONE, Form, Plan

from .world import PLAN, Q2, World, a_world

DIFFICULTIES = (
    "Thiếu cán bộ chuyên trách về công nghệ thông tin, chuyển đổi số tại cấp xã.",
    "Thiếu cán bộ chuyên trách về công nghệ thông tin, chuyển đổi số ở cấp xã",
    "Đường truyền internet tại một số thôn chưa ổn định, ảnh hưởng việc tiếp nhận hồ sơ trực tuyến.",
    "Trang thiết bị (máy tính, máy quét) đã cũ, chưa được thay thế.",
    "Kinh phí cho chuyển đổi số còn hạn hẹp.",
    "Không có",
)
PROPOSALS = (
    ("Đề nghị tổ chức tập huấn kỹ năng số cho cán bộ cấp xã.", "Sở Nội vụ", "Nhiều cán bộ mới được bố trí"),
    ("Đề nghị hỗ trợ kinh phí mua sắm máy tính, máy quét.", "Sở Tài chính", "Trang thiết bị xuống cấp"),
    ("Đề nghị hướng dẫn xác định mẫu số của chỉ tiêu C5.", "Văn phòng UBND tỉnh", ""),
    ("Đề nghị sớm cấp chữ ký số cá nhân cho công chức mới.", "Sở Khoa học và Công nghệ", ""),
)


def a_quarter(folder: Path, *, seed: int = 7, plan: Plan = PLAN, rounds: tuple[str, ...] = (Q2,)) -> World:
    """All units answer ``rounds``; about one in twelve is late, returned or silent."""
    world = a_world(folder, plan)
    for n, code in enumerate(rounds):
        world.opens(code)
        _answers(world, code, random.Random(seed + n), lift=6.0 * n)
    return world


def _answers(world: World, code: str, dice: random.Random, lift: float) -> None:
    round_ = world.plan.round_by_code[code]
    limit = datetime.combine(round_.limit, datetime.min.time(), ZONE)
    units = [u for rnd, u in world.obligations if rnd == code]
    for n, unit in enumerate(units):
        if n % 29 == 28:  # silent, urged twice
            world.urges(code, unit, limit + timedelta(hours=8), "rung-1")
            world.urges(code, unit, limit + timedelta(days=4, hours=8), "rung-2")
            continue
        late = n % 23 == 22
        at = limit + (timedelta(days=2, hours=9) if late else -timedelta(days=dice.randint(1, 14), hours=3))
        verdict = "returned" if n % 31 == 30 else "accepted"
        world.sends(
            code, unit, at, verdict=verdict, figures=_figures(world, unit, dice, lift),
            progress=_progress(world, unit, dice), texts=_texts(unit, dice),
            number=f"{100 + n}/BC-UBND",
        )  # fmt: skip
    if len(units) > 40:
        world.extends(code, units[28], limit + timedelta(days=10), "khắc phục hậu quả mưa bão")
        world.exempts(code, units[40], "đã báo cáo chung với phường Hoa Lư")


def _figures(world: World, unit: str, dice: random.Random, lift: float) -> dict[tuple[str, str], object]:
    found: dict[tuple[str, str], object] = {}
    for i in world.plan.indicators_for(world.plan.unit_by_code[unit], Form.QUARTERLY, assumed=True):
        roll = dice.random()
        share = min(100.0, i.target - 12 + lift + dice.random() * 16)
        bottom = dice.randint(20, 400)
        top = round(bottom * share / 100)
        if not i.numerator:
            if lift:
                found[i.code, "cumulative"] = (
                    round(share, 1),
                    "approx",
                    f"ước {share:.1f}%".replace(".", ","),
                )
            else:
                found[i.code, "cumulative"] = (None, "no_data", "chưa có số liệu")
        elif roll < 0.04:
            found[i.code, "cumulative"] = (None, "met_no_number", "đạt")
        elif roll < 0.07:
            found[i.code, "cumulative"] = (i.target, "gt", f"trên {i.target:g}%")
        elif roll < 0.1:
            found[i.code, "cumulative"] = round(share, 1)
        elif roll < 0.13 and i.code == "C10":
            found[i.code, "cumulative"] = (None, "not_applicable", "không áp dụng")
        else:
            found[i.code, "numerator"], found[i.code, "denominator"] = float(top), float(bottom)
            found[i.code, "cumulative"] = round(100 * top / bottom, 1)
    return found


def _progress(world: World, unit: str, dice: random.Random) -> dict[str, object]:
    found: dict[str, object] = {}
    for a in world.plan.assignments:
        if a.unit == unit:
            state = dice.choice(("Đã hoàn thành", "Đang thực hiện", "Đang thực hiện", "Chưa hoàn thành"))
            found[a.code] = (
                state,
                "Đã ban hành kế hoạch triển khai.",
                dice.choice(("", DIFFICULTIES[4])),
                "",
            )
    return found


def _texts(unit: str, dice: random.Random) -> list[tuple[str, ...]]:
    texts: list[tuple[str, ...]] = [
        ("direction", "Đã ban hành 03 văn bản chỉ đạo; tổ chức 01 phiên họp Ban Chỉ đạo."),
        ("shortcomings", dice.choice(DIFFICULTIES)),
        ("next", "Tiếp tục rà soát, số hóa hồ sơ; nâng tỷ lệ hồ sơ trực tuyến toàn trình."),
    ]
    if dice.random() < 0.3:
        text, body, reason = dice.choice(PROPOSALS)
        texts.append(("proposal", text, "1", body, reason))
    return texts
