"""AutoPay is turned off by staff whom the client has asked: off and never on, and the client is written to."""

import pytest

from portal import clock
from portal.access import NotFoundException, Role, Viewer
from portal.audit import AuditRow
from portal.autopay.actions import agreeing
from portal.letters.tables import Delivery
from tasks.actors import email
from tests.letters.test_letters import text_of
from tests.payments.test_autopay import NEAR, WORDS, dues, here, on, through, told
from tests.tasks.post import work_through

__all__ = ["on"]


def url(desk) -> str:
    return f"/staff/clients/{desk.client}/account/autopay/end"


async def letters() -> list[Delivery]:
    await work_through("announce")
    return await Delivery.objects().where(Delivery.kind == "autopay-off")


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_a_biller_turns_it_off_and_nothing_is_charged_by_itself_any_more(on, htmx):
    with clock.shifted(**NEAR):
        await told()
        biller = await on.cast.browser("biller", htmx=htmx)
        cards = await biller.get(f"/staff/clients/{on.client}/account/cards")
        assert url(on) in cards.links()
        page = await biller.get(url(on))
        assert page.heading == "Turn AutoPay off?" and "$200.00" in page.text
        page = await biller.press(page, url(on))
        assert htmx or "AutoPay is off. The client is written to." in page.text
        assert url(on) not in (await biller.get(f"/staff/clients/{on.client}/account/cards")).links()
        assert "only they can turn it on" in (await biller.get(url(on))).text
        await through()
    assert [one["state"] for one in await dues()] == ["off"] and await on.payments() == []
    client = await on.cast.browser("client")
    assert "Agree and turn AutoPay on" in (await client.get(here(on))).text


async def test_it_is_in_the_audit_with_who_did_it_and_the_client_is_written_to_once(on):
    biller = on.cast.accounts["biller"]
    viewer = Viewer(account_id=biller.id, staff_id=biller.staff_member, role=Role.BILLER)
    for _ in range(2):
        await agreeing.turn_off(viewer, on.client)
    (row,) = await AuditRow.objects().where(AuditRow.act == "autopay.turned_off")
    assert (row.account_id, row.client_id) == (biller.id, on.client)
    found = await letters()
    assert {one.address for one in found} == {"maya@example.com", "guardian@example.com"} and len(found) == 2
    text = " ".join(text_of(await email.written(found[0])).split())
    assert "Our office has turned AutoPay off for you." in text and "If nobody asked for this" in text


async def test_the_client_who_does_it_themselves_needs_no_letter(on):
    await agreeing.end(on.viewer, on.client)
    assert await letters() == []


async def test_who_has_turned_it_on_again_is_not_told_that_it_is_off(on):
    biller = on.cast.accounts["biller"]
    viewer = Viewer(account_id=biller.id, staff_id=biller.staff_member, role=Role.BILLER)
    await agreeing.turn_off(viewer, on.client)
    await agreeing.agree(on.viewer, on.client, 20000, WORDS)
    assert await letters() == []


async def test_only_who_may_charge_cards_turns_it_off_and_nobody_of_the_staff_turns_it_on(on):
    for part in ("front_desk", "clinician", "supervisor", "auditor", "client", "stranger"):
        browser = await on.cast.browser(part)
        assert (await browser.get(url(on))).status == 404 and (await browser.post(url(on))).status == 404
        if part == "front_desk":
            assert url(on) not in (await browser.get(f"/staff/clients/{on.client}/account/cards")).links()
    front = on.cast.accounts["front_desk"]
    with pytest.raises(NotFoundException):
        await agreeing.turn_off(Viewer(staff_id=front.staff_member, role=Role.FRONT_DESK), on.client)
    for part in ("biller", "administrator"):
        browser = await on.cast.browser(part)
        assert (await browser.post(here(on), most="200.00")).status == 404
    assert (await (await on.cast.browser("biller")).get("/staff/clients/999999/account/autopay/end")).status == 404
