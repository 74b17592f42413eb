"""Numbers of practices and clinicians that insurers and the IRS give out, and the states that license."""

import re

STATES = (
    "AL", "AK", "AZ", "AR", "CA", "CO", "CT", "DE", "DC", "FL", "GA", "HI", "ID", "IL", "IN", "IA", "KS", "KY", "LA",
    "ME", "MD", "MA", "MI", "MN", "MS", "MO", "MT", "NE", "NV", "NH", "NJ", "NM", "NY", "NC", "ND", "OH", "OK", "OR",
    "PA", "RI", "SC", "SD", "TN", "TX", "UT", "VT", "VA", "WA", "WV", "WI", "WY", "AS", "GU", "MP", "PR", "VI",
)  # fmt: skip
# The first two digits that the IRS has never given out.
NO_CAMPUS = {"00", "07", "08", "09", "17", "18", "19", "28", "29", "49", "69", "70", "78", "79", "89", "96", "97"}
EIN = re.compile(r"(\d{2})-?(\d{7})", re.ASCII)


def is_npi(text: str) -> bool:
    """Ten digits whose last one checks the others (Luhn over 80840 and the number: 45 CFR 162.406)."""
    if not re.fullmatch(r"[12]\d{9}", text, re.ASCII):
        return False
    digits = [int(one) for one in "80840" + text]
    doubled = [sum(divmod(2 * one, 10)) if place % 2 == 0 else one for place, one in enumerate(digits[:-1], 1)]
    return (sum(doubled) + digits[-1]) % 10 == 0


def as_ein(text: str) -> str | None:
    """`123456789` is `12-3456789`; None for what the IRS has not given out."""
    found = EIN.fullmatch(text.strip())
    return None if found is None or found[1] in NO_CAMPUS else f"{found[1]}-{found[2]}"
