"""An account as tables for other programs: money is exact decimals there."""

from collections.abc import AsyncIterator
from datetime import date
from typing import IO
from zoneinfo import ZoneInfo

from portal import spreadsheet
from portal.balance.itemized import Visit
from portal.balance.queries.receipts import Paid
from portal.balance.steps import METHODS, Step
from portal.billing.tables import Method
from portal.language import gettext, lazy
from portal.money import amount
from portal.spreadsheet import Cell, Column

VISITS = (
    Column(lazy("Date"), 12), Column(lazy("Time"), 10), Column(lazy("Time zone"), 20), Column(lazy("Service"), 40),
    Column(lazy("Clinician"), 26), Column(lazy("Location"), 26), Column(lazy("Total Charge"), 14),
    Column(lazy("Adjusted"), 14), Column(lazy("Total Paid"), 14), Column(lazy("Client Balance"), 14),
    Column(lazy("Total Balance"), 14), Column(lazy("Invoice"), 14),
)  # fmt: skip
LEDGER = (
    Column(lazy("Date"), 12), Column(lazy("Visit"), 12), Column(lazy("What happened"), 60), Column(lazy("Amount"), 14),
    Column(lazy("Balance"), 14),
)  # fmt: skip
PAYMENTS = (
    Column(lazy("Date"), 12), Column(lazy("Receipt"), 10), Column(lazy("What"), 20), Column(lazy("From"), 26),
    Column(lazy("How"), 20), Column(lazy("Reference"), 20), Column(lazy("Amount"), 14), Column(lazy("State"), 16),
)  # fmt: skip


def visits_as_csv(pieces: AsyncIterator[list[Visit]]) -> AsyncIterator[bytes]:
    return spreadsheet.as_csv(VISITS, pieces, of_visit)


async def visits_as_excel(pieces: AsyncIterator[list[Visit]]) -> IO[bytes]:
    return await spreadsheet.as_excel(gettext("My Account"), VISITS, pieces, of_visit)


def ledger_as_csv(pieces: AsyncIterator[list[Step]]) -> AsyncIterator[bytes]:
    return spreadsheet.as_csv(LEDGER, pieces, of_step)


def payments_as_csv(pieces: AsyncIterator[list[Paid]]) -> AsyncIterator[bytes]:
    return spreadsheet.as_csv(PAYMENTS, pieces, of_payment)


async def payments_as_excel(pieces: AsyncIterator[list[Paid]]) -> IO[bytes]:
    return await spreadsheet.as_excel(gettext("Payments"), PAYMENTS, pieces, of_payment)


def of_visit(one: Visit) -> list[Cell]:
    begins = one.starts_at.astimezone(ZoneInfo(one.time_zone)).replace(second=0, microsecond=0)
    figures = (one.charged, one.adjusted, one.paid, one.client_due, one.due)
    return [
        begins.date(), begins.time(), one.time_zone, "\n".join(one.services), one.clinician, one.site,
        *map(amount, figures), ", ".join(str(invoice.number) for invoice in one.invoices),
    ]  # fmt: skip


def of_step(one: Step) -> list[Cell]:
    return [one.day, _day_of(one) or "", str(one.words), amount(one.amount), amount(one.balance)]


def of_payment(one: Paid) -> list[Cell]:
    kind = gettext("Refund") if one.is_refund else gettext("Payment")
    state = gettext("Reversed") if one.reversed_at else ""
    payer, number = one.payer, "" if one.number is None else str(one.number)
    method = str(METHODS[Method(one.method)])
    return [one.received_on, number, kind, payer, method, one.reference, amount(one.signed), state]


def _day_of(one: Step) -> date | None:
    return one.starts_at.astimezone(ZoneInfo(one.time_zone)).date() if one.starts_at else None
