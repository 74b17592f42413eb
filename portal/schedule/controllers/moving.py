"""A visit goes to another time, place or person; of a series, this one or all later ones."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.appointments.kinds import MEETINGS
from portal.language import lazy
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.schedule import choices, forms, heard, looked_over, repeats, views
from portal.schedule.actions import placing
from portal.schedule.controllers.calendar import day_in, today
from portal.schedule.controllers.visits import screen as visit_screen
from portal.schedule.queries import plans, visit
from portal.schedule.queries.clashes import slot_of
from portal.schedule.queries.free import next_free
from portal.schedule.queries.people import row_of
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
            known, places = await choices.keepers(viewer, row.clinician), await choices.places(viewer, row.site)
            own = repeats.minute_of_day(row.starts_at, next(one.zone for one in places if one.id == row.site))
            where = forms.other_place(form, known, places, own)
            with_later = form["scope"] == "later" and row.series is not None
            only = form.all("keep") if form["act"] == "keep" else None
            steps = await plans.to_move(viewer, row, where, with_later=with_later, only=only)
            if not with_later:
                looked_over.must_fit(steps[0], form)
            elif form["act"] != "keep":
                return await self.screen(request, appointment_id, form, steps if form["act"] != "change" else [])
            kept = looked_over.fitting(steps, form) if with_later else None
            many = await placing.move(viewer, appointment_id, forms.version(form), where, only=kept)
        except Stale:
            return await self.screen(request, appointment_id, form, is_stale=True)
        except Refused as refusal:
            if form["act"] == "keep" and steps:
                return await self.screen(request, appointment_id, form.refused(looked_over.beside(refusal)), steps)
            return await self.screen(request, appointment_id, looked_over.refused(form, refusal, steps))
        if not many:
            await tell(request, "ok", lazy("Nothing changed."))
            return see_other(request, "schedule-visit", appointment_id=appointment_id)
        done = lazy("Moved.") if many == 1 else lazy("%(num)s visits are moved.", num=many)
        said = await heard.told(viewer, appointment_id, done, heard.SOMETHING_CHANGED, with_later=many > 1)
        await tell(request, "ok", said)
        return leave_for(request, "schedule-visit", appointment_id=appointment_id)

    async def screen(
        self,
        request: Request,
        appointment_id: int,
        form: Form,
        steps: list[Step] | None = None,
        *,
        is_stale: bool = False,
    ) -> Response[Any]:
        """As it is now, until something else is chosen; with the next free times of whoever is chosen.

        409 where somebody was quicker: with what was typed, for the visit as it is now.
        """
        found = await visit.shown(request.viewer, appointment_id)
        if not found.may_be_moved and is_stale:
            return await visit_screen(request, appointment_id, Form(), is_stale=True)
        if not found.may_be_moved:
            return see_other(request, "schedule-visit", appointment_id=appointment_id)
        known = await choices.keepers(request.viewer, found.visit.clinician_id)
        places = await choices.places(request.viewer, found.visit.site_id)
        if is_stale:
            form = Form({**form.typed, "version": [str(found.visit.version)], "act": []})
        form = _as_it_is(form, found, {one.id: one.zone for one in places})
        return await reply(
            request,
            "schedule/move",
            form=form,
            about=found.visit.client_id,
            status=409 if is_stale else None,
            is_stale=is_stale,
            shown=found,
            visit=found.visit,
            people=choices.named(known, form["clinician"]),
            places=choices.named(places, form["site"]),
            meetings=tuple(MEETINGS.items()),
            steps=steps or [],
            ticked=looked_over.fitting(steps or [], form),
            free=[] if steps else await self.free(request, form, found, {one.id for one in known if one.is_active}),
        )

    async def free(self, request: Request, form: Form, found: Shown, known: set[int]) -> list[Any] | None:
        clinician = form.number("clinician")
        if clinician is None or clinician not in known:
            return None
        how = form["how"] if form["how"] in MEETINGS else found.visit.contact_type
        slot = await slot_of(request.viewer, found.visit.type_id, how)
        day = max(day_in(form["day"]) or await today(request), await today(request))
        return views.picks(await next_free(request.viewer, clinician, slot, day, but=found.visit.id))


def _as_it_is(form: Form, found: Shown, zones: dict[int, str]) -> Form:
    """By the wall of its office as it is now, on which what is typed here is read."""
    now = found.visit
    there = repeats.wall(now.starts_at, zones[now.site_id])
    told = {
        "clinician": now.clinician_id, "site": now.site_id, "how": now.contact_type, "day": there.date(),
        "time": there.strftime("%H:%M"), "scope": "one", "version": now.version,
    }  # fmt: skip
    typed = {name: values for name, values in form.typed.items() if form[name] or name not in told}
    return Form({**Form.of(**told).typed, **typed}, form.errors)
