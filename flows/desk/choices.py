"""Forms as the Prefect UI draws them: Vietnamese titles, help, drop-downs of what may be chosen now.

A drop-down shows "code · words"; the flow takes the code.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal, get_origin

from config.plan import Round
from db.session import reading
from tasks.chase.rounds import waiting_rounds
from tasks.desk.forms import DeskForm
from tasks.desk.registry import FORMS
from tasks.facts import open_rounds
from tasks.office import Office

SPLIT = " · "
AT_THE_DESK = "bàn làm việc"  # names of the desk's and of the approvals' deployments
WAITING = "chờ duyệt"
LAST = ("by", "reason")  # who and why stand at the end of every form
NEW_CODE = ("open_ad_hoc",)  # forms whose round code is typed, not chosen
UNOPENED = ("open_round",)
UNDRAWN = ("anyOf", "minItems", "minLength", "minimum", "maximum")


@dataclass(frozen=True)
class Choices:
    """What may be chosen at an instant."""

    operators: tuple[str, ...] = ()
    open_rounds: tuple[str, ...] = ()
    unopened: tuple[str, ...] = ()


def choices_of(office: Office, now: datetime) -> Choices:
    with reading(office.engine) as session:
        opened = [r for r, _ in open_rounds(session, office.plan.code).values()]
        _, waiting = waiting_rounds(session, office.plan, now)
    known = {r.code for r in opened}
    later = [r for r in office.plan.rounds if r.code not in known and r not in waiting]
    return Choices(
        operators=tuple(o.code for o in office.settings.desk.operators),
        open_rounds=tuple(_shown(r) for r in reversed(opened)),
        unopened=tuple(_shown(r) for r in [*waiting, *later]),
    )


def _shown(round_: Round) -> str:
    return f"{round_.code}{SPLIT}{round_.short}"


def codes(form: type[DeskForm], filled: Mapping[str, Any]) -> dict[str, Any]:
    """What was filled in, as the form's own values: codes for choices, nothing for blanks."""
    kept = {k: v for k, v in filled.items() if v is not None and v != ""}
    literal = [n for n, f in form.model_fields.items() if get_origin(f.annotation) is Literal]
    chosen = {"by", "round", *literal}
    return {
        k: v.split(SPLIT, 1)[0].strip() if k in chosen and isinstance(v, str) else v for k, v in kept.items()
    }


def schema_of(name: str, choices: Choices) -> dict[str, Any]:
    """The JSON schema of form ``name`` for a deployment's parameters."""
    form = FORMS[name].form
    raw = form.model_json_schema()
    names = [n for n in raw["properties"] if n not in LAST] + list(LAST)
    properties = {}
    for position, field in enumerate(names):
        drawn = _drawn(raw["properties"][field]) | {"position": position}
        if options := _options(name, field, choices):
            drawn |= {"type": "string", "enum": list(options)}
        properties[field] = drawn
    required = [n for n in names if n in raw.get("required", [])]
    return {"title": "Parameters", "type": "object", "properties": properties, "required": required}


def _options(name: str, field: str, choices: Choices) -> tuple[str, ...]:
    if field == "by":
        return choices.operators
    if field == "round" and name not in NEW_CODE:
        return choices.unopened if name in UNOPENED else choices.open_rounds
    return ()


def _drawn(field: dict[str, Any]) -> dict[str, Any]:
    """One property without what the UI draws badly: "or null", defaults of another shape, and without
    bounds: the server would refuse in English what the form refuses in Vietnamese."""
    kinds = [k for k in field.get("anyOf", []) if k.get("type") != "null"]
    drawn = {k: v for k, v in (field | (kinds[0] if kinds else {})).items() if k not in UNDRAWN}
    if drawn.get("default", "") in (None, "", []):
        drawn.pop("default", None)
    if isinstance(drawn.get("default"), list):
        drawn["default"] = ", ".join(str(v) for v in drawn["default"])
    if drawn.get("format") == "time":
        drawn.pop("format")  # the UI has no field for an hour alone
        drawn["description"] = f"{drawn.get('description', '')}; giờ:phút, ví dụ 16:30".lstrip("; ")
    if "const" in drawn:
        drawn["enum"] = [drawn.pop("const")]
    if "enum" in drawn:
        help_ = drawn.get("description", "")
        drawn["enum"] = [_labelled(str(v), help_) for v in drawn["enum"]]
        if "default" in drawn:  # else the server would refuse a form that was left as it is
            drawn["default"] = _labelled(str(drawn["default"]), help_)
    return drawn


def _labelled(code: str, help_: str) -> str:
    """ "off" with the help "off: tạm dừng; on: tiếp tục" is shown as "off · tạm dừng"."""
    found = re.search(rf"(?:^|; ?){re.escape(code)}:? ([^;]+)", help_)
    return f"{code}{SPLIT}{found.group(1).strip()}" if found else code
