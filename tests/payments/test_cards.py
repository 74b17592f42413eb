"""Cards on file: added once, kept with what was agreed to, updated, preferred and let go; and not by strangers."""

import asyncio
import re
from uuid import uuid4

import httpx
import pytest

from portal import clock
from portal.database import fetch
from portal.payments.actions import keeping, minding_setups, setting_up
from portal.payments.facts import Setup
from portal.practice import switches
from portal.refusal import Refused
from portal.settings import settings
from tests.factories import TEST
from tests.payments.factories import CONSENT
from tests.tasks.post import work_through

PORTAL = setting_up.PORTAL
ADDRESS = {
    "line1": "12 Quiet Harbor Way", "line2": "Apt 3", "city": "Annapolis", "state": "md", "postal_code": "94107",
}  # fmt: skip


def here(desk, rest: str = "") -> str:
    return f"/clients/{desk.client}/account/cards{rest}"


async def put(desk, card: str = "visa", *, public=None, token=None, first: bool = False):
    token = desk.token(card) if token is None else token
    return await setting_up.put_on_file(
        desk.viewer, desk.client, public or uuid4(), token, makes_default=first, consent=CONSENT
    )


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
async def browser(desk, request):
    return await desk.cast.browser("client", htmx=request.param)


@pytest.fixture
async def phone(desk):
    return await desk.cast.browser("client")


async def test_a_card_is_put_on_file_without_a_payment(desk):
    row = await put(desk)
    (card,) = await desk.cards()
    assert (row.state, row.card) == ("succeeded", card["id"])
    assert (card["brand"], card["last4"], card["is_default"], card["consent"]) == ("visa", "4242", True, CONSENT)
    assert card["added_by"] == desk.viewer.account_id and await desk.payments() == []
    acts = [
        one["act"] for one in await fetch("SELECT act FROM audit_row WHERE client_id = {} ORDER BY id", desk.client)
    ]
    assert acts[-3:] == ["card_setup.begun", "card.kept", "card_setup.succeeded"]


async def test_the_same_form_twenty_times_at_once_is_one_card(desk):
    public, token = uuid4(), desk.token()
    told = await asyncio.gather(*(put(desk, public=public, token=token) for _ in range(20)))
    assert {row.id for row in told} == {told[0].id}
    await setting_up.go_on(PORTAL, told[0].id)
    assert len(await desk.cards()) == 1 and len(await fetch("SELECT id FROM card_setup")) == 1
    asked = [one for one in desk.stripe.requests() if one["path"] == "/v1/setup_intents" and str(public) in one["body"]]
    assert {one["key"] for one in asked} == {f"setup:{public}"}


async def test_what_another_client_began_is_not_there(desk):
    public = uuid4()
    await fetch(
        "INSERT INTO card_setup (public, client, state, token, makes_default, consent, next_url, code, made_at)"
        " VALUES ({}, {}, 'action', '', false, '', 'https://bank.example', '', now())",
        public, desk.cast.other.id,
    )  # fmt: skip
    phone = await desk.cast.browser("client")
    for path in ("", "/return"):
        assert (await phone.get(here(desk, f"/setups/{public}{path}"))).status == 404
    assert (await phone.post(here(desk, f"/setups/{public}/cancellation"))).status == 404
    assert (await phone.post(here(desk), key=str(public), language="en")).status == 404


@pytest.mark.parametrize(
    ("card", "code", "words"),
    [
        ("visa_chargeDeclined", "generic_decline", "The bank declined this card and did not say why"),
        ("chargeDeclinedExpiredCard", "expired_card", "This card has expired"),
        ("chargeDeclinedIncorrectCvc", "incorrect_cvc", "The security code does not match"),
    ],
)
async def test_a_decline_says_why_and_the_form_may_be_sent_again(desk, phone, card, code, words):
    page = await phone.get(here(desk, "/new"))
    said = await phone.press(page, here(desk), {"ctoken": desk.token(card)})
    assert said.status == 422 and words in said.errors[""]
    (row,) = await fetch("SELECT state, code FROM card_setup")
    assert (row["state"], row["code"]) == ("declined", code) and await desk.cards() == []
    assert said.value("key") != page.value("key")
    assert (await phone.press(said, here(desk), {"ctoken": desk.token()})).path == here(desk)
    assert len(await desk.cards()) == 1


