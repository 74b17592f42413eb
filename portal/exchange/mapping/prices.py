"""What each service of a claim or an invoice costs, where the whole of it adds up."""

from collections.abc import Sequence
from decimal import Decimal

from portal.exchange.claims import Item, Money, PriceComponent
from portal.exchange.mapping.amounts import A_CENT, NOTHING, Wrong, exact
from portal.exchange.mapping.services import price

ADDED, TAKEN_OFF = ("base", "surcharge", "tax"), ("deduction", "discount")
NO_SUM = "does not add up: its services do not sum up to its total"


def of_claim(items: Sequence[Item], total: Money | None) -> list[Decimal]:
    """Item by item; what costs nothing is 0.

    A visit may stand without its own price (Synthea): it costs what the other services leave of the total.
    """
    told = [price(one.net, one.unit_price, one.quantity, one.factor) for one in items]
    known, whole = sum((one for one in told if one is not None), NOTHING), exact(total)
    if whole is None or abs(whole - known) < A_CENT:
        return [one or NOTHING for one in told]
    unpriced = [at for at, one in enumerate(told) if one is None]
    visits = [at for at in unpriced if items[at].encounter] or unpriced
    if whole < known or len(visits) != 1:
        raise Wrong(NO_SUM)
    return [whole - known if at == visits[0] else one or NOTHING for at, one in enumerate(told)]


def of_components(components: Sequence[PriceComponent]) -> Decimal | None:
    """What an invoice asks for one thing. None where nothing is said of it."""
    found: Decimal | None = None
    for one in components:
        if one.type in (*ADDED, *TAKEN_OFF):
            # What is taken off is written with a sign by some, and without by others.
            signed = one.amount
            if signed is not None and signed.value is not None and one.type in TAKEN_OFF:
                signed = Money(value=abs(signed.value), currency=signed.currency)
            amount = exact(signed)
            if amount is None:
                raise Wrong("names a part of a price without an amount")
            found = (found or NOTHING) + (amount if one.type in ADDED else -amount)
    if found is not None and found < 0:
        raise Wrong("names a negative amount")
    return found


def totals(told: Sequence[Decimal | None], *said: Money | None) -> list[Decimal]:
    """Those of an invoice, the last one with taxes. Where it prices each of its lines, one of them is their sum."""
    whole = [total for one in said if (total := exact(one))]
    known = sum((one for one in told if one is not None), NOTHING)
    if told and whole and None not in told and all(abs(known - one) >= A_CENT for one in whole):
        raise Wrong(NO_SUM)
    return whole
