"""Each night: a backup, a restore drill that proves it, the old ones pruned."""

from __future__ import annotations

from datetime import datetime

from prefect import tags

from tasks import steps

from .engine import as_task, house_flow, moment, the_office


@house_flow("Sao lưu", "Sao lưu cơ sở dữ liệu và kho tệp, thử khôi phục, xoá bản quá hạn giữ.")
def nightly(now: datetime | None = None, plan: str | None = None) -> str:
    """Trouble with the backup reaches the operators by mail (queued by the step itself)."""
    office = the_office(plan)
    with tags("dondoc", "sao-luu"):
        night = as_task(steps.backup, office, moment(now, office))
    if night.problems:
        return "KHÔNG ĐẠT: " + "; ".join(night.problems)
    return f"Bản sao lưu {night.folder}; đã xoá {len(night.removed)} bản cũ"
