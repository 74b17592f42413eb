"""Money is integer cents, and is written by the language of who reads it."""

import re
from decimal import Decimal
from functools import lru_cache

from babel.numbers import format_currency

MOST = 99_999_999
AMOUNT = re.compile(r"\$?\s*(\d{1,3}(?:,\d{3})+|\d+)?(?:\.(\d{1,2})?)?")


@lru_cache(maxsize=16384)
def written(cents: int, locale: str, currency: str = "USD") -> str:
    """`4500` is `$45.00` for `en_US`; Babel knows the rest, and takes longer for it than the rest of a line does."""
    return format_currency(amount(cents), currency, locale=locale)


def amount(cents: int) -> Decimal:
    """Dollars, exactly."""
    return Decimal(cents).scaleb(-2)


def plain(cents: int) -> str:
    """As one types it into a field: `1234.50`."""
    return f"{amount(cents):.2f}"


def read(text: str) -> int:
    """`$1,234.5` is 123450. Raises `ValueError` for what is no amount, and `OverflowError` above the most."""
    found = AMOUNT.fullmatch(text.strip())
    if found is None or not (found[1] or found[2]) or not text.isascii():
        raise ValueError(text)
    dollars, cents = (found[1] or "0").replace(",", ""), (found[2] or "").ljust(2, "0")
    if len(dollars) > 12 or int(dollars + cents) > MOST:
        raise OverflowError(text)
    return int(dollars + cents)
