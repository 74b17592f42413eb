"""What Piccolo has no words for: one open request for each section, and the queue's two orders."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-23T18:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "constraints and indexes of information and the queue"

FORWARDS = """
CREATE UNIQUE INDEX open_change ON change_request (client, section) WHERE state = 'pending';
CREATE INDEX change_of_client ON change_request (client, section, id DESC);
ALTER TABLE change_request ADD CONSTRAINT change_is_settled_once
  CHECK ((state = 'pending') = (decided_at IS NULL));
CREATE INDEX client_image_of ON client_image (client);

CREATE INDEX open_items_newest ON review_item (opened_at DESC, id DESC) WHERE settled_at IS NULL;
CREATE INDEX open_items_of_client ON review_item (client) WHERE settled_at IS NULL;
CREATE INDEX settled_items ON review_item (settled_at DESC, id DESC) WHERE settled_at IS NOT NULL;
CREATE INDEX item_of_subject ON review_item (kind, subject_id);

CREATE UNIQUE INDEX setting_name ON setting (name);
CREATE UNIQUE INDEX staff_notice_kind ON staff_notice (kind);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
