"""What the practice tells many clients at once."""

from enum import StrEnum

from piccolo.columns import BigSerial, Boolean, ForeignKey, Integer, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.accounts.tables import Account
from portal.messages.tables import Topic
from portal.practice.tables import StaffMember


class Audience(StrEnum):
    EVERYBODY = "everybody"
    CLINICIAN = "clinician"


class Announcement(Table):
    """One message to many: each client gets a thread of their own.

    Until its writer has looked at it once more and sent it, `total` is empty and nobody else sees it. Then it says how
    many are to get it; when all have it, how many did.
    """

    id = BigSerial(primary_key=True)
    key = Varchar(40, help_text="of the form: sent twice, it is one")
    subject = Varchar(120)
    body = Text()
    subject_es = Varchar(120, default="")
    body_es = Text(default="", help_text="empty: the English words go to everybody")
    audience = Varchar(20, choices=Audience)
    clinician = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    may_reply = Boolean(default=True)
    topic = Varchar(20, choices=Topic, default=Topic.OTHER)
    author = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    staff = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=False)
    written_at = Timestamptz()
    total = Integer(default=None, null=True)
    done_at = Timestamptz(default=None, null=True)
