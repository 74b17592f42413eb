"""Letters and background work that did not come through."""

from dataclasses import dataclass
from datetime import datetime

from portal.access import Permission, Viewer
from portal.letters.tables import Delivery, DeliveryState
from portal.outbox import Errand, ErrandState

MOST = 100


@dataclass(frozen=True)
class Stuck:
    """`what` is letter or errand; `address` is empty for an errand."""

    what: str
    id: int
    kind: str
    address: str
    state: str
    since: datetime


async def stuck(viewer: Viewer) -> list[Stuck]:
    """The newest first: failed and bounced letters, and errands that were given up."""
    viewer.must(Permission.REVIEW_SETTLE)
    letters = await (
        Delivery.objects()
        .where(
            viewer.reaches(Delivery) | Delivery.client_id.is_null(),
            Delivery.state.is_in([DeliveryState.FAILED, DeliveryState.BOUNCED]),
        )
        .order_by(Delivery.id, ascending=False)
        .limit(MOST)
    )
    errands = await (
        Errand.objects()
        .where(Errand.state == ErrandState.DEAD, Errand.actor != "deliver")
        .order_by(Errand.id, ascending=False)
        .limit(MOST)
    )
    found = [Stuck("letter", one.id, one.kind, one.address, one.state, one.written_at) for one in letters]
    return found + [Stuck("errand", one.id, one.actor, "", one.state, one.created_at) for one in errands]
