"""What Piccolo has no words for: sent once, read by whom it concerns, one draft, words that can be found."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-24T03:45:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "constraints and indexes of messages and papers"

FORWARDS = """
CREATE UNIQUE INDEX message_once ON message (author, key) WHERE author IS NOT NULL;
CREATE INDEX message_of_thread ON message (thread, id);
ALTER TABLE message ADD COLUMN search tsvector NOT NULL DEFAULT '';
CREATE INDEX message_search ON message USING gin (search) WITH (fastupdate = off);
ALTER TABLE message ADD CONSTRAINT message_says_who CHECK (
  CASE kind::text WHEN 'client' THEN author IS NOT NULL AND staff IS NULL
                  WHEN 'office' THEN author IS NOT NULL AND staff IS NOT NULL
                  ELSE author IS NULL END);

ALTER TABLE thread ADD CONSTRAINT thread_is_personal CHECK ((topic::text = 'personal') = (clinician IS NOT NULL));
CREATE INDEX thread_of_client ON thread (client, latest_at DESC, id DESC);
CREATE INDEX thread_in_order ON thread (latest_at DESC, id DESC);
CREATE INDEX thread_waits ON thread (waiting_since, id) WHERE waiting_since IS NOT NULL;
CREATE INDEX thread_assigned ON thread (assigned_to) WHERE assigned_to IS NOT NULL;
CREATE INDEX thread_of_clinician ON thread (clinician) WHERE clinician IS NOT NULL;
CREATE UNIQUE INDEX announced_once ON thread (announcement, client) WHERE announcement IS NOT NULL;
CREATE UNIQUE INDEX announcement_once ON announcement (author, key);
CREATE INDEX announcement_to_send ON announcement (id) WHERE done_at IS NULL;
ALTER TABLE announcement ADD CONSTRAINT announcement_says_whose CHECK (
  (audience::text = 'clinician') = (clinician IS NOT NULL));

CREATE UNIQUE INDEX participant_once ON thread_participant (thread, account);
CREATE INDEX participant_reads ON thread_participant (account, thread);

CREATE UNIQUE INDEX note_once ON thread_note (staff, key);
CREATE INDEX note_of_thread ON thread_note (thread, id);

CREATE UNIQUE INDEX one_draft ON message_draft (account, client, is_staff, coalesce(thread, 0));
CREATE UNIQUE INDEX draft_key ON message_draft (account, key);

CREATE INDEX attachment_of_message ON attachment (message) WHERE message IS NOT NULL;
CREATE INDEX attachment_of_draft ON attachment (draft) WHERE draft IS NOT NULL;
CREATE INDEX attachment_of_client ON attachment (client);
CREATE INDEX attachment_loose ON attachment (added_at) WHERE message IS NULL;
ALTER TABLE attachment ADD CONSTRAINT attachment_is_in_one_place CHECK (message IS NULL OR draft IS NULL);

ALTER TABLE staff_away ADD CONSTRAINT away_ends_after_it_begins CHECK (last_day >= first_day),
  ADD CONSTRAINT nobody_covers_themselves CHECK (cover IS NULL OR cover <> staff);
CREATE INDEX away_of_staff ON staff_away (staff, last_day);
CREATE INDEX away_covered ON staff_away (cover, last_day) WHERE cover IS NOT NULL;

CREATE INDEX paper_of ON paper (account, kind, subject_id);
CREATE INDEX paper_old ON paper (asked_at);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
