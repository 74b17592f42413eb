"""What staff type about money that goes back to a card."""

from portal.billing import money_forms
from portal.billing.actions.returning import Back
from portal.billing.tables import Method
from portal.language import lazy
from portal.payments import numbers
from portal.web.form import Form, Reader
from portal.web.typed import Input

ADDRESSES = r"/staff/payments/\d+/card-refund"


def back(form: Form) -> Back:
    """Nothing typed beside the services is all of it."""
    reader = Reader(form)
    parts = {line: money_forms.cents(reader, f"line{line}") for line in money_forms.named(form, "line")}
    reason = reader.lines(
        "reason", most=money_forms.LONGEST_REASON, missing=lazy("Say why: it stands beside the refund")
    )  # fmt: skip
    if not 8 <= len(form["key"]) <= 40:
        reader.refuse("", lazy("Open this form again, and send it once more"))
    numbers.refuse(reader, "reason")
    reader.finish(("reason",))
    return Back(str(Method.CARD), reason, parts or None, key=form["key"], seen=form["seen"])


def reading(form: Form) -> dict[str, Input]:
    unsaid = {name: Input("", lambda _: "") for name in ("key", "seen", "act")}
    return {**unsaid, "reason": Input(lazy("Reason"))}
