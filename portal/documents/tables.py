"""What was shared with a client, and everything that happened to it."""

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
from portal.accounts.tables import Account
from portal.clients.tables import Client
from portal.library.tables import FormVersion
from portal.practice.tables import StaffMember


class DocumentKind(StrEnum):
    FORM = "form"
    DOCUMENT = "document"


class Purpose(StrEnum):
    """What the client is to do with it."""

    READ = "read"
    FILL = "fill"
    SIGN = "sign"


class DocumentState(StrEnum):
    """`rules.py` says which follows which."""

    NOT_SHARED = "not_shared"
    PENDING = "pending"
    OPENED = "opened"
    IN_PROGRESS = "in_progress"
    WITH_PRACTICE = "with_practice"
    RETURNED = "returned"
    ACCEPTED = "accepted"
    DECLINED = "declined"
    WITHDRAWN = "withdrawn"
    EXPIRED = "expired"


class Document(Table):
    """Of a version of the practice's form, or a file of the chart's own; `…key` name stored objects.

    Shared, it is visible at once: only a reason of the list (`rules.HIDDEN`) keeps it from the client, as `hidden_for`.
    `common_reason` by name, `reason` in words: why it was returned, declined or
    withdrawn.
    """

    area = Area.DOCUMENTS

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    form_version = ForeignKey(FormVersion, on_delete=OnDelete.restrict, null=True, default=None)
    kind = Varchar(10, choices=DocumentKind)
    purpose = Varchar(10, choices=Purpose, default=Purpose.READ)
    state = Varchar(20, choices=DocumentState, default=DocumentState.NOT_SHARED)
    title = Varchar(120)
    title_es = Varchar(120, default="")
    note = Varchar(500, default="", help_text="to the client, beside it")
    name = Varchar(120)
    media_type = Varchar(120)
    size = Integer()
    sha256 = Bytea()
    pages = SmallInt(default=None, null=True)
    key = Varchar(60)
    thumbnail_key = Varchar(60, default="")
    preview_key = Varchar(60, default="")
    hidden_for = Varchar(20, default="")
    due_on = Date(default=None, null=True)
    ends_when_due = Boolean(default=False, help_text="after that day it cannot be sent any more")
    added_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    added_at = Timestamptz()
    shared_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    shared_at = Timestamptz(default=None, null=True)
    opened_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    opened_at = Timestamptz(default=None, null=True)
    sent_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    sent_at = Timestamptz(default=None, null=True)
    settled_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    settled_at = Timestamptz(default=None, null=True)
    common_reason = Varchar(20, default="")
    reason = Varchar(500, default="")
    once = Varchar(60, help_text="of the form that was sent: once, however often it arrives")
    version = Integer(default=1)


class DocumentStep(Table, tablename="document_step"):
    """What happened to it, in order; never changed or deleted (a trigger in the migrations). Evidence is made of these.

    `actor` is a person's name, or what the portal did it as.
    """

    id = BigSerial(primary_key=True)
    document = ForeignKey(Document, on_delete=OnDelete.restrict, null=False)
    happened_at = Timestamptz()
    step = Varchar(20)
    account = BigInt(default=None, null=True)
    staff = BigInt(default=None, null=True)
    actor = Varchar(300, default="")
    address = Varchar(45, default="")
    detail = Varchar(500, default="")
