"""What Piccolo has no words for: an attempt charges once, one at a time is under way, and one card is the default."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T17:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "payments by card, once"

FORWARDS = """
CREATE UNIQUE INDEX payer_once ON stripe_customer (client);
CREATE UNIQUE INDEX payer_customer ON stripe_customer (customer) WHERE customer <> '';
CREATE UNIQUE INDEX card_method ON payment_card (method) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX card_once ON payment_card (client, fingerprint) WHERE removed_at IS NULL AND fingerprint <> '';
CREATE UNIQUE INDEX one_default_card ON payment_card (client) WHERE is_default;
CREATE INDEX card_of_client ON payment_card (client, id);
ALTER TABLE payment_card ADD CONSTRAINT removed_is_no_default CHECK (NOT (is_default AND removed_at IS NOT NULL));
CREATE UNIQUE INDEX attempt_public ON payment_attempt (public);
CREATE UNIQUE INDEX attempt_intent ON payment_attempt (intent);
CREATE UNIQUE INDEX attempt_session ON payment_attempt (session);
CREATE UNIQUE INDEX attempt_payment ON payment_attempt (payment);
CREATE UNIQUE INDEX one_payment_under_way ON payment_attempt (client)
 WHERE state::text IN ('submitting', 'action', 'processing');
CREATE INDEX attempt_of_client ON payment_attempt (client, id);
CREATE INDEX attempt_under_way ON payment_attempt (submitted_at)
 WHERE state::text IN ('submitting', 'action', 'processing');
ALTER TABLE payment_attempt ADD CONSTRAINT attempt_amount CHECK (amount > 0),
 ADD CONSTRAINT paid_is_posted CHECK ((state::text = 'succeeded') = (payment IS NOT NULL));
CREATE UNIQUE INDEX setup_public ON card_setup (public);
CREATE UNIQUE INDEX setup_intent ON card_setup (intent);
CREATE UNIQUE INDEX setup_session ON card_setup (session);
CREATE INDEX setup_of_client ON card_setup (client, id);
CREATE UNIQUE INDEX card_refund_public ON card_refund (public);
CREATE UNIQUE INDEX card_refund_name ON card_refund (refund);
CREATE UNIQUE INDEX card_refund_payment ON card_refund (payment);
CREATE UNIQUE INDEX card_refund_once ON card_refund (paid, key) WHERE key <> '';
CREATE INDEX card_refund_under_way ON card_refund (made_at) WHERE state::text IN ('submitting', 'pending');
ALTER TABLE card_refund ADD CONSTRAINT card_refund_amount CHECK (amount > 0),
 ADD CONSTRAINT refunded_is_posted CHECK ((state::text = 'succeeded') = (payment IS NOT NULL));
CREATE UNIQUE INDEX stripe_event_once ON stripe_event (event);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
