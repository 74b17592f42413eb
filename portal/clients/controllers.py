"""The client list, new charts and their e-mails: staff only."""

from collections.abc import Sequence
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, needs
from portal.clients import actions, queries
from portal.clients.forms import ClientForm, EmailForm
from portal.practice import queries as practice
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import go, panel_of, reply, see_other, written
from portal.web.request import Request
from portal.web.sealed import sealed, unsealed

Key = tuple[str, str, int]


class ClientsController(Controller):
    path = "/staff/clients"
    opt = needs(Permission.CLIENT_READ)

    @get(name="clients")
    async def list(self, request: Request) -> Response[Any]:
        """What was searched for is sealed in the address: a client's name stands in no history and no log."""
        words, after, before = _sought(request.asked["find"])
        found = await queries.find_clients(request.viewer, words, after=after, before=before)
        here = request.app.route_reverse("clients")
        return await reply(
            request,
            "clients/list",
            form=Form.of(words=words),
            found=found,
            words=words,
            listed=[one.id for one in found.clients],
            newer=_turn(here, words, before=found.newer),
            older=_turn(here, words, after=found.older),
            may_add=request.viewer.may(Permission.CLIENT_ADD),
            headers={"HX-Push-Url": _here(request)},
        )

    @post("/search", name="client-search")
    async def find(self, request: Request) -> Response[Any]:
        words = (await request.typed())["words"].strip()[:200]
        return go(_turn(request.app.route_reverse("clients"), words) if words else request.app.route_reverse("clients"))

    @get("/new", name="client-new", opt=needs(Permission.CLIENT_ADD))
    async def new(self, request: Request) -> Response[Any]:
        return await self.screen(request, Form())

    @post(opt=needs(Permission.CLIENT_ADD))
    async def create(self, request: Request) -> Response[Any]:
        form = await request.typed()
        clinicians = await practice.clinicians(request.viewer)
        try:
            typed = ClientForm.read(form, {one.id for one in clinicians})
            twin = await actions.same_person(request.viewer, typed.family_name, typed.birth_date)
            if twin and not typed.is_sure:
                return await self.screen(request, form, twin=twin, status=422)
            client = await actions.add_client(
                request.viewer,
                typed.given_name,
                typed.family_name,
                typed.birth_date,
                preferred_name=typed.preferred_name,
                principal_clinician=typed.principal_clinician,
                email=typed.email,
            )
        except Refused as refusal:
            return await self.screen(request, form.refused(refusal))
        return see_other(request, "chart", client_id=client.id)

    async def screen(self, request: Request, form: Form, **context: Any) -> Response[Any]:
        clinicians = await practice.clinicians(request.viewer)
        options = [("", ""), *((one.id, one.name) for one in clinicians)]
        return await reply(request, "clients/new", form=form, clinicians=options, **{"twin": None, **context})


class EmailsController(Controller):
    path = "/staff/clients/{client_id:int}/emails"
    opt = needs(Permission.CLIENT_EDIT)

    @get(name="emails")
    async def list(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, client_id, Form.of(address_kind="personal"))

    @post()
    async def create(self, request: Request, client_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            typed = EmailForm.read(form)
            await actions.add_email(request.viewer, client_id, typed.address, typed.kind)
        except Refused as refusal:
            return await self.screen(request, client_id, form.refused(refusal))
        return panel_of(request, "emails", "chart", client_id=client_id)

    @post("/{email_id:int}/removal", name="email-removal")
    async def update(self, request: Request, client_id: FromPath[int], email_id: FromPath[int]) -> Response[Any]:
        await actions.remove_email(request.viewer, client_id, email_id)
        return panel_of(request, "emails", "chart", client_id=client_id)

    async def screen(self, request: Request, client_id: int, form: Form) -> Response[Any]:
        client = await queries.client(request.viewer, client_id)
        emails = await queries.emails(request.viewer, client_id)
        return await reply(
            request, "clients/emails", form=form, about=client_id, client=client, emails=emails, may_edit=True
        )


def _sought(find: str) -> tuple[str, Key | None, Key | None]:
    """(words, after, before)."""
    told = unsealed("find", find)
    return told.get("words", ""), _key(told.get("after")), _key(told.get("before"))


def _key(told: Sequence[Any] | None) -> Key | None:
    return (told[0], told[1], told[2]) if told else None


def _turn(here: str, words: str, **where: Key | None) -> str:
    """The address of a page of the list, or nothing where there is none."""
    if where and not any(where.values()):
        return ""
    return f"{here}?find={sealed('find', words=words, **where)}"


def _here(request: Request) -> str:
    find = request.asked["find"]
    return written(request.url.path + (f"?find={find}" if find else ""))
