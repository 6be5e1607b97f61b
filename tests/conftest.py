"""Fixtures of the whole suite: one real Prefect server for every test that needs one."""

from tests.prefect_house import house

__all__ = ["house"]
