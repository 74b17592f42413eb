"""Anybody may ask whether a completed document is still as this portal made it."""

from typing import Any

from litestar import Controller, Response, get, post

from portal.access import PUBLIC
from portal.accounts import throttle
from portal.copies.actions import verifying
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.replies import reply
from portal.web.request import MOST_UPLOADED, Request


class VerifyController(Controller):
    path = "/verify"
    opt = PUBLIC

    @get(name="verify")
    async def new(self, request: Request) -> Response[Any]:
        return await reply(request, "copies/verify", verdict=None)

    @post(request_max_body_size=MOST_UPLOADED)
    async def create(self, request: Request) -> Response[Any]:
        """What is said of a file stands in the answer and nowhere else: nothing is kept, so there is nowhere to go."""
        file = (await request.uploads()).get("file")
        content = await file.read(verifying.MOST_BYTES + 1) if file else b""
        try:
            verdict = await verifying.verify(request.viewer, content)
        except Refused as refusal:
            how = throttle.manner(refusal)
            return await reply(request, "copies/verify", form=Form().refused(refusal), verdict=None, **how)
        return await reply(request, "copies/verify", verdict=verdict)
