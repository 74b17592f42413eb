"""The one door to Stripe. What comes back is ours: facts of a payment, of a card, of a page of Stripe's.

Each call that moves money has the same key and the same parameters however often it is made: Stripe then answers
again what it answered first. `Declined` is the bank's no; `Refusal` is Stripe's, and nothing was done; `Unknown` is no
answer, and it may have been done: so is a key that went with other parameters before.
"""

import asyncio
import json
import re
from collections.abc import AsyncIterator, Callable, Coroutine, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, TypeVar
from weakref import WeakKeyDictionary

import stripe

from portal.payments.facts import Back, Billing, CardFacts, Intent, Session, Setup
from portal.settings import settings

T = TypeVar("T")
CURRENCY = "usd"
TIMEOUT = 15.0
SIGNED_LATELY = 300  # seconds
IN_USE = "idempotency_key_in_use"
NAMES = re.compile(r"[a-z]+_[A-Za-z0-9_]{1,110}")  # of what Stripe names: nothing else may go into an address


class Unknown(Exception):
    """No answer, or none that says what was done. `is_kept` where Stripe gives it again for the same key."""

    def __init__(self, why: str, *, is_kept: bool = False) -> None:
        super().__init__(why)
        self.is_kept = is_kept


class Refusal(Exception):
    """Stripe did not do it. `code` is Stripe's word."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Locked(Refusal):
    """Stripe does not know our key, or does not let it do this: somebody here has to see to that.

    What was asked now was not done; what was asked before may have been.
    """


class Declined(Refusal):
    """By the bank. `intent` is what was declined, where there is one."""

    def __init__(self, code: str, intent: str | None = None) -> None:
        super().__init__(code)
        self.intent = intent


class Connection(stripe.HTTPXClient):
    """The library hands its text to httpx under a name that httpx warns of."""

    def _get_request_args_kwargs(self, *said: Any) -> Any:
        words, options = super()._get_request_args_kwargs(*said)  # type: ignore[no-untyped-call]
        return words, options | {"data": None, "content": options["data"] or None}


Clients = dict[tuple[str, str], tuple[stripe.StripeClient, Connection]]
_clients: WeakKeyDictionary[asyncio.AbstractEventLoop, Clients] = WeakKeyDictionary()


def client() -> stripe.StripeClient:
    """One for each event loop, for its connections belong to that; and for each key: there may be a new one."""
    config = settings()
    assert config.stripe_key is not None, "whoever asks looks first whether cards are taken"
    mine = _clients.setdefault(asyncio.get_running_loop(), {})
    account = config.stripe_api, config.stripe_key
    if account not in mine:
        connection = Connection(timeout=TIMEOUT)
        addresses: Any = {"api": config.stripe_api} if config.stripe_api else None
        made = stripe.StripeClient(
            config.stripe_key, base_addresses=addresses, max_network_retries=1, http_client=connection
        )
        mine[account] = made, connection
    return mine[account][0]


async def close() -> None:
    """Of the running loop, before it ends."""
    for _, connection in _clients.pop(asyncio.get_running_loop(), {}).values():
        await connection.close_async()


async def asked(call: Callable[[stripe.StripeClient], Coroutine[Any, Any, T]]) -> T:
    """The one way to ask. Raises `Declined`, `Refusal`, `Unknown`."""
    try:
        return await call(client())
    except stripe.CardError as error:
        about = getattr(error.error, "payment_intent", None) or getattr(error.error, "setup_intent", None)
        decline = getattr(error.error, "decline_code", None) or error.code or "card_declined"
        raise Declined(decline, getattr(about, "id", None)) from None
    except (stripe.APIConnectionError, stripe.RateLimitError, stripe.IdempotencyError) as error:
        raise Unknown(type(error).__name__) from None
    except (stripe.AuthenticationError, stripe.PermissionError) as error:
        raise Locked(error.code or type(error).__name__) from None
    except stripe.StripeError as error:
        status = error.http_status or 500
        if error.code == IN_USE or status in (409, 429) or status >= 500:
            raise Unknown(error.code or type(error).__name__, is_kept=status >= 500) from None
        raise Refusal(error.code or type(error).__name__) from None


async def create_customer(ours: str) -> str:
    """Nothing of the client goes along, not even a name."""
    made = await asked(
        lambda stripe: stripe.v1.customers.create_async(
            {"metadata": {"payer": ours}}, {"idempotency_key": f"payer:{ours}"}
        )
    )
    return str(made.id)


async def preview(token: str) -> CardFacts:
    """The card behind a ConfirmationToken: what the browser says of it is not believed. Raises `Refusal`."""
    if not NAMES.fullmatch(token):
        raise Refusal("resource_missing")
    found = await asked(lambda stripe: stripe.v1.confirmation_tokens.retrieve_async(token))
    seen = found.payment_method_preview
    if seen is None or seen.card is None:
        raise Refusal("no_card")
    return _card("", seen)


async def charge(parameters: Mapping[str, Any], key: str) -> Intent:
    """Creates and confirms. The same key and parameters charge once. Raises `Declined`, `Refusal`, `Unknown`."""
    made = await asked(
        lambda stripe: stripe.v1.payment_intents.create_async(
            {**parameters, "expand": EXPAND},  # type: ignore[typeddict-item]
            {"idempotency_key": key},
        )
    )
    return _intent(made)


EXPAND = ["latest_charge", "payment_method"]


async def intent(name: str) -> Intent:
    return _intent(await asked(lambda stripe: stripe.v1.payment_intents.retrieve_async(name, {"expand": EXPAND})))


async def cancel(name: str) -> Intent:
    """Raises `Refusal` where it is too late."""
    return _intent(
        await asked(
            lambda stripe: stripe.v1.payment_intents.cancel_async(
                name, {"cancellation_reason": "abandoned", "expand": EXPAND}
            )
        )
    )


async def intents(since: datetime, *, customer: str = "") -> AsyncIterator[Intent]:
    """All from that moment on, of one customer or of everybody, the newest first."""
    which = {"customer": customer} if customer else {}
    asked_for = {"expand": ["data.latest_charge"], **which}
    async for one in pages(lambda stripe: stripe.v1.payment_intents.list_async, asked_for, since):
        yield _intent(one)


async def refunds(since: datetime | None = None, *, charge: str = "") -> AsyncIterator[Back]:
    """The newest first."""
    which = {"charge": charge} if charge else {}
    async for one in pages(lambda stripe: stripe.v1.refunds.list_async, which, since):
        yield _back(one)


async def pages(
    which: Callable[[Any], Callable[[Any], Coroutine[Any, Any, Any]]], told: Mapping[str, Any], since: datetime | None
) -> AsyncIterator[Any]:
    """Everything of a list of Stripe's, as it has it."""
    asked_for: dict[str, Any] = {"limit": 100, **told}
    if since is not None:
        asked_for["created"] = {"gte": int(since.timestamp())}
    while True:
        page = await asked(lambda stripe: which(stripe)(dict(asked_for)))
        for one in page.data:
            yield one
        if not page.has_more:
            return
        asked_for["starting_after"] = page.data[-1].id


