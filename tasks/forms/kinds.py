"""Kinds of arriving files; a module of its own so that the reading child starts quickly."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """What an arriving file turned out to be."""

    WORKBOOK = "workbook"  # .xlsx that passed the guard
    XLSM = "xlsm"
    XLS = "xls"
    ODS = "ods"
    CSV = "csv"
    PDF = "pdf"
    DOCX = "docx"
    DOC = "doc"
    IMAGE = "image"
    ARCHIVE = "archive"
    EMPTY = "empty"
    UNREADABLE = "unreadable"


SPREADSHEETS = frozenset({Kind.WORKBOOK, Kind.XLSM, Kind.XLS, Kind.ODS, Kind.CSV})
