"""The comparison with Stripe's books once a day, however many workers ask how often."""

import json
import logging
from datetime import timedelta

from portal import clock, settings
from portal.access import Viewer
from portal.database import fetch
from portal.payments import books, gateway
from portal.payments.actions import alarming, disputing, reconciling

log = logging.getLogger("portal")
EVERY = timedelta(hours=23)
BACK = timedelta(days=35)
LAST = "SELECT max(made_at) > {} AS is_done FROM card_reconciliation"
PAID = "SELECT EXISTS (SELECT FROM payment_attempt WHERE submitted_at > {}) AS any"


async def reconcile(viewer: Viewer) -> None:
    """Stripe that does not answer is asked again in an hour; who does not let us in is an item for staff."""
    now = clock.now()
    if not settings.settings().takes_cards or (await fetch(LAST, now - EVERY))[0]["is_done"]:
        return
    if not (await fetch(PAID, now - BACK))[0]["any"]:
        return
    try:
        await _ask_after_disputes(viewer)
        await reconciling.reconcile(viewer, now - BACK)
    except gateway.Locked:
        await alarming.locked_out(viewer)
    except (gateway.Unknown, gateway.Refusal) as trouble:
        log.warning(json.dumps({"event": "not reconciled", "why": type(trouble).__name__}))


async def _ask_after_disputes(viewer: Viewer) -> None:
    """Of these nobody asks but events, and an event may be lost: what was not heard is heard now."""
    async for one in books.disputes(clock.now() - reconciling.LONGEST_DISPUTE):
        await disputing.hear(viewer, one)
