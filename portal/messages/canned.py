"""Words for what is asked every day, and what is filled into them."""

import re

FIELDS = ("first_name", "office_phone")
MARK = re.compile(r"\{([^{}\n]{0,40})\}")


def strange_fields(body: str) -> list[str]:
    """What stands in braces and would be sent as it is."""
    return [found for found in MARK.findall(body) if found not in FIELDS]


def filled(body: str, first_name: str, office_phone: str) -> str:
    told = {"first_name": first_name, "office_phone": office_phone}
    return MARK.sub(lambda found: told.get(found[1], found[0]), body)


def joined(draft: str, words: str) -> str:
    """What stands in the draft stays before what is added."""
    return f"{draft.rstrip()}\n\n{words}" if draft.strip() else words
