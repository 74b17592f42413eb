"""What Piccolo has no words for: said once of each visit, and the list of those to be recorded is read by an index."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T14:35:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "visits without a charge, once"

FORWARDS = """
CREATE UNIQUE INDEX no_charge_once ON no_charge (appointment);
CREATE INDEX appointment_completed ON appointment (starts_at, id) WHERE state::text = 'completed';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
