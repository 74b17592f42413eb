"""The link by which a calendar program asks for somebody's appointments."""

from piccolo.columns import BigSerial, Bytea, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from portal.accounts.tables import Account


class CalendarFeed(Table):
    """`nonce` and `key_id` derive the link; a new link is a new row, and the old one has ended."""

    id = BigSerial(primary_key=True)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    nonce = Bytea()
    key_id = Varchar(16)
    made_at = Timestamptz()
    read_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)
