"""What the wait list says beside a client's appointments."""

from portal.access import Viewer
from portal.appointments import beside
from portal.appointments.beside import Note
from portal.language import lazy, written_moment
from portal.waitlist.queries import entries
from portal.waitlist.queries.entries import Waiting


async def told(viewer: Viewer, client_id: int) -> list[Note]:
    return [_note(one) for one in await entries.of_client(viewer, client_id)]


beside.OF_CLIENT.declare(told)


def _note(one: Waiting) -> Note:
    base = f"/clients/{one.client_id}/wait-list"
    if one.offer_id and one.offered and one.time_zone:
        words = lazy("%(when)s has come free. It is kept for you.", when=written_moment(one.offered, one.time_zone))
        return Note(lazy("Take a look"), f"{base}/offers/{one.offer_id}", words)
    return Note(lazy("Wait list"), base, lazy("You are on the wait list for %(type)s.", type=one.type))
