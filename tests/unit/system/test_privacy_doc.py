"""docs/privacy.md names every column that holds personal data, and none that does not exist."""

from __future__ import annotations

import re
from pathlib import Path

from config.settings import Settings
from db.models import Base

PAGE = (Path(__file__).parents[3] / "docs" / "privacy.md").read_text(encoding="utf-8")
TELLING = {
    "email",
    "phone",
    "recipient",
    "sender",
    "address",
}  # a column of that name holds an address or number


def documented() -> set[str]:
    return set(re.findall(r"`([a-z_]+\.[a-z_]+)`", PAGE))


def columns() -> set[str]:
    return {f"{t.name}.{c.name}" for t in Base.metadata.tables.values() for c in t.columns}


def test_every_column_on_the_page_exists() -> None:
    named = {n for n in documented() if not n.endswith((".csv", ".md"))}
    assert named <= columns(), named - columns()


def test_every_column_for_an_address_or_number_is_on_the_page() -> None:
    assert {c for c in columns() if c.partition(".")[2] in TELLING} <= documented()


def test_the_page_tells_the_retention_that_is_the_default() -> None:
    assert f"giữ {Settings.model_fields['retention_months'].default} tháng" in PAGE
