"""Payments by card: who is known to Stripe, which cards they keep there, and every attempt to pay.

An attempt is a row before anything is asked of Stripe, so that whoever dies in between leaves a trace to go on from.
"""

from enum import StrEnum
from uuid import uuid4

from piccolo.columns import UUID, BigInt, BigSerial, Boolean, ForeignKey, OnDelete, SmallInt, Text, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.accounts.tables import Account
from portal.billing.tables import Payment
from portal.clients.tables import Client
from portal.practice.tables import StaffMember


class Source(StrEnum):
    """Who began it: a client on their pages, staff with a card on file, AutoPay, or somebody with a link."""

    CLIENT = "client"
    STAFF = "staff"
    AUTOPAY = "autopay"
    LINK = "link"


class Way(StrEnum):
    """Which card: one on file, one typed into Stripe's fields on our page, or one typed on Stripe's own page."""

    SAVED = "saved"
    NEW = "new"
    HOSTED = "hosted"


class AttemptState(StrEnum):
    OPEN = "open"
    SUBMITTING = "submitting"
    ACTION = "action"
    PROCESSING = "processing"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    FAILED = "failed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


class Payer(Table, tablename="stripe_customer"):
    """One row for each client who ever came near Stripe. `token` is our side of the idempotency key."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    token = UUID(default=uuid4)
    customer = Varchar(60, default="", help_text="Stripe's name; empty until it answered")


class Card(Table, tablename="payment_card"):
    """What the portal knows of a card: never its number or billing address. `consent` is the sentence agreed to."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    method = Varchar(60, help_text="Stripe's name")
    brand = Varchar(30, default="")
    last4 = Varchar(4, default="")
    exp_month = SmallInt(default=0)
    exp_year = SmallInt(default=0)
    fingerprint = Varchar(60, default="")
    holder = Varchar(120, default="")
    is_default = Boolean(default=False)
    consent = Text(default="")
    added_by = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    added_at = Timestamptz()
    removed_at = Timestamptz(default=None, null=True)
    let_go_at = Timestamptz(default=None, null=True, help_text="since when Stripe does not keep it either")


class PaymentAttempt(Table, tablename="payment_attempt"):
    """One attempt to pay, which charges once or never. Its parameters do not change after it was submitted."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    public = UUID(default=uuid4, help_text="in addresses, and the key of every call that is made for it")
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    source = Varchar(10, choices=Source, default=Source.CLIENT)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    staff = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    state = Varchar(12, choices=AttemptState, default=AttemptState.OPEN)
    amount = BigInt(help_text="cents")
    is_whole = Boolean(default=False, help_text="the Total Balance, and not an amount of one's own")
    way = Varchar(10, choices=Way, default=None, null=True)
    card = ForeignKey(Card, on_delete=OnDelete.restrict, null=True, default=None)
    token = Varchar(60, default="", help_text="Stripe's ConfirmationToken")
    brand = Varchar(30, default="")
    last4 = Varchar(4, default="")
    exp_month = SmallInt(default=0)
    exp_year = SmallInt(default=0)
    saves = Boolean(default=False)
    makes_default = Boolean(default=False)
    consent = Text(default="", help_text="shown beside Save this card")
    intent = Varchar(80, default=None, null=True, help_text="Stripe's PaymentIntent")
    session = Varchar(120, default=None, null=True, help_text="Stripe's Checkout Session")
    next_url = Text(default="", help_text="where the bank or Stripe's page waits")
    code = Varchar(60, default="", help_text="why it was declined")
    payment = ForeignKey(Payment, on_delete=OnDelete.restrict, null=True, default=None)
    invoice = BigInt(default=None, null=True, help_text="what it pays for first")
    link = BigInt(default=None, null=True, help_text="the link by which it was made")
    reason = Varchar(300, default="", help_text="for staff, of a charge that staff make")
    made_at = Timestamptz()
    submitted_at = Timestamptz(default=None, null=True)
    ended_at = Timestamptz(default=None, null=True)


class SetupState(StrEnum):
    OPEN = "open"
    SUBMITTING = "submitting"
    ACTION = "action"
    SUCCEEDED = "succeeded"
    DECLINED = "declined"
    FAILED = "failed"
    CANCELLED = "cancelled"


class CardSetup(Table, tablename="card_setup"):
    """A card that is put on file without a payment."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    public = UUID(default=uuid4)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    account = ForeignKey(Account, on_delete=OnDelete.restrict, null=True, default=None)
    state = Varchar(12, choices=SetupState, default=SetupState.OPEN)
    token = Varchar(60, default="")
    makes_default = Boolean(default=False)
    consent = Text(default="")
    intent = Varchar(80, default=None, null=True)
    session = Varchar(120, default=None, null=True)
    next_url = Text(default="")
    code = Varchar(60, default="")
    card = ForeignKey(Card, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)


class CardRefundState(StrEnum):
    SUBMITTING = "submitting"
    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class CardRefund(Table, tablename="card_refund"):
    """Money that goes back to a card. `parts` is line:cents, by commas; 0 is what was paid ahead."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    public = UUID(default=uuid4)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    paid = ForeignKey(Payment, on_delete=OnDelete.restrict, null=False)
    amount = BigInt(help_text="cents")
    parts = Text(default="")
    reason = Varchar(300, default="")
    key = Varchar(60, default="", help_text="of the form that was sent")
    state = Varchar(12, choices=CardRefundState, default=CardRefundState.SUBMITTING)
    refund = Varchar(80, default=None, null=True, help_text="Stripe's Refund")
    code = Varchar(60, default="")
    payment = ForeignKey(
        Payment, on_delete=OnDelete.restrict, null=True, default=None, help_text="the refund's own row"
    )
    staff = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)
