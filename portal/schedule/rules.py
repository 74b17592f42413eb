"""What may become of a visit, and what staff are asked to be sure of."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from portal.appointments.tables import State

STANDING = (State.BOOKED, State.CONFIRMED)
CANCELLABLE = (*STANDING, State.ARRIVED)
# From what it is to what it may be marked as, in the order of the buttons; back to booked takes a mark away.
MARKS: dict[str, tuple[State, ...]] = {
    State.BOOKED: (State.ARRIVED, State.COMPLETED, State.NO_SHOW, State.LATE_CANCELLED),
    State.CONFIRMED: (State.ARRIVED, State.COMPLETED, State.NO_SHOW, State.LATE_CANCELLED),
    State.ARRIVED: (State.COMPLETED, State.BOOKED),
    State.COMPLETED: (State.BOOKED,),
    State.NO_SHOW: (State.ARRIVED, State.BOOKED),
    State.LATE_CANCELLED: (State.NO_SHOW, State.BOOKED),
}
HOLDING = (State.BOOKED, State.ARRIVED, State.COMPLETED)


def may_mark(state: str, to: str, starts_at: datetime, zone: str, now: datetime, *, is_late: bool = False) -> bool:
    """Who comes is there on the day, and who has not come is missed when it has begun.

    A late cancellation is one that `is_late` by the practice's own window.
    """
    if to not in MARKS.get(state, ()):
        return False
    if to == State.LATE_CANCELLED:
        return is_late
    if to == State.NO_SHOW:
        return now >= starts_at
    return to not in (State.ARRIVED, State.COMPLETED) or day_of(now, zone) >= day_of(starts_at, zone)


def marks(state: str, starts_at: datetime, zone: str, now: datetime, *, is_late: bool = False) -> tuple[State, ...]:
    return tuple(to for to in MARKS.get(state, ()) if may_mark(state, to, starts_at, zone, now, is_late=is_late))


def day_of(moment: datetime, zone: str) -> date:
    return moment.astimezone(ZoneInfo(zone)).date()
