"""A throw-away installation with the real plan cut down to a few units, for the handbook's commands."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

from config.settings import PLANS

COMMUNES = ("phuong", "xa")
KEPT = ("14329",)  # the commune that the handbook names


def small_plan(folder: Path) -> Path:
    """The plan of 2026 in which all but a few communes are inactive: the same rules, quick to play."""
    shutil.copytree(PLANS / "2026", folder)
    path = folder / "units.csv"
    rows = list(csv.DictReader(io.StringIO(path.read_text("utf-8"))))
    for row in rows:
        if row["group"] in COMMUNES and row["code"] not in KEPT:
            row["active"] = "false"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, fieldnames=list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return folder
