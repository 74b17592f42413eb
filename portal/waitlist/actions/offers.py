"""A time that frees up is offered to one person at a time, who takes it or lets it pass."""

from dataclasses import replace
from datetime import datetime, timedelta

from portal import audit, clock, outbox
from portal.access import Area, NotFoundException, Viewer
from portal.appointments import grid
from portal.appointments.actions.acceptance import LAPSED, TAKEN, let_go, take, visit_of
from portal.appointments.actions.booking import own
from portal.appointments.actions.offering import keep, placed
from portal.appointments.grid import Shape
from portal.appointments.queries import offers
from portal.appointments.queries.offers import Offer
from portal.appointments.queries.openings import Openings, Wish, openings
from portal.appointments.settings import NOTICE, STEP, clients_book, number
from portal.appointments.tables import Appointment, State
from portal.clients import record
from portal.database import fetch, transaction
from portal.outbox import Event
from portal.practice import queries as practices
from portal.waitlist import rules
from portal.waitlist.actions.entries import end_what_is_over
from portal.waitlist.queries import line
from portal.waitlist.queries.line import Next
from portal.waitlist.settings import offer_lasts
from portal.waitlist.tables import WaitEntry, WaitState

Boards = dict[tuple[int, str], tuple[Offer, Openings]]
NOBODY = 0


class NotWaiting(Exception):
    """The entry has ended meanwhile, or another worker has offered it a time."""


async def look_again(event: Event) -> None:
    """A time may be free now: whoever waits for one is asked next, in transactions of its own."""
    await outbox.send_on("offer", event.id, f"offer:{event.id}")


async def offer_next(viewer: Viewer) -> int:
    """Everybody who waits and has no offer, in order, is offered the earliest time that fits. Returns how many were.

    The times are computed once for each type and way to meet, and each that is given away is taken from all.
    """
    zone = (await practices.practice(viewer)).time_zone
    await end_what_is_over(viewer, clock.today(zone))
    waiting = await line.line(viewer) if await clients_book(viewer) else []
    busy = await line.elsewhere(viewer, sorted({one.client_id for one in waiting})) if waiting else {}
    boards: Boards = {}
    made = 0
    for one in waiting:
        key = one.type_id, one.contact_type
        if key not in boards:
            offer = await offers.offer_of(viewer, one.type_id)
            boards[key] = offer, await openings(viewer, NOBODY, Wish(offer, one.contact_type))
        row = await _offer(viewer, one, *boards[key], busy.get(one.client_id, []))
        if row is not None:
            made += 1
            busy.setdefault(one.client_id, []).append((_second(row.starts_at), _second(row.ends_at)))
            await _take_away(viewer, boards, row)
    return made


async def accept(viewer: Viewer, client_id: int, appointment_id: int) -> int:
    """It is booked, or the visit moved there that was to come earlier. Returns the visit. Twice is as good as once."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    async with transaction():
        row = await _offered(viewer, client_id, appointment_id)
        if row.state in TAKEN:
            return visit_of(row)
        visit_id = await take(viewer, row)
        await fetch(
            "UPDATE wait_entry SET state = {}, ended_at = {} WHERE id = {} AND state = 'open'",
            str(WaitState.MET),
            clock.now(),
            row.waits,
        )
        await audit.record(viewer, "wait.met", client_id=client_id, subject_id=row.waits)
    return visit_id


async def let_pass(viewer: Viewer, client_id: int, appointment_id: int) -> None:
    """Somebody else is asked; this entry waits for another time. Raises `Refused` where it was taken before."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    async with transaction():
        row = await _offered(viewer, client_id, appointment_id)
        if row.state in TAKEN:
            raise LAPSED
        if row.state == State.OFFERED:
            await let_go(viewer, row, State.WITHDRAWN)


async def _offer(
    viewer: Viewer, one: Next, offer: Offer, found: Openings, busy: list[tuple[int, int]]
) -> Appointment | None:
    """The earliest time that is still free when it is to be kept."""
    mine = replace(found, calendars=[
        calendar for calendar in found.calendars
        if one.clinician in (None, calendar.clinician) and one.site in (None, calendar.site)
    ])  # fmt: skip
    fits = rules.wanted(mine, one.weekdays, one.parts, one.last_day, one.before)
    if not fits:
        return None
    alone = Shape(offer.length, 0, 0, await number(viewer, STEP))
    own_time = grid.free(-1, busy, alone, found.frame)
    mine = replace(mine, calendars=[
        replace(calendar, bits=rules.but(bits, one.told, found.frame) & own_time) for calendar, bits in fits
    ])  # fmt: skip
    if not mine.bits or not await offers.is_offered(viewer, one.client_id, one.type_id):
        return None
    for second in grid.moments(mine.bits, found.frame):
        for calendar in mine.who(second, one.own):
            row = placed(one.client_id, offer, one.contact_type, calendar, second)
            try:
                if await _is_kept(viewer, one, row):
                    return row
            except NotWaiting:
                return None
    return None


async def _is_kept(viewer: Viewer, one: Next, row: Appointment) -> bool:
    """False where that time has gone. Raises `NotWaiting`."""
    row.waits, row.moves, row.asked_by = one.id, one.moves, one.asked_by
    zone = (await practices.practice(viewer)).time_zone
    notice = timedelta(hours=await number(viewer, NOTICE))
    row.held_until = rules.kept_until(clock.now(), await offer_lasts(viewer), zone, row.starts_at, notice)
    async with transaction():
        await record.lock(viewer, one.client_id)
        entry = await WaitEntry.objects().where(WaitEntry.id == one.id).lock_rows("UPDATE").first()
        if entry is None or entry.state != WaitState.OPEN or await _has_offer(one.id):
            raise NotWaiting
        if not await keep(viewer, row):
            return False
        await audit.record(viewer, "wait.offered", client_id=row.client, subject_id=row.id)
        await outbox.record("wait.offered", row.id, row.client)
    return True


async def _has_offer(entry_id: int) -> bool:
    return await Appointment.exists().where(Appointment.waits == entry_id, Appointment.state == State.OFFERED)


async def _take_away(viewer: Viewer, boards: Boards, row: Appointment) -> None:
    """What is kept for one is free for nobody else."""
    taken = [(_second(row.busy_from), _second(row.busy_until))]
    step = await number(viewer, STEP)
    for key, (offer, found) in boards.items():
        shape = Shape(offer.length, offer.before, offer.after, step)
        boards[key] = offer, replace(found, calendars=[
            replace(one, bits=grid.free(one.bits, taken, shape, found.frame), load=one.load + 1)
            if one.clinician == row.clinician else one
            for one in found.calendars
        ])  # fmt: skip


async def _offered(viewer: Viewer, client_id: int, appointment_id: int) -> Appointment:
    row = await own(viewer, client_id, appointment_id)
    if row.waits is None:
        raise NotFoundException
    return row


def _second(moment: datetime) -> int:
    return int(moment.timestamp())
