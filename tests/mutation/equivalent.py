"""Mutants that no test can notice, each with the reason why it changes nothing."""

from __future__ import annotations

EQUIVALENT: dict[str, str] = {}
