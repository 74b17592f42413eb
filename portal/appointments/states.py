"""The words for what has become of an appointment."""

from portal.appointments.tables import State
from portal.language import lazy

WORDS: dict[str, object] = {
    State.HELD: lazy("Not sent yet"),
    State.REQUESTED: lazy("With the practice"),
    State.OFFERED: lazy("Offered"),
    State.BOOKED: lazy("Booked"),
    State.CONFIRMED: lazy("Confirmed"),
    State.ARRIVED: lazy("Checked in"),
    State.COMPLETED: lazy("Completed"),
    State.NO_SHOW: lazy("No show"),
    State.CANCELLED: lazy("Cancelled"),
    State.LATE_CANCELLED: lazy("Late cancellation"),
    State.DECLINED: lazy("Declined"),
    State.WITHDRAWN: lazy("Taken back"),
    State.EXPIRED: lazy("Not answered"),
    State.MOVED: lazy("Moved"),
}
KINDS = {
    State.HELD: "wait", State.REQUESTED: "wait", State.OFFERED: "wait",
    State.BOOKED: "ok", State.CONFIRMED: "ok", State.ARRIVED: "ok",
    State.DECLINED: "bad", State.EXPIRED: "bad",
}  # fmt: skip
# How an offer ends that nobody took: it lapsed, or the client does not want it.
LET_PASS = (State.EXPIRED, State.WITHDRAWN)
PAST = (
    State.COMPLETED, State.BOOKED, State.CONFIRMED, State.NO_SHOW, State.CANCELLED, State.LATE_CANCELLED,
    State.DECLINED, State.WITHDRAWN, State.EXPIRED, State.MOVED,
)  # fmt: skip
