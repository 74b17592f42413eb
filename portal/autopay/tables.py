"""AutoPay: who agreed to what, and what was done about each invoice that fell due."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Date, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.accounts.tables import Account
from portal.clients.tables import Client
from portal.invoices.tables import Invoice
from portal.payments.tables import PaymentAttempt


class AutoPay(Table, tablename="autopay"):
    """A client's word that the default card pays what falls due. One at a time (an index); `consent` is that word."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    most = BigInt(help_text="cents of one charge")
    consent = Text()
    agreed_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=False)
    agreed_at = Timestamptz()
    ended_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    ended_at = Timestamptz(default=None, null=True)


class DueState(StrEnum):
    """Told of, and then: charged or tried to, or not, because of what `DuePayment` meets on its day."""

    COMING = "coming"
    TRIED = "tried"
    ABOVE = "above"
    NO_CARD = "no_card"
    NOTHING = "nothing"
    OFF = "off"


class DuePayment(Table, tablename="autopay_due"):
    """What AutoPay does about one invoice and its due date, once: a letter first, and days later one attempt."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    autopay = ForeignKey(AutoPay, on_delete=OnDelete.restrict, null=False)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    invoice = ForeignKey(Invoice, on_delete=OnDelete.restrict, null=False)
    due_on = Date(help_text="the invoice's")
    charge_on = Date(help_text="no sooner than the letter promised")
    state = Varchar(10, choices=DueState, default=DueState.COMING)
    attempt = ForeignKey(PaymentAttempt, on_delete=OnDelete.restrict, null=True, default=None)
    told_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)
