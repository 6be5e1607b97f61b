"""What `deploy/` ships is at least well formed, and names only what there is."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.settings import Settings
from tasks.system.checks.names import misspelt

from .cli import parse
from .pages import ROOT

DEPLOY = ROOT / "deploy"
UNITS = sorted((DEPLOY / "systemd").iterdir())


@pytest.mark.skipif(
    shutil.which("systemd-analyze") is None and os.environ.get("CI") != "true", reason="systemd is not installed"
)
def test_systemd_finds_nothing_wrong_with_the_units(tmp_path: Path) -> None:
    """The checkout of the units is /opt/dondoc; here it is this one."""
    for unit in UNITS:
        text = unit.read_text("utf-8").replace("/opt/dondoc/.venv/bin", str(Path(sys.executable).parent))
        (tmp_path / unit.name).write_text(text.replace("/opt/dondoc", str(ROOT)), "utf-8")
    names = [str(tmp_path / u.name) for u in UNITS]
    done = subprocess.run(["systemd-analyze", "verify", "--man=no", *names], capture_output=True, text=True, timeout=60)
    complaints = [line for line in done.stderr.splitlines() if str(tmp_path) in line or line.startswith("dondoc")]
    assert (done.returncode, complaints) == (0, [])


def test_each_unit_and_its_command_is_named_in_the_handbook() -> None:
    page = (ROOT / "docs/quan-tri/nhieu-may.md").read_text("utf-8")
    assert [u.name for u in UNITS if u.name not in page] == []


def test_the_shipped_settings_exist() -> None:
    found = list(misspelt({}, DEPLOY / "dondoc.env"))
    assert [r.found for r in found if r.level == "fault"] == []
    assert Settings.model_config["env_prefix"] == "DONDOC_"


def compose() -> dict[str, Any]:
    return dict(yaml.safe_load((DEPLOY / "compose.yaml").read_text("utf-8")))


def test_compose_names_only_files_that_ship_or_that_its_head_asks_for() -> None:
    text = (DEPLOY / "compose.yaml").read_text("utf-8")
    asked_for = text[: text.index("x-dondoc:")]
    services = compose()["services"]
    files = {f for s in services.values() for f in s.get("env_file", [])}
    files |= {v.split(":")[0].removeprefix("./") for s in services.values() for v in s.get("volumes", []) if v[0] == "."}
    assert [f for f in sorted(files) if not (DEPLOY / f).exists() and f not in asked_for] == []


def test_a_server_that_listens_to_the_network_does_not_start_without_its_password() -> None:
    (command,) = [s["command"] for n, s in compose()["services"].items() if n == "server"]
    script = command[-1].replace("$$", "$").replace("exec prefect", "echo prefect")
    known = {k: v for k, v in os.environ.items() if not k.startswith("PREFECT_")}
    done = subprocess.run(["sh", "-ec", script], env=known, capture_output=True, text=True)
    assert done.returncode != 0 and "prefect server" not in done.stdout
    told = subprocess.run(["sh", "-ec", script], env=known | {"PREFECT_SERVER_API_AUTH_STRING": "a:b"}, capture_output=True)
    assert told.returncode == 0


def test_the_container_and_the_units_start_commands_that_exist() -> None:
    lines = re.findall(r"^ExecStart=\S+/(dondoc .*)$", "\n".join(u.read_text("utf-8") for u in UNITS), re.MULTILINE)
    lines += re.findall(r"\b(dondoc (?:init|deploy[^&\n\"]*))", (DEPLOY / "compose.yaml").read_text("utf-8"))
    assert len(lines) >= 4
    for line in lines:
        parse(line.strip())
