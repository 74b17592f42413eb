"""A visit goes to another time, place or person; of a series, this one or all later ones."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.appointments.kinds import MEETINGS
from portal.language import lazy
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.schedule import forms, heard, looked_over, repeats, views
from portal.schedule.actions import placing
from portal.schedule.controllers.calendar import day_in, today
from portal.schedule.controllers.visits import screen as visit_screen
from portal.schedule.queries import hours, plans, visit
from portal.schedule.queries.clashes import slot_of
from portal.schedule.queries.free import next_free
from portal.schedule.queries.people import Keeper, people, row_of
from portal.schedule.queries.plans import Step
from portal.schedule.queries.visit import Shown
from portal.web.form import Form
from portal.web.replies import leave_for, reply, see_other, tell
from portal.web.request import Request


class MoveController(Controller):
    path = "/staff/schedule/visits/{appointment_id:int}/move"
    opt = needs(Permission.SCHEDULE_KEEP)

    @get(name="schedule-move")
    async def show(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, appointment_id, request.asked)

    @post()
    async def create(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        """One goes at once; several are looked over first."""
        form, viewer = await request.typed(), request.viewer
        if form["pick"] or form["act"] == "free":
            return await self.screen(request, appointment_id, forms.picked(form) if form["pick"] else form)
        row = await row_of(viewer, appointment_id)
        steps: list[Step] = []
        try:
            where = forms.other_place(form, await active(request), await hours_places(request))
            with_later = form["scope"] == "later" and row.series is not None
            only = form.all("keep") if form["act"] == "keep" else None
            steps = await plans.to_move(viewer, row, where, with_later=with_later, only=only)
            if not with_later:
                looked_over.must_fit(steps[0], is_sure=form["sure"] == "yes")
            elif form["act"] != "keep":
                return await self.screen(request, appointment_id, form, steps if form["act"] != "change" else [])
            kept = looked_over.fitting(steps, form) if with_later else None
            many = await placing.move(viewer, appointment_id, forms.version(form), where, only=kept)
        except Stale:
            return await visit_screen(request, appointment_id, Form(), is_stale=True)
        except Refused as refusal:
            if form["act"] == "keep" and steps:
                return await self.screen(request, appointment_id, form.refused(looked_over.beside(refusal)), steps)
            return await self.screen(request, appointment_id, form.refused(refusal))
        done = lazy("Moved.") if many == 1 else lazy("%(num)s visits are moved.", num=many)
        said = await heard.told(viewer, appointment_id, done, heard.SOMETHING_CHANGED, with_later=many > 1)
        await tell(request, "ok", said)
        return leave_for(request, "schedule-visit", appointment_id=appointment_id)

    async def screen(
        self, request: Request, appointment_id: int, form: Form, steps: list[Step] | None = None
    ) -> Response[Any]:
        """As it is now, until something else is chosen; with the next free times of whoever is chosen."""
        found = await visit.shown(request.viewer, appointment_id)
        if not found.may_be_moved:
            return see_other(request, "schedule-visit", appointment_id=appointment_id)
        keepers, places = await active(request), await hours_places(request)
        form = _as_it_is(form, found)
        return await reply(
            request,
            "schedule/move",
            form=form,
            about=found.visit.client_id,
            shown=found,
            visit=found.visit,
            people=[(one.id, one.name) for one in keepers],
            places=[(one.id, one.name) for one in places],
            meetings=tuple(MEETINGS.items()),
            steps=steps or [],
            ticked=looked_over.fitting(steps or [], form),
            free=[] if steps else await self.free(request, form, found, {one.id for one in keepers}),
        )

    async def free(self, request: Request, form: Form, found: Shown, known: set[int]) -> list[Any] | None:
        clinician = form.number("clinician")
        if clinician is None or clinician not in known:
            return None
        how = form["how"] if form["how"] in MEETINGS else found.visit.contact_type
        slot = await slot_of(request.viewer, found.visit.type_id, how)
        day = max(day_in(form["day"]) or await today(request), await today(request))
        return views.picks(await next_free(request.viewer, clinician, slot, day, but=found.visit.id))


async def active(request: Request) -> list[Keeper]:
    return [one for one in await people(request.viewer) if one.is_active]


async def hours_places(request: Request) -> list[hours.Place]:
    return [one for one in (await hours.places(request.viewer)).values() if one.is_active]


def _as_it_is(form: Form, found: Shown) -> Form:
    now = found.visit
    there = repeats.wall(now.starts_at, now.time_zone)
    told = {
        "clinician": now.clinician_id, "site": now.site_id, "how": now.contact_type, "day": there.date(),
        "time": there.strftime("%H:%M"), "scope": "one", "version": now.version,
    }  # fmt: skip
    typed = {name: values for name, values in form.typed.items() if form[name] or name not in told}
    return Form({**Form.of(**told).typed, **typed}, form.errors)
