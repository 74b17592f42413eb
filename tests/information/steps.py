"""What tests of changed information do over and over."""

from typing import Any

from portal.access import Area, Reach, Role, Viewer
from portal.clients import record
from portal.clients.sections import SECTIONS
from portal.clients.sheets import Sheet
from portal.clients.tables import Client
from portal.database import fetch
from portal.information import queries
from portal.information.actions import change
from tests.browser import Browser, Page
from tests.cast import Cast
from tests.factories import TEST


def base(client: Client, name: str = "", more: str = "") -> str:
    return f"/clients/{client.id}/information" + (f"/{name}" if name else "") + more


async def edited(browser: Browser, client: Client, name: str, typed: dict[str, Any], **more: Any) -> Page:
    """Opens the section's form, types over what is named, and sends it."""
    page = await browser.get(base(client, name, "/edit"))
    assert page.status == 200, page.text
    return await browser.press(page, base(client, name), typed, **more)


def as_client(cast: Cast) -> Viewer:
    areas = frozenset(str(area) for area in Area)
    return Viewer(
        account_id=cast.accounts["client"].id, name="Maya Reyes", grants=(Reach(cast.client.id, "self", areas),)
    )


def as_staff(cast: Cast, part: str = "front_desk") -> Viewer:
    account = cast.accounts[part]
    return Viewer(account_id=account.id, name="Staff", staff_id=account.staff_member, role=Role(part))


async def sheet(client: Client, name: str) -> Sheet:
    return await record.sheet(TEST, client.id, SECTIONS[name])


async def asked(cast: Cast, name: str = "demographics", **fields: str) -> int:
    """A change of the person's own fields, sent as from the form; returns the request's id."""
    now = await sheet(cast.client, name)
    last = await queries.newest(as_client(cast), cast.client.id, SECTIONS[name])
    now = last.wanted(now) if last and last.is_still_asked else now
    wanted = {**now, "person": {"person": {**now["person"]["person"], **fields}}}
    await change.send(as_client(cast), cast.client.id, SECTIONS[name], now, wanted)
    return int((await fetch("SELECT max(id) AS id FROM change_request"))[0]["id"])
