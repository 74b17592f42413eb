"""What Piccolo has no words for: the pages of a version in use stay as well, and there is one of each number."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T21:10:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "constraints of pages of forms"

FORWARDS = """
CREATE UNIQUE INDEX form_page_once ON form_page (version, number);
CREATE FUNCTION form_page_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM form_version WHERE id = COALESCE(OLD.version, NEW.version) AND published_at IS NOT NULL) THEN
    RAISE EXCEPTION 'a page of a version that is in use is not changed';
  END IF;
  RETURN CASE TG_OP WHEN 'DELETE' THEN OLD ELSE NEW END;
END $$;
CREATE TRIGGER form_page_stays BEFORE INSERT OR UPDATE OR DELETE ON form_page
  FOR EACH ROW EXECUTE FUNCTION form_page_stays();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
