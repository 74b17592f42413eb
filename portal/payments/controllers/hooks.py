"""What Stripe tells: signed, kept, and answered at once. Everything else about it is done later."""

from typing import Any

from litestar import Controller, Response, post

from portal import faults
from portal.access import SIGNED_BY_SENDER
from portal.payments import gateway
from portal.payments.actions import hearing
from portal.web.request import Request

LARGEST = 256 * 1024


class StripeHookController(Controller):
    path = "/hooks/stripe"
    opt = SIGNED_BY_SENDER

    @post(name="stripe-hook", request_max_body_size=LARGEST)
    async def create(self, request: Request) -> Response[Any]:
        """The signature is of the very bytes that came."""
        try:
            told = gateway.heard(await request.body(), request.headers.get("stripe-signature", ""))
        except gateway.Refusal:
            return Response("not signed", media_type="text/plain", status_code=400)
        await hearing.note(request.viewer, told)
        faults.point("heard")
        return Response("kept", media_type="text/plain", status_code=200)
