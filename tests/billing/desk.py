"""What tests of money do over and over."""

from portal.billing.tables import Payment
from portal.encounters.tables import ServiceLine
from portal.invoices.tables import Invoice
from tests.browser import Browser, Page
from tests.cast import Cast

MONEY = ("front_desk", "biller", "supervisor", "administrator")


def account(cast: Cast, more: str = "") -> str:
    return f"/staff/clients/{cast.client.id}/account{more}"


def today_of(page: Page) -> str:
    return page.value("received_on")


async def typed(browser: Browser, cast: Cast, **fields: object) -> Page:
    """A payment as the desk types it; the answer shows where it would go."""
    page = await browser.get(account(cast, "/payments/new"))
    told = {"amount": "20", "method": "cash", "act": "check", **fields}
    return await browser.press(page, account(cast, "/payments/new"), told)


async def taken(browser: Browser, cast: Cast, **fields: object) -> Page:
    page = await typed(browser, cast, **fields)
    assert page.status == 200, page.errors
    return await browser.press(page, account(cast, "/payments/new"), {"act": "take"})


async def lines() -> list[ServiceLine]:
    return await ServiceLine.objects().order_by(ServiceLine.id)


async def payments() -> list[Payment]:
    return await Payment.objects().order_by(Payment.id)


async def invoices() -> list[Invoice]:
    return await Invoice.objects().order_by(Invoice.id)
