"""The code of a PDF: six letters and digits that nobody takes for one another."""

import secrets

from portal import keys
from portal.accounts import links

LENGTH = 6


def fresh() -> str:
    return "".join(secrets.choice(links.ALPHABET) for _ in range(LENGTH))


def is_same(typed: str, code: str) -> bool:
    """Case, blanks and hyphens are forgiven, and letters that look like digits."""
    return keys.same(links.typed_code(typed), code)
