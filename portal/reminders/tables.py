"""Reminders of visits, and the text messages that go beside letters."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, ForeignKey, OnDelete, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.accounts.tables import Account
from portal.appointments.tables import Appointment
from portal.clients.tables import Client
from portal.outbox.tables import Event


class TextState(StrEnum):
    """Written is a file of ours that nobody has sent; sent is what a carrier has taken."""

    QUEUED = "queued"
    WRITTEN = "written"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"


class Reminder(Table):
    """One rule of the practice has come due for one visit at one time: a visit that moves is reminded of anew."""

    area = Area.APPOINTMENTS

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    appointment = ForeignKey(Appointment, on_delete=OnDelete.restrict, null=False)
    rule = SmallInt()
    starts_at = Timestamptz(help_text="of the visit, as it was told")
    made_at = Timestamptz()


class TextConsent(Table):
    """A client has agreed to text messages at this number (E.164), until it ends."""

    area = Area.APPOINTMENTS

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    number = Varchar(20)
    agreed_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)


class TextMessage(Table):
    """A row first, as with letters; the words are rendered when it is sent."""

    area = Area.APPOINTMENTS

    id = BigSerial(primary_key=True)
    event = ForeignKey(Event, on_delete=OnDelete.restrict, null=False)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(60)
    subject_id = BigInt()
    number = Varchar(20)
    language = Varchar(5, default="en")
    state = Varchar(10, choices=TextState, default=TextState.QUEUED)
    written_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)
    last_error = Text(default="")
