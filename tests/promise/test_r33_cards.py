"""R33: cards on file are added, updated, preferred and removed, with scripts and without; the first is the default."""

import re

import pytest

from tests.promise.account import CLIENT
from tests.promise.conftest import press, sign_in
from tests.promise.seeing import SIZES, enter, look_at
from tests.promise.steps import arrive

ROSA, BILLER = "rosa.delgado@example.com", "teresa.boyle@practice.example"
ACCOUNT, STAFF = f"/clients/{CLIENT}/account", f"/staff/clients/{CLIENT}/account"
VISA, MASTERCARD, DECLINED, ASKS = "4242424242424242", "5555555555554444", "4000000000000002", "4000002760003184"
KEPT = "SELECT brand, last4, is_default FROM payment_card WHERE client = {} AND removed_at IS NULL"
FORGET = (
    "UPDATE payment_card SET removed_at = now(), is_default = false WHERE removed_at IS NULL",
    "UPDATE autopay SET ended_at = now() WHERE ended_at IS NULL",
    "DELETE FROM attempt",
)
LOUD = re.compile(r"(?:\d[ -]?){13,19}")


@pytest.fixture(autouse=True)
def _none_on_file(portal):
    portal.sql(*FORGET)
    portal.choose("payments.autopay=yes")


def kept(portal) -> list[str]:
    return portal.sql(KEPT.format(CLIENT) + " ORDER BY is_default DESC, id").splitlines()


def type_here(page, number: str = VISA) -> None:
    """Into Stripe's fields, which stand in a frame of Stripe's on our page."""
    frame = page.frame_locator("#card-fields iframe")
    for name, value in (("number", number), ("expiry", "12/34"), ("cvc", "123"), ("postal_code", "21401")):
        frame.locator(f"#{name}").fill(value)


def type_there(page, number: str = VISA) -> None:
    """On Stripe's own page."""
    page.wait_for_url(re.compile("/c/pay/"))
    told = {"number": number, "expiry": "12/34", "cvc": "123", "name": "Rosa Delgado", "postal_code": "21401"}
    for name, value in told.items():
        page.locator(f"#{name}").fill(value)
    page.locator("form button").click()


def add(page, number: str = VISA, *, scripts: bool, first: bool = False) -> None:
    page.goto(f"{ACCOUNT}/cards/new")
    if first:
        page.get_by_label("Make this my default card").check()
    if scripts:
        type_here(page, number)
    save(page)
    if not scripts:
        type_there(page, number)


def save(page) -> None:
    page.get_by_role("button", name="Agree and save the card").click()


@pytest.mark.parametrize("scripts", [True, False])
def test_cards_are_added_preferred_and_removed(portal, opened, scripts):
    page = opened(scripts=scripts)
    arrive(page, ROSA)
    page.goto(ACCOUNT)
    press(page.get_by_role("link", name="Credit/Debit cards on file"))
    press(page.get_by_role("link", name="Add a card"))
    assert "may keep this card with Stripe" in page.locator("#agreed").inner_text()
    add(page, scripts=scripts)
    page.get_by_text("The card is on file.").wait_for()
    assert page.url.endswith("/cards") and kept(portal) == ["visa|4242|t"]
    add(page, MASTERCARD, scripts=scripts)
    page.get_by_text("Mastercard ending in 4444").first.wait_for()
    assert kept(portal) == ["visa|4242|t", "mastercard|4444|f"]
    page.get_by_role("button", name="Make it the default Mastercard ending in 4444").click()
    page.get_by_text("This card is now the default.").wait_for()
    assert kept(portal) == ["mastercard|4444|t", "visa|4242|f"]
    press(page.get_by_role("link", name="Remove Mastercard ending in 4444"))
    assert "Visa ending in 4242 becomes the default" in page.locator("main").inner_text()
    page.get_by_role("button", name="Remove the card").click()
    page.get_by_text("The card is removed.").wait_for()
    assert kept(portal) == ["visa|4242|t"]


WHERE = {
    "Street address": "12 Quiet Harbor Way", "Apartment or unit": "Apt 3", "City": "Annapolis", "State or region": "MD",
}  # fmt: skip


