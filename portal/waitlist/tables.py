"""Who would like to come earlier: one entry for each client and type."""

from enum import StrEnum

from piccolo.columns import Array, BigInt, BigSerial, Date, ForeignKey, OnDelete, SmallInt, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.accounts.tables import Account
from portal.appointments.tables import AppointmentType, ContactType
from portal.clients.tables import Client
from portal.practice.tables import Site, StaffMember


class WaitState(StrEnum):
    OPEN = "open"
    MET = "met"
    LEFT = "left"
    ENDED = "ended"


class WaitEntry(Table):
    """`weekdays` (Monday is 0) and `parts` of the day (morning, afternoon, evening) by the wall clock of the place.

    Without a clinician or a site, any. An offer to it is an appointment whose `waits` is its id.
    """

    area = Area.APPOINTMENTS

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    type = ForeignKey(AppointmentType, on_delete=OnDelete.restrict, null=False)
    contact_type = Varchar(20, choices=ContactType)
    clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    site = ForeignKey(Site, on_delete=OnDelete.restrict, null=True, default=None)
    weekdays = Array(base_column=SmallInt())
    parts = Array(base_column=Varchar(10))
    last_day = Date(help_text="after it nothing is offered any more")
    moves = BigInt(default=None, null=True, help_text="the visit that would be moved to the earlier time")
    asked_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()
    state = Varchar(10, choices=WaitState, default=WaitState.OPEN)
    ended_at = Timestamptz(default=None, null=True)
