"""The desk in the Prefect UI: one flow for each form, named as the form is.

A mistake ends the run as "Chưa thực hiện" with a sentence, without a traceback; nothing changes.
"""

from __future__ import annotations

import inspect
import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

from prefect import Flow, flow, get_run_logger, tags
from prefect.client.schemas.objects import State
from prefect.states import Completed, Failed

from flows.engine import NOT_DONE, clock, run_name, tell_failure, the_office
from tasks.desk.arrivals import folder
from tasks.desk.common import DeskError
from tasks.desk.registry import FORMS, submit

from .choices import codes


def desk_flow(name: str) -> Flow[..., Any]:
    """The flow of form ``name``; its parameters are the form's fields, checked by the form itself."""
    action = FORMS[name]

    def filled(**given: Any) -> State[Any]:
        with tags("dondoc", "ban-lam-viec"):
            try:
                office, fields = the_office(), codes(action.form, given)
                _inside(folder(office), fields.get("file"))
                done = submit(office, name, fields, clock())
            except DeskError as error:
                get_run_logger().error(str(error))
                without_traceback()
                return Failed(name=NOT_DONE, message=str(error))
            get_run_logger().info(done)
            return Completed(message=done)

    filled.__name__ = filled.__qualname__ = name
    filled.__module__ = __name__
    filled.__doc__ = help_of(name)
    filled.__signature__ = _signature(action.form.model_fields)  # type: ignore[attr-defined]
    return flow(
        name=action.title,
        flow_run_name=run_name(action.title),
        description=help_of(name),
        validate_parameters=False,  # the form does it, in Vietnamese
        on_failure=[tell_failure],
        on_crashed=[tell_failure],
    )(filled)


def _inside(desk: Path, file: Any) -> None:
    """The page gives nobody the server's other files; whoever has its command line has them anyway."""
    if isinstance(file, str) and not (desk / file).resolve().is_relative_to(desk.resolve()):
        raise DeskError(f"Tệp {file!r} nằm ngoài thư mục {desk}: hãy đặt tệp vào đó, chỉ ghi tên tệp")


def without_traceback() -> None:
    """The engine ends every failed run with a traceback; under an operator's mistake it is noise."""
    noise = "Engine execution exited with unexpected exception"
    logging.getLogger("prefect.flow_runs").addFilter(lambda record: record.msg != noise)


def help_of(name: str) -> str:
    return inspect.cleandoc(FORMS[name].form.__doc__ or FORMS[name].title)


def _signature(fields: Any) -> inspect.Signature:
    return inspect.Signature(
        [inspect.Parameter(n, inspect.Parameter.KEYWORD_ONLY, default=None, annotation=Any) for n in fields]
    )


def _all() -> dict[str, Callable[..., Any]]:
    return {name: desk_flow(name) for name in FORMS}


globals().update(_all())  # flows.desk.fill.extend, .exempt …: what the deployments' entrypoints name
