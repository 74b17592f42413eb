"""Rooms are kept, consent is given once, and who joins is written down."""

from portal import audit, clock, outbox
from portal.access import Area, Viewer
from portal.appointments.links import fault
from portal.appointments.queries.availability import must_manage
from portal.clients import record
from portal.database import fetch, transaction
from portal.refusal import Refused
from portal.telehealth import queries
from portal.telehealth.rules import EDITION


async def keep_room(viewer: Viewer, clinician_id: int, link: str) -> None:
    """An empty link takes the room away. Raises `Refused` at `link`."""
    await must_manage(viewer, clinician_id)
    if link and (why := fault(link)):
        raise Refused(link=why)
    async with transaction():
        if link:
            rows = await fetch(
                "INSERT INTO video_room (clinician, link) VALUES ({}, {})"
                " ON CONFLICT (clinician) DO UPDATE SET link = excluded.link"
                " WHERE video_room.link <> excluded.link RETURNING id",
                clinician_id,
                link,
            )
        else:
            rows = await fetch("DELETE FROM video_room WHERE clinician = {} RETURNING id", clinician_id)
        if rows:
            await audit.record(viewer, f"video_room.{'saved' if link else 'removed'}", subject_id=clinician_id)


async def accept(viewer: Viewer, client_id: int) -> None:
    """The account agrees for the client. Twice is as good as once."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    async with transaction():
        await record.lock(viewer, client_id)
        rows = await fetch(
            "INSERT INTO telehealth_consent (client, account, edition, accepted_at) VALUES ({}, {}, {}, {})"
            " ON CONFLICT (client, account, edition) DO NOTHING RETURNING id",
            client_id,
            viewer.account_id,
            EDITION,
            clock.now(),
        )
        if rows:
            await audit.record(
                viewer, "telehealth.accepted", client_id=client_id, subject_id=rows[0]["id"], edition=EDITION
            )
            await outbox.record("telehealth.accepted", rows[0]["id"], client_id)


async def join(viewer: Viewer, client_id: int, appointment_id: int) -> str:
    """The link, in its time; the audit says who got it and never what it is. Empty where there is none."""
    async with transaction():
        link = await queries.link(viewer, client_id, appointment_id)
        if link:
            await audit.record(viewer, "telehealth.joined", client_id=client_id, subject_id=appointment_id)
    return link
