"""As many questions for thirty rows as for one."""

from datetime import timedelta

import pytest

from portal.accounts import sessions
from portal.invoices.actions import issuing
from portal.practice import queries as practices
from tests.billing.desk import account, lines
from tests.billing.factories import AETNA, a_payment, an_encounter
from tests.cast import Cast
from tests.factories import TEST
from tests.test_queries import asked

VIEWS = ["open", "services", "ledger", "payments", "invoices"]
PAGES = ["/payments/new", "/remittances/new", "/adjustments/new", "/credit", "/invoices/new"]


@pytest.fixture(autouse=True)
def _nothing_by_the_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(practices, "KEPT_FOR", 3600.0)
    monkeypatch.setattr(sessions, "TOUCH_AFTER", timedelta(hours=1))


async def more(cast: Cast, count: int) -> None:
    for number in range(count):
        await an_encounter(cast.client, days_ago=number + 1)
        await an_encounter(cast.client, days_ago=number + 1, insured=AETNA)
        await a_payment(cast.client, 100)
        newest = (await lines())[-2]
        await issuing.issue(TEST, cast.client.id, [newest.id])


async def test_an_account_asks_as_often_for_thirty_rows_as_for_one(cast: Cast):
    await more(cast, 1)
    browser = await cast.browser("biller")
    paths = [account(cast, f"?view={view}") for view in VIEWS] + [account(cast, page) for page in PAGES]
    paths += ["/staff/payments/1", "/staff/invoices/1", "/staff/billing/runs"]
    few = [await asked(browser, path) for path in paths]
    await more(cast, 30)
    assert [await asked(browser, path) for path in paths] == few
    assert max(few[: len(VIEWS)]) <= 8, few
