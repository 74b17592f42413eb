"""The practice books a visit: for whom, when and where; one, or many that repeat."""

from datetime import date
from typing import Any
from urllib.parse import urlencode

from litestar import Controller, Response, get, post

from portal.access import NotFoundException, Permission, needs
from portal.appointments.kinds import MEETINGS
from portal.clients import queries as clients
from portal.language import lazy
from portal.refusal import Refused
from portal.schedule import choices, forms, heard, looked_over, views
from portal.schedule.actions import placing
from portal.schedule.controllers.calendar import day_in, today
from portal.schedule.queries import plans
from portal.schedule.queries.clashes import slot_of
from portal.schedule.queries.free import next_free
from portal.schedule.queries.plans import Step
from portal.schedule.queries.types import types
from portal.schedule.repeats import WORDS
from portal.web.form import Form
from portal.web.replies import go, leave_for, reply, tell
from portal.web.request import Request
from portal.web.sealed import sealed, unsealed

PREFILLED = ("day", "time", "clinician", "site", "type", "how", "client")
MOST_WORDS = 200


class ScheduleBookingController(Controller):
    path = "/staff/schedule/new"
    opt = needs(Permission.SCHEDULE_KEEP)

    @get(name="schedule-new")
    async def new(self, request: Request) -> Response[Any]:
        """Without a client, first whom it is for: what was searched for is sealed in the address."""
        asked = request.asked
        told = {name: asked[name] for name in PREFILLED if asked[name]}
        if asked.number("client") is None:
            words = unsealed("schedule", asked["find"]).get("words", "")
            found = await clients.find_clients(request.viewer, words) if words else None
            return await reply(
                request, "schedule/whom", words=words, told=told, found=found,
                listed=[one.id for one in found.clients] if found else [],
            )  # fmt: skip
        return await self.screen(request, Form.of(**told))

    @post("/client", name="schedule-new-client")
    async def find(self, request: Request) -> Response[Any]:
        form = await request.typed()
        told = {name: form[name] for name in PREFILLED if form[name]}
        return go(_address(request, find=sealed("schedule", words=form["words"].strip()[:MOST_WORDS]), **told))

    @post()
    async def create(self, request: Request) -> Response[Any]:
        """One is booked at once; what repeats is looked over first."""
        form = await request.typed()
        client_id = form.number("client")
        if client_id is None:
            return go(_address(request, **{name: form[name] for name in PREFILLED if form[name]}))
        if form["pick"] or form["act"] == "free":
            return await self.screen(request, forms.picked(form) if form["pick"] else form)
        viewer = request.viewer
        await clients.client(viewer, client_id)
        steps: list[Step] = []
        try:
            known, places = await choices.keepers(viewer), await choices.places(viewer)
            wanted = forms.new_visit(form, await types(viewer), known, places)
            slot = await slot_of(viewer, wanted.type.id, wanted.where.contact_type)
            steps = await plans.to_book(viewer, client_id, slot, wanted.where, wanted.days)
            if not wanted.every:
                looked_over.must_fit(steps[0], form)
            elif form["act"] != "keep":
                return await self.screen(request, form, steps=steps if form["act"] != "change" else [])
            kept = [one.key for one in steps] if not wanted.every else looked_over.fitting(steps, form)
            booked = await placing.book(
                viewer, client_id, [one.placed for one in steps if one.key in kept and one.placed],
                every=wanted.every, note=wanted.note, link=wanted.link,
            )  # fmt: skip
        except Refused as refusal:
            if form["act"] == "keep" and steps:
                return await self.screen(request, form.refused(looked_over.beside(refusal)), steps=steps)
            return await self.screen(request, looked_over.refused(form, refusal, steps))
        done = lazy("Booked.") if len(kept) == 1 else lazy("%(num)s visits are booked.", num=len(kept))
        said = await heard.told(viewer, booked, done, heard.SOMETHING_WAITS, with_later=len(kept) > 1)
        await tell(request, "ok", said)
        return leave_for(request, "schedule-visit", appointment_id=booked)

    async def screen(self, request: Request, form: Form, steps: list[Step] | None = None) -> Response[Any]:
        client_id = form.number("client")
        if client_id is None:
            raise NotFoundException
        chart = await clients.client(request.viewer, client_id)
        day = await self.day(request, form)
        known, offered = await choices.keepers(request.viewer), await types(request.viewer)
        form = _chosen(form, chart.principal_clinician.id, {one.id for one in known}, day)
        if not form["site"]:
            site = await choices.site_of(request.viewer, form.number("clinician"), day, known)
            form = Form({**form.typed, "site": [str(site or "")]}, form.errors)
        return await reply(
            request,
            "schedule/new",
            form=form,
            about=client_id,
            client=chart,
            people=choices.named(known, form["clinician"]),
            places=choices.named(await choices.places(request.viewer), form["site"]),
            types=offered,
            meetings=tuple(MEETINGS.items()),
            every=WORDS,
            steps=steps or [],
            ticked=looked_over.fitting(steps or [], form),
            free=await self.free(request, form) if not steps else [],
        )

    async def free(self, request: Request, form: Form) -> list[Any] | None:
        """The next times, as soon as it is known with whom and what for; None until then."""
        kind = next((one for one in await types(request.viewer) if one.id == form.number("type")), None)
        clinician = form.number("clinician")
        if kind is None or clinician not in {one.id for one in await choices.keepers(request.viewer)}:
            return None
        assert clinician is not None
        how = form["how"] if form["how"] in kind.contact_types else kind.contact_types[0]
        slot = await slot_of(request.viewer, kind.id, how)
        return views.picks(await next_free(request.viewer, clinician, slot, await self.day(request, form)))

    async def day(self, request: Request, form: Form) -> date:
        return max(day_in(form["day"]) or await today(request), await today(request))


def _chosen(form: Form, own: int | None, ids: set[int], day: date) -> Form:
    """The chart's clinician and the first possible day, where nobody has chosen yet."""
    told = Form.of(clinician=own if own in ids else "", day=day, how="in_person", times=6).typed
    typed = {name: values for name, values in form.typed.items() if name not in told or form[name]}
    return Form({**told, **typed}, form.errors)


def _address(request: Request, **told: str) -> str:
    return f"{request.app.route_reverse('schedule-new')}?{urlencode(told)}"
