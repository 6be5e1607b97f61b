"""Called by Prefect's automations: what failed is told to the operators by mail."""

from __future__ import annotations

from prefect import flow

from .engine import clock, owe_alert, run_name, the_office


@flow(
    name="Cảnh báo",
    flow_run_name=run_name("Cảnh báo"),
    description="Do Prefect tự gọi khi một luồng lỗi hoặc không còn tiến trình chạy luồng.",
)
def alarm(flow: str = "", run: str = "", state: str = "") -> str:
    """``flow``, ``run``, ``state``: names only. Fails quietly into the UI, never into another alarm."""
    cause = "tiến trình bị dừng" if state == "Crashed" else "xem nhật ký lượt chạy"
    queued = owe_alert(the_office(), flow or "?", run, state, cause, clock())
    return f"{queued} thư cảnh báo"
