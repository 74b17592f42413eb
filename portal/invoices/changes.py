"""What happened to the money, and which papers say something else since."""

from portal.access import Viewer
from portal.database import fetch
from portal.invoices import lacking
from portal.invoices.papers import INVOICE, RECEIPT, SUPERBILL
from portal.invoices.queries import superbill
from portal.outbox import Event
from portal.papers import issued
from portal.papers.issued import Subject

PORTAL = Viewer.portal("papers")
TOUCHED = """
SELECT DISTINCT l.encounter, n.invoice FROM entry AS e JOIN service_line AS l ON l.id = e.line
  LEFT JOIN invoice_line AS n ON n.line = l.id AND n.is_live WHERE e.posting = {}
"""
INVOICES = """
SELECT DISTINCT n.invoice FROM invoice_line AS n JOIN service_line AS l ON l.id = n.line
 WHERE l.encounter = {} AND n.is_live
"""
RECEIPTS = (
    "SELECT id FROM payment WHERE number IS NOT NULL AND (id = {} OR id = (SELECT refunds FROM payment WHERE id = {}))"
)


async def draw_superbill(event: Event) -> None:
    await _superbill(event.subject_id, _client(event))


async def draw_invoices_of_encounter(event: Event) -> None:
    """Diagnoses stand on them where the practice wants it so."""
    for row in await fetch(INVOICES, event.subject_id):
        await issued.mark(PORTAL, Subject(INVOICE, row["invoice"], _client(event)))


async def draw_what_was_posted(event: Event) -> None:
    """However many postings meet the same paper before it is taken up, it is drawn once."""
    rows = await fetch(TOUCHED, event.subject_id)
    for encounter in sorted({row["encounter"] for row in rows}):
        await _superbill(encounter, _client(event))
    for invoice in sorted({row["invoice"] for row in rows if row["invoice"]}):
        await issued.mark(PORTAL, Subject(INVOICE, invoice, _client(event)))


async def draw_receipts(event: Event) -> None:
    """A refund stands on its own receipt and on that of the payment."""
    for row in await fetch(RECEIPTS, event.subject_id, event.subject_id):
        await issued.mark(PORTAL, Subject(RECEIPT, row["id"], _client(event)))


async def draw_invoice(event: Event) -> None:
    await issued.mark(PORTAL, Subject(INVOICE, event.subject_id, _client(event)))


async def _superbill(encounter_id: int, client_id: int) -> None:
    """None for what is void, or lacks something."""
    found = await fetch("SELECT id FROM encounter WHERE id = {} AND voided_at IS NULL", encounter_id)
    if found and not lacking.lacks(await superbill.superbill(PORTAL, encounter_id)):
        await issued.mark(PORTAL, Subject(SUPERBILL, encounter_id, client_id))
    else:
        await issued.let_go(PORTAL, SUPERBILL, encounter_id)


def _client(event: Event) -> int:
    assert event.client_id is not None
    return int(event.client_id)
