"""A paper belongs to its subject: made when that changes, and in the languages of those who may read it."""

import asyncio
from hashlib import sha256

import pytest

from portal import clock, storage
from portal.accounts.tables import Account
from portal.billing.actions import charging
from portal.database import fetch, transaction
from portal.invoices.actions import issuing
from portal.papers import actions as papers
from portal.papers import controllers, issued
from portal.papers.issued import Subject
from tasks.actors import papers as printer
from tests.billing.factories import SESSION, a_draft, a_payment, a_site, an_encounter
from tests.factories import TEST
from tests.invoices.steps import a_whole_practice, paper, settle
from tests.tasks.post import work_through


@pytest.fixture(autouse=True)
def nobody_waits(monkeypatch):
    """No worker runs beside these tests."""
    monkeypatch.setattr(controllers, "PATIENCE", 0.0)


@pytest.fixture
def rendered(monkeypatch):
    """How often the press was asked; what it makes is real."""
    asked, really = [], printer.printed

    async def counted(html: str) -> bytes:
        asked.append(html)
        return await really(html)

    monkeypatch.setattr(printer, "printed", counted)
    return asked


async def an_invoice(cast) -> int:
    await an_encounter(cast.client)
    return await issuing.issue(TEST, cast.client.id)


def address(cast, invoice: int) -> str:
    return f"/clients/{cast.client.id}/account/invoices/{invoice}/file"


async def test_an_invoice_is_made_when_it_is_issued_and_a_download_reads_the_file(cast, rendered):
    invoice = await an_invoice(cast)
    await settle()
    row = await paper("invoice", invoice)
    assert row["state"] == "ready" and len(rendered) == 1
    page = await (await cast.browser("client")).get(address(cast, invoice))
    content = page.response.content
    assert content.startswith(b"%PDF-") and sha256(content).digest() == row["sha256"] and len(content) == row["size"]
    assert page.headers["content-disposition"] == 'attachment; filename="invoice-1.pdf"'
    assert "sandbox" in page.headers["content-security-policy"] and len(rendered) == 1
    acts = await fetch("SELECT act FROM audit_row WHERE act = 'paper.fetched'")
    assert len(acts) == 1


async def test_the_same_page_keeps_its_file(cast, rendered):
    invoice = await an_invoice(cast)
    await settle()
    before = await paper("invoice", invoice)
    await issued.mark(TEST, Subject("invoice", invoice, cast.client.id))
    assert (await paper("invoice", invoice))["state"] == "waiting"
    await settle()
    after = await paper("invoice", invoice)
    assert after["key"] == before["key"] and after["state"] == "ready" and len(rendered) == 1


async def test_many_postings_are_one_render_of_each_paper(cast, rendered):
    await a_whole_practice(cast.client)
    invoice = await an_invoice(cast)
    await settle()
    asked = len(rendered)
    async with transaction():
        for _ in range(6):
            await a_payment(cast.client, 500)
    await settle()
    kinds = [html.split("<title>")[1].split("</title>")[0].split(" ")[0] for html in rendered[asked:]]
    assert sorted(kinds) == ["Invoice", *["Receipt"] * 6, "Statement"]
    assert (await paper("invoice", invoice))["state"] == "ready"


async def test_a_change_that_comes_while_it_is_made_is_not_lost(cast, monkeypatch):
    invoice, really = await an_invoice(cast), printer.printed

    async def meanwhile(html: str) -> bytes:
        monkeypatch.setattr(printer, "printed", really)
        await a_payment(cast.client, 1000)
        await work_through("announce")
        return await really(html)

    monkeypatch.setattr(printer, "printed", meanwhile)
    await settle()
    assert (await paper("invoice", invoice))["state"] == "waiting"
    await settle()
    row = await paper("invoice", invoice)
    assert row["state"] == "ready" and row["begun"] == row["wanted"] == 2


async def test_it_speaks_the_languages_of_those_who_may_read_it_and_another_when_it_is_asked_for(cast):
    await Account.update({Account.language: "es"}).where(Account.id == cast.accounts["guardian"].id)
    invoice = await an_invoice(cast)
    await settle()
    assert await paper("invoice", invoice, "en") and await paper("invoice", invoice, "es")
    await fetch("UPDATE account SET language = 'es'")
    other = await an_invoice(cast)
    await settle()
    assert await paper("invoice", other, "es") and await paper("invoice", other, "en") is None
    await Account.update({Account.language: "en"}).where(Account.id == cast.accounts["client"].id)
    browser = await cast.browser("client")
    page = await browser.get(address(cast, other))
    assert page.heading == "Your PDF is being made"
    await settle()
    assert (await browser.get(address(cast, other))).response.content.startswith(b"%PDF-")


async def test_while_it_is_made_a_page_says_so_and_gives_it_when_it_is_loaded_again(cast):
    invoice = await an_invoice(cast)
    plain, htmx = await cast.browser("client"), await cast.browser("client", htmx=True)
    page = await plain.get(address(cast, invoice))
    assert page.status == 200 and page.heading == "Your PDF is being made"
    assert page.soup.select_one("#issued a")["href"] == address(cast, invoice)
    assert page.soup.select_one("#issued")["hx-trigger"] == "every 2s"
    assert (await htmx.get(address(cast, invoice))).heading == "Your PDF is being made"
    await settle()
    assert (await htmx.get(address(cast, invoice))).heading == "Your PDF is ready"
    assert (await plain.get(address(cast, invoice))).response.content.startswith(b"%PDF-")


async def test_looking_again_by_itself_keeps_nobody_signed_in(cast):
    invoice, browser = await an_invoice(cast), await cast.browser("client", htmx=True)
    with clock.shifted(minutes=10):
        assert (await browser.get(address(cast, invoice))).status == 200
    with clock.shifted(minutes=16):
        assert (await browser.get(address(cast, invoice), follow=False)).status != 200


