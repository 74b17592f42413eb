"""Somebody joins the wait list, and leaves it."""

from dataclasses import dataclass
from datetime import date, datetime

from portal import audit, clock, outbox
from portal.access import Area, NotFoundException, Permission, Viewer
from portal.appointments.actions.acceptance import let_go
from portal.appointments.queries import offers, visits
from portal.appointments.queries.openings import Openings, Wish, openings
from portal.appointments.settings import clients_book
from portal.appointments.tables import Appointment, State
from portal.clients import record
from portal.database import fetch, transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.waitlist import rules
from portal.waitlist.queries import line
from portal.waitlist.tables import WaitEntry, WaitState


@dataclass(frozen=True)
class Wanted:
    """When a client would come earlier; without a clinician or a site, any. `moves` is a visit that would move."""

    type_id: int
    contact_type: str
    clinician: int | None
    site: int | None
    weekdays: tuple[int, ...]
    parts: tuple[str, ...]
    last_day: date
    moves: int | None = None


class FreeNow(Refused):
    """There is nothing to wait for: `seconds` are the first times that fit."""

    def __init__(self, seconds: list[int], zone: str) -> None:
        super().__init__({"": lazy("These times are free now")})
        self.seconds, self.zone = seconds, zone


async def join(viewer: Viewer, client_id: int, wanted: Wanted) -> None:
    """One entry for each type: joining again changes it, and its place in the line stays.

    Raises `FreeNow`, and `Refused` at `until`.
    """
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    if not await clients_book(viewer):
        raise NotFoundException
    before = await _moved(viewer, client_id, wanted)
    offer = await offers.offer(viewer, client_id, wanted.type_id)
    found = await openings(viewer, client_id, Wish(offer, wanted.contact_type, wanted.clinician, wanted.site))
    if not found.first <= wanted.last_day <= found.last:
        raise Refused(until=lazy("Choose a day from today on, within the time in which visits can be booked"))
    if seconds := _free(found, wanted, before):
        raise FreeNow(seconds, found.zone)
    async with transaction():
        await record.lock(viewer, client_id)
        rows = await fetch(
            "INSERT INTO wait_entry (client, type, contact_type, clinician, site, weekdays, parts, last_day, moves,"
            " asked_by, made_at, state) VALUES ({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, 'open')"
            " ON CONFLICT (client, type) WHERE state = 'open' DO UPDATE SET contact_type = excluded.contact_type,"
            " clinician = excluded.clinician, site = excluded.site, weekdays = excluded.weekdays,"
            " parts = excluded.parts, last_day = excluded.last_day, moves = excluded.moves,"
            " asked_by = excluded.asked_by RETURNING id",
            client_id,
            wanted.type_id,
            wanted.contact_type,
            wanted.clinician,
            wanted.site,
            list(wanted.weekdays),
            list(wanted.parts),
            wanted.last_day,
            wanted.moves,
            viewer.account_id,
            clock.now(),
        )
        await audit.record(viewer, "wait.joined", client_id=client_id, subject_id=rows[0]["id"])
        await outbox.record("wait.joined", rows[0]["id"], client_id)


async def leave(viewer: Viewer, client_id: int, entry_id: int) -> None:
    """What is kept for it is free again. Twice is as good as once."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    if not await end(viewer, client_id, entry_id, WaitState.LEFT):
        raise NotFoundException


async def end_for_staff(viewer: Viewer, entry_id: int) -> None:
    viewer.must(Permission.SCHEDULE_KEEP)
    row = await WaitEntry.objects().where(viewer.reaches(WaitEntry), WaitEntry.id == entry_id).first()
    if row is None:
        raise NotFoundException
    await end(viewer, row.client, entry_id, WaitState.ENDED)


async def end_what_is_over(viewer: Viewer, today: date) -> None:
    """By the clock: the last day is behind, or the visit is gone that would move."""
    for entry_id, client_id in await line.over(viewer, today):
        await end(viewer, client_id, entry_id, WaitState.ENDED)


async def end(viewer: Viewer, client_id: int, entry_id: int, state: WaitState) -> bool:
    """False where the client has no such entry. Whoever calls has asked whether the viewer may."""
    async with transaction():
        await record.lock(viewer, client_id)
        row = (
            await WaitEntry.objects()
            .where(WaitEntry.client == client_id, WaitEntry.id == entry_id)
            .lock_rows("UPDATE")
            .first()
        )
        if row is None:
            return False
        if row.state == WaitState.OPEN:
            row.state, row.ended_at = state, clock.now()
            await row.save()
            kept = Appointment.objects().where(Appointment.waits == entry_id, Appointment.state == State.OFFERED)
            for one in await kept.lock_rows("UPDATE"):
                await let_go(viewer, one)
            await audit.record(viewer, f"wait.{state}", client_id=client_id, subject_id=entry_id)
            await outbox.record("wait.ended", entry_id, client_id)
    return True


async def _moved(viewer: Viewer, client_id: int, wanted: Wanted) -> datetime | None:
    if wanted.moves is None:
        return None
    visit = await visits.visit(viewer, client_id, wanted.moves)
    if not visit.may_be_kept or visit.type_id != wanted.type_id:
        raise NotFoundException
    return visit.starts_at


def _free(found: Openings, wanted: Wanted, before: datetime | None) -> list[int]:
    bits = 0
    for _, fits in rules.wanted(found, wanted.weekdays, wanted.parts, wanted.last_day, before):
        bits |= fits
    return rules.first_of(bits, found.frame)
