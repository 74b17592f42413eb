"""What Piccolo has no words for: a time that is offered is kept from others, and of one's own offers several may lie
at the same hour; one open link, one entry of the wait list, one reminder at a time.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-24T00:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "constraints and indexes of schedule, wait list, reminders, feed and telehealth"

OWNER = 2**40
BEGINS = f"(client * {OWNER} + extract(epoch FROM (greatest(busy_from, starts_at)) AT TIME ZONE 'UTC')::bigint)"
ENDS = (
    f"(client * {OWNER} + extract(epoch FROM (greatest(greatest(busy_from, starts_at), least(busy_until, ends_at)))"
    " AT TIME ZONE 'UTC')::bigint)"
)

FORWARDS = f"""
ALTER TABLE appointment DROP CONSTRAINT appointment_holds, DROP CONSTRAINT client_is_here_once;
ALTER TABLE appointment
  ADD CONSTRAINT appointment_holds CHECK (
    CASE WHEN state::text IN ('booked', 'confirmed', 'arrived', 'offered') THEN holds
         WHEN state::text IN ('held', 'requested', 'completed') THEN true ELSE NOT holds END),
  ADD CONSTRAINT client_is_here_once EXCLUDE USING gist (int8range({BEGINS}, {ENDS}) WITH &&)
    WHERE (holds AND state::text <> 'offered');
CREATE INDEX appointment_on_schedule ON appointment (clinician, starts_at);
CREATE INDEX appointment_to_come ON appointment (starts_at) WHERE state::text IN ('booked', 'confirmed');
CREATE INDEX appointment_of_series ON appointment (series, starts_at) WHERE series IS NOT NULL;
CREATE INDEX appointment_offered_for ON appointment (instead_of) WHERE instead_of IS NOT NULL;
CREATE INDEX appointment_offered_to ON appointment (waits) WHERE waits IS NOT NULL;
CREATE INDEX appointment_moves ON appointment (moves) WHERE moves IS NOT NULL;

CREATE UNIQUE INDEX one_wait_open ON wait_entry (client, type) WHERE state = 'open';
CREATE INDEX wait_in_order ON wait_entry (made_at, id) WHERE state = 'open';
CREATE UNIQUE INDEX one_offer_at_a_time ON appointment (waits) WHERE waits IS NOT NULL AND state = 'offered';
ALTER TABLE wait_entry ADD CONSTRAINT wait_has_days CHECK (
  cardinality(weekdays) > 0 AND weekdays <@ '{{0,1,2,3,4,5,6}}'::smallint[] AND cardinality(parts) > 0);

CREATE UNIQUE INDEX reminder_once ON reminder (appointment, rule, starts_at);
CREATE UNIQUE INDEX one_consent_to_texts ON text_consent (client) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX text_message_once ON text_message (event, kind, number);

CREATE UNIQUE INDEX one_feed ON calendar_feed (account) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX one_room ON video_room (clinician);
CREATE UNIQUE INDEX telehealth_consent_once ON telehealth_consent (client, account, edition);

CREATE INDEX review_item_held_by ON review_item (held_by) WHERE held_by IS NOT NULL AND settled_at IS NULL;
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
