"""What Stripe tells, payments that clients dispute with their bank, and what came out when its books were compared."""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, ForeignKey, OnDelete, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.billing.tables import Payment
from portal.clients.tables import Client


class DisputeState(StrEnum):
    """`closed` was a question only, or the client took it back: no money went."""

    OPEN = "open"
    WON = "won"
    LOST = "lost"
    CLOSED = "closed"


class CardDispute(Table, tablename="card_dispute"):
    """A client told their bank that a payment was not theirs. `taken` is what the bank holds or keeps, in cents."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    paid = ForeignKey(Payment, on_delete=OnDelete.restrict, null=False)
    dispute = Varchar(80, help_text="Stripe's Dispute")
    state = Varchar(12, choices=DisputeState, default=DisputeState.OPEN)
    amount = BigInt(help_text="cents")
    taken = BigInt(default=0, help_text="cents")
    fee = BigInt(default=0, help_text="cents: Stripe's, and never the client's")
    reason = Varchar(60, default="")
    due_at = Timestamptz(default=None, null=True, help_text="until when the practice may answer, at Stripe")
    payment = ForeignKey(
        Payment, on_delete=OnDelete.restrict, null=True, default=None, help_text="the refund that it was posted as"
    )
    made_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)


class Reconciliation(Table, tablename="card_reconciliation"):
    """What Stripe has (there) beside what the ledger has (here), since a moment. Cents. `differences` is JSON."""

    id = BigSerial(primary_key=True)
    since = Timestamptz()
    made_at = Timestamptz()
    charges_there = BigInt(default=0)
    charged_there = BigInt(default=0)
    charges_here = BigInt(default=0)
    charged_here = BigInt(default=0)
    refunds_there = BigInt(default=0)
    refunded_there = BigInt(default=0)
    refunds_here = BigInt(default=0)
    refunded_here = BigInt(default=0)
    differences = Text(default="[]")


class StripeEvent(Table, tablename="stripe_event"):
    """Each event of Stripe's once, however often it comes. What it says is not believed: the object is asked for."""

    id = BigSerial(primary_key=True)
    event = Varchar(80)
    kind = Varchar(80)
    subject = Varchar(120, help_text="Stripe's name of what it is about")
    received_at = Timestamptz()
    handled_at = Timestamptz(default=None, null=True)
