"""Who signs in, for whom they act, and how they came in. No token and no code stands here, only what derives them."""

from enum import StrEnum

from piccolo.columns import (
    Array,
    BigSerial,
    Boolean,
    Bytea,
    ForeignKey,
    OnDelete,
    SmallInt,
    Text,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from portal.clients.tables import Client
from portal.practice.tables import StaffMember


class GrantKind(StrEnum):
    SELF = "self"
    GUARDIAN = "guardian"
    PROXY = "proxy"


class InvitationState(StrEnum):
    OPEN = "open"
    USED = "used"
    LOCKED = "locked"
    REPLACED = "replaced"
    REVOKED = "revoked"


class Account(Table):
    id = BigSerial(primary_key=True)
    email = Varchar(254)
    email_key = Varchar(254)
    name = Varchar(200, default="")
    password_hash = Text(default="")
    password_changed_at = Timestamptz(default=None, null=True)
    staff_member = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    language = Varchar(5, default="en")
    theme = Varchar(5, default="")
    time_zone = Varchar(64, default="", help_text="IANA name of where its owner lives; empty is the practice's")
    is_suspended = Boolean(default=False)
    created_at = Timestamptz()


class Grant(Table, tablename="access_grant"):
    """One account reaches one client, in these areas, from then until then."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(10, choices=GrantKind, default=GrantKind.SELF)
    areas = Array(base_column=Varchar(20))
    starts_at = Timestamptz()
    ends_at = Timestamptz(default=None, null=True)
    granted_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    ended_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)


class Invitation(Table):
    """`nonce` and `key_id` derive the link and the code; a resend is a new row. `email` is empty for a printed one."""

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(10, choices=GrantKind, default=GrantKind.SELF)
    holder_name = Varchar(200, default="")
    email = Varchar(254, default="")
    email_key = Varchar(254, default="")
    language = Varchar(5, default="en")
    state = Varchar(10, choices=InvitationState, default=InvitationState.OPEN)
    nonce = Bytea()
    key_id = Varchar(16)
    code_digest = Bytea()
    wrong_tries = SmallInt(default=0)
    sent_at = Timestamptz()
    expires_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)
    sent_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)


class PasswordReset(Table):
    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    nonce = Bytea()
    key_id = Varchar(16)
    asked_at = Timestamptz()
    expires_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)


class Session(Table):
    """`token_hash` is SHA-256 of the cookie; `notices` wait for the next page."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    token_hash = Bytea()
    created_at = Timestamptz()
    seen_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)
    address = Varchar(45, default="")
    agent = Varchar(300, default="")
    notices = Array(base_column=Text(), default=list)


class Device(Table):
    """A browser that has signed in before: the account's delay does not hold it up."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    token_hash = Bytea()
    first_at = Timestamptz()
    last_at = Timestamptz()


class Attempt(Table):
    """One try at a door, counted by account, by address and for all. `subject` is a keyed digest, never an address."""

    id = BigSerial(primary_key=True)
    door = Varchar(20)
    subject = Bytea()
    happened_at = Timestamptz()


class KeptPost(Table):
    """What an expired session was about to send, encrypted, for its own account and for 24 hours."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    sealed = Bytea()
    kept_at = Timestamptz()
