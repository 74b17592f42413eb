"""Pay Now as people see it: each step a page of its own, in both browsers."""

import asyncio
from uuid import uuid4

import pytest

from portal import clock, language
from portal.billing.settings import ACCOUNT
from portal.database import fetch
from portal.invoices.actions import issuing
from portal.payments import declines, rules
from portal.payments.settings import CARDS, CUSTOM, PAYING
from portal.practice import switches
from tests.billing.test_letters import BOTH, letters
from tests.factories import TEST
from tests.payments.factories import Desk
from tests.payments.pages import Way, step
from tests.payments.post import Post
from tests.payments.test_refunding import Till

both = pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])


@pytest.fixture
async def way(desk: Desk) -> Way:
    return Way(desk, await desk.cast.browser("client"))


async def in_both(desk: Desk, htmx: bool) -> Way:
    return Way(desk, await desk.cast.browser("client", htmx=htmx))


@both
async def test_from_my_account_to_the_receipt(desk, htmx):
    way = await in_both(desk, htmx)
    page = await way.browser.get(way.account)
    assert way.new in page.links()
    page = await way.at_card(which="whole")
    assert page.heading == "Which card?" and "You pay $150.00." in page.words
    page = await way.browser.press(page, "/card", card="new", token=desk.token())
    assert page.heading == "Review Payment"
    assert "Visa ending in 4242, expires" in page.words and "$150.00, the Total Balance" in page.words
    assert page.soup.select_one("#changed button").get_text(strip=True) == "Pay $150.00"
    assert desk.charged(step(page).rpartition("/")[2]) == (0, 0)
    page = await way.browser.press(page, "/review")
    assert page.heading == "Thank you. You have paid $150.00."
    assert "Receipt 1" in page.words and "After this nothing was left for you to pay." in page.words
    assert "An e-mail that your receipt waits here is on its way." in page.words
    payment = (await desk.payments())[0]["id"]
    assert {f"{way.account}/receipts/{payment}", f"{way.account}/receipts/{payment}/file", way.account} <= set(
        page.links()
    )
    assert desk.charged(step(page).rpartition("/")[2]) == (1, 15000)
    told = [row["act"] for row in await fetch("SELECT act FROM audit_row WHERE act LIKE 'payment.%' ORDER BY id")]
    assert told == ["payment.begun", "payment.submitted", "payment.taken", "payment.succeeded"]


async def test_everybody_who_reads_the_account_hears_once_that_a_receipt_waits(way):
    await way.paid(amount={"which": "custom", "amount": "10"})
    assert await letters("receipt-waiting") == BOTH


@both
@pytest.mark.parametrize(
    ("typed", "field"),
    [
        ({"which": "custom", "amount": "0.49"}, "amount"),
        ({"which": "custom", "amount": "150.01"}, "amount"),
        ({"which": "custom", "amount": "1e2"}, "amount"),
        ({"which": "custom", "amount": "-5"}, "amount"),
        ({"which": "custom", "amount": "99999999999"}, "amount"),
        ({"which": "custom", "amount": ""}, "amount"),
        ({"which": None, "amount": "12"}, "which"),
        ({"which": "everything", "amount": "12"}, "which"),
    ],
)
async def test_an_amount_is_refused_beside_its_field_and_stays_as_it_was_typed(desk, htmx, typed, field):
    way = await in_both(desk, htmx)
    page = await way.at_card(**typed)
    assert page.status == 422 and list(page.errors) == [field]
    assert page.soup.select_one("#amount")["value"] == typed["amount"]
    assert not await fetch("SELECT id FROM payment_attempt")


async def test_a_part_is_paid_and_the_rest_is_owed(way):
    page = await way.paid(amount={"which": "custom", "amount": "$40"})
    assert page.heading == "Thank you. You have paid $40.00."
    assert "Left for you to pay after this: $110.00." in page.words
    assert (await way.desk.balance()).to_pay == 11000


async def test_where_the_practice_allows_no_parts_the_whole_is_paid(way):
    await switches.turn(TEST, CUSTOM.name, "no")
    page = await way.browser.get(way.new)
    assert not page.soup.select("input[type=radio]") and "$150.00" in page.words
    page = await way.at_card(which="custom", amount="40")
    assert page.status == 422 and "Pay the whole balance" in page.words
    assert (await way.at_card(which="whole")).heading == "Which card?"


