"""Who reads a client's account in the portal, and whether there is something for them in it."""

from collections.abc import Sequence
from datetime import date, datetime

from portal.access import Area, Viewer
from portal.accounts import queries as accounts
from portal.autopay import words
from portal.autopay.tables import DueState
from portal.billing.actions.paying import AT_THE_DESK
from portal.billing.settings import ACCOUNT, is_on
from portal.database import fetch
from portal.notifications.queries.told import Asker

# What was brought along from elsewhere was made by nobody here, and is no news.
INVOICE = "SELECT client FROM invoice WHERE id = {} AND voided_at IS NULL AND (made_by IS NOT NULL OR run IS NOT NULL)"
PAYMENT = """
SELECT client FROM payment
 WHERE id = {} AND reversed_at IS NULL AND NOT is_refund AND payer = ''
   AND (taken_by IS NOT NULL AND method = ANY({}::text[])
        OR id IN (SELECT payment FROM payment_attempt))
"""
FAILED = "SELECT client FROM payment_attempt WHERE id = {} AND state IN ('declined', 'failed')"
AUTOPAY = """
SELECT d.client FROM autopay_due AS d JOIN autopay AS p ON p.id = d.autopay AND p.ended_at IS NULL
 WHERE d.id = {} AND d.state::text = ANY({}::text[])
"""
# Who has turned it on again since knows better.
ENDED = """
SELECT p.client FROM autopay AS p WHERE p.id = {} AND p.ended_at IS NOT NULL
   AND NOT EXISTS (SELECT FROM autopay AS o WHERE o.client = p.client AND o.ended_at IS NULL)
"""
CHARGED_ON = "SELECT charge_on FROM autopay_due WHERE id = {}"
COMING, HELD = (str(DueState.COMING),), tuple(map(str, words.HELD))
TOLD = "SELECT id FROM delivery WHERE kind = {} AND client_id = {} AND address = {} AND written_at >= {} LIMIT 1"


async def of_invoice(viewer: Viewer, invoice_id: int) -> list[Asker]:
    """Nobody, where clients do not see their accounts here."""
    return await _readers(viewer, await fetch(INVOICE, invoice_id))


async def of_payment(viewer: Viewer, payment_id: int) -> list[Asker]:
    """Of one that was taken at the desk, or by a card in the portal."""
    return await _readers(viewer, await fetch(PAYMENT, payment_id, [str(one) for one in AT_THE_DESK]))


async def of_failed_charge(viewer: Viewer, attempt_id: int) -> list[Asker]:
    return await _readers(viewer, await fetch(FAILED, attempt_id))


async def of_autopay(viewer: Viewer, due_id: int, states: Sequence[str]) -> list[Asker]:
    """Nobody, where it is no longer so."""
    return await _readers(viewer, await fetch(AUTOPAY, due_id, list(states)))


async def of_ended_autopay(viewer: Viewer, autopay_id: int) -> list[Asker]:
    return await _readers(viewer, await fetch(ENDED, autopay_id))


async def charged_on(viewer: Viewer, due_id: int) -> date:
    (row,) = await fetch(CHARGED_ON, due_id)
    day: date = row["charge_on"]
    return day


async def untold(viewer: Viewer, kind: str, readers: list[Asker], happened_at: datetime) -> list[Asker]:
    """Who has had no such letter about this client since then: another would say no more."""
    if not readers:
        return []
    await fetch("SELECT pg_advisory_xact_lock(hashtextextended({}, 0))", f"{kind}:{readers[0].client_id}")
    return [one for one in readers if not await fetch(TOLD, kind, one.client_id, one.address, happened_at)]


async def _readers(viewer: Viewer, rows: list[dict]) -> list[Asker]:
    if not rows or not await is_on(viewer, ACCOUNT):
        return []
    client_id = rows[0]["client"]
    readers = await accounts.readers(viewer, client_id, Area.BILLING)
    return [Asker(one.address, one.language, client_id) for one in readers]