@pytest.mark.parametrize("scripts", [True, False])
def test_a_card_is_updated_with_its_billing_address_which_stripe_keeps(portal, opened, scripts):
    page = opened(scripts=scripts)
    arrive(page, ROSA)
    add(page, scripts=scripts)
    page.get_by_text("The card is on file.").wait_for()
    update = page.get_by_role("link", name="Update Visa ending in 4242")
    press(update)
    assert page.get_by_label("ZIP or postal code").input_value() == "21401", "as it was typed beside the card"
    page.get_by_label("Expires: month").select_option("03")
    page.get_by_label("ZIP or postal code").fill("21403")
    for label, words in WHERE.items():
        page.get_by_label(label).fill(words)
    press(page.get_by_role("button", name="Save", exact=True))
    page.get_by_text("The card is updated.").wait_for()
    assert "Expires 03/2034" in page.locator("main").inner_text()
    press(update)
    assert {label: page.get_by_label(label).input_value() for label in WHERE} == WHERE
    assert page.get_by_label("ZIP or postal code").input_value() == "21403"
    assert page.get_by_label("Country").input_value() == "US"


def test_an_address_typed_beside_a_new_card_goes_to_stripe_and_not_with_the_form(portal, opened):
    page = opened(scripts=True)
    arrive(page, ROSA)
    page.goto(f"{ACCOUNT}/cards/new")
    type_here(page)
    page.get_by_text("Billing address (optional)").click()
    for label, words in WHERE.items():
        page.get_by_label(label).fill(words)
    with page.expect_request(lambda one: one.method == "POST" and one.url.endswith("/cards")) as sent:
        save(page)
    assert "Quiet" not in (sent.value.post_data or "")
    page.get_by_text("The card is on file.").wait_for()
    press(page.get_by_role("link", name="Update Visa ending in 4242"))
    assert {label: page.get_by_label(label).input_value() for label in WHERE} == WHERE
    assert page.get_by_label("ZIP or postal code").input_value() == "21401"


def test_without_scripts_no_address_is_asked_for_that_would_go_nowhere(portal, opened):
    page = opened(scripts=False)
    arrive(page, ROSA)
    page.goto(f"{ACCOUNT}/cards/new")
    assert not page.get_by_text("Billing address (optional)").is_visible()


def test_what_the_bank_says_no_to_is_said_and_another_is_saved(portal, opened):
    page = opened(scripts=True, width=1280)
    arrive(page, ROSA)
    page.goto(f"{ACCOUNT}/cards/new")
    type_here(page, "4242424242424241")
    save(page)
    page.get_by_text("Your card number is incorrect.").first.wait_for()
    assert page.url.endswith("/new") and kept(portal) == []
    type_here(page, DECLINED)
    save(page)
    page.locator("#errors").get_by_text("The bank declined this card").wait_for()
    assert kept(portal) == []
    type_here(page)
    save(page)
    page.get_by_text("The card is on file.").wait_for()
    assert kept(portal) == ["visa|4242|t"]


@pytest.mark.parametrize("scripts", [True, False])
def test_the_bank_asks_before_the_card_is_saved(portal, opened, scripts):
    page = opened(scripts=scripts)
    arrive(page, ROSA)
    add(page, ASKS, scripts=scripts)
    if scripts:
        page.get_by_role("link", name="Go on to your bank").click()
    page.wait_for_url(re.compile("/3ds/"))
    assert kept(portal) == []
    page.get_by_role("button", name="Complete").click()
    page.get_by_text("The card is on file.").wait_for()
    assert kept(portal) == ["visa|3184|t"]


def test_no_number_of_a_card_comes_to_the_portal(portal, opened):
    page, sent = opened(scripts=True), []
    arrive(page, ROSA)
    page.on("request", lambda request: sent.append((request.url, request.post_data or "")))
    add(page, scripts=True)
    page.get_by_text("The card is on file.").wait_for()
    ours = [(url, body) for url, body in sent if url.startswith(portal.url)]
    assert any("ctoken=" in body for _, body in ours)
    assert not [one for one in ours if VISA in "".join(one) or LOUD.fullmatch(one[1])]
    assert not [text for text in (portal.data / "serve.log").read_text().splitlines() if VISA in text]


