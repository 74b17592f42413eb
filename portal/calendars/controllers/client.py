"""An appointment for one's own calendar, and the link that keeps all of them there."""

from collections.abc import Awaitable, Callable
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import audit, clock
from portal.access import SIGNED_IN, Area, Viewer, acts_for
from portal.appointments.visit import Visit
from portal.calendars import actions, ics, queries
from portal.language import gettext, lazy, written_full_date, written_time, written_zone
from portal.refusal import Refused
from portal.settings import settings
from portal.web.form import Form
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request


class CalendarEntryController(Controller):
    path = "/clients/{client_id:int}/appointments/{appointment_id:int}/calendar.ics"
    opt = acts_for(Area.APPOINTMENTS)

    @get(name="appointment-calendar")
    async def show(self, request: Request, client_id: FromPath[int], appointment_id: FromPath[int]) -> Response[bytes]:
        entry, visit = await queries.entry(request.viewer, client_id, appointment_id)
        await audit.record(
            request.viewer, "appointments.exported", client_id=client_id, subject_id=appointment_id, format="ics"
        )
        return Response(
            ics.one(entry, _described(visit), clock.now()),
            media_type=f"text/calendar; method={ics.method(entry)}",
            headers={"Content-Disposition": 'attachment; filename="appointment.ics"'},
        )


class CalendarFeedController(Controller):
    path = "/account/calendar"
    opt = SIGNED_IN

    @get(name="calendar-feed")
    async def show(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form())

    @post()
    async def create(self, request: Request) -> Response[Any]:
        try:
            await actions.make(request.viewer)
        except Refused as refusal:
            return await self.screen(request, Form().refused(refusal))
        return see_other(request, "calendar-feed")

    @post("/replacement", name="calendar-feed-replacement")
    async def update(self, request: Request) -> Response[Any]:
        return await self.changed(request, actions.replace, lazy("The old link has ended. This is the new one."))

    @post("/end", name="calendar-feed-end")
    async def end(self, request: Request) -> Response[Any]:
        return await self.changed(request, actions.turn_off, lazy("The link has ended."))

    async def changed(
        self, request: Request, change: Callable[[Viewer, int], Awaitable[bool]], words: object
    ) -> Response[Any]:
        form = await request.typed()
        if await change(request.viewer, form.number("feed") or 0):
            await tell(request, "ok", words)
        else:
            await tell(request, "wait", lazy("The link was changed meanwhile. This is how it stands now."))
        return see_other(request, "calendar-feed")

    async def screen(self, request: Request, form: Form) -> Response[Any]:
        found = await queries.feed(request.viewer)
        path = request.app.route_reverse("calendar", token=f"{found.token}.ics") if found else ""
        return await reply(
            request,
            "calendars/feed",
            form=form,
            feed=found,
            is_for_somebody=_is_for_somebody(request.viewer),
            link=settings().origin + path,
            opens=f"webcal://{settings().origin.partition('://')[2]}{path}",
        )


def _is_for_somebody(viewer: Viewer) -> bool:
    return any(Area.APPOINTMENTS in grant.areas for grant in viewer.grants)


def _described(visit: Visit) -> str:
    """On the wall of the place, in words; the rest stands where one signs in."""
    when = gettext(
        "%(day)s, %(from)s to %(until)s, %(zone)s",
        **{
            "day": written_full_date(visit.starts_at, visit.time_zone),
            "from": written_time(visit.starts_at, visit.time_zone),
            "until": written_time(visit.ends_at, visit.time_zone),
            "zone": written_zone(visit.time_zone),
        },
    )
    more = gettext("For more, see the portal: %(address)s", address=settings().origin)
    return f"{when}\n{more}"
