"""Invoices: what was asked of a client, under a number that no other has and no year lacks."""

from enum import StrEnum

from piccolo.columns import (
    BigInt,
    BigSerial,
    Boolean,
    Date,
    ForeignKey,
    Integer,
    OnDelete,
    SmallInt,
    Timestamptz,
    Varchar,
)
from piccolo.table import Table

from portal.access.permissions import Area
from portal.clients.tables import Client
from portal.encounters.tables import ServiceLine
from portal.practice.tables import StaffMember


class RunState(StrEnum):
    RUNNING = "running"
    DONE = "done"
    STOPPED = "stopped"


class StatementRun(Table, tablename="statement_run"):
    """Every client with services of a month, or before it, that no invoice names yet gets one. The worker goes
    through the clients in portions; `after_client` is how far it has come.
    """

    id = BigSerial(primary_key=True)
    month = Date(help_text="its first day")
    state = Varchar(10, choices=RunState, default=RunState.RUNNING)
    total = Integer(default=0, help_text="clients that it began with")
    done = Integer(default=0)
    issued = Integer(default=0)
    refused = Integer(default=0)
    amount = BigInt(default=0, help_text="cents of the invoices that it issued")
    after_client = BigInt(default=0)
    made_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()
    ended_at = Timestamptz(default=None, null=True)


class Invoice(Table):
    """Never deleted: a wrong one is voided, and the next one may replace it. `total` is what its services cost."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    number = BigInt(default=None, null=True, help_text="given by the last statement of its transaction")
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    issued_on = Date()
    due_on = Date()
    total = BigInt()
    replaces = BigInt(default=None, null=True)
    run = ForeignKey(StatementRun, on_delete=OnDelete.restrict, null=True, default=None)
    made_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    made_at = Timestamptz()
    voided_at = Timestamptz(default=None, null=True)
    voided_by = ForeignKey(StaffMember, on_delete=OnDelete.restrict, null=True, default=None)
    void_reason = Varchar(300, default="")


class InvoiceLine(Table, tablename="invoice_line"):
    """A service stands on one live invoice at a time (a constraint). `amount` is what it cost when that was issued."""

    id = BigSerial(primary_key=True)
    invoice = ForeignKey(Invoice, on_delete=OnDelete.restrict, null=False)
    line = ForeignKey(ServiceLine, on_delete=OnDelete.restrict, null=False)
    place = SmallInt()
    amount = BigInt()
    is_live = Boolean(default=True)


class RunRefusal(Table, tablename="run_refusal"):
    """A client whom a run has passed by; `why` is the sentence in English, which is shown in the reader's language."""

    area = Area.BILLING

    id = BigSerial(primary_key=True)
    run = ForeignKey(StatementRun, on_delete=OnDelete.restrict, null=False, index=True)
    client = ForeignKey(Client, on_delete=OnDelete.restrict, null=False)
    why = Varchar(200)
