"""What the wait list says beside a client's appointments."""

from portal.access import Viewer
from portal.appointments import notes
from portal.appointments.notes import Note
from portal.language import lazy, written_moment
from portal.waitlist.queries import entries
from portal.waitlist.queries.entries import Waiting


@notes.declare
async def told(viewer: Viewer, client_id: int) -> list[Note]:
    return [_note(one) for one in await entries.of_client(viewer, client_id)]


def _note(one: Waiting) -> Note:
    base = f"/clients/{one.client_id}/wait-list"
    if one.offer_id and one.offered and one.time_zone:
        words = lazy("%(when)s has come free. It is kept for you.", when=written_moment(one.offered, one.time_zone))
        return Note(words, f"{base}/offers/{one.offer_id}", lazy("Take a look"))
    return Note(lazy("You are on the wait list for %(type)s.", type=one.type), base, lazy("Wait list"))
