"""What happened, and what must still be done about it."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table


class ErrandState(StrEnum):
    QUEUED = "queued"
    LEASED = "leased"
    DONE = "done"
    DEAD = "dead"


class Event(Table):
    """Ids only: never names, never text."""

    id = BigSerial(primary_key=True)
    kind = Varchar(60)
    subject_id = BigInt()
    client_id = BigInt(default=None, null=True)
    happened_at = Timestamptz()


class Errand(Table):
    """The queue of record. `actor` runs it, `subject_id` is all it is told, `dedupe_key` lets it be said only once."""

    id = BigSerial(primary_key=True)
    actor = Varchar(40)
    subject_id = BigInt()
    dedupe_key = Varchar(120)
    state = Varchar(10, choices=ErrandState, default=ErrandState.QUEUED)
    attempts = SmallInt(default=0)
    due_at = Timestamptz()
    lease_until = Timestamptz(default=None, null=True)
    lease_by = Varchar(60, default="")
    last_error = Text(default="")
    created_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)
