"""A visit that took place is recorded: what was done, what it costs, looked over once before it counts."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.appointments.visit import Visit
from portal.billing import recording
from portal.billing.actions import charging
from portal.billing.controllers import fields
from portal.encounters import forms
from portal.encounters.queries import recorded, visits
from portal.language import lazy
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave, leave_for, reply, see_other, tell
from portal.web.request import Request

TITLE = lazy("Record a visit")


class RecordingController(Controller):
    path = "/staff/billing/visits/{appointment_id:int}/encounter"
    opt = needs(Permission.ENCOUNTER_RECORD)

    @get(name="encounter-new")
    async def new(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        """Or what stands for it already."""
        visit = await visits.completed(request.viewer, appointment_id)
        if one := await visits.recorded_as(request.viewer, visit.id):
            return see_other(request, "encounter", encounter_id=one)
        return await self.screen(request, visit, await recording.opened(request.viewer, visit))

    @post()
    async def create(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        visit = await visits.completed(request.viewer, appointment_id)
        if one := await visits.recorded_as(request.viewer, visit.id):
            return await self.recorded_already(request, one)
        form = await request.typed()
        if form["act"] == "last":
            return await self.screen(request, visit, await recording.as_last(request.viewer, visit, form))
        if (other := fields.rearranged(form)) is not None:
            return await self.screen(request, visit, other)
        return await self.checked(request, visit, form)

    async def checked(self, request: Request, visit: Visit, form: Form) -> Response[Any]:
        """Looked over first; recorded where the sum is the one that was seen."""
        around = await recording.of_visit(request.viewer, visit, form)
        try:
            draft = forms.read(form, around)
            if form["act"] not in ("record", "next") or form["seen"] != str(draft.charge):
                return await fields.check(request, form, around, draft, **self.about(request, visit))
            one = await charging.record(request.viewer, draft)
        except Refused as refusal:
            if there := await visits.recorded_as(request.viewer, visit.id):
                return await self.recorded_already(request, there)
            return await self.screen(request, visit, form.refused(refusal))
        if form["act"] != "next":
            await tell(request, "ok", lazy("Recorded."))
            return leave_for(request, "encounter", encounter_id=one)
        following = await visits.next_to_record(request.viewer, visit)
        if following is None:
            await tell(request, "ok", lazy("Recorded. That was the last one."))
            return leave_for(request, "billing")
        await tell(request, "ok", lazy("Recorded. This is the next one."))
        return leave(request, request.app.route_reverse("encounter-new", appointment_id=following))

    async def recorded_already(self, request: Request, encounter_id: int) -> Response[Any]:
        """A second press, or a colleague: what stands there is shown."""
        await tell(request, "ok", lazy("This visit is recorded. This is what stands there."))
        return leave_for(request, "encounter", encounter_id=encounter_id)

    async def screen(self, request: Request, visit: Visit, form: Form) -> Response[Any]:
        return await reply(
            request,
            "billing/record",
            form=form,
            about=visit.client_id,
            last=await recorded.last_like(request.viewer, visit.client_id, visit.type_id),
            why_left=await visits.why_left(request.viewer, visit.id),
            **await fields.around(request, form, await recording.of_visit(request.viewer, visit, form)),
            **self.about(request, visit),
        )

    def about(self, request: Request, visit: Visit) -> dict[str, Any]:
        url = request.app.route_reverse("encounter-new", appointment_id=visit.id)
        return {"title": TITLE, "subject": visit, "url": url, "back": request.app.route_reverse("billing"), "one": None}