async def test_everything_is_changed_from_review_and_the_rest_is_kept(way):
    page = await way.at_review(save="yes")
    assert "Yes" in page.words and f"{step(page)}/amount" in page.links() and f"{step(page)}/card" in page.links()
    amount = await way.browser.get(step(page, "amount"))
    assert amount.soup.select_one("input[value=whole]").has_attr("checked")
    page = await way.browser.press(amount, "/amount", which="custom", amount="25")
    assert page.heading == "Review Payment" and "4242" in page.words
    assert page.soup.select_one("#changed button").get_text(strip=True) == "Pay $25.00"
    amount = await way.browser.get(step(page, "amount"))
    assert amount.soup.select_one("#amount")["value"] == "25.00"
    card = await way.browser.get(step(page, "card"))
    assert card.soup.select_one("#save").has_attr("checked")


async def test_what_changed_after_it_was_reviewed_is_looked_at_again(way):
    """Another tab has changed the amount: the button of this one names a sum that is not charged."""
    page = await way.at_review()
    await way.browser.post(step(page, "amount"), which="custom", amount="30")
    page = await way.browser.press(page, "/review")
    assert page.status == 422 and "This payment has changed meanwhile." in page.words
    assert page.soup.select_one("#changed button").get_text(strip=True) == "Pay $30.00"
    assert (await way.browser.press(page, "/review")).heading == "Thank you. You have paid $30.00."


async def test_more_than_is_owed_by_then_is_not_charged(way):
    page = await way.at_review()
    await Way(way.desk, way.browser).paid(amount={"which": "custom", "amount": "100"})
    page = await way.browser.press(page, "/review")
    assert page.status == 422 and "What you owe has changed meanwhile." in page.words
    assert (await way.desk.balance()).to_pay == 5000


async def test_back_reload_and_a_second_tab_charge_nothing_more(way):
    reviewed = await way.at_review()
    paid = await way.browser.press(reviewed, "/review")
    here = step(paid)
    for address in (here, f"{here}/amount", f"{here}/card", f"{here}/review", f"{here}/return"):
        page = await way.browser.get(address)
        assert (page.path, page.heading) == (here, "Thank you. You have paid $150.00.")
    again = await way.browser.press(reviewed, "/review")
    assert again.path == here and again.status == 200
    for name, typed in (("amount", {"which": "whole"}), ("card", {"card": "new"}), ("review", {"seen": "x"})):
        page = await way.browser.post(f"{here}/{name}", **typed)
        assert page.path == here and page.heading == "Thank you. You have paid $150.00."
    assert (await way.browser.post(f"{here}/cancellation")).path == here
    assert way.desk.charged(here.rpartition("/")[2]) == (1, 15000) and len(await way.desk.payments()) == 1


async def test_a_double_click_charges_once(way):
    page = await way.at_review()
    seen = page.value("seen")
    told = await asyncio.gather(*(way.browser.post(step(page, "review"), seen=seen, follow=False) for _ in range(8)))
    assert {one.status for one in told} == {303}
    assert {one.headers["location"] for one in told} == {step(page)}
    assert way.desk.charged(step(page).rpartition("/")[2]) == (1, 15000)


@pytest.mark.parametrize("where", ["amount", "card", "review"])
async def test_cancel_at_any_step_is_back_at_my_account_with_nothing_charged(way, where):
    page = await way.at_review()
    page = await way.browser.press(await way.browser.get(step(page, where)), "/cancellation")
    assert page.path == way.account and "Cancelled. Nothing was charged." in page.words
    assert await fetch("SELECT state FROM payment_attempt") == [{"state": "cancelled"}]
    assert await way.desk.payments() == [] and (await way.desk.balance()).to_pay == 15000


async def test_before_there_is_an_attempt_cancel_is_a_link(way):
    assert way.account in (await way.browser.get(way.new)).links()