async def test_whoever_tries_one_card_after_the_other_must_wait(desk, phone):
    """As thieves do, to see which of them work."""
    for _ in range(5):
        page = await phone.get(here(desk, "/new"))
        assert (await phone.press(page, here(desk), {"ctoken": desk.token("chargeDeclined")})).status == 422
    before = len(desk.stripe.requests())
    page = await phone.get(here(desk, "/new"))
    said = await phone.press(page, here(desk), {"ctoken": "ctoken_never_asked"})
    assert said.status == 429 and "Too many tries" in said.errors[""] and int(said.headers["retry-after"]) > 0
    assert len(desk.stripe.requests()) == before and "Content-Security-Policy" in said.headers


async def test_the_bank_asks_before_the_card_is_kept(desk, phone):
    page = await phone.get(here(desk, "/new"))
    asks = await phone.press(page, here(desk), {"ctoken": desk.token("authenticationRequired")})
    (row,) = await fetch("SELECT * FROM card_setup")
    assert asks.path == here(desk, f"/setups/{row['public']}") and "Confirm with your bank" in asks.words
    assert row["next_url"] in asks.links() and await desk.cards() == []
    back = await phone.get(here(desk, f"/setups/{row['public']}/return"))
    assert "Confirm with your bank" in back.words, "the address alone says nothing"
    desk.stripe.authenticate(row["intent"])
    back = await phone.get(here(desk, f"/setups/{row['public']}/return?redirect_status=failed"))
    assert back.path == here(desk) and "The card is on file." in back.words
    assert len(await desk.cards()) == 1
    again = await phone.get(here(desk, f"/setups/{row['public']}"))
    assert again.path == here(desk) and len(await desk.cards()) == 1


async def test_the_bank_says_no(desk, phone):
    row = await put(desk, "authenticationRequired")
    desk.stripe.authenticate(row.intent, completes=False)
    said = await phone.get(here(desk, f"/setups/{row.public}/return"))
    assert "The card was not saved" in said.words and "could not confirm that it was you" in said.words
    assert await desk.cards() == []


async def test_a_card_that_waits_for_the_bank_is_given_up(desk, phone):
    row = await put(desk, "authenticationRequired")
    page = await phone.get(here(desk, f"/setups/{row.public}"))
    said = await phone.press(page, here(desk, f"/setups/{row.public}/cancellation"))
    assert "No card was saved." in said.words
    assert (await setting_up.go_on(PORTAL, row.id)).state == "cancelled" and await desk.cards() == []
    assert desk.found(f"setup_intents/{row.intent}")["status"] == "canceled"


async def test_without_scripts_it_is_typed_on_stripes_own_page(desk, phone):
    page = await phone.get(here(desk, "/new"))
    key = page.value("key")
    away = await phone.post(here(desk), key=key, language="en", follow=False)
    (row,) = await fetch("SELECT * FROM card_setup")
    assert away.status == 303 and away.headers["location"] == row["next_url"] and row["next_url"].startswith("http")
    not_yet = await phone.get(here(desk, f"/setups/{key}/return"))
    assert "Enter the card on Stripe's page" in not_yet.words and row["next_url"] in not_yet.links()
    desk.stripe.check_out(row["session"])
    back = await phone.get(here(desk, f"/setups/{key}/return"))
    assert back.path == here(desk) and [one["last4"] for one in await desk.cards()] == ["4242"]


