"""What happens by the clock: forgetting what need not be kept."""

from datetime import datetime, timedelta

from portal import clock, outbox
from portal.accounts import sessions, throttle
from portal.accounts.actions import kept_post

EVERY = timedelta(hours=1)
_last: datetime | None = None


async def by_the_clock() -> None:
    """Asked each minute, done each hour; several workers do no harm."""
    global _last
    if _last and clock.now() - _last < EVERY:
        return
    _last = clock.now()
    await throttle.prune()
    await kept_post.prune()
    await sessions.prune()
    await outbox.prune()
