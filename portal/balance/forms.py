"""What an address asks of the lists of an account; what nobody knows counts as any."""

from portal.balance.itemized import Filters, Order
from portal.balance.queries import receipts
from portal.balance.queries.visits import SORTS
from portal.balance.steps import METHODS
from portal.language import lazy
from portal.web import days
from portal.web.form import Form

TITLES = {
    "date": lazy("Encounter"),
    "service": lazy("Service"),
    "clinician": lazy("Clinician"),
    "site": lazy("Location"),
    "charge": lazy("Total Charge"),
    "paid": lazy("Total Paid"),
    "yours": lazy("Client Balance"),
    "balance": lazy("Total Balance"),
    "invoice": lazy("Invoice"),
    "superbill": lazy("Superbill"),
}
FIGURES = ("charge", "paid", "yours", "balance", "invoice")
KINDS = {"yours": lazy("Paid by you"), "refunds": lazy("Refunds to you"), "insurance": lazy("Paid by insurance")}


def of_visits(form: Form) -> tuple[Filters, Order, dict[str, object]]:
    first, last, wrong = days.between(form)
    filters = Filters(first, last, form.number("clinician"), form.number("site"), form["show"] == "open")
    return filters, order_of(form["sort"]), wrong


def order_of(text: str) -> Order:
    """`balance`, or `-balance` for the highest first."""
    column = text.removeprefix("-")
    return Order(column, text.startswith("-")) if column in SORTS else Order()


def written(order: Order) -> str:
    return f"-{order.column}" if order.is_falling else order.column


def turned(order: Order, column: str) -> str:
    """What a column's title leads to: the other way round where it is sorted by it; figures begin with the highest."""
    if order.column == column:
        return written(Order(column, not order.is_falling))
    return written(Order(column, column == "date" or column in FIGURES))


def orders(has_superbills: bool) -> list[tuple[str, object]]:
    """Every order there is, in words."""
    found: list[tuple[str, object]] = []
    for column, title in TITLES.items():
        if column == "superbill" and not has_superbills:
            continue
        falling, rising = (
            (lazy("Newest first"), lazy("Oldest first"))
            if column == "date"
            else (lazy("%(column)s, highest first", column=title), lazy("%(column)s, lowest first", column=title))
            if column in FIGURES
            else (lazy("%(column)s, Z to A", column=title), lazy("%(column)s, A to Z", column=title))
        )
        both = [(f"-{column}", falling), (column, rising)]
        found += both if column == "date" or column in FIGURES else both[::-1]
    return found


def of_payments(form: Form) -> tuple[receipts.Filters, dict[str, object]]:
    first, last, wrong = days.between(form)
    kind = form["kind"] if form["kind"] in KINDS else ""
    method = form["method"] if form["method"] in METHODS else ""
    return receipts.Filters(first, last, kind, method), wrong