async def test_a_card_that_is_declined_on_stripes_own_page_may_be_followed_by_another(desk, phone):
    """Stripe tells of the first in an event, and its page stays open."""
    from portal.payments import gateway

    row = await put(desk, token="")
    intent = (await gateway.page(row.session)).subject
    found = gateway.Setup(intent, "requires_payment_method", str(row.public), "generic_decline")
    assert (await setting_up.settle_setup(PORTAL, row.id, found)).state == "action"
    desk.stripe.check_out(row.session)
    back = await phone.get(here(desk, f"/setups/{row.public}/return"))
    assert back.path == here(desk) and len(await desk.cards()) == 1


@pytest.mark.parametrize("fault", ["answer_lost", "reset"])
async def test_no_answer_is_no_failure_and_the_errand_goes_on_from_the_row(desk, phone, fault):
    desk.stripe.fault(fault, path="/v1/setup_intents", times=2)
    page = await phone.get(here(desk, "/new"))
    said = await phone.press(page, here(desk), {"ctoken": desk.token()})
    assert "We are checking" in said.words and await desk.cards() == []
    errands = await fetch("SELECT subject_id, due_at > now() AS later FROM errand WHERE actor = 'put_on_file'")
    (row,) = await fetch("SELECT id FROM card_setup")
    assert errands == [{"subject_id": row["id"], "later": True}]
    with clock.shifted(seconds=90):
        await work_through("put_on_file")
    assert len(await desk.cards()) == 1


async def test_after_a_day_it_is_looked_for_and_not_asked_again(desk):
    desk.stripe.fault("answer_lost", path="/v1/setup_intents", times=2)
    row = await put(desk)
    assert row.state == "submitting"
    before = len(desk.stripe.requests())
    with clock.shifted(seconds=24 * 3600):
        row = await setting_up.go_on(PORTAL, row.id)
    assert row.state == "succeeded" and len(await desk.cards()) == 1
    assert all(one["method"] == "GET" for one in desk.stripe.requests()[before:])


async def test_an_error_that_stripe_keeps_is_not_asked_for_ever(desk):
    desk.stripe.fault("500", path="/v1/setup_intents")
    row = await put(desk)
    with clock.shifted(seconds=600):
        assert (await setting_up.go_on(PORTAL, row.id)).state == "submitting"
    with clock.shifted(seconds=4000):
        row = await setting_up.go_on(PORTAL, row.id)
    assert (row.state, row.code) == ("failed", "never_arrived")
    said = await (await desk.cast.browser("client")).get(here(desk, f"/setups/{row.public}"))
    assert "The card service did not take this card" in said.words


async def test_pages_that_nobody_came_back_from_are_closed_after_an_hour(desk):
    hosted, asked = await put(desk, token=""), await put(desk, "authenticationRequired")
    assert await minding_setups.mind(PORTAL, hosted.id) is not None
    with clock.shifted(seconds=3700):
        assert await minding_setups.mind(PORTAL, hosted.id) is None
        assert await minding_setups.mind(PORTAL, asked.id) is None
    assert {row["state"] for row in await fetch("SELECT state FROM card_setup")} == {"cancelled"}


async def test_what_arrives_late_takes_no_card_away(desk):

    row = await put(desk)
    for status in ("requires_action", "requires_payment_method", "canceled"):
        found = Setup(row.intent, status, str(row.public))
        assert (await setting_up.settle_setup(PORTAL, row.id, found)).state == "succeeded"
    assert len(await desk.cards()) == 1


async def test_what_was_agreed_to_is_kept_word_for_word_in_the_language_it_was_read_in(desk, phone):
    page = await phone.get(here(desk, "/new"))
    shown = page.soup.find(id="agreed").get_text()
    assert "Harbor Lane Counseling" in shown and page.soup.find("button", attrs={"aria-describedby": "agreed"})
    phone.http.cookies.set("portal-language", "es", domain="portal.test")
    await phone.post("/language", language="es", next="/")
    await phone.press(page, here(desk), {"ctoken": desk.token()})
    (card,) = await desk.cards()
    assert card["consent"] == shown
    spanish = await phone.get(here(desk, "/new"))
    said = spanish.soup.find(id="agreed").get_text()
    assert said != shown and "Harbor Lane Counseling" in said
    await phone.press(spanish, here(desk), {"ctoken": desk.token("mastercard")})
    assert (await desk.cards())[1]["consent"] == said


