"""Actors are shells: fetch by id, call an action, tell the outbox. Which errand is whose stands in `ACTORS`."""

import json
import logging
from collections.abc import Awaitable, Callable

from portal import consequences, outbox
from portal.outbox import Leased

log = logging.getLogger("portal.worker")


async def carry_out(errand_id: int, lease_by: str, attempts: int, work: Callable[[Leased], Awaitable[None]]) -> None:
    """Does nothing for a message whose lease is gone: a broker may repeat and delay what it likes."""
    errand = await outbox.holds(errand_id, lease_by, attempts)
    if errand is None:
        return
    try:
        await work(errand)
    except outbox.LeaseLost:
        log.warning(json.dumps({"event": "lease lost", "errand": errand_id}))
    except Exception as error:
        log.exception(
            json.dumps(
                {"event": "errand failed", "errand": errand_id, "actor": errand.actor, "kind": type(error).__name__}
            )
        )
        if await outbox.fail(errand, type(error).__name__):
            await consequences.alarm_about_errand(errand)
