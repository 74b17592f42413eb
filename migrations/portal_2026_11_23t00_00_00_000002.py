"""What Piccolo has no words for: partial unique indexes, search, and an audit that cannot be rewritten."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-23T00:00:00:000002"
VERSION = "1.38.0"
DESCRIPTION = "constraints, indexes, the audit's lock"

FORWARDS = """
CREATE UNIQUE INDEX one_practice ON practice ((true));

CREATE UNIQUE INDEX client_chart_number ON client (chart_number);
CREATE SEQUENCE chart_number START 10001;
ALTER TABLE client ADD COLUMN search tsvector NOT NULL DEFAULT '';
CREATE INDEX client_search ON client USING gin (search) WITH (fastupdate = off);
CREATE INDEX client_by_name ON client (family_key, given_key, id);
CREATE INDEX client_by_clinician ON client (principal_clinician, family_key, given_key, id);
CREATE UNIQUE INDEX client_email_once ON client_email (client, address_key);
CREATE INDEX client_phone_of ON client_phone (client);
CREATE INDEX client_address_of ON client_address (client);
CREATE INDEX related_person_of ON related_person (client);
CREATE INDEX coverage_of ON coverage (client);

CREATE UNIQUE INDEX account_email ON account (email_key);
CREATE UNIQUE INDEX account_staff_member ON account (staff_member);
CREATE UNIQUE INDEX live_grant ON access_grant (account, client) WHERE ends_at IS NULL;
CREATE INDEX grant_of_client ON access_grant (client);
CREATE UNIQUE INDEX open_invitation ON invitation (client) WHERE state = 'open';
CREATE INDEX invitation_of_client ON invitation (client, id DESC);
CREATE INDEX invitation_code ON invitation (code_digest) WHERE state = 'open';
CREATE UNIQUE INDEX open_reset ON password_reset (account) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX session_token ON session (token_hash);
CREATE INDEX session_of_account ON session (account) WHERE ended_at IS NULL;
CREATE UNIQUE INDEX device_token ON device (account, token_hash);
CREATE INDEX attempt_at_door ON attempt (door, subject, happened_at);
CREATE INDEX attempt_age ON attempt (happened_at);
CREATE INDEX kept_post_of ON kept_post (account);

CREATE INDEX event_of_subject ON event (kind, subject_id);
CREATE UNIQUE INDEX errand_once ON errand (dedupe_key);
CREATE INDEX errand_due ON errand (due_at) WHERE state = 'queued';
CREATE INDEX errand_leased ON errand (lease_until) WHERE state = 'leased';
CREATE UNIQUE INDEX delivery_once ON delivery (event, kind, address);
CREATE UNIQUE INDEX delivery_message ON delivery (message_id);
CREATE INDEX delivery_of_subject ON delivery (kind, subject_id);

CREATE UNIQUE INDEX open_item ON review_item (kind, subject_id) WHERE settled_at IS NULL;
CREATE INDEX open_items ON review_item (opened_at, id) WHERE settled_at IS NULL;

CREATE UNIQUE INDEX external_identifier_once ON external_identifier (kind, system, value);
CREATE INDEX external_identifier_of ON external_identifier (kind, subject_id);

CREATE UNIQUE INDEX audit_seal_number ON audit_row (seal_number);
CREATE INDEX audit_unsealed ON audit_row (id) WHERE seal_number IS NULL;
CREATE INDEX audit_of_client ON audit_row (client_id, id) WHERE client_id IS NOT NULL;

CREATE FUNCTION audit_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND OLD.seal_number IS NULL AND NEW.seal_number IS NOT NULL
     AND (to_jsonb(OLD) - 'seal_number' - 'key_id' - 'seal') = (to_jsonb(NEW) - 'seal_number' - 'key_id' - 'seal') THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'the audit is append-only';
END $$;
CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_row
  FOR EACH ROW EXECUTE FUNCTION audit_is_append_only();
CREATE TRIGGER audit_not_emptied BEFORE TRUNCATE ON audit_row
  FOR EACH STATEMENT EXECUTE FUNCTION audit_is_append_only();

CREATE FUNCTION errand_wakes() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN PERFORM pg_notify('errands', ''); RETURN NULL; END $$;
CREATE TRIGGER errand_wakes_worker AFTER INSERT ON errand FOR EACH STATEMENT EXECUTE FUNCTION errand_wakes();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
