"""Conversations between a client's people and the practice.

The column `message.search` (tsvector, GIN) is made by the migrations: Piccolo has no word for it.
"""

from enum import StrEnum

from piccolo.columns import (
    Array,
    BigInt,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.columns.reference import LazyTableReference
from piccolo.table import Table

from portal.access.permissions import Area
from portal.accounts.tables import Account
from portal.clients.tables import Client
from portal.practice.tables import StaffMember

ANNOUNCEMENTS = "portal.announcements.tables"  # they stand above


class Topic(StrEnum):
    """Decides who of the staff reads; what is personal is read by one clinician."""

    APPOINTMENTS = "appointments"
    BILLING = "billing"
    CARE = "care"
    OTHER = "other"
    PERSONAL = "personal"


class MessageKind(StrEnum):
    CLIENT = "client"
    OFFICE = "office"
    AUTOMATIC = "automatic"


class FileState(StrEnum):
    CLEAN = "clean"
    WAITING = "waiting"
    INFECTED = "infected"


class Thread(Table):
    """One conversation about one client. `waiting_since` is when the first word came that has no answer yet.

    `latest` is the id of its last message; staff have read up to `office_read_to`. A thread that is closed opens again
    with the next word of either side.
    """

    area = Area.MESSAGES

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    topic = Varchar(20, choices=Topic)
    clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    subject = Varchar(120)
    started_at = Timestamptz()
    announcement: ForeignKey = ForeignKey(
        LazyTableReference("Announcement", module_path=ANNOUNCEMENTS),
        on_delete=OnDelete.restrict,
        null=True,
        default=None,
    )
    may_reply = Boolean(default=True)
    assigned_to = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    waiting_since = Timestamptz(default=None, null=True)
    latest = BigInt(default=0)
    latest_at = Timestamptz()
    office_read_to = BigInt(default=0)
    office_read_at = Timestamptz(default=None, null=True)
    closed_at = Timestamptz(default=None, null=True)
    closed_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    version = Integer(default=1, help_text="raised by whoever assigns, closes or opens it")


class Message(Table):
    """Never changed once it is there. `key` comes from the form: what is sent again is the same message.

    An automatic one has no author.
    """

    area = Area.MESSAGES

    id = BigSerial(primary_key=True)
    thread = ForeignKey(Thread, on_delete=OnDelete.restrict, null=False)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(10, choices=MessageKind)
    author = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    staff = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    body = Text()
    key = Varchar(40)
    sent_at = Timestamptz()


class Participant(Table, tablename="thread_participant"):
    """An account on the client's side: it reads the thread while its grant opens the messages of that client.

    It has read up to the message `read_to`, and a letter has told of those up to `told_to`.
    """

    id = BigSerial(primary_key=True)
    thread = ForeignKey(Thread, on_delete=OnDelete.restrict, null=False)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    read_to = BigInt(default=0)
    read_at = Timestamptz(default=None, null=True)
    told_to = BigInt(default=0)
    added_at = Timestamptz()


class ThreadNote(Table):
    """What staff tell each other beside a thread. It stands apart, so that no page of a client can come upon it."""

    id = BigSerial(primary_key=True)
    thread = ForeignKey(Thread, on_delete=OnDelete.restrict, null=False)
    staff = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)
    body = Text()
    key = Varchar(40)
    made_at = Timestamptz()


class MessageDraft(Table):
    """What an account is about to write: one for each thread, and one for a new thread about each client."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    thread = ForeignKey(Thread, on_delete=OnDelete.restrict, null=True, default=None)
    is_staff = Boolean(default=False, help_text="written as staff; the same person may also write as a client's proxy")
    topic = Varchar(20, default="")
    clinician = BigInt(default=None, null=True)
    people = Array(base_column=BigInt(), default=list, help_text="the accounts that are to read along")
    subject = Varchar(120, default="")
    body = Text(default="")
    key = Varchar(40, help_text="becomes the message's")
    saved_at = Timestamptz()


class Attachment(Table):
    """A file of a draft, then of the message it was sent with. `…key` name stored objects.

    The quota of a client counts `size`. What belongs to neither is let go of.
    """

    area = Area.MESSAGES

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    message = ForeignKey(Message, on_delete=OnDelete.restrict, null=True, default=None)
    draft = ForeignKey(MessageDraft, on_delete=OnDelete.restrict, null=True, default=None)
    name = Varchar(120)
    kind = Varchar(10)
    media_type = Varchar(120)
    size = Integer()
    sha256 = Bytea()
    key = Varchar(60)
    thumbnail_key = Varchar(60, default="")
    preview_key = Varchar(60, default="")
    pages = Integer(default=None, null=True)
    width = Integer(default=None, null=True)
    height = Integer(default=None, null=True)
    state = Varchar(10, choices=FileState, default=FileState.CLEAN)
    finding = Varchar(200, default="")
    added_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    added_at = Timestamptz()
    let_go_at = Timestamptz(default=None, null=True, help_text="nothing refers to it: gone a day later")


class CannedReply(Table):
    """Words for what is asked every day, in both languages."""

    id = BigSerial(primary_key=True)
    title = Varchar(80)
    body_en = Text()
    body_es = Text(default="")
    place = SmallInt(default=0)
    is_active = Boolean(default=True)