@pytest.mark.parametrize(
    ("card", "sentence"),
    [
        ("chargeDeclinedInsufficientFunds", declines.FUNDS),
        ("chargeDeclinedExpiredCard", declines.EXPIRED),
        ("chargeDeclinedIncorrectCvc", declines.CODE),
        ("chargeDeclinedProcessingError", declines.LATER),
        ("chargeDeclined", declines.GENERIC),
        ("chargeDeclinedLostCard", declines.GENERIC),
        ("chargeDeclinedStolenCard", declines.GENERIC),
    ],
)
async def test_a_decline_is_said_and_another_card_is_tried_with_the_same_amount(way, card, sentence):
    page = await way.paid(card, amount={"which": "custom", "amount": "60"})
    assert page.heading == "The card was declined" and "Nothing was charged." in page.words
    assert str(sentence) in page.words and "stolen" not in page.words and "lost" not in page.words
    first = step(page)
    page = await way.browser.press(page, "/payments/new")
    assert page.heading == "Which card?" and "You pay $60.00." in page.words and step(page) != first
    page = await way.browser.press(page, "/card", card="new", token=way.desk.token())
    page = await way.browser.press(page, "/review")
    assert page.heading == "Thank you. You have paid $60.00."
    assert (await way.browser.get(first)).heading == "The card was declined"


def test_each_decline_code_has_a_sentence_in_both_languages_and_fraud_has_none_of_its_own():

    for code, told in declines.SENTENCES.items():
        assert language.translations("es").gettext(told.message) != told.message, code
    assert {declines.sentence(code) for code in declines.HIDDEN} == {declines.sentence("something_new")}


async def test_the_bank_asks_first(way):
    page, desk = await way.paid("authenticationRequired"), way.desk
    assert page.heading == "Your bank asks you to confirm"
    row = await desk.row(step(page).rpartition("/")[2])
    assert row.next_url in page.links() and row.next_url.startswith(desk.stripe.url)
    page = await way.browser.get(f"{step(page)}/return?redirect_status=succeeded&payment_intent=pi_other")
    assert page.heading == "Your bank asks you to confirm", "what the address says is not believed"
    desk.stripe.authenticate(row.intent)
    page = await way.browser.get(f"{step(page)}/return?redirect_status=failed")
    assert page.heading == "Thank you. You have paid $150.00."


async def test_whoever_does_not_agree_at_the_bank_is_told(way):
    page = await way.paid("authenticationRequired")
    row = await way.desk.row(step(page).rpartition("/")[2])
    way.desk.stripe.authenticate(row.intent, completes=False)
    page = await way.browser.get(step(page, "return"))
    assert page.heading == "The card was declined" and str(declines.UNCONFIRMED) in page.words


async def test_while_the_bank_waits_it_can_be_cancelled_and_no_other_is_begun(way):
    page = await way.paid("authenticationRequired")
    begun = await way.browser.get(way.new)
    assert "A payment of $150.00 is under way." in begun.words and step(page) in begun.links()
    assert not begun.soup.select("main form")
    refused = await way.browser.post(way.new, which="whole")
    assert refused.status == 422 and "A payment is under way." in refused.words
    page = await way.browser.press(page, "/cancellation")
    assert page.path == way.account and "Cancelled. Nothing was charged." in page.words
    assert (await way.browser.get(way.new)).soup.select("main form")


async def test_a_new_card_without_javascript_is_typed_on_stripes_page(way):
    page, desk = await way.at_review("", save="yes"), way.desk
    assert "A new card, entered on Stripe's own page" in page.words
    button = page.soup.select_one("#changed button").get_text(strip=True)
    assert button == "Pay $150.00 on Stripe's page"
    answer = await way.browser.post(step(page, "review"), seen=page.value("seen"), follow=False)
    row = await desk.row(step(page).rpartition("/")[2])
    assert (answer.status, answer.headers["location"]) == (303, row.next_url)
    assert row.next_url.startswith(desk.stripe.url)
    page = await way.browser.get(step(page))
    assert page.heading == "Go on to Stripe's page" and row.next_url in page.links()
    desk.stripe.check_out(row.session)
    page = await way.browser.get(step(page, "return"))
    assert page.heading == "Thank you. You have paid $150.00." and "Your card is on file now." in page.words
    assert [one["is_default"] for one in await desk.cards()] == [True]


async def test_from_stripes_page_back_without_having_paid(way):
    page = await way.at_review("")
    await way.browser.post(step(page, "review"), seen=page.value("seen"), follow=False)
    page = await way.browser.get(step(page, "return"))
    assert page.heading == "Go on to Stripe's page"
    row = await way.desk.row(step(page).rpartition("/")[2])
    page = await way.browser.press(page, "/cancellation")
    assert page.path == way.account
    assert (await way.desk.row(row.public)).state == "cancelled"
    with pytest.raises(AssertionError):
        way.desk.stripe.check_out(row.session)


