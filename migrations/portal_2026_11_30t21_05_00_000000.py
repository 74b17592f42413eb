"""What Piccolo has no words for: a version in use that nobody changes, steps that only grow, one of each."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T21:05:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "constraints of forms and documents"

FORWARDS = """
CREATE UNIQUE INDEX form_version_once ON form_version (form, number);
CREATE UNIQUE INDEX form_has_one_draft ON form_version (form) WHERE published_at IS NULL;
ALTER TABLE form_version ADD CONSTRAINT form_version_has_pages CHECK (pages BETWEEN 1 AND 500);
CREATE FUNCTION form_version_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF OLD.published_at IS NOT NULL THEN
    RAISE EXCEPTION 'a version that is in use is not changed: make another';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER form_version_stays BEFORE UPDATE OR DELETE ON form_version
  FOR EACH ROW EXECUTE FUNCTION form_version_stays();

CREATE UNIQUE INDEX document_once ON document (client, once);
CREATE INDEX document_of_client ON document (client, shared_at DESC, id DESC);
CREATE INDEX document_of_chart ON document (client, added_at DESC, id DESC);
CREATE INDEX document_that_ends ON document (due_on)
  WHERE ends_when_due AND state::text IN ('pending', 'opened', 'in_progress', 'returned');
ALTER TABLE document
  ADD CONSTRAINT document_is_shared_by_somebody CHECK (state = 'not_shared' OR shared_at IS NOT NULL),
  ADD CONSTRAINT document_that_is_filled_is_a_form CHECK (purpose <> 'fill' OR form_version IS NOT NULL),
  ADD CONSTRAINT document_that_ends_has_a_day CHECK (NOT ends_when_due OR due_on IS NOT NULL);

CREATE INDEX document_step_of ON document_step (document, id);
CREATE FUNCTION document_step_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what happened to a document is neither changed nor deleted';
END $$;
CREATE TRIGGER document_step_stays BEFORE UPDATE OR DELETE ON document_step
  FOR EACH ROW EXECUTE FUNCTION document_step_stays();
CREATE TRIGGER document_steps_stay BEFORE TRUNCATE ON document_step
  EXECUTE FUNCTION document_step_stays();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