async def test_the_first_card_is_the_default_and_another_becomes_it_when_asked(desk, browser):
    page = await browser.get(here(desk, "/new"))
    assert page.soup.find(attrs={"name": "first"}) is None, "the first is the default, there is nothing to choose"
    await put(desk)
    page = await browser.get(here(desk, "/new"))
    assert page.soup.find(attrs={"name": "first"}) is not None
    await put(desk, "mastercard")
    await put(desk, "amex", first=True)
    assert [one["brand"] for one in await desk.cards()] == ["amex", "visa", "mastercard"]
    page = await browser.get(here(desk))
    assert page.pills() == ["Default"] and "American Express ending in 0005" in page.words
    visa = (await desk.cards())[1]["id"]
    said = await browser.press(page, here(desk, f"/{visa}/default"))
    assert "This card is now the default." in said.words
    assert (await desk.cards())[0]["id"] == visa
    await work_through("mind_cards")
    assert desk.stripe_default() == (await desk.cards())[0]["method"]


async def test_removing_asks_first_and_says_what_becomes_of_the_rest(desk, browser):
    await put(desk)
    await put(desk, "mastercard")
    visa, mastercard = await desk.cards()
    asks = await browser.get(here(desk, f"/{visa['id']}/removal"))
    assert "Remove this card?" in asks.words and "Mastercard ending in 4444 becomes the default" in asks.words
    assert len(await desk.cards()) == 2, "looking removes nothing"
    await browser.press(asks, here(desk, f"/{visa['id']}/removal"))
    (left,) = await desk.cards()
    assert left["id"] == mastercard["id"] and left["is_default"]
    await work_through("mind_cards")
    assert desk.found(f"payment_methods/{visa['method']}")["customer"] is None
    assert desk.found(f"payment_methods/{mastercard['method']}")["customer"] is not None
    for path in ("", "/removal"):
        assert (await browser.get(here(desk, f"/{visa['id']}{path}"))).status == 404


async def test_the_card_is_updated_where_stripe_keeps_it(desk, browser):
    await put(desk)
    (card,) = await desk.cards()
    page = await browser.get(here(desk, f"/{card['id']}"))
    assert page.soup.find("option", selected=True)["value"] == str(card["exp_month"])
    year = str(clock.now().year + 5)
    typed = {"exp_month": "3", "exp_year": year, "holder": "Maya Reyes", **ADDRESS}
    assert page.soup.select_one("#country option[selected]")["value"] == "US", "where it was not said yet"
    await browser.press(page, here(desk, f"/{card['id']}"), typed)
    found = desk.found(f"payment_methods/{card['method']}")
    assert (found["card"]["exp_month"], found["card"]["exp_year"]) == (3, int(year))
    assert found["billing_details"]["name"] == "Maya Reyes"
    assert found["billing_details"]["address"] == ADDRESS | {"country": "US", "state": "MD"}
    (after,) = await desk.cards()
    assert (after["exp_month"], after["exp_year"], after["holder"]) == (3, int(year), "Maya Reyes")


