"""One visit: what is known of it, what happened to it, and what staff do about it."""

from typing import Any
from urllib.parse import parse_qsl, urlencode

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.appointments import states
from portal.appointments.kinds import CANCEL_REASONS
from portal.language import lazy
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.schedule import forms, heard
from portal.schedule.actions import calling_off, marking, noting
from portal.schedule.controllers.calendar import day_in
from portal.schedule.queries import calendar, people, visit
from portal.schedule.repeats import WORDS
from portal.schedule.rules import day_of
from portal.web.form import Form
from portal.web.replies import go, leave_for, reply, see_other, tell
from portal.web.request import Request


class VisitController(Controller):
    path = "/staff/schedule/visits/{appointment_id:int}"
    opt = needs(Permission.SCHEDULE_KEEP)

    @get(name="schedule-visit")
    async def show(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        return await screen(request, appointment_id, Form())

    @get("/row", name="schedule-row")
    async def row(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        """The line of the day for htmx; for others the visit itself."""
        if not request.wants_fragment:
            await people.row_of(request.viewer, appointment_id)
            return see_other(request, "schedule-visit", appointment_id=appointment_id)
        return await line(request, appointment_id, request.asked)

    @post("/mark", name="schedule-mark")
    async def update(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        """From the visit's page, or from a line of the day, which says so in `back`."""
        form = await request.typed()
        is_line = "back" in form.typed
        try:
            await marking.mark(request.viewer, appointment_id, form["to"], forms.version(form))
        except Stale:
            if is_line and request.htmx:
                return await line(request, appointment_id, form, is_stale=True)
            return await screen(request, appointment_id, Form(), is_stale=True)
        except Refused as refusal:
            return await screen(request, appointment_id, form.refused(refusal))
        if is_line and request.htmx:
            row = request.app.route_reverse("schedule-row", appointment_id=appointment_id)
            return go(f"{row}?{urlencode({'back': form['back'], 'at': form['at']})}")
        if is_line:
            return go(f"{request.app.route_reverse('schedule')}?{form['back']}#visit-{appointment_id}")
        done = lazy("Marked: %(state)s.", state=states.WORDS.get(form["to"], ""))
        is_told = form["to"] == "late_cancelled"
        said = await heard.told(request.viewer, appointment_id, done, heard.SOMETHING_CHANGED) if is_told else done
        await tell(request, "ok", said)
        return see_other(request, "schedule-visit", appointment_id=appointment_id)

    @post("/cancellation", name="schedule-cancellation")
    async def create(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        with_later = form["scope"] == "later"
        try:
            common, words = forms.reason(form, tuple(CANCEL_REASONS))
            many = await calling_off.call_off(
                request.viewer, appointment_id, forms.version(form), common, words, with_later=with_later
            )
        except Stale:
            return await screen(request, appointment_id, form, is_stale=True)
        except Refused as refusal:
            return await screen(request, appointment_id, form.refused(refusal))
        done = lazy("Cancelled.") if many == 1 else lazy("%(num)s visits are cancelled.", num=many)
        said = await heard.told(request.viewer, appointment_id, done, heard.READS_WHY, with_later=with_later)
        await tell(request, "ok", said)
        return see_other(request, "schedule-visit", appointment_id=appointment_id)


class DetailsController(Controller):
    path = "/staff/schedule/visits/{appointment_id:int}/details"
    opt = needs(Permission.SCHEDULE_KEEP)

    @get(name="schedule-details")
    async def show(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        found = await visit.shown(request.viewer, appointment_id)
        return await self.form(request, found, Form.of(note=found.note, link=found.link))

    @post(name="schedule-noting")
    async def update(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            await noting.note(request.viewer, appointment_id, forms.version(form), *forms.beside(form))
        except Stale:
            return await self.form(request, await visit.shown(request.viewer, appointment_id), form, is_stale=True)
        except Refused as refusal:
            found = await visit.shown(request.viewer, appointment_id)
            return await self.form(request, found, form.refused(refusal))
        await tell(request, "ok", lazy("Saved."))
        return leave_for(request, "schedule-visit", appointment_id=appointment_id)

    async def form(self, request: Request, found: visit.Shown, form: Form, *, is_stale: bool = False) -> Response[Any]:
        """409 where somebody was quicker: what was typed stands, and may be saved over it."""
        status = 409 if is_stale else None
        return await reply(
            request, "schedule/details", form=form, about=found.visit.client_id, visit=found.visit, status=status,
            is_stale=is_stale,
        )  # fmt: skip


async def screen(request: Request, appointment_id: int, form: Form, *, is_stale: bool = False) -> Response[Any]:
    """409 where somebody was quicker: as it stands now, with what was typed."""
    found = await visit.shown(request.viewer, appointment_id)
    return await reply(
        request,
        "schedule/visit",
        form=form,
        about=found.visit.client_id,
        status=409 if is_stale else None,
        shown=found,
        visit=found.visit,
        is_stale=is_stale,
        is_heard=await people.is_heard(request.viewer, found.visit.client_id),
        words=states.WORDS,
        every=WORDS,
        reasons=tuple(CANCEL_REASONS.items()),
        may_answer=found.is_charted and request.viewer.may(Permission.REVIEW_SETTLE),
    )


async def line(request: Request, appointment_id: int, form: Form, *, is_stale: bool = False) -> Response[Any]:
    """It says its day where that is not the one of the list, to which `back` leads; and its place, but where the whole
    list is `at` it.
    """
    found = await calendar.entry(request.viewer, appointment_id)
    if found is None:
        raise NotFoundException
    listed = day_in(dict(parse_qsl(form["back"])).get("day", ""))
    return await reply(
        request, "schedule/row", one=found, back=form["back"], site=form["at"], is_stale=is_stale,
        listed=[found.client_id], is_elsewhere=day_of(found.starts_at, found.time_zone) != listed,
        status=409 if is_stale else None,
    )  # fmt: skip