async def test_a_card_is_saved_with_the_sentence_that_was_shown(way):
    way.browser.http.cookies.set("portal-language", "es", domain="portal.test")
    page = await way.at_card(which="whole")
    shown = page.soup.select_one("#save-hint").get_text()
    assert "Harbor Lane" in shown
    page = await way.browser.press(page, "/card", card="new", token=way.desk.token(), save="yes")
    assert shown in page.words
    await way.browser.press(page, "/review")
    assert [one["consent"] for one in await way.desk.cards()] == [shown]


async def test_the_consent_is_of_the_language_in_which_the_page_was_shown(way):
    """The language was changed in another tab meanwhile."""
    page = await way.at_card(which="whole")
    shown = page.soup.select_one("#save-hint").get_text()
    assert shown.startswith("Harbor Lane")
    await fetch("UPDATE account SET language = 'es' WHERE id = {}", way.desk.viewer.account_id)
    await way.browser.press(page, "/card", card="new", token=way.desk.token(), save="yes")
    assert (await fetch("SELECT consent FROM payment_attempt"))[0]["consent"] == shown


async def test_saved_cards_are_chosen_by_radio_the_default_first_and_expired_ones_cannot_be(way):
    await way.desk.paid(amount=1000, saves=True)
    await way.desk.paid("mastercard", amount=1000, saves=True)
    visa, master = await way.desk.cards()
    page = await way.at_card(which="whole")
    radios = page.soup.select("input[type=radio][name=card]")
    assert [one["value"] for one in radios] == [str(visa["id"]), str(master["id"]), "new"]
    assert radios[0].has_attr("checked") and "Your default card" in radios[0].parent.get_text()
    await fetch("UPDATE payment_card SET exp_year = 2020 WHERE id = {}", visa["id"])
    page = await way.browser.get(page.path)
    radios = page.soup.select("input[type=radio][name=card]")
    assert radios[0].has_attr("disabled") and "This card has expired." in radios[0].parent.get_text()
    assert radios[1].has_attr("checked")
    refused = await way.browser.post(page.path, card=visa["id"])
    assert refused.status == 422 and "This card has expired. Choose another one." in refused.errors["card"]
    page = await way.browser.press(page, "/card", card=str(master["id"]))
    assert "Mastercard ending in 4444" in page.words and "Save this card" not in page.words
    assert (await way.browser.press(page, "/review")).heading == "Thank you. You have paid $130.00."


async def test_where_no_cards_are_kept_none_is_offered_to_be_saved(way):
    await way.desk.paid(amount=1000, saves=True)
    await switches.turn(TEST, CARDS.name, "no")
    page = await way.at_card(which="whole")
    assert not page.soup.select("input[type=radio], #save")
    page = await way.browser.press(page, "/card", {"token": way.desk.token("mastercard"), "save": "yes"})
    assert "Save this card" not in page.words
    await way.browser.press(page, "/review")
    assert len(await way.desk.cards()) == 1


@pytest.mark.parametrize("typed", [{}, {"card": "x"}, {"card": "0"}, {"card": "9" * 12}, {"card": "7"}])
async def test_no_card_is_said_beside_the_cards(way, typed):
    await way.desk.paid(amount=1000, saves=True)
    page = await way.at_card(which="whole")
    refused = await way.browser.post(page.path, **typed)
    assert refused.status == 422 and refused.errors == {"card": "Choose a card"}


@pytest.mark.parametrize("token", ["ctoken_nothing", "../../v1/charges", "pm_card_visa", "x" * 5000])
async def test_a_token_that_stripe_did_not_make_is_no_card(way, token):
    page = await way.at_card(which="whole")
    page = await way.browser.press(page, "/card", {"token": token})
    assert page.status == 422 and page.errors == {"card": "The card could not be read. Enter it again."}


async def test_the_card_service_is_away_while_a_card_is_read(way):
    page = await way.at_card(which="whole")
    token = way.desk.token()
    way.desk.stripe.fault("reset", path="/v1/confirmation_tokens/.*", method="GET", times=2)
    refused = await way.browser.press(page, "/card", card="new", token=token, save="yes")
    assert refused.status == 422 and "The card service does not answer. Nothing was charged." in refused.words
    assert refused.soup.select_one("#save").has_attr("checked")
    assert (await way.browser.press(refused, "/card", token=token)).heading == "Review Payment"


