"""A payment of which a bank was told that it was not its client's: whoever takes cards lies above, and says it here."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from portal.access import Viewer


@dataclass(frozen=True)
class Disputed:
    """Cents. Lost is what the bank has given back to the client; what is neither open nor lost stays paid."""

    amount: int
    made_at: datetime
    is_open: bool
    is_lost: bool


Asked = Callable[[Viewer, int], Awaitable[list[Disputed]]]
_declared: list[Asked] = []


def declare(asked: Asked) -> Asked:
    """From a payment to what was disputed of it."""
    _declared.append(asked)
    return asked


async def of_payment(viewer: Viewer, payment_id: int) -> list[Disputed]:
    """The oldest first. Whoever asks has reached the payment."""
    return [one for asked in _declared for one in await asked(viewer, payment_id)]
