"""What happens by the clock: forgetting what need not be kept."""

from time import monotonic

from portal import outbox
from portal.accounts import sessions, throttle
from portal.accounts.actions import kept_post

EVERY = 3600.0
_last: float | None = None


async def by_the_clock() -> None:
    """Asked each minute, done each hour; several workers do no harm."""
    global _last
    if _last is not None and monotonic() - _last < EVERY:
        return
    await throttle.prune()
    await kept_post.prune()
    await sessions.prune()
    await outbox.prune()
    _last = monotonic()
