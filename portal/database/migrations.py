"""Migrations run once, whoever starts first; the others wait."""

import io
from contextlib import redirect_stdout

from piccolo.apps.migrations.commands.check import CheckMigrationManager
from piccolo.apps.migrations.commands.forwards import ForwardsMigrationManager

from portal.database.engine import ENGINE

LOCK = 0x706F7274616C  # "portal"


async def migrate() -> list[str]:
    """Brings the database to the newest schema; returns the ids of the migrations that ran."""
    guard = await ENGINE.get_new_connection()
    try:
        await guard.execute("SELECT pg_advisory_lock($1)", LOCK, timeout=600)
        waiting = await pending()
        if waiting:
            said = io.StringIO()
            async with ENGINE.transaction():
                with redirect_stdout(said):
                    result = await ForwardsMigrationManager(app_name="portal", migration_id="all").run()
                if not result.success:
                    raise RuntimeError(f"migration failed: {result.message} {said.getvalue()[-2000:]}")
        return waiting
    finally:
        await guard.close()


async def pending() -> list[str]:
    """The ids of migrations that this database has not seen."""
    with redirect_stdout(io.StringIO()):
        statuses = await CheckMigrationManager(app_name="portal").get_migration_statuses()
    return [status.migration_id for status in statuses if not status.has_ran]
