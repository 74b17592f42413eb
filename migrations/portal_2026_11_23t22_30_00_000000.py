"""What Piccolo has no words for: nobody is in two places at once.

An exclusion constraint knows ranges; the owner of a range is put in front of its seconds, as far to the left as no
second reaches, so that ranges of two owners never meet. That needs no extension of the database.
"""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-23T22:30:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "constraints and indexes of appointments"

OWNER = 2**40


def span(owner: str, begins: str, ends: str) -> str:
    """Of these columns, one range; empty where the end has come before the beginning."""
    first, last = (
        f"({owner} * {OWNER} + extract(epoch FROM ({moment}) AT TIME ZONE 'UTC')::bigint)"
        for moment in (begins, f"greatest({begins}, {ends})")
    )
    return f"int8range({first}, {last})"


FORWARDS = f"""
ALTER TABLE appointment
  ADD CONSTRAINT appointment_is_in_order CHECK (starts_at < ends_at AND busy_from < busy_until),
  ADD CONSTRAINT appointment_is_whole CHECK (moves IS NOT NULL OR (busy_from <= starts_at AND ends_at <= busy_until)),
  ADD CONSTRAINT appointment_holds CHECK (
    CASE WHEN state::text IN ('booked', 'confirmed', 'arrived') THEN holds
         WHEN state::text IN ('held', 'requested', 'completed') THEN true ELSE NOT holds END),
  ADD CONSTRAINT clinician_is_here_once EXCLUDE USING gist
    ({span("clinician", "busy_from", "busy_until")} WITH &&) WHERE (holds),
  ADD CONSTRAINT client_is_here_once EXCLUDE USING gist
    ({span("client", "greatest(busy_from, starts_at)", "least(busy_until, ends_at)")} WITH &&) WHERE (holds);
CREATE UNIQUE INDEX one_time_held ON appointment (client) WHERE state = 'held';
CREATE UNIQUE INDEX one_move_asked ON appointment (moves) WHERE state::text IN ('held', 'requested');
CREATE INDEX appointment_of_clinician ON appointment (clinician, busy_from) INCLUDE (busy_until, state, held_until)
  WHERE holds;
CREATE INDEX appointment_of_client ON appointment (client, starts_at DESC, id DESC);
CREATE INDEX appointment_lapses ON appointment (held_until) WHERE holds AND held_until IS NOT NULL;

ALTER TABLE appointment_type ADD CONSTRAINT type_takes_time CHECK (
  length >= 5 AND length <= 720 AND before >= 0 AND before <= 240 AND after >= 0 AND after <= 240
  AND length % 5 = 0 AND before % 5 = 0 AND after % 5 = 0);
CREATE UNIQUE INDEX type_name ON appointment_type (lower(name)) WHERE is_active;
CREATE UNIQUE INDEX type_clinician_once ON type_clinician (type, clinician);
CREATE UNIQUE INDEX type_site_once ON type_site (type, site);

ALTER TABLE hours ADD CONSTRAINT hours_of_a_day CHECK (
  weekday >= 0 AND weekday <= 6 AND 0 <= begins AND begins < ends AND ends <= 1440 AND begins % 5 = 0 AND ends % 5 = 0),
  ADD CONSTRAINT hours_have_days CHECK (since IS NULL OR until IS NULL OR since <= until);
CREATE INDEX hours_of_clinician ON hours (clinician, weekday, begins);
ALTER TABLE special_hours ADD CONSTRAINT special_hours_of_a_day CHECK (
  0 <= begins AND begins < ends AND ends <= 1440 AND begins % 5 = 0 AND ends % 5 = 0),
  ADD CONSTRAINT special_hours_have_days CHECK (first_day <= last_day),
  ADD CONSTRAINT extra_hours_are_somebodys CHECK (NOT is_open OR (clinician IS NOT NULL AND site IS NOT NULL));
CREATE INDEX special_hours_by_day ON special_hours (last_day, first_day);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
