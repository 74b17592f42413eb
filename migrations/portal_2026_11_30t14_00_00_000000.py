"""The ledger counts once for each statement, however many entries it brings."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T14:00:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "the ledger counts by statement"

# Row by row an import of 250,000 entries wrote half a million rows of sums. The services come first: what is overpaid
# is one of them, and its constraint has a sentence.
FORWARDS = """
DROP TRIGGER entry_counts_at_once ON entry;
DROP FUNCTION entry_counts();

CREATE FUNCTION entries_count() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  strange record;
BEGIN
  SELECT f.client INTO strange FROM fresh AS f
   WHERE NOT EXISTS (SELECT FROM ledger_account AS a WHERE a.client = f.client) LIMIT 1;
  IF FOUND THEN RAISE EXCEPTION 'the client % has no ledger yet', strange.client; END IF;
  SELECT f.line, f.client INTO strange FROM fresh AS f
   WHERE f.line IS NOT NULL
     AND NOT EXISTS (SELECT FROM service_line AS l WHERE l.id = f.line AND l.client = f.client) LIMIT 1;
  IF FOUND THEN RAISE EXCEPTION 'the line % is not of the client %', strange.line, strange.client; END IF;
  UPDATE service_line AS l SET charged = l.charged + s.charged, paid_by_insurer = l.paid_by_insurer + s.by_insurer,
    paid_by_client = l.paid_by_client + s.by_client, adjusted = l.adjusted + s.adjusted,
    insurance_due = l.insurance_due + s.of_insurer, client_due = l.client_due + s.of_client
  FROM (
    SELECT line,
           coalesce(sum(amount) FILTER (WHERE kind = 'charge'), 0) AS charged,
           coalesce(-sum(amount) FILTER (WHERE kind = 'insurer_payment'), 0) AS by_insurer,
           coalesce(-sum(amount) FILTER (WHERE kind IN ('client_payment', 'refund', 'transfer')), 0) AS by_client,
           coalesce(-sum(amount) FILTER (WHERE kind IN ('adjustment', 'write_off')), 0) AS adjusted,
           coalesce(sum(amount) FILTER (WHERE share = 'insurance'), 0) AS of_insurer,
           coalesce(sum(amount) FILTER (WHERE share = 'client'), 0) AS of_client
      FROM fresh WHERE line IS NOT NULL GROUP BY line) AS s
  WHERE l.id = s.line;
  UPDATE ledger_account AS a SET insurance_due = a.insurance_due + s.of_insurer,
    client_due = a.client_due + s.of_client, credit = a.credit + s.of_credit
  FROM (
    SELECT client,
           coalesce(sum(amount) FILTER (WHERE line IS NOT NULL AND share = 'insurance'), 0) AS of_insurer,
           coalesce(sum(amount) FILTER (WHERE line IS NOT NULL AND share = 'client'), 0) AS of_client,
           coalesce(-sum(amount) FILTER (WHERE line IS NULL), 0) AS of_credit
      FROM fresh GROUP BY client) AS s
  WHERE a.client = s.client;
  RETURN NULL;
END $$;
CREATE TRIGGER entries_count_at_once AFTER INSERT ON entry REFERENCING NEW TABLE AS fresh
  FOR EACH STATEMENT EXECUTE FUNCTION entries_count();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
