"""Amounts of other systems, exact to the last digit, as whole cents."""

from collections.abc import Iterable, Sequence
from decimal import ROUND_HALF_UP, Decimal
from itertools import pairwise

from portal.exchange.claims import Money
from portal.money import MOST

# Systems that count in binary fractions write 112.41600000000001; what is behind the sixth digit is nothing.
NOISE = Decimal("0.000001")
A_CENT = Decimal("0.01")
CURRENCY = "USD"
NOTHING = Decimal(0)


class Wrong(Exception):
    """The sentence says why a bill or a decision cannot be taken."""


def exact(money: Money | None) -> Decimal | None:
    """Dollars. None where there is no amount."""
    if money is None or money.value is None:
        return None
    if money.currency not in ("", CURRENCY):
        raise Wrong("names an amount that is not in US dollars")
    return sensible(money.value)


def sensible(value: Decimal) -> Decimal:
    if not value.is_finite() or value > Decimal(MOST).scaleb(-2):
        raise Wrong("names an amount that is too large")
    if value < 0:
        raise Wrong("names a negative amount")
    return value.quantize(NOISE)


def in_cents(amount: Decimal) -> int:
    """Half a cent counts as one."""
    return int(amount.quantize(A_CENT, ROUND_HALF_UP).scaleb(2))


def shared(amounts: Sequence[Decimal]) -> list[int]:
    """In cents that sum up to the cents of the sum: what one loses by rounding, the next one gets."""
    sums = [NOTHING]
    for one in amounts:
        sums.append(sums[-1] + one)
    return [in_cents(after) - in_cents(before) for before, after in pairwise(sums)]


def has_parts_of_cents(amounts: Iterable[Decimal | None]) -> bool:
    return any(one is not None and one != one.quantize(A_CENT) for one in amounts)
