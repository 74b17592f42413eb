"""What Piccolo has no words for: a ledger that only grows and counts by itself, numbers without gaps."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T13:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "constraints of fees, encounters, ledger and invoices"

FORWARDS = """
CREATE UNIQUE INDEX counter_once ON counter (name);

CREATE UNIQUE INDEX service_once ON service (code) WHERE is_active;
CREATE UNIQUE INDEX fee_once ON fee (service, since);
ALTER TABLE fee ADD CONSTRAINT fee_is_an_amount CHECK (cents BETWEEN 0 AND 99999999);
CREATE UNIQUE INDEX diagnosis_code_once ON diagnosis_code (code);

CREATE UNIQUE INDEX encounter_of_visit ON encounter (appointment) WHERE appointment IS NOT NULL AND voided_at IS NULL;
CREATE UNIQUE INDEX encounter_replaced_once ON encounter (replaces) WHERE replaces IS NOT NULL AND voided_at IS NULL;
CREATE INDEX encounter_of_client ON encounter (client, starts_at DESC, id DESC);
CREATE UNIQUE INDEX diagnosis_place ON diagnosis (encounter, place);
ALTER TABLE diagnosis ADD CONSTRAINT diagnosis_has_a_letter CHECK (place BETWEEN 1 AND 12);
CREATE UNIQUE INDEX service_line_place ON service_line (encounter, place);
CREATE INDEX service_line_of_client ON service_line (client)
  INCLUDE (encounter, charged, paid_by_insurer, paid_by_client, adjusted, insurance_due, client_due);
ALTER TABLE service_line
  ADD CONSTRAINT line_has_units CHECK (units BETWEEN 1 AND 999),
  ADD CONSTRAINT line_fee_is_an_amount CHECK (fee BETWEEN 0 AND 99999999),
  ADD CONSTRAINT line_of_insurer_is_not_overpaid CHECK (insurance_due >= 0),
  ADD CONSTRAINT line_of_client_is_not_overpaid CHECK (client_due >= 0),
  ADD CONSTRAINT line_adds_up CHECK (
    charged - paid_by_insurer - paid_by_client - adjusted = insurance_due + client_due);

CREATE UNIQUE INDEX ledger_account_of_client ON ledger_account (client);
ALTER TABLE ledger_account
  ADD CONSTRAINT account_owes CHECK (insurance_due >= 0 AND client_due >= 0),
  ADD CONSTRAINT account_credit_is_there CHECK (credit >= 0);

CREATE UNIQUE INDEX payment_number ON payment (number) WHERE number IS NOT NULL;
CREATE INDEX payment_of_client ON payment (client, received_on DESC, id DESC);
CREATE INDEX payment_refunds ON payment (refunds) WHERE refunds IS NOT NULL;
ALTER TABLE payment
  ADD CONSTRAINT payment_is_an_amount CHECK (amount BETWEEN 1 AND 99999999),
  ADD CONSTRAINT refund_names_its_payment CHECK (is_refund = (refunds IS NOT NULL));

CREATE INDEX posting_of_client ON posting (client, id);
CREATE INDEX posting_of_payment ON posting (payment) WHERE payment IS NOT NULL;
CREATE UNIQUE INDEX posting_reversed_once ON posting (reverses) WHERE reverses IS NOT NULL;
CREATE UNIQUE INDEX posting_once ON posting (key) WHERE key <> '';
CREATE INDEX entry_of_posting ON entry (posting);
CREATE INDEX entry_of_line ON entry (line) WHERE line IS NOT NULL;
CREATE INDEX entry_of_client ON entry (client, id);
CREATE UNIQUE INDEX entry_reversed_once ON entry (reverses) WHERE reverses IS NOT NULL;
ALTER TABLE entry
  ADD CONSTRAINT entry_is_an_amount CHECK (amount <> 0 AND amount BETWEEN -99999999999 AND 99999999999),
  ADD CONSTRAINT credit_is_the_clients CHECK (line IS NOT NULL OR share::text = 'client'),
  ADD CONSTRAINT entry_goes_the_right_way CHECK (
    CASE kind::text
      WHEN 'charge' THEN (amount > 0) = (reverses IS NULL)
      WHEN 'refund' THEN (amount > 0) = (reverses IS NULL)
      WHEN 'insurer_payment' THEN (amount < 0) = (reverses IS NULL)
      WHEN 'client_payment' THEN (amount < 0) = (reverses IS NULL)
      WHEN 'write_off' THEN (amount < 0) = (reverses IS NULL)
      ELSE kind::text IN ('adjustment', 'transfer') END);

