"""One visit, with the names that belong to it."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from portal import clock
from portal.appointments import states
from portal.appointments.kinds import MEETINGS
from portal.appointments.tables import ContactType, State

JOINS_BEFORE = timedelta(minutes=15)


def seen_as(starts_at: datetime) -> str:
    """What a form sends along, so that nobody confirms, cancels or asks for a time that they have not seen."""
    return str(int(starts_at.timestamp()))


class Standing:
    """The words of anything that has a state and a way to meet."""

    state: str
    contact_type: str

    @property
    def meeting(self) -> object:
        return MEETINGS[self.contact_type]

    @property
    def standing(self) -> object:
        return states.WORDS[self.state]

    @property
    def mark(self) -> str:
        """The kind of its pill."""
        return states.KINDS.get(State(self.state), "")


@dataclass(frozen=True)
class Visit(Standing):
    """One appointment with the names that belong to it. `time_zone` is of the place.

    One that `moves` another would be in its place, instead of `instead_of_time`. `move_asked` is the request to move
    this one, `moved_from` the time that it had before.
    """

    id: int
    client_id: int
    client: str
    clinician_id: int
    clinician: str
    site_id: int
    site: str
    address: str
    type_id: int
    type: str
    is_booked_at_once: bool
    contact_type: str
    starts_at: datetime
    ends_at: datetime
    busy_from: datetime
    busy_until: datetime
    time_zone: str
    state: str
    holds: bool
    version: int
    wish: str
    made_at: datetime
    held_until: datetime | None
    decided_at: datetime | None
    decided_by: str
    read_at: datetime | None
    why: str
    asked_by: str
    instead_of: int | None
    waits: int | None
    moves: int | None
    instead_of_time: datetime | None
    instead_of_state: str | None
    move_asked: int | None
    moved_from: datetime | None

    @property
    def is_held(self) -> bool:
        return self.state == State.HELD

    @property
    def is_asked(self) -> bool:
        return self.state == State.REQUESTED

    @property
    def stays(self) -> bool:
        """The visit that this would have moved is still to come."""
        return self.instead_of_state in (State.BOOKED, State.CONFIRMED)

    @property
    def is_booked(self) -> bool:
        return self.state in (State.BOOKED, State.CONFIRMED, State.ARRIVED)

    @property
    def seen(self) -> str:
        return seen_as(self.starts_at)

    @property
    def is_offered(self) -> bool:
        return self.state == State.OFFERED

    @property
    def was_only_offered(self) -> bool:
        """It never was a visit, nor asked for."""
        return (self.instead_of or self.waits) is not None and self.state in (State.OFFERED, *states.LET_PASS)

    @property
    def is_cancelled(self) -> bool:
        return self.state in (State.CANCELLED, State.LATE_CANCELLED)

    @property
    def is_called_off(self) -> bool:
        """By the practice."""
        return self.is_cancelled and bool(self.decided_by)

    @property
    def may_be_kept(self) -> bool:
        """It can still be confirmed or cancelled."""
        return self.state in (State.BOOKED, State.CONFIRMED) and self.starts_at > clock.now()

    @property
    def is_by_video(self) -> bool:
        """It is yet to come, or going on: there will be a way to join it."""
        return self.contact_type == ContactType.TELEHEALTH and self.is_booked and self.ends_at > clock.now()

    @property
    def joins_from(self) -> datetime:
        return self.starts_at - JOINS_BEFORE

    @property
    def may_join(self) -> bool:
        return self.is_by_video and self.joins_from <= clock.now()

    @property
    def day(self) -> date:
        """On the wall of the place."""
        return self.starts_at.astimezone(ZoneInfo(self.time_zone)).date()

    @property
    def minutes(self) -> int:
        return int((self.ends_at - self.starts_at).total_seconds()) // 60

    def clashes_with(self, other: "Visit") -> bool:
        """Of the same clinician, with the time kept free around both; of the same client, the visits alone."""
        if self.clinician_id == other.clinician_id:
            return self.busy_from < other.busy_until and other.busy_from < self.busy_until
        return self.starts_at < other.ends_at and other.starts_at < self.ends_at
