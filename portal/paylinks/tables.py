"""A link to pay one invoice by."""

from piccolo.columns import BigSerial, Bytea, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.clients.tables import Client
from portal.invoices.tables import Invoice
from portal.practice.tables import StaffMember


class PayLink(Table, tablename="pay_link"):
    """`nonce` and `key_id` derive the link and the code, which stand nowhere. One of an invoice at a time (an index).

    `email` is where it was sent, empty for one on paper.
    """

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    invoice = ForeignKey(Invoice, on_delete=OnDelete.restrict, null=False)
    email = Varchar(254, default="")
    language = Varchar(5, default="en")
    nonce = Bytea()
    key_id = Varchar(16)
    code_digest = Bytea()
    made_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()
    expires_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)
