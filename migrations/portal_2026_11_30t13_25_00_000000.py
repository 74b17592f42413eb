"""What Piccolo has no words for: an estimate stays as it was given, and the keys and bounds of its tables."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T13:25:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "constraints of estimates"

FORWARDS = """
CREATE UNIQUE INDEX estimate_once ON estimate (client, key);
CREATE UNIQUE INDEX estimate_replaced_once ON estimate (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX estimate_of_client ON estimate (client, id DESC);
ALTER TABLE estimate
  ADD CONSTRAINT estimate_has_visits CHECK (visits BETWEEN 1 AND 366),
  ADD CONSTRAINT estimate_has_an_end CHECK (first_day <= last_day),
  ADD CONSTRAINT estimate_is_an_amount CHECK (total BETWEEN 1 AND 99999999);
CREATE UNIQUE INDEX estimate_provider_place ON estimate_provider (estimate, place);
CREATE UNIQUE INDEX estimate_item_place ON estimate_item (provider, place);
ALTER TABLE estimate_item
  ADD CONSTRAINT item_has_a_quantity CHECK (quantity BETWEEN 1 AND 9999),
  ADD CONSTRAINT item_charge_is_an_amount CHECK (charge BETWEEN 0 AND 99999999);
CREATE UNIQUE INDEX estimate_request_once ON estimate_request (client, key);
CREATE INDEX estimate_request_open ON estimate_request (client, id) WHERE is_open;

CREATE FUNCTION estimate_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'an estimate stays as it was given'; END $$;
CREATE TRIGGER estimate_as_given BEFORE UPDATE OR DELETE ON estimate
  FOR EACH ROW EXECUTE FUNCTION estimate_stays();
CREATE TRIGGER estimate_not_emptied BEFORE TRUNCATE ON estimate
  FOR EACH STATEMENT EXECUTE FUNCTION estimate_stays();
CREATE TRIGGER estimate_provider_as_given BEFORE UPDATE OR DELETE ON estimate_provider
  FOR EACH ROW EXECUTE FUNCTION estimate_stays();
CREATE TRIGGER estimate_provider_not_emptied BEFORE TRUNCATE ON estimate_provider
  FOR EACH STATEMENT EXECUTE FUNCTION estimate_stays();
CREATE TRIGGER estimate_item_as_given BEFORE UPDATE OR DELETE ON estimate_item
  FOR EACH ROW EXECUTE FUNCTION estimate_stays();
CREATE TRIGGER estimate_item_not_emptied BEFORE TRUNCATE ON estimate_item
  FOR EACH STATEMENT EXECUTE FUNCTION estimate_stays();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
