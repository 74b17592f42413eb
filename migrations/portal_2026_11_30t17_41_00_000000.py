"""What Piccolo has no words for: one AutoPay for each client, and one attempt for each invoice and its due date."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T17:41:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "AutoPay, once"

FORWARDS = """
CREATE UNIQUE INDEX one_autopay ON autopay (client) WHERE ended_at IS NULL;
CREATE INDEX autopay_of_client ON autopay (client, id);
ALTER TABLE autopay ADD CONSTRAINT autopay_most CHECK (most > 0),
 ADD CONSTRAINT autopay_agreed CHECK (consent <> '');
CREATE UNIQUE INDEX autopay_due_once ON autopay_due (invoice, due_on) WHERE state::text <> 'off';
CREATE UNIQUE INDEX autopay_due_attempt ON autopay_due (attempt);
CREATE INDEX autopay_due_of_client ON autopay_due (client, id);
CREATE INDEX autopay_due_coming ON autopay_due (charge_on) WHERE state::text = 'coming';
ALTER TABLE autopay_due ADD CONSTRAINT tried_has_attempt CHECK ((state::text = 'tried') = (attempt IS NOT NULL));
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