async def test_no_answer_is_checked_by_itself_and_no_second_payment_is_offered(way):
    page = await way.at_review()
    way.desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    page = await way.browser.press(page, "/review")
    assert page.heading == "We are checking with the card service"
    assert "please do not pay again" in page.words and not page.soup.select("main form")
    look = page.soup.select_one("#payment")["hx-get"]
    assert look in page.links() and page.soup.select_one("#payment")["hx-trigger"] == "every 3s"
    assert "A payment of $150.00 is under way." in (await way.browser.get(way.new)).words
    assert (await way.browser.post(step(page, "cancellation"))).heading == "We are checking with the card service"
    poll = await way.desk.cast.browser("client", htmx=True)
    before = len(way.desk.stripe.requests())
    assert (await poll.get(look)).status == 204 and len(way.desk.stripe.requests()) == before
    page = await way.browser.get(look)
    assert page.heading == "Thank you. You have paid $150.00."
    done = await poll.get(look)
    assert done.heading == "Thank you. You have paid $150.00." and "hx-trigger" not in done.text
    assert "data-focus-here" in done.text


async def test_the_page_that_looks_by_itself_renews_no_session(way):
    way.desk.stripe.process_next()
    page = await way.paid()
    assert page.heading == "Your payment is being processed"
    poll = await way.desk.cast.browser("client", htmx=True)
    look = page.soup.select_one("#payment")["hx-get"]
    await fetch("UPDATE session SET seen_at = now() - interval '10 minutes'")
    seen = await fetch("SELECT seen_at FROM session ORDER BY id")
    assert (await poll.get(look)).status == 204
    assert await fetch("SELECT seen_at FROM session ORDER BY id") == seen
    way.desk.stripe.end_processing((await way.desk.row(step(page).rpartition("/")[2])).intent)
    assert (await way.browser.get(look)).heading == "Thank you. You have paid $150.00."
    assert await fetch("SELECT seen_at FROM session ORDER BY id") != seen


async def test_what_nobody_went_on_with_runs_out(way):
    page = await way.at_review()
    with clock.shifted(seconds=rules.KEPT.total_seconds() + 60):
        browser = await way.desk.cast.browser("client")
        old = await browser.post(step(page, "review"), seen=page.value("seen"))
        assert old.path == step(page) and old.heading == "This payment has run out"
        assert (await browser.press(old, "/payments/new")).heading == "Which card?"
    assert way.desk.charged(step(page).rpartition("/")[2]) == (0, 0)


async def test_signed_out_in_the_middle_it_goes_on_after_signing_in(way):
    page = await way.at_review()
    await way.browser.post("/sign-out", follow=False)
    gone = await way.browser.get(page.path, follow=False)
    assert gone.status == 303 and gone.headers["location"].startswith("/sign-in?next=")
    other = await way.desk.cast.browser("client")
    page = await other.get(page.path)
    assert page.heading == "Review Payment"
    assert (await other.press(page, "/review")).heading == "Thank you. You have paid $150.00."


@pytest.mark.parametrize("part", ["stranger", "ended", "guardian"])
async def test_nobody_elses_payment_is_there(way, part):
    """Nor through a client of one's own."""
    page = await way.at_review()
    guardian = int(way.desk.cast.accounts["guardian"].id)
    await fetch("UPDATE access_grant SET areas = {} WHERE account = {}", ["information"], guardian)
    browser = await way.desk.cast.browser(part)
    addresses = [step(page, name) for name in ("", "amount", "card", "review", "return")]
    own = f"/clients/{way.desk.cast.other.id}/"
    addresses += [one.replace(f"/clients/{way.desk.client}/", own) for one in addresses] + [way.new]
    for address in addresses:
        assert (await browser.get(address)).status == 404, address
    for name, typed in (("amount", {"which": "whole"}), ("card", {"card": "new"}), ("review", {"seen": "x"})):
        assert (await browser.post(step(page, name), **typed)).status == 404
    for address in (step(page, "cancellation"), way.new):
        assert (await browser.post(address, which="whole")).status == 404
    assert await fetch("SELECT state FROM payment_attempt") == [{"state": "open"}]


async def test_a_card_of_somebody_else_is_no_card(way):
    await way.desk.paid(amount=1000, saves=True)
    (card,) = await way.desk.cards()
    await fetch("UPDATE payment_card SET client = {} WHERE id = {}", way.desk.cast.other.id, card["id"])
    page = await way.at_card(which="whole")
    assert "4242" not in page.words
    refused = await way.browser.post(page.path, card=card["id"])
    assert refused.status == 422 and refused.errors == {"card": "Choose a card"}