async def test_the_billing_address_is_stripes_alone_and_read_back_from_there(desk, browser):
    await put(desk)
    (card,) = await desk.cards()
    page = await browser.get(here(desk, f"/{card['id']}"))
    await browser.press(page, here(desk, f"/{card['id']}"), {"holder": "Maya Reyes", **ADDRESS})
    for table in await fetch("SELECT tablename AS name FROM pg_tables WHERE schemaname = 'public'"):
        rows = await fetch(f'SELECT t::text AS row FROM "{table["name"]}" AS t')
        assert not [one for one in rows if "Quiet Harbor" in one["row"] or "94107" in one["row"]], table
    page = await browser.get(here(desk, f"/{card['id']}"))
    assert {name: page.value(name) for name in ADDRESS} == ADDRESS | {"state": "MD"}
    assert page.value("holder") == "Maya Reyes"
    empty = dict.fromkeys(("holder", *ADDRESS), "")
    await browser.press(page, here(desk, f"/{card['id']}"), empty)
    details = desk.found(f"payment_methods/{card['method']}")["billing_details"]
    assert details["name"] is None and set(details["address"].values()) == {None}


async def test_an_address_that_was_typed_too_long_ago_is_typed_again_and_not_kept(desk, browser):
    """As any other form is: here nothing of it is kept, not even sealed and for a day."""
    await put(desk)
    (card,) = await desk.cards()
    page = await browser.get(here(desk, f"/{card['id']}"))
    await fetch("UPDATE session SET seen_at = now() - interval '1 day'")
    gone = await browser.http.post(
        page.path,
        data={"_csrf_token": browser.token, **ADDRESS},
        headers={"Origin": settings().origin, **browser.headers},
    )
    where = gone.headers.get("hx-redirect") or gone.headers["location"]
    assert gone.status_code in (303, 401) and "kept-post" not in where
    assert await fetch("SELECT id FROM kept_post") == []


async def test_an_address_elsewhere_in_the_world_needs_no_state(desk, browser):
    await put(desk)
    (card,) = await desk.cards()
    page = await browser.get(here(desk, f"/{card['id']}"))
    typed = {"country": "IE", "line1": "4 Quay Street", "line2": "", "city": "Galway", "state": "", "postal_code": ""}
    assert (await browser.press(page, here(desk, f"/{card['id']}"), typed)).status == 200
    page = await browser.get(here(desk, f"/{card['id']}"))
    assert page.soup.select_one("#country option[selected]").get_text() == "Ireland"
    told = desk.found(f"payment_methods/{card['method']}")["billing_details"]["address"]
    assert (told["country"], told["line1"], told["state"]) == ("IE", "4 Quay Street", None)


@pytest.mark.parametrize(
    ("typed", "fields"),
    [
        ({"line1": "1 Main Street"}, {"city", "state", "postal_code"}),
        ({"city": "Annapolis", "country": "FR"}, {"line1"}),
        ({"state": "Maryland"}, {"line1", "city", "state", "postal_code"}),
        ({"postal_code": "2140"}, {"postal_code"}),
        ({"country": "ZZ"}, {"country"}),
        ({"country": ""}, {"country"}),
        ({"line2": "4242 4242 4242 4242"}, {"line1", "line2", "city", "state", "postal_code"}),
        ({"line1": "x" * 121, "city": "y" * 81}, {"line1", "city", "state", "postal_code"}),
    ],
)
async def test_a_part_of_an_address_is_refused_beside_its_fields(desk, phone, typed, fields):
    await put(desk)
    (card,) = await desk.cards()
    page = await phone.get(here(desk, f"/{card['id']}"))
    before = len(desk.stripe.requests())
    said = await phone.press(page, here(desk, f"/{card['id']}"), typed)
    assert said.status == 422 and set(said.errors) == fields
    assert all(said.value(name) == value for name, value in typed.items() if name != "country")
    assert len(desk.stripe.requests()) == before


async def test_a_zip_code_alone_is_enough(desk, phone):
    await put(desk)
    (card,) = await desk.cards()
    page = await phone.get(here(desk, f"/{card['id']}"))
    await phone.press(page, here(desk, f"/{card['id']}"), postal_code="21401")
    address = desk.found(f"payment_methods/{card['method']}")["billing_details"]["address"]
    assert (address["postal_code"], address["country"], address["line1"]) == ("21401", "US", None)


