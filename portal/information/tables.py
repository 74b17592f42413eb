"""A change of a client's details is a request that staff settle."""

from enum import StrEnum

from piccolo.columns import JSONB, BigSerial, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.accounts.tables import Account
from portal.clients.tables import Client
from portal.practice.tables import StaffMember


class ChangeState(StrEnum):
    PENDING = "pending"
    ACCEPTED = "accepted"
    EDITED = "edited"
    RETURNED = "returned"
    WITHDRAWN = "withdrawn"
    APPLIED = "applied"


STILL_ASKED = (ChangeState.PENDING, ChangeState.RETURNED)


class ChangeRequest(Table):
    """One section of one client, whole: as it was on record when it was sent, and as the client wants it.

    `before`, `after` and `settled` are sheets (portal/clients/sheets.py); `settled` is what staff made of it.
    `version` grows with each change of mind, so that nobody decides about what they have not seen.
    """

    area = Area.INFORMATION

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    section = Varchar(20)
    state = Varchar(10, choices=ChangeState, default=ChangeState.PENDING)
    version = Integer(default=1)
    before = JSONB(default="{}")
    after = JSONB(default="{}")
    settled = JSONB(default=None, null=True)
    sent_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    sent_at = Timestamptz()
    decided_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    decided_at = Timestamptz(default=None, null=True)
    reason = Text(default="", help_text="why it was returned, as the client reads it")
    common_reason = Varchar(
        30, default="", help_text="which of the common reasons, so that it can be read in two languages"
    )
    read_at = Timestamptz(default=None, null=True, help_text="when the client has seen the answer")