def test_autopay_is_on_with_a_cap_and_off_in_one_press(portal, opened):
    page = opened(scripts=True)
    arrive(page, ROSA)
    add(page, scripts=True)
    page.get_by_text("The card is on file.").wait_for()
    press(page.get_by_role("link", name="AutoPay"))
    page.get_by_label("Most that one charge may be").fill("75")
    press(page.get_by_role("button", name="Agree and turn AutoPay on"))
    page.get_by_role("heading", name="AutoPay is on").wait_for()
    assert portal.sql("SELECT most FROM autopay WHERE ended_at IS NULL") == "7500"
    page.get_by_role("button", name="Turn AutoPay off").click()
    page.get_by_text("AutoPay is off.").wait_for()
    assert portal.sql("SELECT count(*) FROM autopay WHERE ended_at IS NULL") == "0"


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_cards_can_be_read(portal, opened, size):
    width, dark, language = size
    page = opened(scripts=True, width=width, dark=dark, language=language)
    enter(page, ROSA, language)
    for place in ("/cards", "/cards/new", "/autopay"):
        page.goto(ACCOUNT + place)
        look_at(page, width)
    page.goto(f"{ACCOUNT}/cards/new")
    type_here(page)
    page.locator("main form.card .btn").first.click()
    page.wait_for_url(re.compile("/cards$"))
    portal.hear_stripe()
    card = portal.sql("SELECT id FROM payment_card WHERE removed_at IS NULL")
    portal.sql(f"UPDATE payment_card SET exp_year = 2026, exp_month = 1 WHERE id = {card}")
    for place in ("/cards", f"/cards/{card}", f"/cards/{card}/removal", "/autopay"):
        page.goto(ACCOUNT + place)
        look_at(page, width)
    page.goto(f"/clients/{CLIENT}")
    look_at(page, width)


@pytest.mark.parametrize("size", SIZES)
def test_every_page_of_staff_can_be_read(portal, opened, size):
    width, dark, language = size
    phone = opened(scripts=True)
    arrive(phone, ROSA)
    add(phone, scripts=True)
    phone.get_by_text("The card is on file.").wait_for()
    page = opened(scripts=True, width=width, dark=dark, language=language)
    enter(page, biller(portal), language)
    for place in ("", "/cards", "/charge"):
        page.goto(STAFF + place)
        look_at(page, width)


def biller(portal) -> str:
    return portal.sql(
        "SELECT a.email FROM account a JOIN staff_member m ON m.id = a.staff_member WHERE m.role = 'biller' LIMIT 1"
    )


def test_staff_charge_a_card_on_file_with_their_password(portal, opened):
    phone = opened(scripts=True)
    arrive(phone, ROSA)
    add(phone, scripts=True)
    phone.get_by_text("The card is on file.").wait_for()
    owed = int(portal.sql(f"SELECT client_due - credit FROM ledger_account WHERE client = {CLIENT}"))
    page = opened(scripts=False, width=1280)
    sign_in(page, biller(portal))
    page.goto(f"{STAFF}/cards")
    assert "may keep this card with Stripe" in page.locator("main").inner_text()
    press(page.get_by_role("link", name="Charge a card on file"))
    page.get_by_label("Amount").fill("1.50")
    page.get_by_label("Reason").fill("Asked for by phone")
    press(page.get_by_role("button", name="Look it over"))
    page.get_by_label("Your password").fill("not the password")
    press(page.get_by_role("button", name="Charge $1.50"))
    assert "That is not your present password" in page.locator("#errors").inner_text()
    page.get_by_label("Your password").fill("harbor lane demo only")
    press(page.get_by_role("button", name="Charge $1.50"))
    assert "The card is charged." in page.locator("main").inner_text()
    assert int(portal.sql(f"SELECT client_due - credit FROM ledger_account WHERE client = {CLIENT}")) == owed - 150
