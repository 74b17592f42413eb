"""Visits, the times at which they may be, and what kinds of them there are."""

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
from portal.clients.tables import Client
from portal.practice.tables import Site, StaffMember


class ContactType(StrEnum):
    IN_PERSON = "in_person"
    PHONE = "phone"
    TELEHEALTH = "telehealth"


class BookedBy(StrEnum):
    """Which clients may ask for a type by themselves. New is who has not been here yet."""

    EVERYBODY = "everybody"
    EXISTING = "existing"
    NEW = "new"
    NOBODY = "nobody"


class State(StrEnum):
    HELD = "held"
    REQUESTED = "requested"
    OFFERED = "offered"
    BOOKED = "booked"
    CONFIRMED = "confirmed"
    ARRIVED = "arrived"
    COMPLETED = "completed"
    NO_SHOW = "no_show"
    CANCELLED = "cancelled"
    LATE_CANCELLED = "late_cancelled"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    MOVED = "moved"
    EXPIRED = "expired"


class Repeat(StrEnum):
    WEEKLY = "weekly"
    BIWEEKLY = "biweekly"
    FOUR_WEEKS = "four_weeks"
    MONTHLY = "monthly"


class AppointmentType(Table):
    """Times in minutes; before and after are kept free around the visit."""

    id = BigSerial(primary_key=True)
    name = Varchar(80)
    name_es = Varchar(80, default="", help_text="empty is name")
    length = SmallInt(default=50)
    before = SmallInt(default=0)
    after = SmallInt(default=0)
    contact_types = Array(base_column=Varchar(20))
    booked_by = Varchar(20, choices=BookedBy, default=BookedBy.EXISTING)
    is_booked_at_once = Boolean(default=False, help_text="nobody has to approve what a client asks for")
    color = Varchar(20, default="spruce")
    place = SmallInt(default=0, help_text="in the list that people choose from")
    is_active = Boolean(default=True)


class TypeClinician(Table):
    """Who offers a type; where there is no row, everybody does."""

    id = BigSerial(primary_key=True)
    type = ForeignKey(AppointmentType, on_delete=OnDelete.restrict, null=False)
    clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)


class TypeSite(Table):
    """Where a type is offered; where there is no row, everywhere."""

    id = BigSerial(primary_key=True)
    type = ForeignKey(AppointmentType, on_delete=OnDelete.restrict, null=False)
    site = ForeignKey(Site, on_delete=OnDelete.restrict, null=False)


class Hours(Table):
    """Open every week, by the wall clock of the site: Monday is 0, minutes count from midnight."""

    id = BigSerial(primary_key=True)
    clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)
    site = ForeignKey(Site, on_delete=OnDelete.restrict, null=False)
    weekday = SmallInt()
    begins = SmallInt()
    ends = SmallInt()
    contact_types = Array(base_column=Varchar(20))
    since = Date(default=None, null=True)
    until = Date(default=None, null=True)


class SpecialHours(Table):
    """Days that are other than their week: closed, or open at other times. Without a clinician, for all of them."""

    id = BigSerial(primary_key=True)
    clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    site = ForeignKey(Site, on_delete=OnDelete.restrict, null=True, default=None)
    first_day = Date()
    last_day = Date()
    begins = SmallInt(default=0)
    ends = SmallInt(default=1440)
    is_open = Boolean(default=False)
    contact_types = Array(base_column=Varchar(20), default=list)
    note = Varchar(120, default="", help_text="for staff: holiday, conference")


class Series(Table):
    """Visits that were booked together, one after the other at the same hour of the wall clock."""

    area = Area.APPOINTMENTS

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    every = Varchar(20, choices=Repeat)
    made_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)
    made_at = Timestamptz()


class Appointment(Table):
    """One visit, asked for or booked. Instants; `time_zone` is what the wall clock shows there.

    `busy_from` and `busy_until` hold the time that is kept free around it. While it `holds`, nobody else gets this
    time of this clinician, nor does this client get another visit (constraints in the migrations).
    `version` grows with each change, so that nobody decides about what they have not seen.
    """

    area = Area.APPOINTMENTS

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)
    site = ForeignKey(Site, on_delete=OnDelete.restrict, null=False)
    type = ForeignKey(AppointmentType, on_delete=OnDelete.restrict, null=False)
    contact_type = Varchar(20, choices=ContactType)
    starts_at = Timestamptz()
    ends_at = Timestamptz()
    busy_from = Timestamptz()
    busy_until = Timestamptz()
    time_zone = Varchar(64)
    state = Varchar(20, choices=State)
    holds = Boolean(default=True)
    version = Integer(default=1)
    moves = BigInt(default=None, null=True, help_text="the visit in whose place this one would be")
    instead_of = BigInt(default=None, null=True, help_text="the request to which the practice answers with this offer")
    waits = BigInt(default=None, null=True, help_text="the entry of the wait list to which it is offered")
    series = ForeignKey(Series, on_delete=OnDelete.restrict, null=True, default=None)
    wish = Text(default="", help_text="what the client wants the practice to know")
    asked_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()
    held_until = Timestamptz(default=None, null=True, help_text="of a time that is held, or asked for")
    decided_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    decided_at = Timestamptz(default=None, null=True)
    reason = Text(default="", help_text="why it was declined or cancelled, as the client reads it")
    common_reason = Varchar(30, default="")
    note = Text(default="", help_text="for staff")
    link = Varchar(500, default="", help_text="where a telehealth visit takes place; empty is the clinician's own room")
    arrived_at = Timestamptz(default=None, null=True)
    read_at = Timestamptz(default=None, null=True, help_text="when the client has seen the answer")
