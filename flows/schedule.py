"""When each flow runs, and how it is deployed: the only cron strings of this house.

One definition serves both ways of running: ``flows.serving`` serves them beside an embedded
server, ``dondoc deploy`` registers them at a process work pool. Entrypoints are modules, so any
machine with this checkout installed can run them. Holidays and make-up Saturdays are judged by
the rules, not here: a pass on a day off finds nothing that may leave.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from prefect.client.schemas.objects import ConcurrencyLimitConfig, ConcurrencyLimitStrategy
from prefect.deployments.runner import RunnerDeployment
from prefect.schedules import Cron
from prefect.utilities.callables import ParameterSchema

from config.plan import ZONE
from flows.desk.choices import AT_THE_DESK, WAITING, Choices, schema_of
from tasks.desk.registry import FORMS

ON_SCHEDULE = "theo lịch"
ON_EVENT = "theo sự kiện"

PASSES = ("10 7,13 * * 1-6",)  # clerks open the box at 07:30 and 13:30
CONSOLIDATION = ("25 7,16 * * 1-6",)
MAILROOM = ("*/5 * * * *",)
NIGHT = ("40 22 * * *",)


@dataclass(frozen=True)
class Duty:
    """One deployment. ``form``: the desk form that its parameters are; ``at_once``: runs at a time."""

    entrypoint: str
    name: str
    description: str
    tags: tuple[str, ...]
    cron: tuple[str, ...] = ()
    form: str = ""
    at_once: int = 1
    parameters: dict[str, Any] = field(default_factory=dict)

    @property
    def strategy(self) -> ConcurrencyLimitStrategy:
        """A second scheduled run is needless; a person's decision waits its turn (ruling 17)."""
        return ConcurrencyLimitStrategy.CANCEL_NEW if self.cron else ConcurrencyLimitStrategy.ENQUEUE


SCHEDULED = (
    Duty(
        "flows.quarterly_report.quarterly_report",
        ON_SCHEDULE,
        "Báo cáo trước ngày 25 hằng quý: mở đợt, nhắc, đôn đốc, lập đề xuất. Chạy 07:10 và 13:10.",
        ("dondoc", "quy"),
        PASSES,
    ),
    Duty(
        "flows.kpi_plan.kpi_plan",
        ON_SCHEDULE,
        "Kế hoạch thực hiện chỉ tiêu (trước ngày 15/5). Chạy 07:10 và 13:10.",
        ("dondoc", "kpi"),
        PASSES,
    ),
    Duty(
        "flows.ad_hoc_report.ad_hoc_report",
        ON_SCHEDULE,
        "Báo cáo đột xuất và báo cáo chuyên đề. Chạy 07:10 và 13:10.",
        ("dondoc", "dot-xuat"),
        PASSES,
    ),
    Duty(
        "flows.consolidation.consolidation",
        ON_SCHEDULE,
        "Báo cáo tổng hợp đến ngày, bản tin hằng ngày cho lãnh đạo Sở. Chạy 07:25 và 16:25.",
        ("dondoc", "tong-hop"),
        CONSOLIDATION,
    ),
    Duty(
        "flows.mailroom.mailroom",
        ON_SCHEDULE,
        "Thu nhận, kiểm tra, trả lời; gửi thư đến hạn và thư đã duyệt. Chạy 5 phút một lần.",
        ("dondoc", "phong-thu"),
        MAILROOM,
    ),
    Duty(
        "flows.nightly.nightly",
        ON_SCHEDULE,
        "Sao lưu, thử khôi phục, xoá bản sao lưu quá hạn giữ. Chạy 22:40.",
        ("dondoc", "sao-luu"),
        NIGHT,
    ),
)

APPROVAL = Duty(
    "flows.desk.approval.approval",
    WAITING,
    "Mỗi đề xuất đôn đốc chờ một người xem và quyết định. Phòng thư tự mở; không quyết định thì không gửi.",
    ("dondoc", "duyet"),
    at_once=20,  # they only wait; the first recorded decision wins whatever runs beside it
)

ALARM = Duty(
    "flows.alarm.alarm",
    ON_EVENT,
    "Prefect tự gọi khi một luồng lỗi hoặc không còn tiến trình chạy luồng; soạn thư cảnh báo.",
    ("canh-bao",),
)


def desk() -> tuple[Duty, ...]:
    """One deployment for each form of the desk."""
    return tuple(
        Duty(
            f"flows.desk.fill.{name}",
            AT_THE_DESK,
            " ".join((action.form.__doc__ or action.title).split()),
            ("dondoc", "ban-lam-viec"),
            form=name,
        )
        for name, action in FORMS.items()
    )


def duties() -> tuple[Duty, ...]:
    return (*SCHEDULED, APPROVAL, ALARM, *desk())


def deployment(duty: Duty, choices: Choices, work_pool: str | None = None) -> RunnerDeployment:
    """``duty`` as Prefect knows it, its form drawn with what may be chosen now."""
    made = RunnerDeployment.from_entrypoint(
        entrypoint=duty.entrypoint,
        name=duty.name,
        description=duty.description,
        tags=list(duty.tags),
        schedules=[Cron(cron, timezone=str(ZONE)) for cron in duty.cron],
        concurrency_limit=ConcurrencyLimitConfig(limit=duty.at_once, collision_strategy=duty.strategy),
        parameters=duty.parameters,
        work_pool_name=work_pool,
    )
    if work_pool:
        made._path = None  # each worker uses its own installed checkout
    if duty.form:
        made._parameter_openapi_schema = ParameterSchema(**schema_of(duty.form, choices))
    elif duty.cron:
        made._parameter_openapi_schema = _told_nothing()
    return made


def deployments(choices: Choices, work_pool: str | None = None) -> list[RunnerDeployment]:
    return [deployment(duty, choices, work_pool) for duty in duties()]


def _told_nothing() -> ParameterSchema:
    """A scheduled flow is told neither time nor plan in the UI: it works with what is."""
    return ParameterSchema(title="Parameters", type="object", properties={}, required=[])
