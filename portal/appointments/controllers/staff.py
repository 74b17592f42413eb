"""What a client asked for, on the desk of whoever settles it."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import NotFoundException, Permission, needs
from portal.appointments import beside, kinds
from portal.appointments.actions import decision
from portal.appointments.queries import asked
from portal.appointments.visit import Visit
from portal.language import lazy
from portal.refusal import Refused
from portal.review import desk
from portal.review.actions import Stale
from portal.web.form import Form, Reader
from portal.web.request import Request

DETAIL = "appointments/staff/_request.html"


class AppointmentReviewController(Controller):
    path = "/staff/appointments/{appointment_id:int}"
    opt = needs(Permission.REVIEW_SETTLE)

    @get(name="appointment-review")
    async def show(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, await asked.for_review(request.viewer, appointment_id), Form())

    @post(name="appointment-decision")
    async def update(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        visit = await asked.for_review(request.viewer, appointment_id)
        form = await request.typed()
        try:
            sentence = await decided(request, visit, form)
        except Stale:
            visit = await asked.for_review(request.viewer, appointment_id)
            return await desk.stale(
                request, DETAIL, kind=kinds.EVERY, subject_id=visit.id, form=form, about=visit.client_id,
                **await told(request, visit),
            )  # fmt: skip
        except Refused as refusal:
            return await self.screen(request, visit, form.refused(refusal))
        return await desk.onward(request, kind=kinds.EVERY, subject_id=visit.id, sentence=sentence)

    async def screen(self, request: Request, visit: Visit, form: Form) -> Response[Any]:
        return await desk.on_desk(
            request, DETAIL, kind=kinds.EVERY, subject_id=visit.id, form=form, about=visit.client_id,
            **await told(request, visit),
        )  # fmt: skip


async def told(request: Request, visit: Visit) -> dict[str, Any]:
    others = await asked.beside(request.viewer, visit)
    return {
        "visit": visit,
        "beside": others,
        "doubts": await beside.OF_REQUEST.told(request.viewer, visit),
        "clashes": {one.id for one in others if one.id != visit.moves and visit.clashes_with(one)},
        "reasons": tuple(kinds.REASONS.items()),
    }


async def decided(request: Request, visit: Visit, form: Form) -> object:
    """Does what the button says; returns the sentence for whoever pressed it."""
    version = int(form["version"]) if form["version"].isdecimal() and len(form["version"]) < 9 else 0
    if form["decision"] == "seen":
        await decision.acknowledge(request.viewer, visit.id)
        return lazy("Seen.")
    if form["decision"] == "approve":
        await decision.approve(request.viewer, visit.id, version)
        return lazy("Approved. The appointment is booked.")
    if form["decision"] != "return":
        raise NotFoundException
    reader = Reader(form)
    words = reader.lines("reason", most=500)
    common = form["common_reason"] if form["common_reason"] in kinds.REASONS else ""
    reader.finish()
    await decision.decline(request.viewer, visit.id, version, common, words)
    return lazy("Declined. The client is told why.")
