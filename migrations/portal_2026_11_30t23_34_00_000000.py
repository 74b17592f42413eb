"""What Piccolo has no words for: what was sent, signed and made stays as it was, and there is one of each."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T23:34:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "constraints of filling in and signing"

STAYING = ("form_submission", "form_signature", "form_acceptance", "completed_copy")
FORWARDS = """
CREATE UNIQUE INDEX form_draft_once ON form_draft (document);
CREATE UNIQUE INDEX form_submission_once ON form_submission (document, number);
CREATE UNIQUE INDEX form_signature_once ON form_signature (submission, role);
CREATE UNIQUE INDEX form_acceptance_once ON form_acceptance (submission);
CREATE UNIQUE INDEX completed_copy_once ON completed_copy (submission, kind);
CREATE UNIQUE INDEX completed_copy_of_its_own ON completed_copy (sha256);
ALTER TABLE form_signature
  ADD CONSTRAINT form_signature_has_a_name CHECK (btrim(name) <> '' AND btrim(signer) <> ''),
  ADD CONSTRAINT form_signature_is_drawn_or_typed CHECK ((how::text = 'drawn') = (image_key <> '')),
  ADD CONSTRAINT form_signature_of_the_practice CHECK ((role::text = 'practice') = (staff IS NOT NULL)),
  ADD CONSTRAINT form_signature_is_consented CHECK (role::text = 'practice' OR consent IS NOT NULL);
CREATE UNIQUE INDEX electronic_consent_once ON electronic_consent (account)
  WHERE given_at IS NOT NULL AND withdrawn_at IS NULL;

CREATE FUNCTION what_was_sent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'what was sent, signed or made is neither changed nor deleted';
END $$;

CREATE FUNCTION electronic_consent_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE' AND (OLD.given_at IS NULL OR (OLD.withdrawn_at IS NULL
     AND to_jsonb(NEW) - 'withdrawn_at' = to_jsonb(OLD) - 'withdrawn_at')) THEN
    RETURN NEW;
  END IF;
  IF TG_OP = 'DELETE' AND OLD.given_at IS NULL THEN
    RETURN OLD;
  END IF;
  RAISE EXCEPTION 'a consent that was given can only be withdrawn';
END $$;
CREATE TRIGGER electronic_consent_stays BEFORE UPDATE OR DELETE ON electronic_consent
  FOR EACH ROW EXECUTE FUNCTION electronic_consent_stays();

CREATE FUNCTION what_is_to_be_signed_is_signed() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF EXISTS (SELECT FROM document WHERE id = NEW.document AND purpose = 'sign')
     AND NOT EXISTS (SELECT FROM form_signature WHERE submission = NEW.id AND role = 'signer') THEN
    RAISE EXCEPTION 'what is to be signed is not sent without its signature';
  END IF;
  RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER form_submission_is_signed AFTER INSERT ON form_submission
  DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION what_is_to_be_signed_is_signed();
"""
STAYS = """
CREATE TRIGGER {0}_stays BEFORE UPDATE OR DELETE ON {0} FOR EACH ROW EXECUTE FUNCTION what_was_sent_stays();
CREATE TRIGGER {0}s_stay BEFORE TRUNCATE ON {0} EXECUTE FUNCTION what_was_sent_stays();
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)
        for table in STAYING:
            await transaction.connection.execute(STAYS.format(table))

    manager.add_raw(run)
    return manager
