"""Good Faith Estimates: what a client who pays was told that visits would cost, kept as it was given.

No row is ever changed or deleted (triggers in the migrations): a new estimate `replaces` the one before. Cents.
"""

from enum import StrEnum

from piccolo.columns import (
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from portal.access.permissions import Area
from portal.accounts.tables import Account
from portal.appointments.tables import Appointment
from portal.clients.tables import Client
from portal.practice.tables import StaffMember


class How(StrEnum):
    """How it reached the client."""

    PORTAL = "portal"
    PAPER = "paper"
    MAIL = "mail"


class Estimate(Table):
    """`words` say the primary service plainly; it covers so many `visits` from `first_day` to `last_day`.

    Names, addresses and numbers are those of the day on which it was given.
    """

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    appointment = ForeignKey(Appointment, on_delete=OnDelete.restrict, null=True, default=None)
    replaces = BigInt(default=None, null=True)
    client_name = Varchar(300)
    birth_date = Date(default=None, null=True)
    practice_name = Varchar(200)
    practice_address = Varchar(300, default="")
    practice_phone = Varchar(20, default="")
    words = Varchar(200)
    starts_at = Timestamptz(default=None, null=True, help_text="of the visit, where one is booked")
    time_zone = Varchar(64)
    visits = Integer(default=1)
    every = Varchar(20, default="", help_text="how often; empty where that is open, or it is one visit")
    first_day = Date()
    last_day = Date()
    diagnoses = Array(base_column=Varchar(300), default=list, help_text="each its code and what it is called")
    separate = Text(default="", help_text="what must be scheduled separately, one a line")
    total = BigInt()
    given_how = Varchar(10, choices=How)
    given_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    given_at = Timestamptz()
    key = Varchar(60, help_text="of the form that was sent: once, however often it arrives")


class EstimateProvider(Table, tablename="estimate_provider"):
    """Who would do it and where, with the numbers that the law asks for."""

    id = BigSerial(primary_key=True)
    estimate = ForeignKey(Estimate, on_delete=OnDelete.restrict, null=False)
    place = SmallInt()
    clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)
    name = Varchar(300)
    npi = Varchar(10)
    tax_id = Varchar(10)
    site = Varchar(200)
    address = Varchar(300, default="")
    state = Varchar(50)
    total = BigInt()


class EstimateItem(Table, tablename="estimate_item"):
    """A service: `quantity` in all, at `charge` cents each."""

    id = BigSerial(primary_key=True)
    provider = ForeignKey(EstimateProvider, on_delete=OnDelete.restrict, null=False)
    place = SmallInt()
    code = Varchar(5)
    words = Varchar(200)
    words_es = Varchar(200, default="")
    quantity = Integer()
    charge = BigInt()


class EstimateRequest(Table, tablename="estimate_request"):
    """Somebody asked what it would cost. `answered_by` is the estimate that says it."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    words = Varchar(600)
    asked_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    noted_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    asked_at = Timestamptz()
    due_on = Date()
    answered_by = ForeignKey(Estimate, on_delete=OnDelete.restrict, null=True, default=None)
    key = Varchar(60)
    is_open = Boolean(default=True)
