"""docs/settings.md names every setting with its default, and none that does not exist."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from enum import Enum
from pathlib import Path
from typing import Any

from pydantic import BaseModel, SecretStr

from config.settings import Settings

ROOT = Path(__file__).parents[3]
ROW = re.compile(r"^\| `(DONDOC_\w+)` \| (?:`(.*)`|\((trống)\)) \| (.+) \|$")


def settings_of(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str]]:
    """(environment name, default as the page prints it) of every leaf."""
    for name, info in model.model_fields.items():
        inner = info.annotation
        if isinstance(inner, type) and issubclass(inner, BaseModel):
            yield from settings_of(inner, f"{prefix}{name.upper()}__")
        else:
            yield prefix + name.upper(), printed(info.get_default(call_default_factory=True))


def printed(value: Any) -> str:
    if value is None or value == "" or value == () or isinstance(value, SecretStr):
        return "trống"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, Enum):
        return str(value.value)
    if isinstance(value, Path):
        return value.relative_to(ROOT).as_posix() if value.is_absolute() else value.as_posix()
    if isinstance(value, tuple):
        return json.dumps([v.model_dump() for v in value], ensure_ascii=False)
    return f"{value:g}" if isinstance(value, float) else str(value)


def documented() -> dict[str, tuple[str, str]]:
    lines = (ROOT / "docs" / "settings.md").read_text(encoding="utf-8").splitlines()
    rows = [m for m in map(ROW.match, lines) if m]
    assert len(rows) == len({m[1] for m in rows}), "a setting stands twice"
    return {m[1]: (m[2] or m[3], m[4]) for m in rows}


def test_every_setting_has_its_line_and_no_line_is_left_over() -> None:
    assert set(documented()) == {name for name, _ in settings_of(Settings, "DONDOC_")}


def test_the_defaults_on_the_page_are_the_defaults() -> None:
    page = {name: default for name, (default, _) in documented().items()}
    assert page == dict(settings_of(Settings, "DONDOC_"))


def test_every_setting_is_explained_in_a_sentence() -> None:
    assert not [n for n, (_, meaning) in documented().items() if len(meaning) < 15 or meaning[-1] != "."]
