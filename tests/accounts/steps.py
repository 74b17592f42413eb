"""The way in, step by step, as a person takes it: each step presses what the page shows."""

from portal.accounts.actions import invitation
from portal.accounts.links import code
from portal.accounts.tables import Invitation
from tests.browser import Browser, Page
from tests.factories import PASSWORD, link_to

NEW_PASSWORD = "nine slow herons wade"
BORN = {"birth_date_month": "4", "birth_date_day": "17", "birth_date_year": "1991"}
WRONG = {"birth_date_month": "4", "birth_date_day": "18", "birth_date_year": "1991"}


async def open_link(browser: Browser, row: Invitation) -> Page:
    """Looks at the link and presses its button."""
    link = link_to(row)
    return await browser.press(await browser.get(link), link)


async def open_code(browser: Browser, row: Invitation) -> Page:
    return await browser.press(await browser.get("/invitation"), "/invitation", code=code_of(row))


async def confirm(browser: Browser, last_name: str = "Reyes", **typed: str) -> Page:
    return await browser.press(
        await browser.get("/registration"), "/registration", last_name=last_name, **{**BORN, **typed}
    )


async def choose(browser: Browser, password: str = PASSWORD, **typed: str) -> Page:
    page = await browser.get("/registration/password")
    return await browser.press(
        page, "/registration/password", **{"password": password, "password_again": password, **typed}
    )


async def sign_in(browser: Browser, email: str = "maya@example.com", password: str = PASSWORD, **typed: str) -> Page:
    return await browser.press(await browser.get("/sign-in"), "/sign-in", email=email, password=password, **typed)


async def is_signed_in(browser: Browser) -> bool:
    return (await browser.get("/account", follow=False)).status == 200


def code_of(row: Invitation) -> str:
    return code("invitation", bytes(row.nonce), row.key_id)


def token_of(row: Invitation) -> str:
    return invitation.token_of(row)


async def row_of(client_id: int) -> Invitation:
    """The newest invitation of a client, as it stands now."""
    found = (
        await Invitation.objects()
        .where(Invitation.client == client_id)
        .order_by(Invitation.id, ascending=False)
        .first()
    )
    assert found is not None
    return found
