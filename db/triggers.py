"""The audit is append-only for everybody who comes through the database, not only for our code."""

from __future__ import annotations

from sqlalchemy import Connection, inspect, text

MESSAGE = "audit is append-only"

SQLITE = {
    f"audit_no_{verb.lower()}": (
        f"CREATE TRIGGER audit_no_{verb.lower()} BEFORE {verb} ON audit "
        f"BEGIN SELECT RAISE(ABORT, '{MESSAGE}'); END"
    )
    for verb in ("UPDATE", "DELETE")
}
POSTGRESQL = (
    f"""CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN RAISE EXCEPTION '{MESSAGE}'; END $$""",
    """CREATE OR REPLACE TRIGGER audit_no_change BEFORE UPDATE OR DELETE ON audit
    FOR EACH ROW EXECUTE FUNCTION audit_append_only()""",
    """CREATE OR REPLACE TRIGGER audit_no_truncate BEFORE TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_append_only()""",
)


def install(connection: Connection) -> None:
    """Refuse UPDATE, DELETE and TRUNCATE on the audit. Running it twice is harmless."""
    if connection.dialect.name == "sqlite":
        for name in set(SQLITE) - installed(connection):
            connection.execute(text(SQLITE[name]))
        return
    for statement in POSTGRESQL:
        connection.execute(text(statement))


def remove(connection: Connection) -> None:
    """For a downgrade, and for tests that play the intruder."""
    if connection.dialect.name == "sqlite":
        for name in SQLITE:
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name}"))
        return
    if inspect(connection).has_table("audit"):
        for name in ("audit_no_change", "audit_no_truncate"):
            connection.execute(text(f"DROP TRIGGER IF EXISTS {name} ON audit"))
    connection.execute(text("DROP FUNCTION IF EXISTS audit_append_only()"))


def installed(connection: Connection) -> set[str]:
    """Names of the triggers that guard the audit."""
    if connection.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'audit'"
    else:
        query = "SELECT tgname FROM pg_trigger WHERE tgrelid = to_regclass('audit') AND NOT tgisinternal"
    return set(connection.scalars(text(query)))


def guarded(connection: Connection) -> bool:
    wanted = set(SQLITE) if connection.dialect.name == "sqlite" else {"audit_no_change", "audit_no_truncate"}
    return wanted <= installed(connection)