async def test_whoever_waits_goes_before_what_nobody_has_asked_for(cast):
    first = await an_invoice(cast)
    second = await an_invoice(cast)
    await work_through("announce")
    await (await cast.browser("client")).get(address(cast, second))
    rows = await fetch("SELECT subject_id FROM errand WHERE actor = 'issue' ORDER BY due_at LIMIT 1")
    assert rows[0]["subject_id"] == (await paper("invoice", second))["id"] and first


async def test_a_file_that_another_has_replaced_is_gone_two_days_later(cast):
    invoice = await an_invoice(cast)
    await settle()
    old = (await paper("invoice", invoice))["key"]
    await a_payment(cast.client, 1000)
    await settle()
    new = (await paper("invoice", invoice))["key"]
    assert new != old and await storage.exists(old), "for the backup that has read the row"
    with clock.shifted(days=1, hours=1):
        await papers.prune()
    assert not await storage.exists(old) and await storage.exists(new)
    assert (await paper("invoice", invoice))["key"] == new


async def test_a_superbill_is_let_go_of_when_its_encounter_is_voided(cast):
    await a_whole_practice(cast.client)
    encounter = await an_encounter(cast.client)
    await settle()
    assert (await paper("superbill", encounter))["state"] == "ready"
    browser = await cast.browser("client")
    where = f"/clients/{cast.client.id}/account/encounters/{encounter}/superbill"
    assert (await browser.get(f"{where}/file")).status == 200
    await charging.void(TEST, encounter, 1, "wrong client")
    assert (await browser.get(f"{where}/file")).status == 404 and (await browser.get(where)).status == 404
    await settle()
    assert await paper("superbill", encounter) is None


async def test_new_codes_are_a_new_superbill_with_a_number_of_its_own(cast, rendered):
    await a_whole_practice(cast.client)
    encounter = await an_encounter(cast.client)
    await settle()
    site = await a_site()
    await charging.recode(TEST, encounter, 1, a_draft(cast.client, SESSION, site_id=site.id, place_of_service="10"))
    await settle()
    assert f"Statement {encounter}-1" in rendered[0] and f"Statement {encounter}-2" in rendered[-1]


async def test_what_no_event_tells_of_is_seen_when_somebody_opens_the_page(cast):
    await a_whole_practice(cast.client)
    invoice = await an_invoice(cast)
    await settle()
    browser, where = await cast.browser("client"), address(cast, invoice).removesuffix("/file")
    await browser.get(where)
    assert (await paper("invoice", invoice))["state"] == "ready"
    await fetch("UPDATE client_address SET street = '9 New Street'")
    await browser.get(where)
    assert (await paper("invoice", invoice))["state"] == "waiting"


async def test_what_cannot_be_rendered_tells_staff_and_the_next_change_tries_again(cast, monkeypatch):
    async def unprintable(html: str) -> bytes:
        raise printer.Unprintable("too much")

    invoice, really = await an_invoice(cast), printer.printed
    monkeypatch.setattr(printer, "printed", unprintable)
    await work_through("announce")
    for _ in range(3):
        await fetch("UPDATE errand SET due_at = now() - interval '1 s' WHERE state = 'queued'")
        await work_through("issue")
    assert (await paper("invoice", invoice))["state"] == "failed"
    assert [row["kind"] for row in await fetch("SELECT kind FROM review_item")] == ["errand.dead"]
    page = await (await cast.browser("client")).get(address(cast, invoice))
    assert page.heading == "The PDF could not be made" and "has been told" in page.words
    monkeypatch.setattr(printer, "printed", really)
    await a_payment(cast.client, 1000)
    await settle()
    assert (await paper("invoice", invoice))["state"] == "ready"


async def test_a_dead_one_that_staff_send_on_again_is_made(cast, monkeypatch):
    from portal import outbox

    invoice = await an_invoice(cast)
    await work_through("announce")
    row = await paper("invoice", invoice)
    await issued.begin(TEST, row["id"])
    await issued.fail(TEST, row["id"])
    await fetch("UPDATE errand SET state = 'dead' WHERE actor = 'issue'")
    await outbox.revive((await fetch("SELECT id FROM errand WHERE actor = 'issue'"))[0]["id"])
    await work_through("issue")
    assert (await paper("invoice", invoice))["state"] == "ready"


async def test_a_lease_that_is_lost_leaves_no_file_behind(cast, monkeypatch):
    from portal.outbox import LeaseLost

    async def lost(errand):
        raise LeaseLost

    await an_invoice(cast)
    await work_through("announce")
    before = {key async for key in storage.keys_in_store()}
    monkeypatch.setattr(printer.outbox, "settle", lost)
    await work_through("issue")
    assert {key async for key in storage.keys_in_store()} == before


async def test_two_workers_at_once_make_one_file(cast):
    invoice = await an_invoice(cast)
    await work_through("announce")
    row = await paper("invoice", invoice)
    before = len({key async for key in storage.keys_in_store()})
    await issued.mark(TEST, Subject("invoice", invoice, cast.client.id))
    begun = [await issued.begin(TEST, row["id"]) for _ in range(2)]
    stored = [await storage.put(b"%PDF-1"), await storage.put(b"%PDF-2")]
    kept = await asyncio.gather(
        *(issued.finish(TEST, one, b"x", file) for one, file in zip(begun, stored, strict=True))
    )
    assert sorted(kept) == [False, True]
    await storage.delete(stored[kept.index(False)].key)
    assert len({key async for key in storage.keys_in_store()}) == before + 1
