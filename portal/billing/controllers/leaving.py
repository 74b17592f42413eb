"""A visit for which nothing is charged leaves the list; and so do all that are older than the books."""

from datetime import date
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.appointments.hours import midnight
from portal.billing.actions import leaving
from portal.encounters.queries import visits
from portal.language import lazy, ngettext
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

YEARS = range(1900, 2200)


class NoChargeController(Controller):
    path = "/staff/billing/visits/{appointment_id:int}/no-charge"
    opt = needs(Permission.ENCOUNTER_RECORD)

    @get(name="no-charge")
    async def new(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, appointment_id, Form())

    @post()
    async def create(self, request: Request, appointment_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            await leaving.leave(request.viewer, appointment_id, " ".join(form["reason"].split()))
        except Refused as refusal:
            return await self.screen(request, appointment_id, form.refused(refusal))
        await tell(request, "ok", lazy("Nothing is charged for this visit. It has left the list."))
        return leave_for(request, "billing")

    async def screen(self, request: Request, appointment_id: int, form: Form) -> Response[Any]:
        visit = await visits.completed(request.viewer, appointment_id)
        return await reply(request, "billing/no_charge", form=form, about=visit.client_id, visit=visit)


class OlderVisitsController(Controller):
    path = "/staff/billing/visits/older"
    opt = needs(Permission.LEDGER_ADJUST)

    @get(name="older-visits")
    async def new(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form())

    @post()
    async def create(self, request: Request) -> Response[Any]:
        """How many it concerns is said before it is done; where the number has changed since, once more."""
        form = await request.typed()
        day = _day(form["day"])
        if day is None:
            return await self.screen(request, form.told({"day": lazy("Write the date like 2026-11-30")}))
        zone = (await practices.practice(request.viewer)).time_zone
        many = await visits.left_before(request.viewer, midnight(zone, day))
        if not many:
            return await self.screen(request, form.told({"day": lazy("No visit before this day waits to be recorded")}))
        try:
            if form["seen"] != str(many) or not form["reason"].strip():
                return await self.screen(request, form, many=many, day=day)
            many = await leaving.leave_before(request.viewer, day, " ".join(form["reason"].split()))
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal), many=many, day=day)
        await tell(
            request, "ok", ngettext("%(num)s visit has left the list.", "%(num)s visits have left the list.", many)
        )
        return leave_for(request, "billing")

    async def screen(self, request: Request, form: Form, *, many: int = 0, day: date | None = None) -> Response[Any]:
        if many and not form.errors and form["seen"] and not form["reason"].strip():
            form = form.told({"reason": lazy("Say why nothing is charged")})
        return await reply(request, "billing/older", form=form, many=many, day=day)


def _day(text: str) -> date | None:
    try:
        day = date.fromisoformat(text)
    except ValueError:
        return None
    return day if day.year in YEARS else None
