"""Alembic's entry: migrates the engine it is handed by ``db.migrate``."""

from alembic import context

from db.models import Base
from db.session import make_engine

engine = context.config.attributes.get("engine")
if engine is None:
    from config.settings import load_settings

    engine = make_engine(load_settings().url)

with engine.connect() as connection:
    context.configure(
        connection=connection,
        target_metadata=Base.metadata,
        render_as_batch=True,
        compare_type=True,
        transaction_per_migration=True,
    )
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