async def test_a_date_that_has_passed_and_what_is_no_date_are_refused_with_all_that_was_typed(desk, browser):
    await put(desk)
    (card,) = await desk.cards()
    page = await browser.get(here(desk, f"/{card['id']}"))
    typed = {"exp_month": "13", "exp_year": "1999", "holder": "M" * 121, "postal_code": "21401"}
    said = await browser.press(page, here(desk, f"/{card['id']}"), typed)
    assert said.status == 422 and set(said.errors) == {"exp_month", "exp_year", "holder"}
    assert said.value("postal_code") == "21401"
    if clock.now().month > 1:
        typed = {"exp_month": "1", "exp_year": str(clock.now().year), "holder": "", "postal_code": ""}
        said = await browser.press(page, here(desk, f"/{card['id']}"), typed)
        assert said.status == 422 and set(said.errors) == {"exp_month"}


async def test_where_stripe_does_not_answer_nothing_is_updated(desk, phone):
    await put(desk)
    (card,) = await desk.cards()
    page = await phone.get(here(desk, f"/{card['id']}"))
    desk.stripe.fault("reset", path="/v1/payment_methods/.*", times=4)
    said = await phone.press(page, here(desk, f"/{card['id']}"), holder="Somebody", **ADDRESS)
    assert said.status == 422 and "Nothing was changed" in said.errors[""]
    assert said.value("line1") == ADDRESS["line1"] and (await desk.cards())[0]["holder"] == ""


async def test_an_address_that_stripe_does_not_tell_is_not_written_over_with_nothing(desk, browser):
    """There is no form then, which would send empty fields."""
    await put(desk)
    (card,) = await desk.cards()
    desk.stripe.fault("reset", path="/v1/payment_methods/.*", method="GET", times=2)
    page = await browser.get(here(desk, f"/{card['id']}"))
    assert "The card service does not answer. Nothing was changed." in page.words
    assert not page.soup.select("#kept_card form") and here(desk, f"/{card['id']}") in page.links()
    assert (await browser.get(here(desk, f"/{card['id']}"))).soup.select("#kept_card form")


