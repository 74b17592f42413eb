"""The staff queue: items opened by features, settled by their own actions."""

from piccolo.columns import BigInt, BigSerial, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.clients.tables import Client
from portal.practice.tables import StaffMember


class ReviewItem(Table):
    area = Area.INFORMATION

    id = BigSerial(primary_key=True)
    kind = Varchar(40)
    subject_id = BigInt()
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=True, default=None)
    url = Varchar(300)
    opened_at = Timestamptz()
    settled_at = Timestamptz(default=None, null=True)
    settled_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
