"""In whose name an announcement goes out: a member of the staff, also where a worker or a command acts for them."""

from portal.access import NotFoundException, Permission, Role, Viewer
from portal.database import fetch
from portal.language import lazy
from portal.practice.queries import name_of
from portal.refusal import Refused

STAFF = f"""
SELECT a.id AS account_id, a.email, m.id AS staff_id, {name_of("m")} AS name, m.role
  FROM account AS a JOIN staff_member AS m ON m.id = a.staff_member WHERE m.role IS NOT NULL AND {{}}
"""


async def by_account(viewer: Viewer, account_id: int) -> Viewer:
    """Who pressed Send, whatever has become of them since."""
    found = await _found("a.id = {}", account_id)
    if found is None:
        raise NotFoundException
    return found


async def by_email(viewer: Viewer, email: str) -> Viewer:
    """Raises `Refused` where nobody who may announce signs in so."""
    found = await _found("a.email_key = {} AND m.is_active AND NOT a.is_suspended", email.strip().casefold())
    if found is None or not found.may(Permission.MESSAGE_ANNOUNCE):
        raise Refused(by=lazy("No member of staff who may write announcements signs in with this e-mail"))
    return found


async def _found(which: str, value: int | str) -> Viewer | None:
    rows = await fetch(STAFF.replace("{}", which), value)
    return Viewer(**{**rows[0], "role": Role(rows[0]["role"])}) if rows else None
