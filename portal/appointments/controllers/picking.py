"""A week of free times, for a new visit or for one that is to be moved."""

from typing import Any

from litestar import Response

from portal.appointments import views
from portal.appointments.actions import holding
from portal.appointments.forms import Sought
from portal.appointments.kinds import MEETINGS
from portal.appointments.queries import offers
from portal.appointments.queries.openings import Wish, openings
from portal.appointments.visit import Visit
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import reply
from portal.web.request import Request


async def screen(
    request: Request, client_id: int, asked: Sought, form: Form, moves: Visit | None = None
) -> Response[Any]:
    people = await _around(request, client_id, asked)
    asked = asked.within(people)
    found = await openings(request.viewer, client_id, _wish(asked, moves))
    return await reply(
        request,
        "appointments/time",
        form=form,
        about=client_id,
        client_id=client_id,
        asked=asked,
        meetings=MEETINGS,
        around=people,
        week=views.week_of(found, asked.week, request.viewer.time_zone),
        zone=found.zone,
        own_zone=views.own_zone(found.zone, request.viewer.time_zone),
        moves=moves,
    )


async def held(request: Request, client_id: int, asked: Sought, form: Form, moves: Visit | None = None) -> int:
    """The appointment that keeps the chosen time. Raises `Refused` at `slot`."""
    second = views.second_in(form["slot"])
    if second is None:
        raise Refused(slot=lazy("Choose a time"))
    asked = asked.within(await _around(request, client_id, asked))
    return await holding.hold(request.viewer, client_id, _wish(asked, moves), second)


async def _around(request: Request, client_id: int, asked: Sought) -> offers.Around:
    return await offers.around(request.viewer, client_id, asked.offer.id, asked.how)


def _wish(asked: Sought, moves: Visit | None) -> Wish:
    return Wish(asked.offer, asked.how, asked.clinician, asked.site, moves)
