"""What staff note about a visit that is booked, and where one by video takes place."""

from portal import audit, outbox
from portal.access import Viewer
from portal.appointments.tables import ContactType, State
from portal.database import transaction
from portal.language import lazy
from portal.refusal import Refused
from portal.schedule.actions.marking import locked

STANDING = (State.BOOKED, State.CONFIRMED, State.ARRIVED, State.COMPLETED)


async def note(viewer: Viewer, appointment_id: int, version: int, words: str, link: str) -> None:
    """Only staff read the words; an empty link is the clinician's own room. Raises `Stale`, and `Refused`."""
    async with transaction():
        row = await locked(viewer, appointment_id, version)
        if row.state not in STANDING:
            raise Refused({"": lazy("This visit does not stand any more. Look at it again.")})
        if link and row.contact_type != ContactType.TELEHEALTH:
            raise Refused(link=lazy("A link is for a telehealth visit: leave it out"))
        if (row.note, row.link) != (words, link):
            row.note, row.link, row.version = words, link, row.version + 1
            await row.save()
            await audit.record(viewer, "appointment.noted", client_id=row.client, subject_id=row.id)
            await outbox.record("appointment.noted", row.id, row.client)
