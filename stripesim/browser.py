"""What Stripe's script has in frames of its own: the card's fields, and what asks for payments by their secret."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from stripesim import PUBLISHABLE_KEY, words
from stripesim.api import confirmation_tokens, intents, payment_intents, setup_intents
from stripesim.calls import public
from stripesim.dispatch import Answer
from stripesim.hosted import way_back
from stripesim.refusal import Refused
from stripesim.store import Thing
from stripesim.typed import Typed

if TYPE_CHECKING:
    from stripesim.pages import Visit

SHOWN = ("id", "object", "amount", "client_secret", "created", "currency", "last_payment_error", "last_setup_error",
         "livemode", "next_action", "payment_method", "status", "usage")  # fmt: skip


def fields(visit: "Visit") -> Answer:
    """The frame that Payment Element puts into the portal's page."""
    return visit.page("fields.html", is_framed=True, origin=origin_of(visit), theme=visit.query.get("theme", "stripe"))


def controller(visit: "Visit") -> Answer:
    return visit.page("controller.html", is_framed=True, origin=origin_of(visit))


def check(visit: "Visit") -> Answer:
    """What is typed, looked at and not kept."""
    return visit.json(wrong(visit, typed_in(visit)) or {})


def token(visit: "Visit") -> Answer:
    """What was typed into the fields goes before what the page says beside them."""
    typed, said = typed_in(visit), visit.sent
    if error := wrong(visit, typed):
        return visit.json(error, 402)
    assert typed.card
    given = said.get("billing_details") or {}
    seen = {name: value for name, value in typed.address.items() if value}
    billing = given | typed.billing | {"address": (given.get("address") or {}) | seen}
    made = confirmation_tokens.made(visit.call, typed.card, typed.month, typed.year, billing)
    made |= {name: said[name] for name in ("return_url", "setup_future_usage") if said.get(name)}
    return visit.json(public(visit.store.add(made)))


def retrieve(visit: "Visit") -> Answer:
    return visit.json(shown(by_secret(visit)))


def confirm(visit: "Visit") -> Answer:
    """`redirect` is where the whole page goes next, if anywhere."""
    said = visit.sent
    intent = by_secret(visit)
    given: dict[str, Any] = {name: said[name] for name in ("confirmation_token", "return_url") if said.get(name)}
    pay = payment_intents.pay if intent["object"] == "payment_intent" else setup_intents.set_up
    try:
        intents.insist_status(intent, payment_intents.WAITS, "confirm")
        intent = pay(visit.call, intent, given)
    except Refused as refused:
        if refused.status != 402:
            raise
        visit.speak(said.get("locale"))
        message = words.of_bank(str(refused), visit.language)
        return visit.json({"error": public(refused.error | {"message": message})}, refused.status)
    intent["_return_url"] = said.get("return_url")
    visit.store.save(intent)
    asked = intent["next_action"]
    redirect = asked["redirect_to_url"]["url"] if asked and asked["type"] == "redirect_to_url" else way_back(intent)
    return visit.json({"intent": shown(intent), "redirect": redirect})


def typed_in(visit: "Visit") -> Typed:
    said = visit.sent
    insist_publishable_key(said)
    visit.speak(said.get("locale"))
    return Typed({name: str(value) for name, value in said["card"].items()}, visit.call.now)


def wrong(visit: "Visit", typed: Typed) -> dict[str, Any] | None:
    """The first sentence is the error's; each field has its own."""
    if not typed.wrong:
        return None
    sentences = typed.sentences(visit.language)
    field, code = next(iter(typed.wrong.items()))
    error = {"type": "validation_error", "code": code, "message": sentences[field], "fields": sentences}
    return {"error": error}


def by_secret(visit: "Visit") -> Thing:
    said = visit.sent
    insist_publishable_key(said)
    secret = str(said.get("client_secret", ""))
    intent = visit.store.find(secret.split("_secret_")[0])
    if intent is None or intent.get("client_secret") != secret:
        raise Refused("No such intent: the client_secret does not match.", status=404, code="resource_missing")
    return intent


def insist_publishable_key(said: dict[str, Any]) -> None:
    if not str(said.get("key", "")).startswith(PUBLISHABLE_KEY):
        raise Refused(f"Invalid API Key provided. TEST MODE: {PUBLISHABLE_KEY}… only.", status=401)


def origin_of(visit: "Visit") -> str:
    """Messages from any other page than the one that opened the frame are not heard."""
    parts = urlsplit(visit.query.get("origin", ""))
    return f"{parts.scheme}://{parts.netloc}" if parts.scheme in ("http", "https") and parts.netloc else "null"


def shown(intent: Thing) -> Any:
    return public({name: intent[name] for name in SHOWN if name in intent})
