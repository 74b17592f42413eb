"""What a client types to pay: how much, and by which card."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from portal import language, money
from portal.language import lazy
from portal.payments.actions.attempts import NO_CARD
from portal.refusal import Refused
from portal.web.form import Form
from portal.web.typed import Input

ADDRESSES = r"/clients/\d+/account/payments/(new|[0-9a-f-]{36}/(amount|card|review|cancellation))"
WHOLE, CUSTOM = "whole", "custom"
NEW = "new"
YES = "yes"
MUCH = lazy("Choose how much to pay")
NO_AMOUNT = lazy("Enter an amount, such as 25 or 25.50")
TOO_LARGE = lazy("That is more than you owe")


@dataclass(frozen=True)
class Card:
    """`id` of one on file, or a new one: with a token it was typed on our page, without on Stripe's."""

    id: int | None
    token: str
    saves: bool
    makes_default: bool
    spoken: str


def amount(form: Form) -> int | None:
    """Cents; None is the Total Balance. Raises `Refused`."""
    if form["which"] == WHOLE:
        return None
    if form["which"] != CUSTOM:
        raise Refused(which=MUCH)
    try:
        return money.read(form["amount"])
    except OverflowError:
        raise Refused(amount=TOO_LARGE) from None
    except ValueError:
        raise Refused(amount=NO_AMOUNT) from None


def card(form: Form) -> Card:
    """Raises `Refused`."""
    chosen = form.number("card")
    if chosen is None and form["card"] != NEW:
        raise Refused(card=NO_CARD)
    spoken = form["spoken"] if form["spoken"] in language.LANGUAGES else language.current()
    saves = chosen is None and form["save"] == YES
    return Card(chosen, form["token"], saves, saves and form["default"] == YES, spoken)


def opened_amount(cents: int | None, *, is_whole: bool) -> Form:
    """With what was chosen before, or with the Total Balance."""
    if cents is None or is_whole:
        return Form.of(which=WHOLE)
    return Form.of(which=CUSTOM, amount=money.plain(cents))


def opened_card(attempt: Any, on_file: Sequence[Any]) -> Form:
    """With what was chosen before, or with the default card; a new one where there is none that can be charged."""
    good = [one.id for one in on_file if not one.is_expired]
    if attempt.card in good:
        return Form.of(card=attempt.card)
    if attempt.way or not good:
        told = {"save": attempt.saves, "default": attempt.makes_default}
        return Form.of(card=NEW, **{name: YES for name, is_so in told.items() if is_so})
    return Form.of(card=good[0])


def reading(form: Form) -> dict[str, Input]:
    """Where it is given back after sign-in. Stripe's name for a card is nothing to read."""
    unsaid = {name: Input("", lambda _: "") for name in ("token", "spoken", "seen")}
    which = {WHOLE: lazy("Total Balance"), CUSTOM: lazy("Custom Amount")}
    return unsaid | {
        "which": Input(lazy("Amount to pay"), lambda value: which.get(value, value)),
        "amount": Input(lazy("Amount in dollars")),
        "card": Input(lazy("Card"), lambda value: lazy("A new card") if value == NEW else lazy("A card on file")),
        "save": Input(lazy("Save this card"), lambda _: lazy("Yes")),
        "default": Input(lazy("Make it my default card"), lambda _: lazy("Yes")),
    }
