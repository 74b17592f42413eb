"""Money is integer cents, and is written by the language of who reads it."""

from decimal import Decimal

from babel.numbers import format_currency


def written(cents: int, locale: str, currency: str = "USD") -> str:
    """`4500` is `$45.00` for `en_US`; Babel knows the rest."""
    whole, rest = divmod(abs(cents), 100)
    amount = Decimal(whole) + Decimal(rest) / 100
    return format_currency(-amount if cents < 0 else amount, currency, locale=locale)
