"""The practice, its sites and its people."""

from piccolo.columns import BigInt, BigSerial, Boolean, Date, ForeignKey, OnDelete, Text, Varchar
from piccolo.table import Table


class Practice(Table):
    """One row: one practice per deployment. Phones are E.164, zones are IANA names."""

    id = BigSerial(primary_key=True)
    name = Varchar(120)
    sender_name = Varchar(120, default="", help_text="who letters come from; empty is the practice's name")
    sender_name_es = Varchar(120, default="", help_text="the same in Spanish letters; empty is sender_name")
    phone = Varchar(20, default="")
    email = Varchar(254, default="")
    street = Varchar(200, default="")
    city = Varchar(100, default="")
    state = Varchar(2, default="")
    postal_code = Varchar(10, default="")
    time_zone = Varchar(64, default="America/New_York")
    hours_en = Text(default="")
    hours_es = Text(default="")
    legal_name = Varchar(200, default="", help_text="for invoices and superbills; empty is name")
    tax_id = Varchar(10, default="", help_text="EIN as 12-3456789")
    npi = Varchar(10, default="", help_text="of the group")
    context_words = Text(default="", help_text="words that passwords may not be made of, beside the name; one a line")


class Site(Table):
    id = BigSerial(primary_key=True)
    name = Varchar(200)
    street = Varchar(200, default="")
    city = Varchar(100, default="")
    state = Varchar(50, default="")
    postal_code = Varchar(20, default="")
    phone = Varchar(40, default="")
    time_zone = Varchar(64, default="", help_text="IANA name; empty is the practice's")
    is_active = Boolean(default=True)


class StaffMember(Table):
    """Who works here, with or without an account. `role` is set for those who sign in."""

    id = BigSerial(primary_key=True)
    prefix = Varchar(20, default="")
    given_name = Varchar(100)
    family_name = Varchar(100)
    credentials = Varchar(100, default="")
    role = Varchar(30, default=None, null=True)
    is_clinician = Boolean(default=False)
    npi = Varchar(10, default="")
    license_number = Varchar(40, default="")
    license_state = Varchar(2, default="")
    is_active = Boolean(default=True)

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.prefix, self.given_name, self.family_name) if part)


class StaffAway(Table):
    """Somebody is out of the office, both days included; `cover` reads and answers meanwhile."""

    id = BigSerial(primary_key=True)
    staff = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)
    first_day = Date()
    last_day = Date()
    cover = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)


class Setting(Table):
    """A switch that somebody has turned: its feature knows its choices and which of them nobody chose."""

    id = BigSerial(primary_key=True)
    name = Varchar(80)
    value = Varchar(500)


class Counter(Table):
    """The last number given out under a name: invoices, receipts. Whoever asks holds it until the transaction ends."""

    id = BigSerial(primary_key=True)
    name = Varchar(30)
    last = BigInt(default=0)
