"""Consents to electronic records, signatures, and what the practice added. None is changed once it stands (triggers in
the migrations); a consent only ends.
"""

from enum import StrEnum

from piccolo.columns import (
    JSONB,
    BigInt,
    BigSerial,
    Bytea,
    ForeignKey,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from portal.accounts.tables import Account
from portal.filling.tables import Submission
from portal.practice.tables import StaffMember


class ElectronicConsent(Table, tablename="electronic_consent"):
    """Asked once of each account, for all that it signs: the wording in the language it was read in.

    `code` stands in a PDF alone: whoever types it has opened one, which is the proof that such records reach them.
    One is live at most: given, and not withdrawn. `tries` counts codes that were not it.
    """

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    language = Varchar(5)
    wording = Text()
    wording_sha256 = Bytea()
    code = Varchar(12)
    tries = SmallInt(default=0)
    asked_at = Timestamptz()
    given_at = Timestamptz(default=None, null=True)
    withdrawn_at = Timestamptz(default=None, null=True)
    session = BigInt(default=None, null=True)
    address = Varchar(45, default="")
    agent = Varchar(300, default="")


class Role(StrEnum):
    SIGNER = "signer"
    PRACTICE = "practice"


class How(StrEnum):
    TYPED = "typed"
    DRAWN = "drawn"


class Signature(Table, tablename="form_signature"):
    """Of one submission, once by each role. `name` and `initials` as they were typed, `signer` as the account is
    called, `relation` is the kind of the grant, or the role of the member of the staff.

    `intent` is the sentence that was agreed to, `button` what was pressed. `image_key` names the drawing in the store.
    `authentication` says how its signer had come in, and when.
    """

    id = BigSerial(primary_key=True)
    submission = ForeignKey(Submission, on_delete=OnDelete.restrict, null=False)
    role = Varchar(10, choices=Role)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    staff = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    consent = ForeignKey(ElectronicConsent, on_delete=OnDelete.restrict, null=True, default=None)
    signer = Varchar(200)
    relation = Varchar(20)
    how = Varchar(10, choices=How)
    name = Varchar(120)
    initials = Varchar(8, default="")
    image_key = Varchar(60, default="")
    image_sha256 = Bytea(default=b"")
    intent = Text()
    button = Varchar(80)
    authentication = Varchar(200)
    session = BigInt(default=None, null=True)
    address = Varchar(45, default="")
    agent = Varchar(300, default="")
    time_zone = Varchar(64)
    language = Varchar(5)
    signed_at = Timestamptz()


class Acceptance(Table, tablename="form_acceptance"):
    """What the practice took into the record, with the fields that it fills in itself. One for a submission."""

    id = BigSerial(primary_key=True)
    submission = ForeignKey(Submission, on_delete=OnDelete.restrict, null=False)
    answers = JSONB(default="{}")
    answers_sha256 = Bytea()
    accepted_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)
    accepted_at = Timestamptz()
