"""Letters about money say that something waits, to whom acts for the client, and nothing of what it is."""

import pytest

from portal.billing.actions import returning
from portal.database import fetch
from portal.invoices.actions import issuing, running
from portal.letters.tables import Delivery
from portal.practice import switches
from tasks.actors import email
from tests.billing.desk import taken
from tests.billing.factories import a_payment, an_encounter
from tests.cast import Cast
from tests.factories import TEST, a_client, a_grant, an_account
from tests.invoices.test_runs import last_month, work
from tests.letters.test_letters import page_of, text_of
from tests.schedule.steps import staff
from tests.tasks.post import work_through

BOTH = [("guardian@example.com", 1), ("maya@example.com", 1)]


async def letters(kind: str) -> list[tuple[str, int]]:
    await work_through("announce")
    rows = await fetch(
        "SELECT address, count(*) AS many FROM delivery WHERE kind = {} GROUP BY address ORDER BY address", kind
    )
    return [(row["address"], row["many"]) for row in rows]


async def test_whoever_acts_for_the_client_hears_of_an_invoice_once(cast: Cast):
    """The client, and a guardian who may only see the account; not whose grant has ended, and no stranger."""
    first, second = await an_encounter(cast.client), await an_encounter(cast.client, days_ago=9)
    assert first and second
    for line in (1, 2):
        await issuing.issue(staff(cast, "biller"), cast.client.id, [line])
    assert await letters("invoice-waiting") == BOTH


async def test_a_run_writes_one_letter_for_each_client(cast: Cast):
    await an_encounter(cast.client, days_ago=70)
    await an_encounter(cast.client, days_ago=80)
    await an_encounter(cast.other, days_ago=70, clinician_id=cast.client.principal_clinician)
    await running.start(TEST, last_month())
    await work()
    assert await letters("invoice-waiting") == [BOTH[0], ("jonah@example.com", 1), BOTH[1]]


async def test_the_desk_takes_a_payment_and_the_receipt_waits(cast: Cast):
    await taken(await cast.browser("front_desk"), cast)
    assert await letters("receipt-waiting") == BOTH
    await fetch("DELETE FROM delivery")


async def test_who_has_no_account_here_gets_no_letter(cast: Cast):
    nobody = await a_client("Paper", "Only", email="paper@example.com")
    await a_payment(nobody, 100, viewer=staff(cast, "front_desk"))
    assert await letters("receipt-waiting") == []


@pytest.mark.parametrize("kind", ["invoice-waiting", "receipt-waiting"])
async def test_what_was_brought_along_from_elsewhere_is_no_news(cast: Cast, kind: str):
    await an_encounter(cast.client)
    await issuing.issue(TEST, cast.client.id)
    await a_payment(cast.client, 100)
    assert await letters(kind) == []


async def test_where_clients_do_not_see_their_account_nobody_is_told_of_it(cast: Cast):
    await switches.turn(TEST, "billing.account", "no")
    await an_encounter(cast.client)
    await issuing.issue(staff(cast, "biller"), cast.client.id)
    await taken(await cast.browser("front_desk"), cast)
    assert await letters("invoice-waiting") == await letters("receipt-waiting") == []


async def test_no_letter_is_written_for_a_void_and_none_sent_for_what_is_void_by_then(cast: Cast):
    await an_encounter(cast.client)
    biller = staff(cast, "biller")
    invoice = await issuing.issue(biller, cast.client.id)
    payment = await a_payment(cast.client, 100, viewer=biller)
    await work_through("announce")
    await issuing.void(biller, invoice, "Wrong day")
    await returning.reverse(biller, payment, "Wrong client")
    await work_through("announce")
    kinds = await fetch("SELECT DISTINCT kind FROM delivery ORDER BY kind")
    assert [row["kind"] for row in kinds] == ["invoice-waiting", "receipt-waiting"]
    await work_through("deliver")
    states = await fetch("SELECT DISTINCT state FROM delivery")
    assert [row["state"] for row in states] == ["dropped"]


async def test_a_letter_names_nothing_and_speaks_the_language_of_its_reader(cast: Cast):
    account = await an_account("luz@example.com", name="Luz Prado", language="es")
    await a_grant(account, cast.client, kind="guardian", areas=["billing"])
    await an_encounter(cast.client)
    await issuing.issue(staff(cast, "biller"), cast.client.id)
    await taken(await cast.browser("front_desk"), cast, amount="37.50")
    await work_through("announce")
    rows = await Delivery.objects().order_by(Delivery.id)
    assert len(rows) == 6
    for row in rows:
        message = await email.written(row)
        assert message is not None
        told = f"{message['Subject']} {text_of(message)} {page_of(message)}"
        for secret in ("37.50", "150.00", "Maya", "Counseling", "Okafor", "F41"):
            assert secret not in told
        assert f"/clients/{cast.client.id}/account" in told
        assert ("Algo le espera" in told or "Le espera un recibo" in told) == (row.language == "es")
