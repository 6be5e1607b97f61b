"""A missing program fails the tests of CI and skips elsewhere, with its name."""

from __future__ import annotations

import os
from typing import NoReturn

import pytest


def need(program: str) -> NoReturn:
    reason = f"{program} is not installed"
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)
