"""The approved wording: every letter as it was last looked at.

After a change that is meant: ``UPDATE_GOLDEN=1 make test`` (or this file alone), then read the
difference and look at the pictures (``EMAIL_PICTURES=folder``, tests/e2e/test_email_pictures.py).
"""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from tasks.post.render import render
from tests.unit.emails.samples import LETTERS

GOLDEN = Path(__file__).parents[2] / "golden" / "emails"


@pytest.mark.parametrize("name", LETTERS)
def test_a_letter_reads_as_approved(name: str) -> None:
    kind, context = LETTERS[name]
    letter = render(kind, context)
    written = {
        "txt": f"Tiêu đề: {letter.subject}\n\n{letter.text}",
        "html": letter.html,
    }
    for form, now in written.items():
        path = GOLDEN / f"{name}.{form}"
        if os.environ.get("UPDATE_GOLDEN"):
            path.write_text(now, "utf-8")
        assert now == path.read_text("utf-8")


def test_no_approved_letter_is_left_over() -> None:
    assert {path.stem for path in GOLDEN.iterdir()} == set(LETTERS)
