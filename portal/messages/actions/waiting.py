"""What waited too long for an answer leaves the review queue with it."""

from portal.access import Viewer
from portal.messages.kinds import UNANSWERED
from portal.review import actions as review


async def settle(viewer: Viewer, thread_id: int, outcome: str = "answered") -> None:
    """In the transaction of the answer, or of whoever closes the thread (`closed`)."""
    await review.settle_items(viewer, [UNANSWERED.name], thread_id, outcome)
