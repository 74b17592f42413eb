"""Numbers of cards: never the portal's to know, wherever somebody types one by mistake."""

import re

from portal.language import lazy
from portal.web.form import Reader

NOT_HERE = lazy("Do not write a card number here: nobody at the practice may have it")
RUN = re.compile(r"\d(?:[ -]?\d){11,18}")


def holds_one(text: str) -> bool:
    """Twelve to nineteen digits, with blanks or hyphens between them, whose last one checks the others (Luhn)."""
    return any(_is_luhn(re.sub(r"\D", "", found)) for found in RUN.findall(text))


def refuse(reader: Reader, *names: str) -> None:
    """In each of these fields."""
    for name in names:
        if holds_one(reader.form[name]):
            reader.refuse(name, NOT_HERE)


def _is_luhn(digits: str) -> bool:
    doubled = [sum(divmod(2 * int(one), 10)) if place % 2 else int(one) for place, one in enumerate(reversed(digits))]
    return sum(doubled) % 10 == 0
