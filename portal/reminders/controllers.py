"""The page behind the link of a reminder, for everybody who has it; and where a client agrees to text messages."""

from typing import Any

from litestar import Controller, Response, get, post
from litestar.exceptions import TooManyRequestsException
from litestar.params import FromPath

from portal.access import PUBLIC, Area, NotFoundException, acts_for
from portal.accounts.throttle import TooMany
from portal.accounts.visits import is_chosen_for, speak
from portal.appointments.settings import asks_to_confirm
from portal.language import lazy
from portal.refusal import Refused
from portal.reminders import queries, spoken
from portal.reminders.actions import confirming, consent
from portal.reminders.settings import hours_before
from portal.settings import settings
from portal.web import typed
from portal.web.form import Form
from portal.web.replies import reply, see_other, tell
from portal.web.request import Request

typed.declare(spoken.ADDRESSES, spoken.reading)


class ConfirmController(Controller):
    """Looking at a link confirms nothing: mail scanners look. A button does."""

    path = "/confirm/{token:str}"
    opt = PUBLIC

    @get(name="confirm")
    async def show(self, request: Request, token: FromPath[str]) -> Response[Any]:
        return await self.screen(request, token)

    @post()
    async def update(self, request: Request, token: FromPath[str]) -> Response[Any]:
        try:
            await confirming.confirm(request.viewer, token)
        except TooMany as refusal:
            raise TooManyRequestsException from refusal
        return see_other(request, "confirm", token=token)

    async def screen(self, request: Request, token: str) -> Response[Any]:
        """Day and time, and nothing else: whose visit it is, and with whom, is told after sign-in."""
        told = await queries.by_token(request.viewer, token)
        if told is None:
            raise NotFoundException
        language = await queries.language_of(request.viewer, told.client_id)
        if is_chosen_for(request, language):
            speak(request, language)
        return await reply(
            request, "reminders/confirm", status=200 if told.stands and not told.is_over else 410,
            token=token, told=told, is_asked=await asks_to_confirm(request.viewer),
        )  # fmt: skip


class TextsController(Controller):
    path = "/clients/{client_id:int}/appointments/texts"
    opt = acts_for(Area.APPOINTMENTS)

    @get(name="appointment-texts")
    async def show(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, Form())

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        if not settings().offers_texts:
            raise NotFoundException
        form = await request.typed()
        try:
            await consent.agree(request.viewer, client_id, form.number("number"), agrees=form["agrees"] == "yes")
        except Refused as refusal:
            return await self.screen(request, client_id, form.refused(refusal))
        await tell(request, "ok", lazy("Text reminders are on."))
        return see_other(request, "appointment-texts", client_id=client_id)

    @post("/removal", name="appointment-texts-removal")
    async def update(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        await consent.end(request.viewer, client_id)
        await tell(request, "ok", lazy("Text reminders are off."))
        return see_other(request, "appointment-texts", client_id=client_id)

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        agreed = await queries.consent(request.viewer, client_id)
        numbers = await queries.mobiles(request.viewer, client_id)
        is_on = agreed is not None and agreed.holds
        return await reply(
            request, "reminders/texts", form=form, about=client_id, client_id=client_id, numbers=numbers,
            present=next((one for one in numbers if is_on and agreed and one.number == agreed.number), None),
            is_offered=settings().offers_texts, is_reminding=bool(await hours_before(request.viewer)),
            may_add=request.viewer.acts_for(client_id, Area.INFORMATION),
        )  # fmt: skip
