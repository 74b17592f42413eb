"""What Piccolo has no words for: one link of an invoice opens it, and its code finds it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T17:12:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "links to pay by, one of an invoice"

FORWARDS = """
CREATE UNIQUE INDEX one_pay_link ON pay_link (invoice) WHERE ended_at IS NULL;
CREATE INDEX pay_link_code ON pay_link (code_digest) WHERE ended_at IS NULL;
CREATE INDEX attempt_by_link ON payment_attempt (link, id) WHERE link IS NOT NULL;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
