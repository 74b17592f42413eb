"""Letters about money: that something waits in the portal, and nothing of what it is."""

from portal.letters import actions as letters
from portal.notifications.actions import POST_OFFICE
from portal.notifications.queries import money
from portal.notifications.queries.told import Asker
from portal.outbox import Event
from portal.paylinks.tables import PayLink


async def tell_invoice_waits(event: Event) -> None:
    """Everybody who reads the account; one letter for several invoices that were issued before it was written."""
    await _tell(event, "invoice-waiting", await money.of_invoice(POST_OFFICE, event.subject_id))


async def tell_receipt_waits(event: Event) -> None:
    await _tell(event, "receipt-waiting", await money.of_payment(POST_OFFICE, event.subject_id))


async def send_pay_link(event: Event) -> None:
    row = await PayLink.objects().get(PayLink.id == event.subject_id)
    if row is not None and row.email and row.ended_at is None:
        await letters.write(POST_OFFICE, event, "pay-link", row.email, row.language)


async def tell_charge_failed(event: Event) -> None:
    """A card on file was charged by staff or by itself, and the bank said no."""
    await _tell(event, "charge-failed", await money.of_failed_charge(POST_OFFICE, event.subject_id))


async def tell_charge_coming(event: Event) -> None:
    """Each has its own letter: it was agreed that none is charged without."""
    for one in await money.of_autopay(POST_OFFICE, event.subject_id, money.COMING):
        await letters.write(POST_OFFICE, event, "charge-coming", one.address, one.language)


async def tell_charge_held(event: Event) -> None:
    await _tell(event, "charge-held", await money.of_autopay(POST_OFFICE, event.subject_id, money.HELD))


async def tell_autopay_is_off(event: Event) -> None:
    """By staff: whoever asked for it, and who else reads the account."""
    await _tell(event, "autopay-off", await money.of_ended_autopay(POST_OFFICE, event.subject_id))


async def _tell(event: Event, kind: str, readers: list[Asker]) -> None:
    for one in await money.untold(POST_OFFICE, kind, readers, event.happened_at):
        await letters.write(POST_OFFICE, event, kind, one.address, one.language)