async def open_page(parameters: Mapping[str, Any], key: str) -> Session:
    """Stripe's own page for a payment or a card."""
    made = await asked(
        lambda stripe: stripe.v1.checkout.sessions.create_async(
            dict(parameters),  # type: ignore[arg-type]
            {"idempotency_key": key},
        )
    )
    return _session(made)


async def page(name: str) -> Session:
    return _session(await asked(lambda stripe: stripe.v1.checkout.sessions.retrieve_async(name)))


async def close_page(name: str) -> Session:
    """Nobody can pay there any more. Raises `Refusal` where it is closed already."""
    return _session(await asked(lambda stripe: stripe.v1.checkout.sessions.expire_async(name)))


async def set_up(parameters: Mapping[str, Any], key: str) -> Setup:
    made = await asked(
        lambda stripe: stripe.v1.setup_intents.create_async(
            {**parameters, "expand": ["payment_method"]},  # type: ignore[arg-type]
            {"idempotency_key": key},
        )
    )
    return as_setup(made)


async def setup(name: str) -> Setup:
    return as_setup(
        await asked(lambda stripe: stripe.v1.setup_intents.retrieve_async(name, {"expand": ["payment_method"]}))
    )


async def card(name: str) -> CardFacts:
    return _card(name, await asked(lambda stripe: stripe.v1.payment_methods.retrieve_async(name)))


async def prefer(customer: str, method: str) -> None:
    """Empty is none. Saying it twice does no harm."""
    told: Any = {"invoice_settings": {"default_payment_method": method}}
    await asked(lambda stripe: stripe.v1.customers.update_async(customer, told))


async def update_card(method: str, exp_month: int, exp_year: int, whose: Billing) -> CardFacts:
    """What is empty is empty at Stripe too."""
    told: Any = {
        "card": {"exp_month": exp_month, "exp_year": exp_year},
        "billing_details": {"name": whose.holder, "address": whose.address},
    }
    return _card(method, await asked(lambda stripe: stripe.v1.payment_methods.update_async(method, told)))


