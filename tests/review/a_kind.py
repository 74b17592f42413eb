"""A feature of the tests' own: all that it takes to put one more kind of item on the desk."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from jinja2 import ChoiceLoader, DictLoader
from litestar import Controller, Response, get, post
from litestar.params import FromPath

from portal.access import Permission, Viewer, needs
from portal.app import create_app
from portal.clients.tables import Client
from portal.refusal import Refused
from portal.review import desk
from portal.review.actions import open_item, settle_items
from portal.review.kinds import KINDS, Kind, declare
from portal.web.form import Form
from portal.web.request import Request
from portal.web.templates import environment
from tests.factories import TEST

KIND = Kind("test.wish", "A wish", lambda about: f"For {about}", is_on_desk=True, outcomes={"granted": "Granted"})
DETAIL = "wishes/_wish.html"
TEMPLATES = {
    DETAIL: """{% from "components/decide.html" import decide with context %}
<div id="wish" class="mt4"><p>{{ words }}</p>
{% call decide((("photo", "Send a sharper photo"),), version=1) %}
<a class="btn quiet" href="/edit?{{ query }}">Edit</a>
{% endcall %}
</div>"""
}


class WishController(Controller):
    path = "/staff/wishes/{wish_id:int}"
    opt = needs(Permission.REVIEW_SETTLE)

    @get(name="wish")
    async def show(self, request: Request, wish_id: FromPath[int]) -> Response[Any]:
        return await self.screen(request, wish_id, Form())

    @post()
    async def update(self, request: Request, wish_id: FromPath[int]) -> Response[Any]:
        form = await request.typed()
        try:
            was_settled = await settle(request.viewer, wish_id, form)
        except Refused as refusal:
            return await self.screen(request, wish_id, form.refused(refusal))
        if not was_settled:
            return await desk.stale(request, DETAIL, kind=KIND.name, subject_id=wish_id, words="A boat")
        sentence = "Approved." if form["decision"] == "approve" else "Returned."
        return await desk.onward(request, kind=KIND.name, subject_id=wish_id, sentence=sentence)

    async def screen(self, request: Request, wish_id: int, form: Form) -> Response[Any]:
        return await desk.on_desk(request, DETAIL, kind=KIND.name, subject_id=wish_id, form=form, words="A boat")


async def settle(viewer: Viewer, wish_id: int, form: Form) -> bool:
    if form["decision"] == "return" and not form["reason"]:
        raise Refused(reason="Say why")
    outcome = {"approve": "approved", "grant": "granted"}.get(form["decision"], "returned")
    return bool(await settle_items(viewer, [KIND.name], wish_id, outcome, form["reason"].strip()))


async def a_wish(wish_id: int, client: Client | None = None, about: str = "a boat") -> str:
    """Its address."""
    url = f"/staff/wishes/{wish_id}"
    await open_item(TEST, KIND.name, wish_id, url, client.id if client else None, about)
    return url


@contextmanager
def portal_with_wishes() -> Iterator[Any]:
    jinja = environment()
    loader = jinja.loader
    jinja.loader = ChoiceLoader([DictLoader(TEMPLATES), loader])
    declare(KIND)
    try:
        portal = create_app()
        portal.register(WishController)
        yield portal
    finally:
        jinja.loader = loader
        del KINDS[KIND.name]
