"""An event is heard once, a dispute is kept once, and a refund that fails after all keeps what was posted for it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T17:20:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "disputes, once"

FORWARDS = """
CREATE UNIQUE INDEX dispute_once ON card_dispute (dispute);
CREATE UNIQUE INDEX dispute_payment ON card_dispute (payment);
CREATE INDEX dispute_of_paid ON card_dispute (paid);
CREATE INDEX card_refund_of_paid ON card_refund (paid);
CREATE INDEX attempt_open ON payment_attempt (made_at) WHERE state::text = 'open';
ALTER TABLE card_dispute ADD CONSTRAINT dispute_amount CHECK (amount > 0 AND taken >= 0 AND fee >= 0),
 ADD CONSTRAINT lost_is_posted CHECK (payment IS NULL OR state::text = 'lost');
ALTER TABLE card_refund DROP CONSTRAINT refunded_is_posted,
 ADD CONSTRAINT refunded_is_posted CHECK (CASE state::text WHEN 'succeeded' THEN payment IS NOT NULL
  WHEN 'failed' THEN true ELSE payment IS NULL END);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
