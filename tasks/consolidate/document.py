"""Word documents from templates that the office edits in Word (docs/report-template.md)."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

from jinja2 import StrictUndefined, TemplateError, TemplateSyntaxError, UndefinedError
from jinja2.exceptions import SecurityError
from jinja2.sandbox import SandboxedEnvironment

from .package import settled

TEMPLATES = Path(__file__).parents[2] / "templates" / "documents"


class TemplateFault(ValueError):
    """A document template cannot be used; the message says where and what to do (Vietnamese)."""


@dataclass(frozen=True)
class Picture:
    """A PNG for the document, ``width`` in millimetres."""

    png: bytes
    width: float


def render(template: Path, context: Mapping[str, Any], at: datetime) -> bytes:
    """The .docx; the same context and ``at`` give the same bytes. Raises ``TemplateFault``."""
    from docx.opc.exceptions import PackageNotFoundError
    from docxtpl import DocxTemplate
    from lxml.etree import XMLSyntaxError

    if not template.is_file():
        raise TemplateFault(f"Không có tệp mẫu {template.name} trong {template.parent}")
    document = DocxTemplate(io.BytesIO(template.read_bytes()))
    environment = SandboxedEnvironment(undefined=StrictUndefined, autoescape=True)
    try:
        document.init_docx()
        document.render(_with_pictures(document, context), environment, autoescape=True)
    except (PackageNotFoundError, BadZipFile, KeyError) as error:
        raise TemplateFault(f"Tệp mẫu {template.name} không phải tệp Word (.docx) đọc được") from error
    except (TemplateError, TypeError, XMLSyntaxError, ValueError) as error:
        raise TemplateFault(_explain(template.name, error)) from error
    _date(document.docx.core_properties, at)
    target = io.BytesIO()
    document.save(target)
    return settled(target.getvalue(), at)


def _with_pictures(document: Any, context: Mapping[str, Any]) -> dict[str, Any]:
    from docx.shared import Mm
    from docxtpl import InlineImage

    return {
        name: InlineImage(document, io.BytesIO(value.png), width=Mm(value.width))
        if isinstance(value, Picture)
        else value
        for name, value in context.items()
    }


def _date(properties: Any, at: datetime) -> None:
    properties.author = properties.last_modified_by = "Sở Khoa học và Công nghệ tỉnh Ninh Bình"
    properties.created = properties.modified = at.replace(tzinfo=None)
    properties.revision, properties.language = 1, "vi-VN"


def _explain(name: str, error: Exception) -> str:
    near = " ".join("".join(getattr(error, "docx_context", [])).split())[:160]
    where = f" Gần đoạn: “{near}”." if near else ""
    if isinstance(error, UndefinedError):
        what = f"có trường không tồn tại ({error.message})"
    elif isinstance(error, SecurityError):
        what = f"có lệnh không được phép ({error.message})"
    elif isinstance(error, TemplateSyntaxError):
        what = f"có dấu {{{{ }}}} hoặc {{% %}} viết sai hoặc thiếu ({error.message})"
    else:
        what = f"không dựng được văn bản ({error})"
    return f"Tệp mẫu {name} {what}.{where} Danh sách trường: docs/report-template.md"
