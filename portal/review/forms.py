"""The filters as they stand in an address: what is strange in one is left out, and nothing is refused."""

from urllib.parse import parse_qs

from portal.keyset import Place
from portal.review.filters import AGES, Filters
from portal.review.kinds import KINDS
from portal.web.form import Form

LONGEST_ID = 18
CHOICES = ("kind", "clinician", "age", "sort")


def filters_told(asked: Form, typed: Form) -> Filters:
    """Of a form on the desk: by what the list beside it says, which may have been narrowed since."""
    return filters_of(Form(parse_qs(typed["filters"]))) if "filters" in typed.typed else filters_of(asked)


def filters_of(asked: Form) -> Filters:
    after = Place.read(asked["after"])
    return Filters(
        kind=asked["kind"] if asked["kind"] in KINDS else "",
        clinician=_number(asked["clinician"]) or None,
        age=next((days for days in AGES if days == _number(asked["age"])), 0),
        is_mine=asked["mine"] == "yes",
        is_newest_first=asked["sort"] == "newest",
        after=after,
        before=None if after else Place.read(asked["before"]),
    )


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) <= LONGEST_ID else 0
