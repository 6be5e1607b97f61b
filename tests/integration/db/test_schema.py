"""The migrated schema is the models' schema, up and down, and a stored plan is the plan."""

from __future__ import annotations

from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, inspect, select, text

from config.plan import Assignment, Certainty, Contact, Indicator, Member, Unit
from config.plan_files import load_plan as read_folder
from config.settings import PLANS
from db.migrate import downgrade, head_revision, revision_of, upgrade
from db.models import Base, ExemptionRow, RevocationRow
from db.plans import TABLES, load_plan, save_plan
from db.revoked import revoked
from db.session import make_engine, reading, writing
from tests.e2e.installation import at


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    engine = make_engine(f"sqlite:///{tmp_path / 'facts.db'}")
    upgrade(engine)
    return engine


def test_the_migrations_make_exactly_the_tables_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_every_migration_goes_down_and_up_again(engine: Engine) -> None:
    assert revision_of(engine) == head_revision()
    downgrade(engine, "base")
    assert set(inspect(engine).get_table_names()) <= {"alembic_version"}
    upgrade(engine)
    assert revision_of(engine) == head_revision()


def test_the_migration_of_taking_back_keeps_what_lies_in_the_tables(tmp_path: Path) -> None:
    engine = make_engine(f"sqlite:///{tmp_path / 'facts.db'}")
    upgrade(engine, "0003")
    with engine.begin() as connection:
        connection.execute(text(
            "INSERT INTO obligation (plan, round, unit, token, certainty, created_at)"
            " VALUES ('2026', '2026-q2', 'SYT', 'DD-1', 'confirmed', '2026-06-01 00:00:00')"
        ))  # fmt: skip
        connection.execute(text(
            "INSERT INTO exemption (obligation_id, at, by, reason) VALUES (1, '2026-06-02 00:00:00', 'CV1', 'x')"
        ))  # fmt: skip
    upgrade(engine)
    with reading(engine) as session:
        assert session.scalars(select(ExemptionRow.reason)).all() == ["x"]
        assert session.scalars(revoked(ExemptionRow)).all() == []
    downgrade(engine, "0003")
    upgrade(engine)
    at_ = at("2026-06-03T07:00")
    with writing(engine) as session:
        session.add(RevocationRow(obligation_id=1, at=at_, by="CV1", reason="y", fact="exemption", fact_id=1))
    with pytest.raises(ValueError, match="1 quyết định đã rút lại"):
        downgrade(engine, "0003")
    with reading(engine) as session:  # refused: nothing holds again in silence
        assert session.scalars(revoked(ExemptionRow)).all() == [1]


def test_a_plan_comes_back_from_the_database_as_it_was(engine: Engine) -> None:
    plan = read_folder(PLANS / "2026")
    with writing(engine) as session:
        assert save_plan(session, plan, at("2026-05-04T07:00"))
    with writing(engine) as session:
        assert not save_plan(session, plan, at("2026-05-05T07:00"))
    with reading(engine) as session:
        assert load_plan(session, "2026") == plan


def test_a_plan_s_marks_of_certainty_survive_the_database(engine: Engine) -> None:
    """Every field, also those that stand at their default in the shipped plan."""
    plan = read_folder(PLANS / "2026")
    units = tuple(u.model_copy(update={"member_certainty": Certainty.CONFIRMED}) for u in plan.units)
    indicators = tuple(i.model_copy(update={"reported_certainty": Certainty.CONFIRMED}) for i in plan.indicators)
    changed = plan.model_copy(update={"units": units, "indicators": indicators})
    with writing(engine) as session:
        save_plan(session, changed, at("2026-05-04T07:00"))
    with reading(engine) as session:
        assert load_plan(session, "2026") == changed


def test_every_field_of_the_plan_has_its_column() -> None:
    models = {
        "units": Unit,
        "contacts": Contact,
        "members": Member,
        "indicators": Indicator,
        "assignments": Assignment,
    }
    for name, model in models.items():
        columns = {c.name for c in TABLES[name].__table__.columns} - {"id", "plan", "position"}
        assert columns == set(model.model_fields), name
