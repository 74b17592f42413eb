"""Whose card it is and where they live, as Stripe keeps it: asked for when it is shown to them, and only then."""

from portal.payments import gateway
from portal.payments.facts import Billing


async def of_card(method: str) -> Billing:
    details = (await gateway.asked(lambda stripe: stripe.v1.payment_methods.retrieve_async(method))).billing_details
    where = details.address
    told = {name: getattr(where, name, None) or "" for name in Billing().address} if where else {}
    return Billing(holder=details.name or "", **told)