@pytest.mark.parametrize("switch", [PAYING, ACCOUNT], ids=["payments", "account"])
async def test_where_the_practice_takes_no_cards_there_is_no_pay_now(way, switch):
    paid = await way.paid("authenticationRequired", amount={"which": "custom", "amount": "10"})
    await switches.turn(TEST, switch.name, "no")
    for address in (way.account, f"/clients/{way.desk.client}"):
        assert "/payments/new" not in (await way.browser.get(address)).text
    assert (await way.browser.get(way.new)).path == way.account
    assert (await way.browser.post(way.new, which="whole")).path == way.account
    row = await way.desk.row(step(paid).rpartition("/")[2])
    way.desk.stripe.authenticate(row.intent)
    told = await way.browser.get(step(paid, "return"))
    assert told.heading == "Thank you. You have paid $10.00.", "what was sent before is still told"


@both
@pytest.mark.parametrize("switch", [PAYING, ACCOUNT], ids=["payments", "account"])
async def test_a_payment_that_was_begun_before_the_practice_took_no_more_cards_says_so(desk, htmx, switch):
    way = await in_both(desk, htmx)
    page = await way.at_review()
    await switches.turn(TEST, "billing.how_to_pay", "By check, to the office.")
    await switches.turn(TEST, switch.name, "no")
    for name, typed in (("amount", {"which": "whole"}), ("card", {"card": "new"}), ("review", {"seen": "x"})):
        for told in (await way.browser.get(step(page, name)), await way.browser.post(step(page, name), **typed)):
            assert (told.status, told.path) == (200, step(page)), name
    told = await way.browser.press(page, "/review")
    assert told.heading == "The practice takes no payments by card here now"
    assert "Nothing was charged." in told.words and "By check, to the office." in told.words
    assert "(443) 555-0142" in told.words and way.account in told.links() and not told.soup.select("main form")
    assert desk.charged(step(page).rpartition("/")[2]) == (0, 0)
    await switches.turn(TEST, switch.name, "yes")
    assert (await way.browser.get(step(page))).heading == "Review Payment", "and goes on where it takes them again"


async def test_whoever_began_no_payment_finds_none_where_no_cards_are_taken(way):
    page = await way.at_review()
    await switches.turn(TEST, PAYING.name, "no")
    stranger = await way.desk.cast.browser("stranger")
    nothing = f"{way.account}/payments/{uuid4()}"
    for name in ("", "/amount", "/card", "/review"):
        assert (await way.browser.get(nothing + name)).status == 404
        assert (await stranger.get(step(page) + name)).status == 404


async def test_a_declined_payment_says_how_else_to_pay_where_no_cards_are_taken_any_more(way):
    page = await way.paid("chargeDeclined")
    await switches.turn(TEST, "billing.how_to_pay", "By check, to the office.")
    assert "By check, to the office." not in (await way.browser.get(page.path)).words
    await switches.turn(TEST, PAYING.name, "no")
    told = await way.browser.get(page.path)
    assert told.heading == "The card was declined" and "By check, to the office." in told.words


async def test_pay_now_is_offered_where_something_is_owed_and_nowhere_else(way):
    dashboard = f"/clients/{way.desk.client}"
    page = await way.browser.get(dashboard)
    assert way.new in page.links() and "Pay what you owe: $150.00" in page.words
    await way.paid()
    for address in (dashboard, way.account):
        assert way.new not in (await way.browser.get(address)).links()
    assert "You owe nothing." in (await way.browser.get(way.new)).words


async def test_my_account_says_that_a_payment_is_being_checked_and_offers_no_second(way):
    """Nobody who looks there, at an invoice or at the first screen before the bank has answered pays twice."""
    invoice = await issuing.issue(TEST, way.desk.client)
    await switches.turn(TEST, "billing.how_to_pay", "By check, to the office.")
    assert way.new in (await way.browser.get(f"{way.account}/invoices/{invoice}")).links()
    way.desk.stripe.process_next()
    page = await way.paid(amount={"which": "custom", "amount": "40"})
    for part in ("client", "guardian"):
        browser = await way.desk.cast.browser(part)
        account = await browser.get(way.account)
        assert "A payment of $40.00 is being checked. Please do not pay it again." in account.words
        assert step(page) in account.links() and way.new not in account.links()
        assert "By check, to the office." not in account.words and "To pay, or with a question" not in account.words
        paper = await browser.get(f"{way.account}/invoices/{invoice}")
        assert "is being checked" in paper.words and step(page) in paper.links() and way.new not in paper.links()
    browser = await way.desk.cast.browser("client")
    home = await browser.get(f"/clients/{way.desk.client}")
    assert "See where your payment stands" in home.words and "Being checked" in home.pills()
    assert step(page) in home.links() and way.new not in home.links()
    way.desk.stripe.end_processing((await way.desk.row(step(page).rpartition("/")[2])).intent)
    await way.browser.get(step(page, "return"))
    account = await way.browser.get(way.account)
    assert "is being checked" not in account.words and way.new in account.links()


