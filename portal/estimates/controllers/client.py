"""Good Faith Estimates as clients read them, take them along and ask for another."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

import portal.estimates.worklists  # noqa: F401 - declares its list of the billing page
from portal import clock
from portal.access import Area, acts_for
from portal.estimates import forms, printing, rules
from portal.estimates.actions import asking
from portal.estimates.queries import given, requests
from portal.keyset import Place
from portal.language import lazy, written_full_date
from portal.papers.controllers import made
from portal.practice import queries as practices
from portal.refusal import Refused
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

typed.declare(forms.ADDRESSES, forms.reading)


class EstimatesController(Controller):
    path = "/clients/{client_id:int}/account/estimates"
    opt = acts_for(Area.BILLING)

    @get(name="estimates")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        viewer = request.viewer
        return await reply(
            request,
            "estimates/list",
            about=client_id,
            client_id=client_id,
            found=await given.of_client(
                viewer, client_id, is_staff=False,
                after=Place.read(request.asked["after"]), before=Place.read(request.asked["before"]),
            ),
            asked=await requests.open_for_client(viewer, client_id),
            here=request.url.path,
        )  # fmt: skip

    @get("/new", name="estimate-ask")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await screen(request, client_id, forms.blank())

    @post(name="estimate-request")
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            due_on = await asking.ask(request.viewer, client_id, *forms.asked(form))
        except Refused as refusal:
            return await screen(request, client_id, form.refused(refusal))
        said = lazy("Sent. You can expect your estimate by %(day)s.", day=written_full_date(due_on))
        await tell(request, "ok", said)
        return leave_for(request, "estimates", client_id=client_id)

    @get("/{estimate_id:int}", name="account-estimate")
    async def show(self, request: Request, client_id: FromPath[int], estimate_id: FromPath[int]) -> Response[Any]:
        found = await given.estimate(request.viewer, estimate_id, is_staff=False, client_id=client_id)
        return await sheet(request, found)

    @post("/{estimate_id:int}/paper", name="account-estimate-paper")
    async def update(self, request: Request, client_id: FromPath[int], estimate_id: FromPath[int]) -> Response[Any]:
        found = await given.estimate(request.viewer, estimate_id, is_staff=False, client_id=client_id)
        try:
            return await made(request, printing.wanted(found, is_staff=False))
        except Refused as refusal:
            return await sheet(request, found, Form().refused(refusal))


async def screen(request: Request, client_id: int, form: Form) -> Response[Any]:
    today = clock.today((await practices.practice(request.viewer)).time_zone)
    return await reply(
        request, "estimates/ask", form=form, about=client_id, client_id=client_id, due_on=rules.due_when_asked(today)
    )


async def sheet(request: Request, found: given.Given, form: Form | None = None) -> Response[Any]:
    return await reply(
        request,
        "estimates/estimate",
        form=form,
        about=found.client_id,
        client_id=found.client_id,
        **printing.shown(found),
    )
