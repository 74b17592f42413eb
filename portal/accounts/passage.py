"""A link's token is exchanged at once for this cookie, so that it stands in no further address.

It says: this browser opened that row, and came as far as that stage, until then.
"""

from litestar.datastructures import Cookie

from portal import clock, keys
from portal.accounts import links
from portal.accounts.visits import cookie, cookie_of
from portal.web.request import Request

LASTS = 1800


def issue(what: str, row_id: int, stage: str) -> Cookie:
    """A cookie for the next half hour."""
    until = int(clock.now().timestamp()) + LASTS
    return cookie(what, f"{row_id}.{stage}.{until}.{_mac(what, row_id, stage, until)}", max_age=LASTS)


def forget(what: str) -> Cookie:
    return cookie(what, "", max_age=0)


def read(request: Request, what: str) -> tuple[int, str] | None:
    """(row id, stage), or None for nothing, something forged or something too old."""
    parts = cookie_of(request, what).split(".")
    if len(parts) != 4 or not all(links.is_id(number) for number in (parts[0], parts[2])):
        return None
    row_id, stage, until = int(parts[0]), parts[1], int(parts[2])
    if until < clock.now().timestamp() or not keys.same(parts[3], _mac(what, row_id, stage, until)):
        return None
    return row_id, stage


def _mac(what: str, row_id: int, stage: str, until: int) -> str:
    return keys.derive("passage", what, row_id, stage, until)[:20].hex()
