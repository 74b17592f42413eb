"""What was done at a visit: services with their codes, and the diagnoses that they point to. Money is whole cents.

What belongs together is kept by the ledger's trigger (portal/billing), which stands in the migrations.
"""

from piccolo.columns import (
    Array,
    BigInt,
    BigSerial,
    Boolean,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from portal.access.permissions import Area
from portal.appointments.tables import Appointment
from portal.clients.tables import Client
from portal.practice.tables import Site, StaffMember


class Encounter(Table):
    """What was done at one visit. `place_of_service` is the CMS code; `payer` is empty where the client pays.

    The insurance is as it was at the time. A wrong encounter is voided and recorded anew: `replaces` names it.
    """

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    appointment = ForeignKey(Appointment, on_delete=OnDelete.restrict, null=True, default=None)
    clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)
    site = ForeignKey(Site, on_delete=OnDelete.restrict, null=False)
    place_of_service = Varchar(2, default="11")
    starts_at = Timestamptz()
    time_zone = Varchar(64)
    payer = Varchar(200, default="")
    plan = Varchar(200, default="")
    member_id = Varchar(100, default="")
    group_number = Varchar(100, default="")
    subscriber = Varchar(200, default="")
    relationship = Varchar(60, default="")
    referring_name = Varchar(200, default="")
    referring_npi = Varchar(10, default="")
    is_part2 = Boolean(default=False, help_text="its papers carry the notice of 42 CFR Part 2")
    version = Integer(default=1)
    replaces = BigInt(default=None, null=True, help_text="the voided encounter that this one corrects")
    recorded_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    recorded_at = Timestamptz()
    voided_at = Timestamptz(default=None, null=True)
    voided_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    void_reason = Varchar(300, default="")


class Diagnosis(Table):
    """`place` 1 is the pointer A; `words` are the code's at the time of service."""

    id = BigSerial(primary_key=True)
    encounter = ForeignKey(Encounter, on_delete=OnDelete.restrict, null=False)
    place = SmallInt()
    code = Varchar(8)
    words = Varchar(300)


class ServiceLine(Table, tablename="service_line"):
    """One service of an encounter: `units` at `fee` cents each; `pointers` are places of its diagnoses.

    From `charged` on, the columns are sums of the ledger, kept by its trigger, in cents and never below zero where
    somebody owes: charged - paid_by_insurer - paid_by_client - adjusted = insurance_due + client_due.
    """

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    encounter = ForeignKey(Encounter, on_delete=OnDelete.restrict, null=False)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    place = SmallInt()
    code = Varchar(20)
    words = Varchar(200)
    words_es = Varchar(200, default="")
    modifiers = Array(base_column=Varchar(2), default=list)
    units = Integer()
    fee = BigInt()
    pointers = Array(base_column=SmallInt(), default=list)
    charged = BigInt(default=0)
    paid_by_insurer = BigInt(default=0)
    paid_by_client = BigInt(default=0)
    adjusted = BigInt(default=0)
    insurance_due = BigInt(default=0)
    client_due = BigInt(default=0)


class NoCharge(Table, tablename="no_charge"):
    """A visit that took place and costs nothing, or was billed elsewhere: nobody has to record it."""

    id = BigSerial(primary_key=True)
    appointment = ForeignKey(Appointment, on_delete=OnDelete.restrict, null=False)
    reason = Varchar(300)
    made_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()
