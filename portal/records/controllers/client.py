"""Clients ask for their records, and see how each request stands."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import clock
from portal.access import Area, acts_for
from portal.documents.forms import key_of
from portal.language import lazy, written_full_date
from portal.practice import queries as practices
from portal.records import forms, rules
from portal.records.actions import asking
from portal.records.queries import requests
from portal.refusal import Refused
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

typed.declare(forms.ADDRESSES, forms.reading)


class RecordsController(Controller):
    path = "/clients/{client_id:int}/record-requests"
    opt = acts_for(Area.DOCUMENTS)

    @get(name="record-requests")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        found = await requests.of_client(request.viewer, client_id)
        return await reply(request, "records/list", about=client_id, client_id=client_id, found=found)

    @get("/new", name="record-request-new")
    async def new(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await asking_screen(request, client_id, forms.blank())

    @post(name="record-request-create")
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            made = await asking.ask(request.viewer, client_id, forms.asked(form), key_of(form))
        except Refused as refusal:
            return await asking_screen(request, client_id, form.refused(refusal))
        said = lazy("Sent. You can expect an answer by %(day)s at the latest.", day=written_full_date(made.due_on))
        await tell(request, "ok", said)
        return leave_for(request, "record-request", client_id=client_id, request_id=made.id)

    @get("/{request_id:int}", name="record-request")
    async def show(self, request: Request, client_id: FromPath[int], request_id: FromPath[int]) -> Response[Any]:
        return await screen(request, client_id, request_id)

    @post("/{request_id:int}/withdrawal", name="record-request-withdrawal")
    async def update(self, request: Request, client_id: FromPath[int], request_id: FromPath[int]) -> Response[Any]:
        try:
            await asking.withdraw(request.viewer, client_id, request_id)
        except Refused as refusal:
            return await screen(request, client_id, request_id, Form().refused(refusal))
        await tell(request, "ok", lazy("Taken back. You can ask again at any time."))
        return leave_for(request, "record-requests", client_id=client_id)


async def asking_screen(request: Request, client_id: int, form: Form) -> Response[Any]:
    today = clock.today((await practices.practice(request.viewer)).time_zone)
    return await reply(
        request, "records/ask", form=form, about=client_id, client_id=client_id, wanted=rules.WANTED, ways=rules.WAYS,
        due_on=rules.due_when_asked(today), today=today,
    )  # fmt: skip


async def screen(request: Request, client_id: int, request_id: int, form: Form | None = None) -> Response[Any]:
    one = await requests.request(request.viewer, client_id, request_id)
    return await reply(
        request, "records/request", form=form, about=client_id, client_id=client_id, one=one,
        answers=await requests.answers(request.viewer, one), ways=rules.WAYS, grounds=rules.GROUNDS,
    )  # fmt: skip
