"""Which invoices AutoPay will pay: found by the clock, and told of in time."""

from datetime import date, timedelta

from portal import audit, clock, outbox
from portal.access import Viewer
from portal.database import fetch, transaction
from portal.payments import settings
from portal.practice import queries as practices

ACTOR = "autopay"
PORTION = 200
FOUND = """
SELECT p.id AS autopay, i.client, i.id AS invoice, i.due_on
  FROM autopay AS p JOIN invoice AS i ON i.client = p.client AND i.voided_at IS NULL AND i.number IS NOT NULL
 WHERE p.ended_at IS NULL AND i.due_on <= {}
   AND EXISTS (SELECT FROM invoice_line AS n JOIN service_line AS l ON l.id = n.line
                WHERE n.invoice = i.id AND n.is_live AND l.client_due > 0)
   AND NOT EXISTS (SELECT FROM autopay_due AS d
                    WHERE d.invoice = i.id AND d.due_on = i.due_on AND d.state::text <> 'off')
 ORDER BY i.id LIMIT {}
"""
TELL = """
INSERT INTO autopay_due (autopay, client, invoice, due_on, charge_on, state, told_at)
SELECT p.id, p.client, {}, {}, {}, 'coming', {} FROM autopay AS p WHERE p.id = {} AND p.ended_at IS NULL FOR UPDATE
ON CONFLICT DO NOTHING RETURNING id
"""
DUE = "SELECT id, client FROM autopay_due WHERE state::text = 'coming' AND charge_on <= {} ORDER BY charge_on, invoice"


async def tell_of_due(viewer: Viewer) -> int:
    """Each invoice once, however many ask at the same time. Returns how many letters were ordered."""
    if not await settings.offers_autopay(viewer):
        return 0
    days, today, told = await settings.autopay_days(viewer), await _today(viewer), 0
    for one in await fetch(FOUND, today + timedelta(days=days), PORTION):
        async with transaction():
            charge_on = charged_on(one["due_on"], today, days)
            for row in await fetch(TELL, one["invoice"], one["due_on"], charge_on, clock.now(), one["autopay"]):
                await audit.record(viewer, "autopay.announced", client_id=one["client"], subject_id=row["id"])
                await outbox.record("autopay.coming", row["id"], one["client"])
                told += 1
    return told


def charged_on(due_on: date, today: date, days: int) -> date:
    """When it is due; where that is near, or has passed, the days that the letter promised come first."""
    return max(due_on, today + timedelta(days=days))


async def send_due(viewer: Viewer) -> int:
    """What has come to its day goes to the worker, once a day. Returns how many."""
    today = await _today(viewer)
    rows = await fetch(DUE, today)
    for row in rows:
        await outbox.send_on(ACTOR, row["id"], f"{ACTOR}:{row['id']}:{today}")
    return len(rows)


async def _today(viewer: Viewer) -> date:
    return clock.today((await practices.practice(viewer)).time_zone)
