"""The ledger: what is owed for which service, by whom, and what was paid.

Money is whole cents. Triggers and constraints stand in the migrations: an entry is never changed, and counts at once.
"""

from enum import StrEnum

from piccolo.columns import BigInt, BigSerial, Boolean, Date, ForeignKey, OnDelete, Timestamptz, Varchar
from piccolo.table import Table

from portal.access.permissions import Area
from portal.clients.tables import Client
from portal.encounters.tables import ServiceLine
from portal.practice.tables import StaffMember


class EntryKind(StrEnum):
    CHARGE = "charge"
    INSURER_PAYMENT = "insurer_payment"
    ADJUSTMENT = "adjustment"
    CLIENT_PAYMENT = "client_payment"
    REFUND = "refund"
    WRITE_OFF = "write_off"
    TRANSFER = "transfer"


class Share(StrEnum):
    """Whose part of a line: the insurer has still to decide, or it is the client's to pay."""

    INSURANCE = "insurance"
    CLIENT = "client"


class PostingKind(StrEnum):
    ENCOUNTER = "encounter"
    VOID = "void"
    INSURER = "insurer"
    PAYMENT = "payment"
    REFUND = "refund"
    ADJUSTMENT = "adjustment"
    WRITE_OFF = "write_off"
    RESPONSIBILITY = "responsibility"
    CREDIT = "credit"
    REVERSAL = "reversal"


class Method(StrEnum):
    CASH = "cash"
    CHECK = "check"
    CARD_TERMINAL = "card_terminal"
    CARD = "card"
    TRANSFER = "transfer"
    OTHER = "other"


class LedgerAccount(Table, tablename="ledger_account"):
    """One row for each client with a ledger: what all lines sum up to, and what was paid for nothing yet (`credit`).

    Kept by the ledger's trigger. Whoever posts locks it first.
    """

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    insurance_due = BigInt(default=0)
    client_due = BigInt(default=0)
    credit = BigInt(default=0)


class Payment(Table):
    """Money that came, or went back (`is_refund`, then `refunds` names what came). Amounts are above zero.

    `payer` is the insurer, empty where the client paid. `number` is the receipt's, without gaps.
    """

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    number = BigInt(default=None, null=True)
    is_refund = Boolean(default=False)
    refunds = BigInt(default=None, null=True)
    payer = Varchar(200, default="")
    method = Varchar(20, choices=Method)
    amount = BigInt()
    reference = Varchar(60, default="", help_text="number of a check or a remittance, last four of a card")
    received_on = Date()
    note = Varchar(300, default="", help_text="for staff")
    taken_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()
    reversed_at = Timestamptz(default=None, null=True)
    reversed_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    reversal_reason = Varchar(300, default="")


class Posting(Table):
    """Entries that belong together. Never changed: what was wrong is posted the other way round (`reverses`)."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    kind = Varchar(20, choices=PostingKind)
    payment = ForeignKey(Payment, on_delete=OnDelete.restrict, null=True, default=None)
    reverses = BigInt(default=None, null=True)
    counts_on = Date(help_text="the day it belongs to")
    reason = Varchar(300, default="")
    key = Varchar(60, default="", help_text="of the form that was sent: once, however often it arrives")
    made_at = Timestamptz()
    made_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)


class Entry(Table):
    """One line of the ledger: what is owed grows by `amount` cents, or shrinks. Without a line it is credit."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    posting = ForeignKey(Posting, on_delete=OnDelete.restrict, null=False)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    line = ForeignKey(ServiceLine, on_delete=OnDelete.restrict, null=True, default=None)
    kind = Varchar(20, choices=EntryKind)
    share = Varchar(10, choices=Share)
    amount = BigInt()
    reverses = BigInt(default=None, null=True)
