"""Money that left by the card is posted: to the services it was meant for, as far as they still have it."""

from collections.abc import Mapping

from portal.access import Viewer
from portal.billing.actions import ledger, returning
from portal.billing.actions.returning import Back
from portal.billing.tables import Method, Payment
from portal.database import savepoint
from portal.refusal import Refused

REASON = "The refund to the card failed"


def written(parts: Mapping[int, int]) -> str:
    return ",".join(f"{line}:{cents}" for line, cents in sorted(parts.items()))


def read(told: str) -> dict[int, int]:
    return {int(line): int(cents) for line, _, cents in (one.partition(":") for one in told.split(",") if one)}


def spread(amount: int, most: Mapping[int, int], wanted: Mapping[int, int]) -> dict[int, int]:
    """What was wanted, as far as it is still there; what has moved meanwhile is taken from where there is more."""
    parts = {line: min(cents, most.get(line, 0)) for line, cents in wanted.items()}
    left = amount - sum(parts.values())
    for line, cents in sorted(most.items()):
        more = min(left, cents - parts.get(line, 0))
        parts[line] = parts.get(line, 0) + more
        left -= more
    return {line: cents for line, cents in parts.items() if cents}


async def post(
    viewer: Viewer, payment_id: int, amount: int, key: str, reason: str, wanted: Mapping[int, int]
) -> int | None:
    """The refund's own row, the same for the same key; None where the ledger has not that much to give back."""
    paid = await Payment.objects().get(Payment.id == payment_id)
    assert paid is not None
    await ledger.lock(viewer, paid.client)
    parts = spread(amount, await returning.returnable(viewer, payment_id), wanted)
    if sum(parts.values()) < amount:
        return None
    back = Back(str(Method.CARD), reason, parts, paid.reference, key)
    return await returning.refund(viewer, payment_id, back)


async def unpost(viewer: Viewer, payment_id: int | None, key: str) -> str:
    """The money has come back: as if it had never gone. Returns what staff are told of it."""
    if payment_id is None:
        return "failed"
    try:
        async with savepoint():
            await returning.reverse(viewer, payment_id, REASON, key=key)
    except Refused:
        return "unreversed"
    return "failed_after"
