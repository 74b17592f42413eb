"""What staff type to charge a card on file."""

from uuid import UUID, uuid4

from portal import money
from portal.billing import money_forms
from portal.language import lazy
from portal.payments import numbers
from portal.payments.actions.attempts import NO_CARD
from portal.payments.actions.staff_charging import Charge
from portal.web.form import Form, Reader
from portal.web.typed import Input

ADDRESSES = r"/staff/clients/\d+/account/charge"
MOST_REASON = 300


def opened(cents: int, card_id: int | None) -> Form:
    """All that is owed, by the default card."""
    return Form.of(key=uuid4(), amount=money.plain(cents), card=card_id)


def charge(form: Form) -> Charge:
    """Raises `Refused`."""
    reader = Reader(form)
    cents = money_forms.cents(reader, "amount", missing=lazy("Enter the amount"))
    card = form.number("card")
    if card is None:
        reader.refuse("card", NO_CARD)
    reason = reader.lines("reason", most=MOST_REASON, missing=lazy("Say why: it stands beside the payment"))
    key = uuid4()
    try:
        key = UUID(form["key"])
    except ValueError:
        reader.refuse("", lazy("Open this form again, and send it once more"))
    numbers.refuse(reader, "reason")
    reader.finish(("amount", "card", "reason"))
    return Charge(key, card or 0, cents, reason)


def reading(form: Form) -> dict[str, Input]:
    """Where a form is given back apart from its page."""
    unsaid = {name: Input("", lambda _: "") for name in ("key", "card", "act")}
    return {**unsaid, "amount": Input(lazy("Amount")), "reason": Input(lazy("Reason"))}