async def let_go(method: str) -> None:
    """Nobody can charge it any more. One that is not attached is let go already."""
    try:
        await asked(lambda stripe: stripe.v1.payment_methods.detach_async(method))
    except Refusal as refusal:
        if (await card(method)).customer:
            raise refusal


async def give_back(intent: str, amount: int, ours: str, key: str) -> Back:
    """The same key gives back once."""
    told: Any = {"payment_intent": intent, "amount": amount, "metadata": {"refund": ours}}
    return _back(await asked(lambda stripe: stripe.v1.refunds.create_async(told, {"idempotency_key": key})))


async def refund(name: str) -> Back:
    return _back(await asked(lambda stripe: stripe.v1.refunds.retrieve_async(name)))


@dataclass(frozen=True)
class Told:
    """An event that Stripe signed: what happened to which object."""

    id: str
    kind: str
    subject: str


def heard(body: bytes, signature: str) -> Told:
    """Raises `Refusal` for what Stripe has not signed, or signed too long ago, or what is no event."""
    for secret in settings().stripe_webhook_secrets:
        try:
            stripe.WebhookSignature.verify_header(body.decode(), signature, secret, SIGNED_LATELY)
            event = json.loads(body)
            told = Told(event["id"], event["type"], event["data"]["object"].get("id", ""))
        except stripe.SignatureVerificationError:
            continue
        except (ValueError, LookupError, TypeError, AttributeError):
            break
        if all(isinstance(one, str) for one in (told.id, told.kind, told.subject)) and _is_named(told):
            return told
    raise Refusal("signature")


def _is_named(told: Told) -> bool:
    """As Stripe names what it has: what it is about goes into an address."""
    return bool(NAMES.fullmatch(told.id)) and (not told.subject or bool(NAMES.fullmatch(told.subject)))


def _intent(found: stripe.PaymentIntent) -> Intent:
    charge = found.latest_charge if isinstance(found.latest_charge, stripe.Charge) else None
    method = found.payment_method if isinstance(found.payment_method, stripe.PaymentMethod) else None
    failed = found.last_payment_error
    return Intent(
        id=found.id, status=found.status, amount=found.amount, received=found.amount_received,
        attempt=_named(found, "attempt"), created=datetime.fromtimestamp(found.created, UTC),
        customer=id_of(found.customer), refunded=charge.amount_refunded if charge else 0,
        code=str(getattr(failed, "decline_code", None) or getattr(failed, "code", None) or "") if failed else "",
        page=_next(found.next_action), secret=found.client_secret or "",
        card=_card(method.id, method) if method is not None and method.card else None,
    )  # fmt: skip


def as_setup(found: stripe.SetupIntent) -> Setup:
    method = found.payment_method if isinstance(found.payment_method, stripe.PaymentMethod) else None
    failed = found.last_setup_error
    return Setup(
        id=found.id, status=found.status, setup=_named(found, "setup"),
        code=str(getattr(failed, "decline_code", None) or getattr(failed, "code", None) or "") if failed else "",
        page=_next(found.next_action), secret=found.client_secret or "",
        card=_card(method.id, method) if method is not None and method.card else None,
    )  # fmt: skip


def _session(found: stripe.checkout.Session) -> Session:
    subject = id_of(found.payment_intent) or id_of(found.setup_intent)
    return Session(found.id, found.status or "", found.url or "", subject, found.client_reference_id or "")


def _back(found: stripe.Refund) -> Back:
    return Back(
        id=found.id, status=found.status or "", amount=found.amount, intent=id_of(found.payment_intent),
        refund=_named(found, "refund"), code=getattr(found, "failure_reason", None) or "",
    )  # fmt: skip


def _card(method: str, found: Any) -> CardFacts:
    details, card = found.billing_details, found.card
    return CardFacts(
        method=method, brand=card.brand, last4=card.last4, exp_month=card.exp_month, exp_year=card.exp_year,
        fingerprint=getattr(card, "fingerprint", None) or "", holder=(getattr(details, "name", None) or "")[:120],
        customer=id_of(getattr(found, "customer", None)),
    )  # fmt: skip


def _named(found: Any, name: str) -> str:
    return str(getattr(found.metadata, name, "") or "") if found.metadata else ""


def id_of(found: Any) -> str:
    """Stripe names an object, or gives it whole where that was asked for."""
    return found if isinstance(found, str) else str(found.id) if found else ""


def _next(action: Any) -> str:
    redirect = getattr(action, "redirect_to_url", None) if action else None
    return str(getattr(redirect, "url", None) or "")
