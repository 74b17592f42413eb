"""A net below the errands: whatever is under way and has nobody who asks after it gets somebody; what lies is over."""

from portal import clock, outbox
from portal.access import Viewer
from portal.database import fetch, transaction
from portal.payments import rules
from portal.payments.actions import charging, hearing, refunding, setting_up
from portal.payments.tables import AttemptState

MOST = 200
ALONE = """
SELECT id FROM {table} AS t WHERE {lies}
   AND NOT EXISTS (SELECT FROM errand AS e WHERE e.actor = {{}} AND e.subject_id = t.id
                      AND e.state::text IN ('queued', 'leased'))
 ORDER BY id LIMIT {most}
"""
# By actor: where it lies, and what says that it is under way.
LIES = {
    charging.ACTOR: ("payment_attempt", "state::text IN ('submitting', 'action', 'processing')"),
    refunding.ACTOR: ("card_refund", "state::text IN ('submitting', 'pending')"),
    setting_up.ACTOR: ("card_setup", "state::text IN ('submitting', 'action')"),
    hearing.ACTOR: ("stripe_event", "handled_at IS NULL"),
}
OLD = "SELECT id FROM payment_attempt WHERE state::text = 'open' AND made_at < {} ORDER BY id LIMIT {}"


async def sweep(viewer: Viewer) -> int:
    """Safe to repeat, and by several workers at once. Returns how many errands were missing."""
    found = 0
    now = clock.now()
    async with transaction():
        for actor, (table, lies) in LIES.items():
            for row in await fetch(ALONE.format(table=table, lies=lies, most=MOST), actor):
                found += 1
                await outbox.send_on(actor, row["id"], f"{actor}:{row['id']}:swept:{now:%Y%m%d%H}")
    for row in await fetch(OLD, now - rules.KEPT, MOST):
        await charging.end(viewer, row["id"], AttemptState.EXPIRED)
    return found
