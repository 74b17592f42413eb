"""Charts: who the clients are, how to reach them, who belongs to them, who pays for them.

The column `client.search` (tsvector, GIN) is made by the migrations: Piccolo has no word for it.
"""

from enum import StrEnum

from piccolo.columns import (
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from portal.access.permissions import Area
from portal.practice.tables import Site, StaffMember


class EmailKind(StrEnum):
    PERSONAL = "personal"
    WORK = "work"
    RELATED = "related"


class RelatedKind(StrEnum):
    MEDICAL = "medical"
    FAMILY = "family"
    CUSTOM = "custom"


class Client(Table):
    """`family_key` and `given_key` are the names folded for sorting; `record_number` is the health record's own."""

    area = Area.INFORMATION
    reach_column = "id"

    id = BigSerial(primary_key=True)
    chart_number = Varchar(20)
    record_number = Varchar(100, default="")
    given_name = Varchar(100)
    middle_name = Varchar(100, default="")
    family_name = Varchar(100)
    suffix = Varchar(20, default="")
    preferred_name = Varchar(100, default="")
    family_key = Varchar(100)
    given_key = Varchar(200)
    birth_date = Date(default=None, null=True)
    sex = Varchar(20, default="")
    pronouns = Varchar(60, default="")
    gender_identity = Varchar(60, default="")
    marital_status = Varchar(40, default="")
    race = Varchar(120, default="", help_text="codes with commas between them")
    ethnicity = Varchar(40, default="")
    language = Varchar(20, default="")
    preferred_contact = Varchar(20, default="")
    principal_clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    site = ForeignKey(Site, on_delete=OnDelete.restrict, null=True, default=None)
    deceased_on = Date(default=None, null=True)
    is_active = Boolean(default=True)
    created_at = Timestamptz()

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.given_name, self.family_name, self.suffix) if part)

    @property
    def called(self) -> str:
        return self.preferred_name or self.given_name


class ClientEmail(Table):
    area = Area.INFORMATION

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(20, choices=EmailKind, default=EmailKind.PERSONAL)
    address = Varchar(254)
    address_key = Varchar(254)
    added_at = Timestamptz()


class ClientPhone(Table):
    """`number` is E.164 where it could be read, else as it came."""

    area = Area.INFORMATION

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(20, default="mobile")
    number = Varchar(40)
    may_leave_message = Boolean(default=False)


class ClientAddress(Table):
    area = Area.INFORMATION

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(20, default="home")
    street = Varchar(200, default="")
    street_2 = Varchar(200, default="")
    city = Varchar(100, default="")
    state = Varchar(50, default="")
    postal_code = Varchar(20, default="")
    country = Varchar(60, default="US")


class RelatedPerson(Table):
    area = Area.INFORMATION

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    given_name = Varchar(100, default="")
    family_name = Varchar(100)
    kind = Varchar(20, choices=RelatedKind, default=RelatedKind.FAMILY)
    relationship = Varchar(100, default="")
    organization = Varchar(200, default="")
    is_emergency_contact = Boolean(default=False)
    phone = Varchar(40, default="")
    email = Varchar(254, default="")

    @property
    def name(self) -> str:
        return " ".join(part for part in (self.given_name, self.family_name) if part)


class ClientImage(Table):
    """A photo that belongs to a chart, cleaned before it was stored. `key` is its name in the file store."""

    area = Area.INFORMATION

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    key = Varchar(60)
    size = Integer()
    width = SmallInt()
    height = SmallInt()
    sha256 = Bytea()
    added_by = BigInt(default=None, null=True, help_text="the account that sent it")
    added_at = Timestamptz()
    let_go_at = Timestamptz(default=None, null=True, help_text="nothing refers to it: gone a day later, with its file")


class Coverage(Table):
    """Insurance; `rank` 1 is primary."""

    area = Area.INFORMATION

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    rank = SmallInt(default=1)
    payer = Varchar(200)
    plan = Varchar(200, default="")
    member_id = Varchar(100, default="")
    group_number = Varchar(100, default="")
    subscriber_name = Varchar(200, default="")
    relationship = Varchar(60, default="")
    starts_on = Date(default=None, null=True)
    ends_on = Date(default=None, null=True)
    front_image = ForeignKey(ClientImage, on_delete=OnDelete.restrict, null=True, default=None)
    back_image = ForeignKey(ClientImage, on_delete=OnDelete.restrict, null=True, default=None)
