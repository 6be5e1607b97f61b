"""Whatever happened to the files, checking them ends in faults, never in a traceback."""

from __future__ import annotations

import random
import shutil
from pathlib import Path

import pytest

from config.plan_files import build, check_plan, read_folder
from config.settings import PLANS

SPLINTERS = [
    b"\x00",
    b'"',
    b"\n",
    b",",
    b";",
    b"[",
    b"]",
    b"=",
    b"{}",
    b"\xff",
    b"'''",
    b"-1",
    b"true",
    b"1e999",
]


def spoil(content: bytes, dice: random.Random) -> bytes:
    """One to four small accidents: a splinter put in, a piece cut out, a piece doubled."""
    for _ in range(dice.randint(1, 4)):
        at = dice.randrange(len(content) or 1)
        length = dice.randint(1, 30)
        piece = dice.choice([dice.choice(SPLINTERS), b"", content[at : at + length] * 2])
        cut = 0 if piece in SPLINTERS else length
        content = content[:at] + piece + content[at + cut :]
    return content


@pytest.mark.parametrize("seed", range(8))
def test_spoilt_files_give_faults_with_a_place(tmp_path: Path, seed: int) -> None:
    dice = random.Random(seed)
    names = sorted(p.name for p in (PLANS / "2026").iterdir())
    for turn in range(12):
        folder = Path(shutil.copytree(PLANS / "2026", tmp_path / str(turn)))
        name = dice.choice([*names, "plan.toml", "plan.toml"])
        (folder / name).write_bytes(spoil((folder / name).read_bytes(), dice))
        plan, faults = build(*read_folder(folder))
        assert (plan is None) == bool(faults)
        assert all(f.file in names and f.advice and f.line >= 0 for f in faults)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "rounds = 5\nplan = 3\nladder = []\narea_owner = 1\nchasing = 'x'",
        "[[rounds]]\n[plan]\n[ladder]\nrungs = 1",
        "rounds = [1, 2]\n[area_owner]\ngeneral = 1",
        "[plan]\nyear = 'hai nghìn'\n[[plan.rounds]]\nx = 1",
        "[[rounds]]\ncode = 5\nreminders = [0, -1]\nopens = 1\nlimit = 2026-01-01T00:00:00Z\n",
        '[plan]\n"khóa lạ" = 1\n"a.b" = 2\n',
    ],
)
def test_a_plan_toml_of_the_wrong_shape_gives_faults(folder: Path, text: str) -> None:
    (folder / "plan.toml").write_text(text, encoding="utf-8")
    faults = check_plan(folder)
    assert [f for f in faults if f.file == "plan.toml"]
    assert all(1 <= f.line <= text.count("\n") + 1 for f in faults if f.file == "plan.toml")
