"""docs/plan-folder.md speaks of the folder that exists."""

from __future__ import annotations

import re
from pathlib import Path

from config.plan import Plan
from config.plan_parse import TABLES
from config.settings import PLANS

ROOT = Path(__file__).parents[3]


def test_every_file_of_the_folder_has_its_row_in_the_page() -> None:
    page = (ROOT / "docs" / "plan-folder.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([\w.]+)` \|", page, re.MULTILINE))
    assert {p.name for p in (PLANS / "2026").iterdir()} <= named
    assert {f"{t}.csv" for t in TABLES} <= named


def test_every_comment_in_plan_toml_names_only_keys_that_exist(plan: Plan) -> None:
    text = (PLANS / "2026" / "plan.toml").read_text(encoding="utf-8")
    explained = set(re.findall(r"^#   (\w+(?:/\w+)?)", text, re.MULTILINE)) - {"period_from/to"}
    explained |= set(re.findall(r"^#   \w+, (\w+) ", text, re.MULTILINE))
    known = set(type(plan.rounds[0]).model_fields) | set(type(plan.policy.ladder).model_fields)
    known |= set(type(plan.policy.ladder.rungs[0]).model_fields)
    assert explained and explained <= known
