"""The pages in Chromium: Checkout and the bank without JavaScript, the card's fields in a page of another origin."""

import re
import sqlite3
from collections.abc import Callable, Iterator

import httpx
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, Frame, FrameLocator, Page

from stripesim import SCRIPT, cards
from tests.chromium import chromium
from tests.stripesim.test_contract import RETURN, payment

pytestmark = pytest.mark.browser
SIZES = [(390, False), (1280, True)]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def opened(browser: Browser, sim, shop) -> Iterator[Callable[..., Page]]:
    """What the console says is an error: a broken policy above all."""
    shop.stripe = sim.url
    contexts, said = [], []

    def open_one(
        *, scripts: bool = False, width: int = 390, dark: bool = False, language: str = "en-US", meant: str = "4[02]2 "
    ) -> Page:
        context = browser.new_context(
            base_url=shop.url, java_script_enabled=scripts, viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light", locale=language,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on("console", lambda one: None if re.search(meant, one.text) else said.append(one.text))
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert said == []


def type_card(place: Page | FrameLocator, number: str = "4242 4242 4242 4242", expiry: str = "12 / 34") -> None:
    place.get_by_label(re.compile("Card number|Número de tarjeta")).fill(number)
    place.get_by_label(re.compile("Expiration date|Fecha de vencimiento")).fill(expiry)
    place.get_by_label(re.compile("Security code|Código de seguridad")).fill("123")
    place.get_by_label(re.compile("ZIP|Código postal")).fill("02139")
    if isinstance(place, Page):
        place.get_by_label(re.compile("Name on card|Nombre en la tarjeta")).fill("Maya Reyes")


def a_page(ours, shop, **more):
    customer = ours.v1.customers.create({})
    price = {"currency": "usd", "unit_amount": 12050, "product_data": {"name": "Payment to Harbor Lane"}}
    said = {
        "mode": "payment",
        "customer": customer.id,
        "line_items": [{"price_data": price, "quantity": 1}],
        "success_url": shop.url + "/return?s={CHECKOUT_SESSION_ID}",
        "cancel_url": shop.url + "/account",
    }
    return ours.v1.checkout.sessions.create(said | more)


def a_set_up(ours, shop, **more):
    return a_page(ours, shop, mode="setup", currency="usd", line_items=[], **more)


def findings(place: Page | Frame) -> list:
    place.wait_for_load_state()
    wide = place.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, "scrolls sideways"
    return Axe().run(place, options={"iframes": False}).response["violations"]


# Checkout


def test_checkout_is_paid_without_javascript_and_keeps_the_card(opened, ours, shop):
    session = a_page(
        ours, shop, payment_intent_data={"metadata": {"attempt": "9"}, "setup_future_usage": "off_session"}
    )
    page = opened()
    page.goto(session.url)
    words = page.locator("main").inner_text()
    assert "TEST MODE" in page.locator("header").inner_text() and "$120.50" in words
    assert "allow the practice to charge this card for later payments" in words
    type_card(page)
    page.get_by_role("button", name="Pay $120.50").click()
    assert page.url == f"{shop.url}/return?s={session.id}"
    done = ours.v1.checkout.sessions.retrieve(session.id, {"expand": ["payment_intent", "line_items"]})
    assert (done.status, done.payment_status, done.url) == ("complete", "paid", None)
    assert done.payment_intent.status == "succeeded" and done.payment_intent.metadata.attempt == "9"
    assert done.line_items.data[0].amount_total == 12050
    kept = ours.v1.customers.payment_methods.list(session.customer).data
    assert [one.billing_details.address.postal_code for one in kept] == ["02139"]
    page.goto(session.url)
    assert page.url == f"{shop.url}/return?s={session.id}"


def test_checkout_says_what_the_bank_said_and_takes_another_card(opened, ours, shop, sim):
    session = a_page(ours, shop, payment_intent_data={"metadata": {"attempt": "three declines"}})
    page = opened()
    page.goto(session.url)
    for number, sentence in {
        "4000000000009995": "Your card has insufficient funds.",
        "4000000000000069": "Your card has expired.",
        "4000000000000002": "Your card was declined.",
    }.items():
        type_card(page, number)
        page.get_by_role("button", name="Pay").click()
        assert page.get_by_role("alert").inner_text() == sentence
    assert page.get_by_label("Name on card").input_value() == "Maya Reyes"
    type_card(page)
    page.get_by_role("button", name="Pay").click()
    assert "/return" in page.url
    counted = sim.counters(attempt="three%20declines")
    assert (counted["charges"], counted["charged"], counted["failed"]) == (1, 12050, 3)


@pytest.mark.parametrize(
    ("number", "sentence"),
    [
        ("4929 1111 1111 1113", "This is a test page and takes test card numbers only"),
        ("4242 4242 4242 4241", "Your card number is incorrect."),
        ("4242", "Your card number is incomplete."),
    ],
)
def test_only_test_numbers_are_taken_and_no_other_is_shown_again(opened, ours, shop, number, sentence):
    page = opened()
    page.goto(a_page(ours, shop).url)
    type_card(page, number)
    page.get_by_role("button", name="Pay").click()
    assert sentence in page.locator("#number-wrong").inner_text()
    assert page.get_by_label("Card number").input_value() == ""
    assert page.get_by_label("Expiration date").input_value() == "12 / 34"


def test_an_expired_date_and_an_empty_form_are_sentences(opened, ours, shop):
    page = opened()
    page.goto(a_page(ours, shop).url)
    page.get_by_role("button", name="Pay").click()
    assert page.locator(".wrong").all_inner_texts()[0] == "Please correct what is marked below."
    type_card(page, expiry="01 / 20")
    page.get_by_role("button", name="Pay").click()
    assert page.locator("#expiry-wrong").inner_text() == "Your card's expiration date is in the past."


def test_a_card_is_saved_on_checkout(opened, ours, shop):
    session = a_set_up(ours, shop)
    page = opened()
    page.goto(session.url)
    type_card(page, "5555 5555 5555 4444")
    page.get_by_role("button", name="Save card").click()
    assert "/return" in page.url
    done = ours.v1.checkout.sessions.retrieve(session.id, {"expand": ["setup_intent.payment_method"]})
    assert (done.status, done.payment_status) == ("complete", "no_payment_required")
    assert done.setup_intent.payment_method.card.brand == "mastercard"
    assert done.setup_intent.payment_method.customer == session.customer


@pytest.mark.parametrize(("button", "ends"), [("Complete", "complete"), ("Fail", "open")])
def test_checkout_goes_over_the_banks_page(opened, ours, shop, button, ends):
    session = a_page(ours, shop)
    page = opened()
    page.goto(session.url)
    type_card(page, "4000 0027 6000 3184")
    page.get_by_role("button", name="Pay").click()
    assert "/3ds/" in page.url
    page.get_by_role("button", name=button).click()
    assert ours.v1.checkout.sessions.retrieve(session.id).status == ends
    if ends == "complete":
        assert "/return" in page.url
    else:
        assert "unable to authenticate" in page.get_by_role("alert").inner_text()
        type_card(page)
        page.get_by_role("button", name="Pay").click()
        assert "/return" in page.url


def test_who_goes_back_comes_to_the_cancel_url_and_an_expired_page_says_so(opened, ours, shop):
    session = a_page(ours, shop)
    page = opened()
    page.goto(session.url)
    page.get_by_role("link", name="Back").click()
    assert page.url == f"{shop.url}/account"
    ours.v1.checkout.sessions.expire(session.id)
    page.goto(session.url)
    assert "has expired" in page.locator("h1").inner_text()


def test_the_pages_speak_spanish(opened, ours, shop):
    page = opened(language="es-US")
    page.goto(a_page(ours, shop).url)
    type_card(page, "4000000000009995")
    page.get_by_role("button", name="Pagar $120.50").click()
    assert page.get_by_role("alert").inner_text() == "Su tarjeta no tiene fondos suficientes."
    assert "TEST MODE" in page.locator("header").inner_text()
    page.goto(a_page(ours, shop, locale="en").url)
    assert page.locator("h1").inner_text() == "Pay by card"


# The bank's page


@pytest.mark.parametrize(
    ("button", "status", "word"),
    [("Complete", "succeeded", "succeeded"), ("Fail", "requires_payment_method", "failed")],
)
def test_the_banks_page_returns_with_what_stripe_adds(opened, ours, shop, button, status, word):
    said = payment(payment_method="pm_card_threeDSecure2Required") | {"return_url": f"{shop.url}/return?attempt=7"}
    intent = ours.v1.payment_intents.create(said)
    page = opened()
    page.goto(intent.next_action.redirect_to_url.url)
    assert "$15.00" in page.locator("main").inner_text()
    page.get_by_role("button", name=button).click()
    secret = f"payment_intent_client_secret={intent.client_secret}"
    assert page.url == f"{shop.url}/return?attempt=7&payment_intent={intent.id}&{secret}&redirect_status={word}"
    assert ours.v1.payment_intents.retrieve(intent.id).status == status
    page.goto(intent.next_action.redirect_to_url.url)
    assert "has been answered" in page.locator("h1").inner_text()


def test_an_authenticated_card_may_still_be_declined(opened, ours, shop):
    said = payment(payment_method="pm_card_threeDSecureRequiredChargeDeclined") | {"return_url": f"{shop.url}/return"}
    intent = ours.v1.payment_intents.create(said)
    page = opened()
    page.goto(intent.next_action.redirect_to_url.url)
    page.get_by_role("button", name="Complete").click()
    assert "redirect_status=failed" in page.url
    assert ours.v1.payment_intents.retrieve(intent.id).last_payment_error.code == "card_declined"


# The card's fields in another page


def fields(page: Page) -> FrameLocator:
    return page.frame_locator("#card iframe")


def says(page: Page, words: str | re.Pattern[str]) -> str:
    page.locator("#said", has_text=words).wait_for(timeout=5000)
    return page.locator("#said").inner_text()


def test_a_token_is_made_of_what_is_typed_in_the_frame(opened, ours):
    page = opened(scripts=True)
    page.goto("/")
    says(page, "ready")
    assert "TEST MODE" in fields(page).locator("form").inner_text()
    type_card(fields(page), "5555 5555 5555 4444")
    page.get_by_role("button", name="Review").click()
    token = ours.v1.confirmation_tokens.retrieve(says(page, re.compile("^ctoken_")))
    shown = token.payment_method_preview
    assert shown.card.last4 == "4444" and shown.card.exp_year == 2034
    assert shown.billing_details.name == "Maya Reyes" and shown.billing_details.address.postal_code == "02139"
    assert ours.v1.payment_intents.create(payment(confirmation_token=token.id)).status == "succeeded"


def test_what_is_wrong_is_said_beside_its_field_and_to_the_page(opened):
    page = opened(scripts=True)
    page.goto("/")
    says(page, "ready")
    type_card(fields(page), "4929 1111 1111 1113")
    page.get_by_role("button", name="Review").click()
    says(page, "test card numbers only")
    assert "test card numbers only" in fields(page).locator("#number-wrong").inner_text()
    assert fields(page).locator("#number").get_attribute("aria-invalid") == "true"
    assert fields(page).locator("#number").evaluate("one => one === document.activeElement")


def test_the_keyboard_reaches_every_field(opened):
    page = opened(scripts=True)
    page.goto("/")
    says(page, "ready")
    reached = []
    for _ in range(5):
        page.keyboard.press("Tab")
        reached.append(fields(page).locator(":focus").get_attribute("id"))
    assert reached == ["number", "expiry", "cvc", "country", "postal_code"]
    page.keyboard.press("Tab")
    assert page.locator("#go").evaluate("one => one === document.activeElement")
    fields(page).locator("#number").press_sequentially("378282246310005")
    fields(page).locator("#expiry").press_sequentially("934")
    assert fields(page).locator("#number").input_value() == "3782 822463 10005"
    assert fields(page).locator("#expiry").input_value() == "09 / 34"


def test_a_card_is_set_up_from_the_frame(opened, ours, shop):
    customer = ours.v1.customers.create({})
    intent = ours.v1.setup_intents.create({"customer": customer.id, "allowed_payment_method_types": ["card"]})
    page = opened(scripts=True)
    page.goto(f"/?secret={intent.client_secret}")
    says(page, "ready")
    type_card(fields(page), "4000000000000002")
    page.get_by_role("button", name="Review").click()
    says(page, "Your card was declined.")
    type_card(fields(page), "4000002500003155")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Complete").click()
    assert page.url.startswith(f"{shop.url}/return?setup_intent={intent.id}&")
    kept = ours.v1.customers.payment_methods.list(customer.id).data[0]
    later = payment(customer=customer.id, payment_method=kept.id, off_session=True)
    assert ours.v1.payment_intents.create(later).status == "succeeded"


def test_the_next_action_is_the_banks_page(opened, ours, shop):
    said = payment(payment_method="pm_card_authenticationRequired") | {"return_url": f"{shop.url}/return"}
    intent = ours.v1.payment_intents.create(said)
    page = opened(scripts=True)
    page.goto(f"/?secret={intent.client_secret}")
    says(page, "ready")
    page.get_by_role("button", name="Review").click()
    page.get_by_role("button", name="Complete").click()
    assert "redirect_status=succeeded" in page.url
    page.goto(f"/?secret={intent.client_secret}")
    says(page, "ready")
    page.get_by_role("button", name="Review").click()
    says(page, "succeeded")


def test_a_foreign_page_hears_nothing_from_the_frame(opened, sim):
    """The frame answers the origin that opened it, and a message from elsewhere is not heard."""
    page = opened(scripts=True, meant="elsewhere.example.+does not match")
    page.goto("/")
    says(page, "ready")
    heard = page.evaluate(
        """async (home) => {
          const frame = document.createElement("iframe");
          frame.src = home + "/v3/payment?origin=https%3A%2F%2Felsewhere.example";
          const heard = [];
          addEventListener("message", ({ source, data }) => source === frame.contentWindow && heard.push(data));
          document.body.append(frame);
          await new Promise((resolve) => frame.addEventListener("load", resolve));
          frame.contentWindow.postMessage({ stripesim: true, act: "token", said: {}, number: 1 }, "*");
          await new Promise((resolve) => setTimeout(resolve, 400));
          return heard;
        }""",
        sim.url,
    )
    assert heard == []


def test_every_page_says_that_it_is_a_test_in_both_languages(ours, shop, sim):
    session = a_page(ours, shop)
    intent = ours.v1.payment_intents.create(payment(payment_method="pm_card_authenticationRequired"))
    paid = ours.v1.payment_intents.create(payment(payment_method="pm_card_visa") | {"expand": ["latest_charge"]})
    places = [session.url, f"{sim.url}/3ds/{intent.id}", paid.latest_charge.receipt_url, f"{sim.url}/nowhere"]
    places += [f"{sim.url}/v3/payment?origin=x", f"{sim.url}/v3/controller", f"{sim.url}/v3/", f"{sim.url}{SCRIPT}"]
    for place in places:
        for language in ("en-US", "es-MX,es;q=0.9,en;q=0.5"):
            page = httpx.get(place, headers={"Accept-Language": language})
            assert "TEST MODE" in page.text, place
            if "html" in page.headers["content-type"]:
                assert f'<html lang="{language[:2]}"' in page.text


def test_only_keys_of_the_stand_in_make_tokens_and_open_secrets(ours, sim):
    card = {"number": "4242424242424242", "expiry": "12/40", "cvc": "123"}
    assert httpx.post(f"{sim.url}/v3/tokens", json={"key": "pk_test_sim_1", "card": card}).json()["id"]
    assert httpx.post(f"{sim.url}/v3/tokens", json={"key": "pk_live_1", "card": card}).status_code == 401
    intent = ours.v1.payment_intents.create({"amount": 900, "currency": "usd"})
    for said in ({"key": "pk_test_sim_1", "client_secret": intent.id}, {"client_secret": intent.client_secret}):
        assert httpx.post(f"{sim.url}/v3/intents", json=said).status_code in (401, 404)


def test_no_card_number_is_kept(sim):
    """After all that was typed above."""
    file = sqlite3.connect(sim.data)
    kept = "".join(row[0] for row in file.execute("SELECT body FROM thing UNION ALL SELECT body FROM answer"))
    file.close()
    assert "4242" in kept and not [card.number for card in cards.ALL if card.number in kept]


# As people see them


@pytest.mark.parametrize("size", SIZES)
def test_axe_finds_nothing_and_nothing_scrolls_sideways(opened, ours, shop, size):
    page = opened(scripts=True, width=size[0], dark=size[1])
    page.goto(a_page(ours, shop).url)
    page.get_by_role("button", name="Pay").click()
    assert findings(page) == []
    page.goto(a_set_up(ours, shop).url)
    assert findings(page) == []
    intent = ours.v1.payment_intents.create(payment(payment_method="pm_card_authenticationRequired"))
    assert intent.next_action.redirect_to_url.return_url == RETURN
    page.goto(intent.next_action.redirect_to_url.url)
    assert findings(page) == []
    page.goto(f"/?theme={'night' if size[1] else 'stripe'}&language=es")
    says(page, "ready")
    type_card(fields(page), "4929 1111 1111 1113")
    page.get_by_role("button", name="Review").click()
    says(page, "prueba")
    assert findings(page) == []
    assert findings(next(frame for frame in page.frames if "/v3/payment" in frame.url)) == []
