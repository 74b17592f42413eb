"""What Piccolo has no words for: one request for each form that was sent, and answers that end it."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-12-01T00:55:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "constraints of requests for records"

FORWARDS = """
CREATE UNIQUE INDEX record_request_once ON record_request (client, once);
CREATE UNIQUE INDEX record_answer_once ON record_answer (request, document);
ALTER TABLE record_request
  ADD CONSTRAINT record_request_wants_something CHECK (cardinality(wanted) > 0),
  ADD CONSTRAINT record_request_is_somebodys CHECK ((asked_by IS NULL) <> (noted_by IS NULL)),
  ADD CONSTRAINT record_request_of_a_time CHECK (last_day >= first_day),
  ADD CONSTRAINT record_request_is_answered_once CHECK ((state::text = 'open') = (answered_at IS NULL)),
  ADD CONSTRAINT record_request_is_denied_for_a_reason CHECK ((state::text = 'denied') = (ground <> ''));
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
