"""An invoice is issued for what no other names yet; a wrong one is voided, and another may take its place."""

from collections.abc import Sequence
from datetime import date, timedelta

from portal import audit, clock, outbox
from portal.access import NotFoundException, Permission, Viewer
from portal.appointments.hours import midnight
from portal.billing.actions import ledger
from portal.billing.settings import days_until_due
from portal.database import fetch, refusing, transaction
from portal.invoices.queries.waiting import OPEN
from portal.invoices.tables import Invoice, InvoiceLine
from portal.language import lazy
from portal.practice import numbers
from portal.practice import queries as practices
from portal.refusal import Refused

NUMBERS = "invoice"
INVOICED = Refused({"": lazy("One of these services stands on an invoice already. Look at the account again.")})
TWIN = """
SELECT i.id FROM invoice AS i
 WHERE i.client = {} AND i.voided_at IS NULL AND i.made_by = {}::bigint AND i.made_at > {}
   AND ARRAY(SELECT n.line FROM invoice_line AS n WHERE n.invoice = i.id ORDER BY n.line) = {}::bigint[]
"""
REPLACED = "SELECT id FROM invoice WHERE replaces = {}"
LATELY = timedelta(hours=1)


async def issue(viewer: Viewer, client_id: int, lines: Sequence[int] | None = None) -> int:
    """For these services, or for all that no invoice names; the oldest first. Raises `Refused` where there is none.

    Pressed twice for the same services, it is one invoice.
    """
    viewer.must(Permission.INVOICE_ISSUE)
    async with transaction():
        await ledger.lock(viewer, client_id)
        if lines and (twin := await fetch(TWIN, client_id, viewer.staff_id, clock.now() - LATELY, sorted(set(lines)))):
            return int(twin[0]["id"])
        row = await draw_up(viewer, client_id, lines)
        await numbers.give(viewer, NUMBERS, Invoice, [row.id])
    return int(row.id)


async def void(viewer: Viewer, invoice_id: int, reason: str) -> None:
    """It keeps its number and says why; its services can stand on another one. Money is not touched."""
    viewer.must(Permission.INVOICE_VOID)
    async with transaction():
        row = await _found(viewer, invoice_id)
        if not _is_done(viewer, row, reason):
            await _void(viewer, row, reason)


async def replace(viewer: Viewer, invoice_id: int, reason: str) -> int:
    """Voided, and issued anew for the same services as they stand now. Returns the new one."""
    viewer.must(Permission.INVOICE_VOID)
    viewer.must(Permission.INVOICE_ISSUE)
    async with transaction():
        old = await _found(viewer, invoice_id)
        if _is_done(viewer, old, reason) and (new := await fetch(REPLACED, invoice_id)):
            return int(new[0]["id"])
        await _void(viewer, old, reason)
        kept = await fetch("SELECT line FROM invoice_line WHERE invoice = {}", invoice_id)
        row = await draw_up(viewer, old.client, [one["line"] for one in kept], replaces=invoice_id)
        await numbers.give(viewer, NUMBERS, Invoice, [row.id])
    return int(row.id)


async def draw_up(
    viewer: Viewer,
    client_id: int,
    lines: Sequence[int] | None = None,
    *,
    before: date | None = None,
    run: int | None = None,
    replaces: int | None = None,
) -> Invoice:
    """All but its number, which whoever calls gives it last. Raises `Refused` where there is nothing to invoice."""
    viewer.must(Permission.INVOICE_ISSUE)
    zone = (await practices.practice(viewer)).time_zone
    today = clock.today(zone)
    await ledger.lock(viewer, client_id)
    wanted = None if lines is None else sorted(set(lines))
    found = await fetch(OPEN, client_id, midnight(zone, before) if before else clock.now(), wanted, wanted)
    if not found or (wanted is not None and replaces is None and len(found) < len(wanted)):
        raise INVOICED if wanted else Refused({"": lazy("There is nothing to invoice.")})
    row = Invoice(
        client=client_id, issued_on=today, due_on=today + timedelta(days=await days_until_due(viewer)),
        total=sum(one["charged"] for one in found), replaces=replaces, run=run, made_by=viewer.staff_id,
        made_at=clock.now(),
    )  # fmt: skip
    await row.save()
    with refusing(invoiced_once=INVOICED):
        await InvoiceLine.insert(
            *(
                InvoiceLine(invoice=row.id, line=one["id"], place=place, amount=one["charged"])
                for place, one in enumerate(found, 1)
            )
        )
    await audit.record(viewer, "invoice.issued", client_id=client_id, subject_id=row.id)
    await outbox.record("invoice.issued", row.id, client_id)
    return row


async def _found(viewer: Viewer, invoice_id: int) -> Invoice:
    row = await Invoice.objects().where(viewer.reaches(Invoice), Invoice.id == invoice_id).first().lock_rows("UPDATE")
    if row is None:
        raise NotFoundException
    return row


def _is_done(viewer: Viewer, row: Invoice, reason: str) -> bool:
    """The same form arrives again."""
    return row.voided_at is not None and (row.voided_by, row.void_reason) == (viewer.staff_id, reason)


async def _void(viewer: Viewer, row: Invoice, reason: str) -> None:
    if not reason:
        raise Refused(reason=lazy("Say why: it stands on the invoice"))
    if row.voided_at:
        raise Refused({"": lazy("This invoice has been voided already.")})
    row.voided_at, row.voided_by, row.void_reason = clock.now(), viewer.staff_id, reason
    await row.save()
    await fetch("UPDATE invoice_line SET is_live = false WHERE invoice = {}", row.id)
    await audit.record(viewer, "invoice.voided", client_id=row.client, subject_id=row.id)
    await outbox.record("invoice.voided", row.id, row.client)