@pytest.mark.parametrize(("months", "pill"), [(-1, "Expired"), (0, "Expires soon"), (1, "Expires soon"), (2, "")])
async def test_what_is_to_be_said_of_an_expiry_is_said_in_words(desk, phone, months, pill):
    await put(desk)
    today = clock.today("America/New_York")
    whole = today.year * 12 + today.month - 1 + months
    await fetch("UPDATE payment_card SET exp_year = {}, exp_month = {}", whole // 12, whole % 12 + 1)
    assert (await phone.get(here(desk))).pills() == ["Default", *([pill] if pill else [])]


async def test_where_the_practice_keeps_no_cards_they_can_only_be_removed(desk, phone):
    await put(desk)
    (card,) = await desk.cards()
    await switches.turn(TEST, "payments.cards", "no")
    page = await phone.get(here(desk))
    assert "These can only be removed" in page.words
    assert [one for one in page.links() if "/cards/" in one] == [here(desk, f"/{card['id']}/removal")]
    for path in ("/new", f"/{card['id']}"):
        assert (await phone.get(here(desk, path))).status == 404
    assert (await phone.post(here(desk), key=str(uuid4()))).status == 404
    assert (await phone.post(here(desk, f"/{card['id']}/default"))).status == 404
    asks = await phone.get(here(desk, f"/{card['id']}/removal"))
    gone = await phone.press(asks, here(desk, f"/{card['id']}/removal"))
    assert gone.path == f"/clients/{desk.client}/account" and await desk.cards() == []
    assert (await phone.get(here(desk))).status == 404


async def test_cards_of_others_are_not_there(desk, phone):
    """By the ids of another client's card, in one's own address."""
    await put(desk)
    (card,) = await desk.cards()
    stranger = await desk.cast.browser("stranger")
    theirs = f"/clients/{desk.cast.other.id}/account/cards/{card['id']}"
    for path in ("", "/removal"):
        assert (await stranger.get(theirs + path)).status == 404
    for path in ("", "/default", "/removal"):
        assert (await stranger.post(theirs + path, exp_month="1", exp_year="2040")).status == 404
    for who in ("stranger", "ended", "clinician", "biller", "administrator"):
        browser = await desk.cast.browser(who)
        for path in ("", "/new", f"/{card['id']}", f"/{card['id']}/removal"):
            assert (await browser.get(here(desk, path))).status == 404, (who, path)
    assert len(await desk.cards()) == 1
    nobody = await desk.cast.browser("signed out")
    assert (await nobody.get(here(desk), follow=False)).status in (303, 401)


async def test_a_guardian_without_the_area_sees_no_cards(desk):
    await fetch("UPDATE access_grant SET areas = '{{messages}}' WHERE kind = 'guardian'")
    guardian = await desk.cast.browser("guardian")
    assert (await guardian.get(here(desk))).status == 404
    await fetch("UPDATE access_grant SET areas = '{{billing}}' WHERE kind = 'guardian' AND ends_at IS NULL")
    assert (await guardian.get(here(desk))).status == 200


async def test_only_the_page_with_the_fields_lets_stripe_in(desk, phone):
    add, others = await phone.get(here(desk, "/new")), [await phone.get(here(desk))]
    await put(desk)
    others += [await phone.get(here(desk, f"/{(await desk.cards())[0]['id']}{path}")) for path in ("", "/removal")]
    policy = add.headers["content-security-policy"]
    assert f"script-src 'self' {desk.stripe.url};" in policy and f"form-action 'self' {desk.stripe.url};" in policy
    assert "'unsafe-inline'" not in policy and "'unsafe-eval'" not in policy
    assert add.headers["cross-origin-opener-policy"] == "same-origin-allow-popups"
    script = next(one["src"] for one in add.soup.find_all("script") if one["src"].startswith(desk.stripe.url))
    assert httpx.get(script).status_code == 200
    for page in others:
        assert page.status == 200 and desk.stripe.url not in page.headers["content-security-policy"]
        assert "stripe.js" not in page.text


async def test_with_stripes_own_keys_the_policy_names_stripe(monkeypatch):
    from portal.payments import policy

    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_x")
    monkeypatch.setenv("STRIPE_PUBLISHABLE_KEY", "pk_test_x")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_x")
    settings.cache_clear()
    try:
        said = policy.where_cards_are_typed()["Content-Security-Policy"]
        assert policy.script().startswith("https://js.stripe.com/")
    finally:
        monkeypatch.undo()
        settings.cache_clear()
    assert "connect-src 'self' https://api.stripe.com" in said
    assert "form-action 'self' https://checkout.stripe.com" in said
    assert "frame-src https://js.stripe.com https://*.js.stripe.com https://hooks.stripe.com" in said


async def test_no_number_of_a_card_is_anywhere_in_the_database(desk, phone):
    page = await phone.get(here(desk, "/new"))
    await phone.press(page, here(desk), {"ctoken": desk.token()})
    for table in ("payment_card", "card_setup", "stripe_customer", "audit_row", "event", "errand"):
        rows = await fetch(f"SELECT t::text AS row FROM {table} AS t")
        assert not [one for one in rows if re.search(r"4242\s?4242", one["row"])]


async def test_a_refusal_of_who_acts_no_more_changes_nothing(desk):
    from portal.access import NotFoundException, Viewer

    await put(desk)
    (card,) = await desk.cards()
    for viewer in (Viewer.nobody(), Viewer(account_id=1)):
        for act in (keeping.prefer(viewer, desk.client, card["id"]), keeping.remove(viewer, desk.client, card["id"])):
            with pytest.raises(NotFoundException):
                await act
        with pytest.raises((NotFoundException, Refused)):
            await setting_up.put_on_file(viewer, desk.client, uuid4(), "", makes_default=False, consent=CONSENT)
    assert len(await desk.cards()) == 1
