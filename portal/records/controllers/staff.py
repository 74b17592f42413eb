"""Staff answer requests for records: with documents, with a reason, or that it takes longer."""

from collections.abc import Awaitable
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal import clock
from portal.access import Permission, needs
from portal.clients import queries as clients
from portal.documents.forms import key_of
from portal.language import lazy
from portal.practice import queries as practices
from portal.records import forms, rules
from portal.records.actions import answering, asking
from portal.records.queries import requests
from portal.refusal import Refused
from portal.review import deadlines
from portal.review.actions import Stale
from portal.web.form import Form
from portal.web.replies import leave_for, reply, tell
from portal.web.request import Request

STALE = lazy("Somebody was quicker, or the client took it back: nothing was done. Look at how it stands now.")


class ChartRecordsController(Controller):
    path = "/staff/clients/{client_id:int}/record-requests"
    opt = needs(Permission.DOCUMENT_SHARE)

    @get(name="chart-record-requests")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await chart(request, client_id, forms.blank())

    @post(name="chart-record-request")
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        """Asked on paper or by phone."""
        form = await request.typed()
        try:
            made = await asking.note(request.viewer, client_id, forms.asked(form), key_of(form))
        except Refused as refusal:
            return await chart(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("Noted. It stands in the review queue until it is answered."))
        return leave_for(request, "staff-record-request", request_id=made.id)


class StaffRecordsController(Controller):
    path = "/staff/record-requests/{request_id:int}"
    opt = needs(Permission.DOCUMENT_SHARE)

    @get(name="staff-record-request")
    async def show(self, request: Request, request_id: FromPath[int]) -> Response[Any]:
        return await screen(request, request_id)

    @post("/answer", name="record-request-answer")
    async def create(self, request: Request, request_id: FromPath[int]) -> Response[Any]:
        one, form = await requests.staff_request(request.viewer, request_id), await request.typed()

        async def answered() -> None:
            offered = {choice.id for choice in await requests.choices(request.viewer, one.client_id)}
            await answering.give(request.viewer, request_id, form.number("version") or 0, *forms.given(form, offered))

        return await done(request, request_id, form, answered(), lazy("Answered. A letter says that it is there."))

    @post("/denial", name="record-request-denial")
    async def deny(self, request: Request, request_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()

        async def denied() -> None:
            await answering.deny(request.viewer, request_id, form.number("version") or 0, *forms.denied(form))

        return await done(request, request_id, form, denied(), lazy("Answered. A letter says that it is there."))

    @post("/delay", name="record-request-delay")
    async def update(self, request: Request, request_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()

        async def put_off() -> None:
            await answering.put_off(request.viewer, request_id, form.number("version") or 0, *forms.put_off(form))

        return await done(request, request_id, form, put_off(), lazy("Put off. The client is told why."))


async def done(request: Request, request_id: int, form: Form, act: Awaitable[None], said: object) -> Response[Any]:
    """After one of its acts; what was typed stays with what is refused."""
    try:
        await act
    except Refused as refusal:
        return await screen(request, request_id, form.refused(refusal))
    except Stale:
        return await screen(request, request_id, form.told({"": STALE}), is_stale=True)
    await tell(request, "ok", said)
    return leave_for(request, "staff-record-request", request_id=request_id)


async def screen(
    request: Request, request_id: int, form: Form | None = None, *, is_stale: bool = False
) -> Response[Any]:
    viewer = request.viewer
    one = await requests.staff_request(viewer, request_id)
    today = clock.today((await practices.practice(viewer)).time_zone)
    return await reply(
        request, "records/staff/request", form=form or Form(), about=one.client_id, one=one,
        client=await clients.client(viewer, one.client_id), due=deadlines.due(one.due_on, today),
        answers=await requests.answers(viewer, one), ways=rules.WAYS, grounds=rules.GROUNDS,
        choices=await requests.choices(viewer, one.client_id) if one.is_open else [],
        status=409 if is_stale else None,
    )  # fmt: skip


async def chart(request: Request, client_id: int, form: Form) -> Response[Any]:
    viewer = request.viewer
    today = clock.today((await practices.practice(viewer)).time_zone)
    return await reply(
        request, "records/staff/list", form=form, about=client_id, client=await clients.client(viewer, client_id),
        found=await requests.of_chart(viewer, client_id), wanted=rules.WANTED, ways=rules.WAYS, today=today,
        deadlines=deadlines,
    )  # fmt: skip
