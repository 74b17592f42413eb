"""Letters: one row each, so that its state can be shown where it was caused."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.outbox.tables import Event


class DeliveryState(StrEnum):
    QUEUED = "queued"
    SENT = "sent"
    FAILED = "failed"
    BOUNCED = "bounced"
    DROPPED = "dropped"


class Delivery(Table):
    """`kind` names the template, `subject_id` the row that it speaks of; the words are rendered when it is sent."""

    area = Area.INFORMATION
    reach_column = "client_id"

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(60)
    subject_id = BigInt()
    client_id = BigInt(default=None, null=True)
    address = Varchar(254)
    language = Varchar(5, default="en")
    message_id = Varchar(120)
    state = Varchar(10, choices=DeliveryState, default=DeliveryState.QUEUED)
    written_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)
    last_error = Text(default="")
