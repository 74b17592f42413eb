"""The staff queue: items opened by features, settled by their own actions."""

from datetime import timedelta

from piccolo.columns import BigInt, BigSerial, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.clients.tables import Client
from portal.practice.tables import StaffMember

HELD_FOR = timedelta(minutes=10)


class ReviewItem(Table):
    """`kind` and `about` are its feature's words, `url` its feature's page; the queue knows nothing else of it.

    Where it `needs` a permission, whoever lacks that does not see it, unless it is `only_for` them.
    `held_by` has it open since `held_at`, for `HELD_FOR` at most. `outcome` and `reason` say how it was settled.
    """

    area = Area.INFORMATION

    id = BigSerial(primary_key=True)
    kind = Varchar(40)
    subject_id = BigInt()
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=True, default=None)
    about = Varchar(300, default="")
    url = Varchar(300)
    needs = Varchar(40, default="", help_text="a permission beyond that to settle")
    only_for = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    opened_at = Timestamptz()
    held_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    held_at = Timestamptz(default=None, null=True)
    settled_at = Timestamptz(default=None, null=True)
    settled_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    outcome = Varchar(20, default="")
    reason = Text(default="")
