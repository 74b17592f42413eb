"""One invoice is paid without signing in, and a stranger learns no more than practice, amount and number."""

import re

import pytest

from portal import clock
from portal.access import Role
from portal.billing.queries import owed
from portal.database import fetch
from portal.invoices.actions import issuing
from portal.paylinks import actions, queries
from portal.paylinks.tables import PayLink
from portal.refusal import Refused
from tests.billing.factories import a_payment, an_encounter
from tests.browser import Browser
from tests.factories import TEST


async def invoiced(desk) -> int:
    return await issuing.issue(TEST, desk.client)


async def a_link(desk, email: str = "") -> tuple[int, str, str]:
    """The invoice, the path of the link and the code."""
    invoice = await invoiced(desk)
    row = await PayLink.objects().get(PayLink.id == await actions.make(TEST, invoice, email))
    assert row is not None
    return invoice, f"/pay/{queries.token_of(row)}", queries.code_of(row)


async def test_whoever_has_the_link_pays_on_stripes_page_and_comes_back(desk, nobody: Browser):
    _, path, _ = await a_link(desk)
    page = await nobody.get(path)
    assert page.status == 200 and "Invoice 1" in page.heading and "$150.00" in page.words
    answer = await nobody.post(path, seen=page.value("seen"), follow=False)
    assert answer.status == 303 and answer.headers["location"].startswith(desk.stripe.url)
    (attempt,) = await fetch("SELECT * FROM payment_attempt")
    assert (attempt["source"], attempt["state"], attempt["account"]) == ("link", "action", None)
    page = await nobody.get(path)
    assert "You have begun to pay" in page.words
    desk.stripe.check_out(attempt["session"])
    page = await nobody.get(f"/pay/attempts/{attempt['public']}/return")
    assert page.path == path and "Your payment of $150.00 has arrived" in page.words
    assert desk.charged(attempt["public"]) == (1, 15000) and (await desk.balance()).to_pay == 0
    assert "Pay $" not in (await nobody.get(path)).words


async def test_nothing_of_the_client_or_the_visit_is_on_the_page(desk, nobody: Browser):
    _, path, _ = await a_link(desk)
    text = (await nobody.get(path)).text
    for secret in ("Maya", "Reyes", "15 minutes", "H0004", "F41", "Okafor", "anxiety"):
        assert secret not in text
    assert nobody.http.cookies.get("portal-session") is None


async def test_what_is_sent_to_stripe_names_nobody(desk, nobody: Browser):
    _, path, _ = await a_link(desk)
    await nobody.post(path, seen=(await nobody.get(path)).value("seen"), follow=False)
    said = " ".join(str(one) for one in desk.stripe.requests())
    assert not re.search(r"Maya|Reyes|15 minutes|H0004|maya@", said)


async def test_the_code_of_the_paper_opens_it_and_guesses_are_slowed(desk, nobody: Browser):
    _, path, code = await a_link(desk)
    assert (await nobody.post("/pay", code=code.lower().replace("-", " "))).path == path
    statuses = [(await nobody.post("/pay", code=f"WRNG-{place:04d}")).status for place in range(12)]
    assert statuses[0] == 422 and statuses[-1] == 429


async def test_a_letter_brings_the_link_to_an_address_of_the_chart_only(desk):
    invoice = await invoiced(desk)
    with pytest.raises(Refused) as refused:
        await actions.make(TEST, invoice, "else@example.com")
    assert "email" in refused.value.sentences
    await actions.make(TEST, invoice, "maya@example.com")
    assert len(await fetch("SELECT id FROM event WHERE kind = 'pay_link.made'")) == 1


async def test_a_new_link_ends_the_old_one_and_an_old_one_says_so(desk, nobody: Browser):
    invoice, path, code = await a_link(desk)
    await actions.make(TEST, invoice)
    page = await nobody.get(path)
    assert page.status == 410 and "does not work any more" in page.words and "$" not in page.words
    assert (await nobody.post("/pay", code=code)).status == 422
    assert (await nobody.post(path, seen="1:15000")).status == 404
    assert desk.stripe.ask("GET", "counters")["payment_intents"] is not None


async def test_after_sixty_days_it_opens_nothing(desk, nobody: Browser):
    _, path, _ = await a_link(desk)
    with clock.shifted(hours=24 * 61):
        assert (await nobody.get(path)).status == 410


