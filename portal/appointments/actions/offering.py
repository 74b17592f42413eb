"""Staff answer a request with other times, each of which is kept for its client."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import combinations

from asyncpg import ExclusionViolationError

from portal import audit, clock
from portal.access import Viewer
from portal.appointments.actions import decision
from portal.appointments.actions.moving import Placed
from portal.appointments.queries import offered, offers
from portal.appointments.queries.offers import Offer
from portal.appointments.queries.openings import Calendar
from portal.appointments.settings import held_for
from portal.appointments.tables import Appointment, State
from portal.database import fetch, savepoint, transaction
from portal.language import lazy, written_moment
from portal.refusal import Refused

MOST = 3


@dataclass(frozen=True)
class Time:
    """`second` is of the epoch."""

    clinician: int
    site: int
    second: int


async def offer_others(viewer: Viewer, appointment_id: int, version: int, times: Sequence[Time], words: str) -> None:
    """The request is declined, and up to three times are kept for its client until they choose.

    Raises `Stale`, and `Refused` at `slot` where somebody has one of the times by now: then nothing has happened.
    """
    if not 0 < len(times) <= MOST:
        raise Refused(slot=lazy("Choose one time, two or three"))
    async with transaction():
        request = await decision.answer_with_others(viewer, appointment_id, version, words)
        offer = await offers.offer_of(viewer, request.type)
        _must_be_apart(times, offer)
        now = clock.now()
        until = now + await held_for(viewer)
        gone = []
        for time in times:
            calendar = await offered.calendar_at(viewer, request, offer, time.clinician, time.site, time.second)
            row = placed(request.client, offer, request.contact_type, calendar, time.second) if calendar else None
            if row is None:
                gone.append(time)
                continue
            row.instead_of, row.moves = request.id, request.moves
            row.wish, row.asked_by = request.wish, request.asked_by
            row.decided_by, row.decided_at = viewer.staff_id, now
            row.held_until = min(until, row.starts_at)
            if await keep(viewer, row):
                await audit.record(viewer, "appointment.time_offered", client_id=row.client, subject_id=row.id)
            else:
                gone.append(time)
        if gone:
            raise _gone(gone, request.time_zone)


def placed(client_id: int, offer: Offer, contact_type: str, calendar: Calendar, second: int) -> Appointment:
    """A row of that time which is offered, not saved yet."""
    to = Placed.free(offer, contact_type, calendar, second)
    return Appointment(client=client_id, state=State.OFFERED, made_at=clock.now(), **vars(to))


async def keep(viewer: Viewer, row: Appointment) -> bool:
    """Within the caller's transaction, which goes on where somebody was quicker; then it is False."""
    await fetch(
        "DELETE FROM appointment WHERE state = 'held' AND clinician = {} AND held_until <= {}"
        " AND busy_from < {} AND busy_until > {}",
        row.clinician,
        clock.now(),
        row.busy_until,
        row.busy_from,
    )
    try:
        async with savepoint():
            await row.save()
    except ExclusionViolationError:
        return False
    return True


def _must_be_apart(times: Sequence[Time], offer: Offer) -> None:
    """Each is kept with the time around it, and nobody keeps one time twice."""
    needed = 60 * (offer.before + offer.length + offer.after)
    if any(one.clinician == other.clinician and abs(one.second - other.second) < needed
           for one, other in combinations(times, 2)):  # fmt: skip
        raise Refused(slot=lazy("Two of these times overlap, and each is kept. Choose times that do not."))


def _gone(times: Sequence[Time], zone: str) -> Refused:
    told = "; ".join(written_moment(datetime.fromtimestamp(one.second, UTC), zone) for one in times)
    return Refused(
        slot=lazy("Just taken: %(times)s. The others are still chosen: offer these, or add one.", times=told)
    )
