"""Staff offer other times than the one that was asked for."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.appointments import kinds, offering_forms, views
from portal.appointments.actions import offering
from portal.appointments.controllers import staff
from portal.appointments.queries import asked, offered
from portal.appointments.visit import Visit
from portal.language import lazy
from portal.refusal import Refused
from portal.review import desk
from portal.review.actions import Stale
from portal.web.form import Form
from portal.web.replies import see_other
from portal.web.request import Request

DETAIL = "appointments/staff/_offering.html"


class OfferingController(Controller):
    path = "/staff/appointments/{appointment_id:int}/offer"
    opt = needs(Permission.REVIEW_SETTLE)

    @get(name="appointment-offering")
    async def show(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        visit = await asked.for_review(request.viewer, appointment_id)
        if not visit.is_asked:
            return see_other(request, "appointment-review", appointment_id=appointment_id)
        return await self.screen(request, visit, request.asked)

    @post(name="appointment-offer")
    async def create(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        """Or another week or clinician is shown, with everything that was chosen."""
        visit = await asked.for_review(request.viewer, appointment_id)
        form = await request.typed()
        if form["show"] and visit.is_asked:
            return await self.screen(request, visit, form)
        try:
            times, words = offering_forms.read(form)
            await offering.offer_others(request.viewer, visit.id, form.number("version") or 0, times, words)
        except Stale:
            visit = await asked.for_review(request.viewer, appointment_id)
            return await desk.stale(
                request, staff.DETAIL, kind=kinds.EVERY, subject_id=visit.id, form=form, about=visit.client_id,
                **await staff.told(request, visit),
            )  # fmt: skip
        except Refused as refusal:
            return await self.screen(request, visit, form.refused(refusal))
        sentence = lazy("Other times are offered. The client chooses one.")
        return await desk.onward(request, kind=kinds.EVERY, subject_id=visit.id, sentence=sentence)

    async def screen(self, request: Request, visit: Visit, form: Form) -> Response[Any]:
        around = await offered.around(request.viewer, visit)
        people = around.clinicians
        chosen = form.number("who")
        if chosen not in {one.id for one in people}:
            own = [one.id for one in people if one.id == visit.clinician_id]
            chosen = (own or [one.id for one in people] or [visit.clinician_id])[0]
        found = await offered.free(request.viewer, visit, chosen)
        week = views.week_of(found, views.day_in(form["show"] or form["week"]))
        days = offering_forms.choices(found, week, visit)
        return await desk.on_desk(
            request,
            DETAIL,
            kind=kinds.EVERY,
            subject_id=visit.id,
            heading=lazy("Offer other times"),
            form=form,
            about=visit.client_id,
            visit=visit,
            people=people,
            chosen=chosen,
            week=week,
            days=days,
            sites=offering_forms.sites(found, days, around.places),
            elsewhere=offering_forms.elsewhere(form, days, people, found.zone),
            zone=found.zone,
        )
