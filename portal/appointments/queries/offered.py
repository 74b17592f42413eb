"""Times to offer a client in answer to a request, and what has become of those that were."""

from portal import clock
from portal.access import Area, Permission, Viewer
from portal.appointments.queries import offers, openings
from portal.appointments.queries.offers import Around, Offer
from portal.appointments.queries.openings import Calendar, Openings, Wish
from portal.appointments.queries.visits import FIELDS, JOINED, written
from portal.appointments.tables import Appointment
from portal.appointments.visit import Visit
from portal.database import fetch

# Staff know what is possible at short notice.
NOTICE = 1
PORTAL = Viewer.portal("offering")


async def around(viewer: Viewer, visit: Visit) -> Around:
    """Who offers what was asked for, and where."""
    viewer.must(Permission.REVIEW_SETTLE)
    return await offers.around(PORTAL, visit.client_id, visit.type_id, visit.contact_type)


async def free(viewer: Viewer, visit: Visit, clinician: int) -> Openings:
    """Of one clinician, at all sites; the request's own time counts as free, for it gives way."""
    viewer.must(Permission.REVIEW_SETTLE)
    wish = Wish(await offers.offer_of(viewer, visit.type_id), visit.contact_type, clinician)
    return await openings.openings(PORTAL, visit.client_id, wish, notice=NOTICE, without=[visit.id])


async def calendar_at(
    viewer: Viewer, request: Appointment, offer: Offer, clinician: int, site: int, second: int
) -> Calendar | None:
    """None where that clinician is not free there then."""
    viewer.must(Permission.REVIEW_SETTLE)
    wish = Wish(offer, request.contact_type, clinician, site)
    found = await openings.openings(PORTAL, request.client, wish, notice=NOTICE, without=[request.id])
    return next(found.who(second), None)


async def answers(viewer: Viewer, client_id: int, request_id: int) -> list[Visit]:
    """What was offered in answer to a request, whatever became of it; in order."""
    viewer.must_act_for(client_id, Area.APPOINTMENTS)
    sql = f"SELECT {FIELDS} {JOINED} WHERE a.client = {{}} AND a.instead_of = {{}} ORDER BY a.starts_at, a.id"
    return [written(row) for row in await fetch(sql, client_id, request_id)]


def still_kept(visits: list[Visit]) -> list[Visit]:
    now = clock.now()
    return [one for one in visits if one.is_offered and one.held_until is not None and one.held_until > now]
