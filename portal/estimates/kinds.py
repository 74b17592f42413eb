"""What the review queue is told of estimates: until when one is due, and for whom."""

from portal.access import Permission
from portal.language import lazy
from portal.review import deadlines
from portal.review.kinds import Kind, declare


def address(client_id: int, **told: int) -> str:
    """Where it is given: the form knows what it is for."""
    query = "&".join(f"{name}={value}" for name, value in told.items())
    return f"/staff/clients/{client_id}/account/estimates/new?{query}"


ENDED = {
    "given": lazy("Given"),
    "needless": lazy("Not needed any more"),
    "missed": lazy("The visit came before it"),
}
GIVES = (Permission.ESTIMATE_GIVE,)
DUE = declare(
    Kind("estimate.due", lazy("Good Faith Estimate for a visit"), deadlines.line, outcomes=ENDED, needs=GIVES)
)
ASKED = declare(
    Kind("estimate.asked", lazy("Good Faith Estimate that was asked for"), deadlines.line, outcomes=ENDED, needs=GIVES)
)
