"""Staff give estimates from the chart's account or from an appointment, and note what was asked by phone."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

import portal.estimates.warnings  # noqa: F401 - declares what invoices are compared with
from portal import clock
from portal.access import Permission, needs
from portal.clients import queries as clients
from portal.estimates import forms, opening, printing
from portal.estimates.actions import asking, giving
from portal.estimates.drafts import MOST_ITEMS
from portal.estimates.queries import choices, given, owing, readers, requests
from portal.keyset import Place
from portal.language import lazy, written_full_date
from portal.papers.controllers import made
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.review import deadlines
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request


class ChartEstimatesController(Controller):
    path = "/staff/clients/{client_id:int}/account/estimates"
    opt = needs(Permission.ESTIMATE_GIVE)

    @get(name="chart-estimates")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await listed(request, client_id, forms.blank())

    @post("/requests", name="estimate-note")
    async def update(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            due_on = await asking.note(request.viewer, client_id, *forms.asked(form))
        except Refused as refusal:
            return await listed(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("Noted. It is due by %(day)s.", day=written_full_date(due_on)))
        return leave_for(request, "chart-estimates", client_id=client_id)

    @get("/new", name="estimate-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await writing(request, client_id, await opened(request, client_id))

    @post(name="estimate-give")
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        viewer = request.viewer
        form = await request.typed()
        if form["act"] == "more":
            return await writing(request, client_id, forms.one_more(form))
        form = forms.compact(form)
        try:
            draft = forms.read(form, await choices.named(viewer, forms.codes(form)))
            estimate_id = await giving.give(viewer, client_id, draft)
        except Refused as refusal:
            return await writing(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("Given. It is kept as it is now."))
        return leave_for(request, "staff-estimate", estimate_id=estimate_id)


class EstimateController(Controller):
    path = "/staff/estimates/{estimate_id:int}"
    opt = needs(Permission.ESTIMATE_GIVE)

    @get(name="staff-estimate")
    async def show(self, request: Request, estimate_id: FromPath[int]) -> Response[Any]:
        return await sheet(request, await given.estimate(request.viewer, estimate_id, is_staff=True))

    @post("/paper", name="staff-estimate-paper")
    async def create(self, request: Request, estimate_id: FromPath[int]) -> Response[Any]:
        found = await given.estimate(request.viewer, estimate_id, is_staff=True)
        try:
            return await made(request, printing.wanted(found, is_staff=True))
        except Refused as refusal:
            return await sheet(request, found, Form().refused(refusal))


async def listed(request: Request, client_id: int, form: Form) -> Response[Any]:
    viewer, today = request.viewer, clock.today((await practices.practice(request.viewer)).time_zone)
    found = await owing.duties(viewer, client_id)
    return await reply(
        request,
        "estimates/staff/list",
        form=form,
        about=client_id,
        client=await clients.client(viewer, client_id),
        found=await given.of_client(
            viewer, client_id, is_staff=True,
            after=Place.read(request.asked["after"]), before=Place.read(request.asked["before"]),
        ),
        asked=[(one, deadlines.due(one.due_on, today)) for one in await requests.open_for_staff(viewer, client_id)],
        owed=[(subject, deadlines.due(due_on, today)) for subject, due_on in sorted(found.due.items())],
        here=request.url.path,
    )  # fmt: skip


async def opened(request: Request, client_id: int) -> Form:
    """For a visit, instead of another estimate, or for what somebody asked."""
    viewer, asked = request.viewer, request.asked
    chart = await clients.client(viewer, client_id)
    today = clock.today((await practices.practice(viewer)).time_zone)
    found = await choices.choices(viewer, today)
    if (replaces := asked.number("replaces")) is not None:
        old = await given.estimate(viewer, replaces, is_staff=True, client_id=client_id)
        return opening.for_replacing(old, found)
    diagnoses, is_heard = await choices.diagnoses(viewer, client_id), await readers.is_heard(viewer, client_id)
    if (appointment := asked.number("appointment")) is not None:
        visit = await choices.visit(viewer, client_id, appointment)
        planned = [one for one in await owing.planned(viewer, client_id) if one.group == visit.group]
        if ahead := [one for one in planned if one.is_ahead] or planned[-1:]:
            return opening.for_visit(visit, ahead, found, diagnoses, is_heard=is_heard)
    form = opening.for_client(today, chart.principal_clinician.id, chart.site, found, diagnoses, is_heard=is_heard)
    return Form({**form.typed, "answers": asked.all("request")})


async def writing(request: Request, client_id: int, form: Form) -> Response[Any]:
    viewer = request.viewer
    appointment, today = form.number("appointment"), clock.today((await practices.practice(viewer)).time_zone)
    return await reply(
        request,
        "estimates/staff/new",
        form=form,
        about=client_id,
        client=await clients.client(viewer, client_id),
        choices=await choices.choices(viewer, today),
        visit=await choices.visit(viewer, client_id, appointment) if appointment is not None else None,
        asked=await requests.open_for_staff(viewer, client_id),
        every=forms.EVERY,
        how=forms.HOW,
        is_heard=await readers.is_heard(viewer, client_id),
        is_full=(form.number("rows") or 1) >= MOST_ITEMS,
    )


async def sheet(request: Request, found: given.Given, form: Form | None = None) -> Response[Any]:
    return await reply(
        request, "estimates/staff/estimate", form=form, about=found.client_id, how=forms.HOW, **printing.shown(found)
    )
