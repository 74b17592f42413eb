"""What the steps of a payment have in common."""

from typing import Any
from uuid import UUID

from litestar import Response

from portal import money
from portal import settings as outside
from portal.access import Viewer
from portal.billing import ways
from portal.billing.settings import ACCOUNT, is_on
from portal.billing.ways import UnderWay
from portal.language import lazy, locale
from portal.payments import forms, rules, settings
from portal.payments.queries import attempts, cards
from portal.web import typed
from portal.web.replies import see_other
from portal.web.request import Request

CHECKED = lazy("A payment of %(amount)s is being checked. Please do not pay it again.")
AT_BANK = lazy("A payment of %(amount)s waits for you at your bank: confirm it or cancel it.")
AT_STRIPE = lazy("A payment of %(amount)s waits for you on Stripe's page: confirm it or cancel it.")

typed.declare(forms.ADDRESSES, forms.reading)


@ways.declare_cards
async def has_cards(viewer: Viewer, client_id: int) -> bool:
    return outside.settings().takes_cards and bool(await cards.of_client(viewer, client_id))


@ways.declare
async def pay_now(viewer: Viewer, client_id: int, cents: int) -> str:
    """What My Account, an invoice and the dashboard lead to."""
    takes = cents >= settings.LEAST and await takes_cards(viewer)
    return f"/clients/{client_id}/account/payments/new" if takes else ""


@ways.declare_under_way
async def under_way(viewer: Viewer, client_id: int) -> UnderWay | None:
    """Also where no more payments are begun."""
    row = await attempts.under_way(viewer, client_id) if outside.settings().takes_cards else None
    if row is None:
        return None
    waits, sum = rules.waits_for_client(row.state), money.written(row.amount, locale())
    said = CHECKED if not waits else AT_STRIPE if row.session else AT_BANK
    url = f"/clients/{client_id}/account/payments/{row.public}"
    return UnderWay(url, lazy(said.message, amount=sum), waits)


async def takes_cards(viewer: Viewer) -> bool:
    """Not where the practice has its clients call about money."""
    return await settings.takes_cards(viewer) and await is_on(viewer, ACCOUNT)


def where_it_stands(request: Request, client_id: int, public: UUID) -> Response[Any]:
    """Instead of a step that is over, or that cannot be done now: whoever comes back to it charges nothing."""
    return see_other(request, "card-payment", client_id=client_id, public=public)
