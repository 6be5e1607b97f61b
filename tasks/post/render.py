"""E-mails from templates: ``render(kind, context)`` gives subject, plain text and HTML.

Each kind is a folder of ``templates/emails/``:

- ``subject.txt``  what stands between the office's prefix and the tag;
- ``body.txt``     the wording, once, for both forms: it speaks through the macros ``ui.*``,
  which ``_parts.txt`` and ``_parts.html`` define for plain text and for HTML;
- ``body.html``    the frame of the HTML form (its tone), around the same ``body.txt``;
- ``sample.json``  a context, for previews and golden files.

So the two forms cannot say different things. Values are data: cleaned first, escaped in HTML.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import css_inline
from jinja2 import Environment, FileSystemLoader, StrictUndefined, Undefined
from jinja2.exceptions import TemplateError

from tasks.post.wording import FILTERS, GLOBALS, clean, squash, wrap

TEMPLATES = Path(__file__).resolve().parents[2] / "templates" / "emails"
SUBJECT_LENGTH = 120

KINDS: tuple[str, ...] = (
    "invitation",
    "reminder",
    "receipt",
    "accepted",
    "returned",
    "not_counted",
    "noted",
    "overdue",
    "head",
    "member",
    "chair",
    "extension",
    "exemption",
    "acknowledged",
    "taken_back",
    "correction",
    "difficulty_receipt",
    "bulletin",
    "consolidated",
    "consolidation_due",
    "sector_overdue",
    "area_late",
    "proposal_waiting",
    "one_time_code",
    "alert",
    "audit_head",
    "trial",
)

# Letters to the committee, the Department and other area owners carry no token (ruling 9).
TOKENLESS = frozenset(
    {
        "member",
        "chair",
        "bulletin",
        "consolidated",
        "consolidation_due",
        "sector_overdue",
        "area_late",
        "proposal_waiting",
        "one_time_code",
        "alert",
        "audit_head",
        "trial",
    }
)


class RenderError(ValueError):
    """A letter cannot be written: unknown kind, or its context lacks or misnames a value."""


@dataclass(frozen=True)
class Rendered:
    """One letter. ``subject``: one line, NFC; ``text``: 78 columns; ``html``: css inlined, no links out."""

    subject: str
    text: str
    html: str


@dataclass(frozen=True)
class _Forms:
    text: Environment
    html: Environment
    inliner: css_inline.CSSInliner


_lock = threading.Lock()


def render(kind: str, context: Mapping[str, Any]) -> Rendered:
    """The letter of ``kind`` for ``context`` (contract: docs of each template's sample.json).

    Raises ``RenderError`` naming the kind and what is wrong.
    """
    if kind not in KINDS:
        raise RenderError(f"Không có loại thư {kind!r}")
    forms = _forms()
    values = clean(context)
    try:
        heading = squash(forms.text.get_template(f"{kind}/subject.txt").render(values))
        values["heading"] = heading
        text = forms.text.get_template("_base.txt").render(values, kind=kind)
        html = forms.html.get_template(f"{kind}/body.html").render(values, kind=kind)
        tag = "" if kind in TOKENLESS else values["tag"]
        subject = _subject(values["mail_prefix"], heading, tag)
    except (TemplateError, KeyError, TypeError, ValueError) as error:
        raise RenderError(f"Thư {kind!r}: {type(error).__name__}: {error}") from error
    return Rendered(subject, wrap(text), forms.inliner.inline(html))


def _subject(prefix: str, heading: str, tag: str) -> str:
    """Prefix, heading, tag; a heading that is too long loses its last words, never the tag."""
    room = SUBJECT_LENGTH - len(prefix) - len(tag) - 2
    if len(heading) > room:
        heading = heading[: room - 1].rsplit(" ", 1)[0].rstrip(" ,;–-") + "…"
    return " ".join(part for part in (prefix, heading, tag) if part)


def _forms() -> _Forms:
    with _lock:  # letters are rendered in threads; compile once
        return _compiled()


@cache
def _compiled() -> _Forms:
    # Inlining happens on the rendered letter: inlining a template would move its {% for %} out of tables.
    inliner = css_inline.CSSInliner(
        load_remote_stylesheets=False, keep_style_tags=False
    )
    return _Forms(
        _environment("txt", escape=False), _environment("html", escape=True), inliner
    )


def _strict(act: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """``act`` as a filter that names a missing value instead of stumbling over it."""

    def strict(value: Any) -> Any:
        return act(
            str(value) if isinstance(value, Undefined) else value
        )  # str() of it raises

    return strict


def _environment(form: str, escape: bool) -> Environment:
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        undefined=StrictUndefined,
        autoescape=escape,
        auto_reload=False,
        cache_size=-1,
        lstrip_blocks=True,
    )
    environment.filters.update({name: _strict(act) for name, act in FILTERS.items()})
    environment.globals.update(GLOBALS)
    environment.globals["ui"] = environment.get_template(f"_parts.{form}").module
    return environment
