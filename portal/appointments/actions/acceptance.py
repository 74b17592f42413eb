"""A client takes a time that was offered, or it passes."""

from asyncpg import ExclusionViolationError

from portal import audit, clock, outbox
from portal.access import Area, NotFoundException, Viewer
from portal.appointments import kinds
from portal.appointments.actions import moving
from portal.appointments.actions.booking import own
from portal.appointments.actions.telling import tell
from portal.appointments.tables import Appointment, State
from portal.clients import record
from portal.database import fetch, transaction
from portal.language import lazy
from portal.refusal import Refused

TAKEN = (State.BOOKED, State.CONFIRMED, State.ARRIVED, State.COMPLETED, State.MOVED)
TOGETHER = Refused(chosen=lazy("You have another appointment at that time. Choose another."))
LAPSED = Refused({"": lazy("That time is not kept for you any more. Choose another time, or call us.")})


async def accept(viewer: Viewer, client_id: int, request_id: int, chosen_id: int | None) -> int:
    """One of the times that answer a request is booked, the others are free again. Returns the visit.

    Twice is as good as once. Raises `Refused` at `chosen`.
    """
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    async with transaction():
        await own(viewer, client_id, request_id)
        rows = await Appointment.objects().where(Appointment.instead_of == request_id).lock_rows("UPDATE")
        if not rows:
            raise NotFoundException
        taken = next((one for one in rows if one.state in TAKEN), None)
        if taken is not None and chosen_id not in (None, taken.id):
            raise Refused({"": lazy("One of these times is booked already: the other one that you chose now is not.")})
        if taken is not None:
            return visit_of(taken)
        chosen = next((one for one in rows if one.id == chosen_id), None)
        if chosen is None:
            raise Refused(chosen=lazy("Choose a time"))
        visit_id = await take(viewer, chosen)
        for one in rows:
            if one.id != chosen.id and one.state == State.OFFERED:
                await let_go(viewer, one)
    return visit_id


async def take(viewer: Viewer, offered: Appointment) -> int:
    """Within the caller's transaction, chart and row locked. Staff are shown. Returns the visit.

    Raises `Refused` where it is not kept any more, or the client is elsewhere then.
    """
    if offered.state != State.OFFERED or offered.starts_at <= clock.now():
        raise LAPSED
    try:
        put = moving.put_in_place(viewer, offered, offered.moves) if offered.moves else _book(viewer, offered)
        visit = await put
    except ExclusionViolationError as violation:
        raise TOGETHER from violation
    await tell(viewer, kinds.BOOKED, visit)
    await audit.record(viewer, "appointment.accepted", client_id=visit.client, subject_id=visit.id)
    return int(visit.id)


async def let_go(viewer: Viewer, offered: Appointment, state: State = State.EXPIRED) -> None:
    """Within the caller's transaction: the time is free for others."""
    offered.state, offered.holds, offered.version = state, False, offered.version + 1
    offered.decided_at = clock.now()
    await offered.save()
    await audit.record(viewer, "appointment.offer_lapsed", client_id=offered.client, subject_id=offered.id)
    await outbox.record("appointment.offer_lapsed", offered.id, offered.client)


async def lapse_offers(viewer: Viewer) -> None:
    """By the clock: what was kept for as long as was said. After the last, the request that they answered stands on the
    client's first screen again, where they stood, and a letter says that something does.
    """
    rows = await fetch(
        "SELECT id, client FROM appointment WHERE state = 'offered' AND held_until <= {} ORDER BY id", clock.now()
    )
    for row in rows:
        async with transaction():
            await record.lock(viewer, row["client"])
            found = await Appointment.objects().get(Appointment.id == row["id"])
            if found is not None and found.state == State.OFFERED:
                await let_go(viewer, found)
                told = await fetch(
                    "UPDATE appointment SET read_at = NULL WHERE id = {} AND state = 'declined' AND NOT EXISTS ("
                    "SELECT FROM appointment AS o WHERE o.instead_of = appointment.id AND o.state = 'offered')"
                    " RETURNING id",
                    found.instead_of,
                )
                if told:
                    await outbox.record("appointment.answered", told[0]["id"], found.client)


def visit_of(taken: Appointment) -> int:
    """What moved a visit stands as that visit."""
    return int(taken.moves if taken.state == State.MOVED and taken.moves else taken.id)


async def _book(viewer: Viewer, offered: Appointment) -> Appointment:
    offered.state, offered.holds, offered.held_until = State.BOOKED, True, None
    offered.version, offered.read_at = offered.version + 1, clock.now()
    await offered.save()
    await outbox.record("appointment.booked", offered.id, offered.client)
    return offered
