"""Money that has come by card, in the ledger."""

from portal import clock
from portal.access import Viewer
from portal.billing.actions import ledger, paying
from portal.billing.actions.paying import Taken
from portal.billing.queries import owed
from portal.billing.tables import Method
from portal.database import fetch
from portal.payments.facts import Intent
from portal.payments.tables import PaymentAttempt
from portal.practice import queries as practices

LINES = "SELECT line FROM invoice_line WHERE invoice = {} AND is_live"


async def post(viewer: Viewer, row: PaymentAttempt, found: Intent) -> int:
    """Inside the transaction in which the attempt succeeds. Returns the payment."""
    taken = Taken(
        str(Method.CARD), found.received,
        clock.today((await practices.practice(viewer)).time_zone),
        reference=found.card.last4 if found.card else row.last4, note=row.reason, key=f"pay:{row.public}",
    )  # fmt: skip
    return await paying.take(
        viewer.on(staff_id=row.staff), row.client, taken, await _meant(viewer, row, found.received)
    )


async def _meant(viewer: Viewer, row: PaymentAttempt, cents: int) -> dict[int, int] | None:
    """The services of the invoice that it was for, as far as they are still owed, and the oldest after them."""
    if row.invoice is None:
        return None
    await ledger.lock(viewer, row.client)
    named = {one["line"] for one in await fetch(LINES, row.invoice)}
    due = await owed.of_client(viewer, row.client)
    parts, _ = owed.spread(cents, sorted(due, key=lambda one: one.id not in named))
    return parts
