"""A holiday of the practice that stands there twice says the same once."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-24T03:50:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "a holiday once"

SAME = "coalesce(site, 0), first_day, last_day, begins, ends"
HOLIDAY = "clinician IS NULL AND NOT is_open"
FORWARDS = f"""
DELETE FROM special_hours
 WHERE {HOLIDAY} AND id NOT IN (SELECT min(id) FROM special_hours WHERE {HOLIDAY} GROUP BY {SAME});
CREATE UNIQUE INDEX holiday_once ON special_hours ({SAME}) WHERE {HOLIDAY};
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
