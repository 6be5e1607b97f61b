"""A throw-away installation with the real plan cut down to a few units, for the handbook's commands."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from typer.testing import CliRunner

from config.settings import PLANS

from . import cli
from .pages import Block

COMMUNES = ("phuong", "xa")
KEPT = ("14329",)  # the commune that the handbook names
QUARTER = "2026-q3"  # the rounds that its examples play
OPERATORS = [{"code": "CV1", "name": "Chuyên viên theo dõi", "email": "cv1@ninhbinh.example"}]


def small_plan(folder: Path) -> Path:
    """The plan of 2026 with one quarter's rounds and one commune: the same rules, quick to play."""
    shutil.copytree(PLANS / "2026", folder)
    toml = folder / "plan.toml"
    head, *rounds = re.split(r"(?m)^\[\[rounds\]\]\n", toml.read_text("utf-8"))
    kept = [re.sub(r"(?m)^previous = .*\n", "", r) for r in rounds if f'code = "{QUARTER}' in r]
    toml.write_text("[[rounds]]\n".join([head, *kept]), "utf-8")
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


@dataclass
class Play:
    """One page played in ``folder``; commands run in this process, told the page's time."""

    runner: CliRunner
    app: Any
    folder: Path
    now: str = ""
    ran: list[str] = field(default_factory=list)

    @property
    def environment(self) -> dict[str, str]:
        return {
            "DONDOC_DATA": str(self.folder / "data"),
            "DONDOC_PLAN": "config/plans/2026",
            "DONDOC_DESK__OPERATORS": json.dumps(OPERATORS),
            "DONDOC_PREFECT__PORT": "9",  # nobody answers there
            "DONDOC_SECRETS_DIR": "",
        }

    def block(self, block: Block) -> None:
        """Obey the marks before ``block``, then write its file or run its lines."""
        for key, value in block.marks:
            self._obey(key, value)
        if block.is_file:
            (self.folder / block.title).write_text(block.text, "utf-8")
        elif block.language == "bash" and self.now and block.marked("chỉ đọc") is None:
            for line in block.commands:
                if line.startswith("dondoc "):
                    self.run(line, int(block.marked("mã thoát") or 0))

    def _obey(self, key: str, value: str) -> None:
        if key == "lúc":
            self.now = value
        elif key == "trước":
            self.run(value, 0)
        elif key == "tệp":
            path = self.folder / "data" / value
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(f"nội dung của {value}".encode())

    def run(self, line: str, code: int) -> None:
        words = cli.told_the_time(line.replace("/tmp/", f"{self.folder}/"), self.now)
        result = self.runner.invoke(self.app, words)
        self.ran.append(line)
        # what doctor finds depends on the machine; that it looks and tells does not
        allowed = {0, 1} if words[0] == "doctor" else {code}
        assert result.exit_code in allowed, f"{line}\n{result.output}\n{result.exception!r}"
