"""Whole pages of Stripe's: the bank's question, Checkout, a receipt. They need no JavaScript."""

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit, urlunsplit

from stripesim import words
from stripesim.api import checkout_sessions, paying, setup_intents
from stripesim.calls import Call
from stripesim.dispatch import Answer
from stripesim.refusal import Refused, missing
from stripesim.store import Thing
from stripesim.typed import Typed

if TYPE_CHECKING:
    from stripesim.pages import Visit

INTENTS = ("payment_intent", "setup_intent")


def question(visit: "Visit", id: str) -> Answer:
    intent = asked(visit.call, id)
    speak_as_session(visit, intent)
    if intent["status"] != "requires_action":
        return visit.page("said.html", sentence="already", back=way_back(intent))
    return visit.page("bank.html", intent=intent)


def reply(visit: "Visit", id: str) -> Answer:
    """Whoever presses twice has answered once."""
    outcome = visit.form.get("outcome")
    intent = authenticated(visit.call, id, outcome == "complete")
    speak_as_session(visit, intent)
    back = way_back(intent)
    return visit.onward(back) if back else visit.page("said.html", sentence="done", back=None)


def checkout(visit: "Visit", id: str) -> Answer:
    session = opened(visit, id)
    return closed(visit, session) or shown(visit, session)


def pay(visit: "Visit", id: str) -> Answer:
    session = opened(visit, id)
    if answer := closed(visit, session):
        return answer
    typed = Typed(visit.form, visit.call.now)
    typed.insist_name()
    if not (session["customer"] or session["customer_email"]):
        typed.insist_email()
    if typed.wrong or typed.card is None:
        return shown(visit, session, typed=typed, status=422)
    try:
        ended = checkout_sessions.submit(visit.call, session, typed.card, typed.month, typed.year, typed.billing)
    except Refused as refused:
        sentence = words.of_bank(str(refused), visit.language)
        return shown(visit, visit.store.get("checkout.session", id), typed=typed, sentence=sentence, status=422)
    if ended["object"] == "checkout.session" and ended["status"] == "complete":
        return visit.onward(success(ended))
    intent = visit.store.get(INTENTS[session["mode"] == "setup"], intent_of(visit, id))
    return visit.onward(f"/3ds/{intent['id']}")


def come_back(visit: "Visit", id: str) -> Answer:
    """From the bank's page: done, or once more with what the bank said."""
    session = opened(visit, id)
    if session["status"] == "complete":
        return visit.onward(success(session))
    intent = visit.store.get(INTENTS[session["mode"] == "setup"], intent_of(visit, id))
    error = intent.get("last_payment_error") or intent.get("last_setup_error")
    if error and error["type"] == "card_error":
        return shown(visit, session, sentence=words.of_bank(error["message"], visit.language))
    return shown(visit, session, sentence=words.unauthenticated(visit.language) if error else None)


def receipt(visit: "Visit", id: str) -> Answer:
    return visit.page("receipt.html", charge=visit.store.get("charge", id))


def asked(call: Call, id: str) -> Thing:
    intent = call.store.find(id)
    if intent is None or intent["object"] not in INTENTS:
        raise missing("intent", id)
    return intent


def authenticated(call: Call, id: str, was_the_owner: bool) -> Thing:
    intent = asked(call, id)
    if intent["status"] != "requires_action":
        return intent
    answered = paying.answered if intent["object"] == "payment_intent" else setup_intents.answered
    intent = answered(call, intent, was_the_owner=was_the_owner)
    checkout_sessions.follow(call, intent)
    return intent


def way_back(intent: Thing) -> str | None:
    """With what Stripe adds to the address."""
    address = intent.get("_return_url")
    if not address:
        return None
    kind = intent["object"]
    is_good = intent["status"] in ("succeeded", "processing")
    status = ("succeeded" if intent["status"] == "succeeded" else "pending") if is_good else "failed"
    more = {kind: intent["id"], f"{kind}_client_secret": intent["client_secret"], "redirect_status": status}
    parts = urlsplit(address)
    query = "&".join(filter(None, [parts.query, urlencode(more)]))
    return urlunsplit(parts._replace(query=query))


def opened(visit: "Visit", id: str) -> Thing:
    session = checkout_sessions.lapse(visit.call, visit.store.get("checkout.session", id))
    visit.speak(session["locale"])
    return session


def closed(visit: "Visit", session: Thing) -> Answer | None:
    if session["status"] == "open":
        return None
    if session["status"] == "complete":
        return visit.onward(success(session))
    return visit.page("said.html", sentence="expired", back=session["cancel_url"])


def shown(
    visit: "Visit", session: Thing, *, typed: Typed | None = None, sentence: str | None = None, status: int = 200
) -> Answer:
    keeps = session["mode"] == "setup" or bool(session["_data"].get("setup_future_usage"))
    lines = session["_more"]["line_items"]["data"]
    said: dict[str, Any] = typed.shown_again if typed else {}
    return visit.page(
        "checkout.html",
        status=status,
        session=session,
        lines=lines,
        keeps=keeps,
        said=said,
        wrong=typed.sentences(visit.language) if typed else {},
        sentence=sentence,
        asks_email=not (session["customer"] or session["customer_email"]),
    )


def success(session: Thing) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


def intent_of(visit: "Visit", id: str) -> str:
    session = visit.store.get("checkout.session", id)
    return str(session["payment_intent"] or session["setup_intent"])


def speak_as_session(visit: "Visit", intent: Thing) -> None:
    if id := intent.get("_session"):
        visit.speak(visit.store.get("checkout.session", id)["locale"])
