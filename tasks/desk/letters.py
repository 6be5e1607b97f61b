"""Drafts of official letters for a leader to sign: written into the reports folder, never mailed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from db.session import reading, writing
from tasks.consolidate.due import reports_folder
from tasks.consolidate.letters import correction_letter, urging_letter
from tasks.office import Office

from . import forms
from .common import DeskError, find, note


def drafts_folder(office: Office, round_code: str) -> Path:
    return reports_folder(office, round_code) / "du-thao"


def draft_letters(office: Office, form: forms.DraftLetters, now: datetime) -> str:
    """Write the asked draft and say where it lies; number and date stay blank (NĐ 30)."""
    with reading(office.engine) as session:
        find(session, office, form.round, ["*"], now)
    path = draft(office, form.round, form.letter, now)
    with writing(office.engine) as session:
        note(session, form, now, "letter.drafted", [], letter=form.letter)
    return f"Đã lập dự thảo: {path}"


def draft(
    office: Office, round_code: str, letter: str, now: datetime, units: Sequence[str] | None = None
) -> Path:
    """The draft's path; ``DeskError`` where no unit is late."""
    folder = drafts_folder(office, round_code)
    folder.mkdir(parents=True, exist_ok=True)
    write = urging_letter if letter == "urging" else correction_letter
    try:
        return write(office, round_code, now, units, folder)
    except ValueError as error:
        text = str(error)
        raise DeskError(text[:1].upper() + text[1:]) from error