@pytest.mark.parametrize(("card", "words"), [("authenticationRequired", "at your bank"), ("", "on Stripe's page")])
async def test_my_account_says_where_a_payment_waits_for_the_client(way, card, words):
    if card:
        page = await way.paid(card)
    else:
        page = await way.at_review("")
        await way.browser.post(step(page, "review"), seen=page.value("seen"), follow=False)
    account = await way.browser.get(way.account)
    assert f"A payment of $150.00 waits for you {words}: confirm it or cancel it." in account.words
    assert step(page) in account.links() and way.new not in account.links()
    home = await way.browser.get(f"/clients/{way.desk.client}")
    assert "Waits for you" in home.pills() and step(page) in home.links() and way.new not in home.links()
    await switches.turn(TEST, PAYING.name, "no")
    assert step(page) in (await way.browser.get(way.account)).links(), "also where no more are begun"
    await way.browser.post(step(page, "cancellation"))
    assert step(page) not in (await way.browser.get(way.account)).links()


async def test_my_account_of_somebody_else_knows_nothing_of_it(way):
    way.desk.stripe.process_next()
    await way.paid()
    stranger = await way.desk.cast.browser("stranger")
    other = await stranger.get(f"/clients/{way.desk.cast.other.id}/account")
    assert other.status == 200 and "is being checked" not in other.words


async def notices(way: Way, *addresses: str) -> list[list[str]]:
    """What stands in them but the thanks."""
    found = []
    for address in addresses:
        soup = (await way.browser.get(address)).soup
        found.append([" ".join(one.get_text(" ", strip=True).split()) for one in soup.select("article .notice p")])
    return found


async def test_what_was_given_back_is_said_where_the_payment_stands_as_on_its_receipt(way):
    page = await way.paid()
    row = await way.desk.row(step(page).rpartition("/")[2])
    receipt, till = f"{way.account}/receipts/{row.payment}", Till(way.desk, row)
    assert await notices(way, page.path, receipt) == [[], []]
    await till.ask(1000)
    await till.ask(500)
    today = language.written_date(clock.today("America/New_York"))
    words = [
        f"${cents} of it was given back on {today} (receipt {number})." for cents, number in (("10.00", 2), ("5.00", 3))
    ]
    assert await notices(way, page.path, receipt) == [words, words]
    assert "is on its way" not in (await way.browser.get(page.path)).words, "that was then"


@pytest.mark.parametrize(
    ("won", "words"),
    [
        (None, "It counts as paid until that is decided."),
        (True, "That is decided, and it counts as paid."),
        (False, "That is decided, and the bank has given it back."),
    ],
)
async def test_a_dispute_is_said_where_the_payment_stands_as_on_its_receipt(way, won, words):
    page, post = await way.paid(), Post(way.desk)
    row = await way.desk.row(step(page).rpartition("/")[2])
    told = way.desk.stripe.dispute(row.intent)
    if won is not None:
        way.desk.stripe.decide(told["id"], won=won)
    await post.bring()
    today = language.written_date(clock.today("America/New_York"))
    said = [f"$150.00 of it was disputed at the bank on {today}. {words}"]
    if won is False:
        said.append(f"$150.00 of it was given back on {today} (receipt 2).")
    receipt = f"{way.account}/receipts/{row.payment}"
    assert await notices(way, page.path, receipt) == [said, said]
    assert (await (await way.desk.cast.browser("stranger")).get(receipt)).status == 404


@pytest.mark.parametrize("name", ["1", "not-a-uuid", "0" * 36, "00000000-0000-0000-0000-000000000000"])
async def test_a_payment_that_there_is_not_is_not_found(way, name):
    assert (await way.browser.get(f"{way.account}/payments/{name}")).status == 404