CREATE FUNCTION ledger_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN RAISE EXCEPTION 'the ledger is append-only'; END $$;
CREATE TRIGGER entry_append_only BEFORE UPDATE OR DELETE ON entry
  FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER entry_not_emptied BEFORE TRUNCATE ON entry
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER posting_append_only BEFORE UPDATE OR DELETE ON posting
  FOR EACH ROW EXECUTE FUNCTION ledger_is_append_only();
CREATE TRIGGER posting_not_emptied BEFORE TRUNCATE ON posting
  FOR EACH STATEMENT EXECUTE FUNCTION ledger_is_append_only();

CREATE FUNCTION entry_counts() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  of_insurer bigint := CASE WHEN NEW.line IS NOT NULL AND NEW.share = 'insurance' THEN NEW.amount ELSE 0 END;
  of_client bigint := CASE WHEN NEW.line IS NOT NULL AND NEW.share = 'client' THEN NEW.amount ELSE 0 END;
  of_credit bigint := CASE WHEN NEW.line IS NULL THEN -NEW.amount ELSE 0 END;
BEGIN
  UPDATE ledger_account SET insurance_due = insurance_due + of_insurer, client_due = client_due + of_client,
    credit = credit + of_credit WHERE client = NEW.client;
  IF NOT FOUND THEN RAISE EXCEPTION 'the client % has no ledger yet', NEW.client; END IF;
  IF NEW.line IS NOT NULL THEN
    UPDATE service_line SET
      charged = charged + CASE WHEN NEW.kind = 'charge' THEN NEW.amount ELSE 0 END,
      paid_by_insurer = paid_by_insurer - CASE WHEN NEW.kind = 'insurer_payment' THEN NEW.amount ELSE 0 END,
      paid_by_client = paid_by_client
        - CASE WHEN NEW.kind IN ('client_payment', 'refund', 'transfer') THEN NEW.amount ELSE 0 END,
      adjusted = adjusted - CASE WHEN NEW.kind IN ('adjustment', 'write_off') THEN NEW.amount ELSE 0 END,
      insurance_due = insurance_due + of_insurer, client_due = client_due + of_client
    WHERE id = NEW.line AND client = NEW.client;
    IF NOT FOUND THEN RAISE EXCEPTION 'the line % is not of the client %', NEW.line, NEW.client; END IF;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER entry_counts_at_once AFTER INSERT ON entry FOR EACH ROW EXECUTE FUNCTION entry_counts();

CREATE UNIQUE INDEX invoice_number ON invoice (number) WHERE number IS NOT NULL;
CREATE UNIQUE INDEX invoice_replaced_once ON invoice (replaces) WHERE replaces IS NOT NULL;
CREATE INDEX invoice_of_client ON invoice (client, id DESC);
CREATE INDEX invoice_of_run ON invoice (run, id) WHERE run IS NOT NULL;
ALTER TABLE invoice ADD CONSTRAINT invoice_is_not_negative CHECK (total >= 0);
CREATE UNIQUE INDEX invoiced_once ON invoice_line (line) WHERE is_live;
CREATE INDEX invoice_line_of ON invoice_line (invoice, place);
CREATE INDEX invoice_line_line ON invoice_line (line);
CREATE UNIQUE INDEX one_run_at_a_time ON statement_run ((true)) WHERE state::text = 'running';
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