@pytest.mark.parametrize("path", ["/pay/1-wrong", "/pay/x", "/pay/999-abc"])
async def test_a_link_that_nobody_made_is_not_there(desk, nobody: Browser, path):
    assert (await nobody.get(path)).status == 404


async def test_what_has_been_paid_meanwhile_is_not_asked_for(desk, nobody: Browser):
    _, path, _ = await a_link(desk)
    seen = (await nobody.get(path)).value("seen")
    await a_payment(desk.cast.client, 5000)
    page = await nobody.post(path, seen=seen)
    assert page.status == 422 and "The amount has changed" in page.words and "$100.00" in page.words
    await a_payment(desk.cast.client, 10000)
    assert "Nothing is left to be paid" in (await nobody.get(path)).words


async def test_it_pays_for_its_own_invoice_and_not_for_an_older_one(desk, nobody: Browser):
    older = await invoiced(desk)
    await an_encounter(desk.cast.client, days_ago=2)
    _, path, _ = await a_link(desk)
    await nobody.post(path, seen=(await nobody.get(path)).value("seen"), follow=False)
    (attempt,) = await fetch("SELECT session, public FROM payment_attempt")
    desk.stripe.check_out(attempt["session"])
    await nobody.get(f"/pay/attempts/{attempt['public']}/return")
    left = await owed.of_client(TEST, desk.client)
    assert [(one.invoice, one.client_due) for one in left] == [(1, 15000)] and older


async def test_it_is_cancelled_and_begun_again(desk, nobody: Browser):
    _, path, _ = await a_link(desk)
    for _ in range(2):
        await nobody.post(path, seen=(await nobody.get(path)).value("seen"), follow=False)
        await nobody.post(f"{path}/cancellation")
    states = [row["state"] for row in await fetch("SELECT state FROM payment_attempt ORDER BY id")]
    assert states == ["cancelled", "cancelled"]
    assert "Pay $150.00 by card" in (await nobody.get(path)).words


async def test_the_desk_makes_it_and_who_may_not_issue_does_not(desk):
    invoice = await invoiced(desk)
    path = f"/staff/invoices/{invoice}/link"
    browser = await desk.cast.browser(Role.BILLER)
    page = await browser.post(path, act="send")
    assert page.errors["email"] == "Choose where to send it"
    page = await browser.post(path, act="send", email="maya@example.com")
    assert "Sent to maya@example.com" in page.words
    page = await browser.post(path, act="print")
    assert page.soup.select_one("svg.qr") and re.search(r"[0-9A-Z]{4}-[0-9A-Z]{4}", page.words)
    await browser.post(f"{path}/end")
    assert (await browser.get(f"{path}/print")).status == 404
    for part in ("client", "stranger", "clinician", Role.AUDITOR):
        assert (await (await desk.cast.browser(part)).get(path)).status == 404


async def test_the_invoice_leads_to_it_where_there_is_something_to_pay(desk):
    invoice = await invoiced(desk)
    browser = await desk.cast.browser(Role.BILLER)
    assert f"/staff/invoices/{invoice}/link" in (await browser.get(f"/staff/invoices/{invoice}")).links()
    clinician = await desk.cast.browser("clinician")
    assert f"/staff/invoices/{invoice}/link" not in (await clinician.get(f"/staff/invoices/{invoice}")).links()
    await a_payment(desk.cast.client, 15000)
    assert f"/staff/invoices/{invoice}/link" not in (await browser.get(f"/staff/invoices/{invoice}")).links()


async def test_ended_by_staff_nothing_can_be_paid_any_more_though_the_page_was_open(desk, nobody: Browser):
    invoice, path, _ = await a_link(desk)
    await nobody.post(path, seen=(await nobody.get(path)).value("seen"), follow=False)
    await actions.end(TEST, invoice)
    page = await nobody.get(path)
    assert page.status == 410 and "does not work any more" in page.words and "Go on" not in page.words
    assert [row["state"] for row in await fetch("SELECT state FROM payment_attempt")] == ["cancelled"]
    assert desk.charged((await fetch("SELECT public FROM payment_attempt"))[0]["public"]) == (0, 0)


async def test_one_that_has_run_out_is_none_for_staff(desk):
    invoice, _, _ = await a_link(desk)
    browser = await desk.cast.browser(Role.BILLER)
    await fetch("UPDATE pay_link SET expires_at = now() - interval '1 day'")
    assert "The link that works now" not in (await browser.get(f"/staff/invoices/{invoice}/link")).words
    assert (await browser.get(f"/staff/invoices/{invoice}/link/print")).status == 404
