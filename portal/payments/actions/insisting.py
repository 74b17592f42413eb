"""No answer is asked for again: by the same call, for Stripe does the thing once for each key; and where that is no use
any more, by looking for it under our name.
"""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import TypeVar

from portal.access import Viewer
from portal.payments import rules
from portal.payments.gateway import Refusal, Unknown

T = TypeVar("T")
NEVER = "never_arrived"
AROUND = timedelta(minutes=5)  # our clock and Stripe's need not agree


async def insist(
    viewer: Viewer, age: timedelta, call: Callable[[], Awaitable[T]], find: Callable[[], Awaitable[T | None]]
) -> T:
    """`age` since it was first asked. Stripe may have kept an error as its answer to the key, or have forgotten the
    key. Raises `Unknown` as long as nobody knows, and `Refusal` where it is not there in the end: it was never made.
    """
    try:
        if age > rules.KEY_LIVES:
            raise Unknown("forgotten")
        return await call()
    except Unknown:
        if age < rules.ON_ITS_WAY:
            raise
        found = await find()
        if found is not None:
            return found
        if age > rules.LOST:
            raise Refusal(NEVER) from None
        raise
