"""What Stripe tells is kept once and answered at once; what it is about is asked for anew."""

import json
import random
import time

import pytest

from portal.access import Viewer
from portal.database import fetch
from portal.payments.actions import attempts, charging, nightly
from portal.payments.tables import CardSetup, SetupState
from portal.settings import settings
from tests.payments.factories import CONSENT
from tests.payments.post import HOOK, Post
from tests.payments.test_refunding import Till
from tests.tasks.post import work_through
from tests.web.everything import ROUTES

EVENT = {
    "id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "created": 1, "api_version": None,
    "data": {"object": {"id": "pi_1", "object": "payment_intent"}}, "livemode": False, "pending_webhooks": 1,
    "request": None,
}  # fmt: skip


@pytest.fixture
def post(desk):
    return Post(desk)


async def kept():
    return await fetch("SELECT event, kind, subject, handled_at IS NOT NULL AS done FROM stripe_event ORDER BY id")


def test_one_route_and_no_other_is_free_of_origin_and_token():
    assert [path for path, _, words in ROUTES if words == "signed by its sender"] == [HOOK]


async def test_a_signed_event_is_kept_with_its_errand_and_answered(post):
    answer = await post.send(json.dumps(EVENT).encode(), Origin="https://stripe.example")
    assert (answer.status_code, answer.text) == (200, "kept") and "set-cookie" not in answer.headers
    assert await kept() == [{"event": "evt_1", "kind": "payment_intent.succeeded", "subject": "pi_1", "done": False}]
    assert await fetch("SELECT state FROM errand WHERE actor = 'heed'") == [{"state": "queued"}]


@pytest.mark.parametrize(
    "how",
    [
        {"secret": "whsec_of_somebody_else"},
        {"moment": int(time.time()) - 600},
        {"Stripe-Signature": ""},
        {"Stripe-Signature": "t=1,v1=abc"},
        {"Stripe-Signature": "nonsense"},
    ],
)
async def test_what_stripe_has_not_signed_or_signed_long_ago_is_400(post, how):
    answer = await post.send(json.dumps(EVENT).encode(), **how)
    assert answer.status_code == 400 and await kept() == []


async def test_a_byte_that_was_changed_is_400(post):
    body = json.dumps(EVENT).encode()
    good = await post.send(body)
    assert good.status_code == 200
    signed = good.request.headers["stripe-signature"]
    assert (await post.send(body.replace(b"evt_1", b"evt_2"), **{"Stripe-Signature": signed})).status_code == 400


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"no json", b"\xff\xfe", b'{"id": 1}', b"null"])
async def test_what_is_signed_and_is_no_event_is_400(post, body):
    assert (await post.send(body)).status_code == 400


async def test_more_than_256_kib_are_not_read(post):
    large = json.dumps({**EVENT, "more": "x" * 256 * 1024}).encode()
    assert (await post.send(large)).status_code == 413 and await kept() == []
    assert (await post.send(json.dumps({**EVENT, "more": "x" * 200 * 1024}).encode())).status_code == 200


async def test_while_the_secret_is_changed_both_are_heard(post, monkeypatch):
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", f"whsec_new,{post.desk.stripe.webhook_secret}")
    settings.cache_clear()
    assert (await post.send(json.dumps(EVENT).encode())).status_code == 200
    assert (await post.send(json.dumps({**EVENT, "id": "evt_2"}).encode(), secret="whsec_new")).status_code == 200
    assert (await post.send(json.dumps(EVENT).encode(), secret="whsec_old")).status_code == 400


async def test_without_keys_nothing_is_believed(post, monkeypatch):
    for name in ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET", "STRIPE_API"):
        monkeypatch.delenv(name)
    settings.cache_clear()
    assert (await post.send(json.dumps(EVENT).encode())).status_code == 400


async def test_an_unknown_kind_is_kept_and_nothing_more(post):
    await post.bring({**EVENT, "type": "invoice.finalized"}, works=False)
    assert [one["done"] for one in await kept()] == [True]
    assert await fetch("SELECT id FROM errand WHERE actor = 'heed'") == []


async def test_an_event_that_comes_ten_times_is_one(post):
    await post.bring(*[EVENT] * 10, works=False)
    assert len(await kept()) == 1 and len(await fetch("SELECT id FROM errand WHERE actor = 'heed'")) == 1


async def test_what_the_event_says_is_not_believed(post):
    """Signed or not: the payment itself is asked for, and there is none."""
    public = await post.desk.reviewed()
    lie = {"id": "pi_1", "object": "payment_intent", "status": "succeeded", "metadata": {"attempt": str(public)}}
    await post.bring({**EVENT, "data": {"object": lie}})
    assert (await post.desk.row(public)).state == "open" and await post.desk.payments() == []
    assert [one["done"] for one in await kept()] == [True]


async def test_a_payment_that_is_not_ours_is_ignored(post):
    post.desk.asked("payment_intents", amount="900", currency="usd", confirm="true", payment_method="pm_card_visa",
                    return_url="https://x.example")  # fmt: skip
    await post.bring()
    assert await post.desk.payments() == [] and all(one["done"] for one in await kept())


async def test_a_payment_whose_answer_was_lost_is_posted_by_its_event(post):
    post.desk.stripe.fault("answer_lost", path="/v1/payment_intents", times=2)
    row = await post.desk.paid(saves=True)
    assert row.state == "submitting"
    await post.bring()
    row = await post.desk.row(row.public)
    assert row.state == "succeeded" and post.desk.charged(row.public) == (1, 15000)
    assert len(await post.desk.payments()) == 1 and len(await post.desk.cards()) == 1


LUCK = random.Random(7)
POSTS = {
    "as they came": lambda events: events,
    "backwards": lambda events: events[::-1],
    "shuffled and doubled": lambda events: LUCK.sample(events * 3, len(events) * 3),
    "half of them lost": lambda events: LUCK.sample(events, len(events) // 2),
    "lost, all of them": lambda events: [],
    "each twice, the last first": lambda events: events[::-1] + events,
}


@pytest.mark.parametrize("how", POSTS)
async def test_however_the_events_come_the_end_is_the_same(post, how):
    """Paid, declined, confirmed at the bank, refused there, processed, refunded, disputed: by whatever asks."""
    desk = post.desk
    till = Till(desk, await desk.paid(amount=1000, saves=True))
    rows = [till.row, await desk.paid("chargeDeclined", amount=1000)]
    for completes in (True, False):
        asked = await desk.paid("authenticationRequired", amount=2000)
        desk.stripe.authenticate(asked.intent, completes=completes)
        await settled(post, how)
        rows.append(asked)
    desk.stripe.process_next()
    rows.append(await desk.paid(amount=3000))
    desk.stripe.end_processing(rows[-1].intent)
    await till.ask(400)
    disputed = desk.stripe.dispute(rows[-1].intent)
    desk.stripe.decide(disputed["id"], won=False)
    await settled(post, how)
    await nightly.reconcile(Viewer.portal("nightly check"))
    states = [(await desk.row(row.public)).state for row in rows]
    assert states == ["succeeded", "declined", "succeeded", "declined", "succeeded"]
    paid = await desk.payments()
    assert sorted(one["amount"] for one in paid if not one["is_refund"]) == [1000, 2000, 3000]
    assert len(await desk.cards()) == 1 and all(one["done"] for one in await kept())
    assert sorted(one["amount"] for one in paid if one["is_refund"]) == [400, 3000]
    assert await fetch("SELECT state FROM card_dispute") == [{"state": "lost"}]


async def settled(post, how):
    await post.bring(*POSTS[how](post.new()), nothing_is_all=False)
    for _ in range(2):
        await fetch("UPDATE errand SET due_at = now() WHERE state = 'queued'")
        await work_through("charge", "give_back", "heed")


async def test_while_stripe_does_not_answer_the_event_waits(post):
    row = await post.desk.paid("authenticationRequired")
    post.desk.stripe.authenticate(row.intent)
    post.desk.stripe.fault("500", path="/v1/payment_intents/.*", method="GET", times=50)
    await post.bring()
    assert not all(one["done"] for one in await kept())
    post.desk.stripe.forget_faults()
    await fetch("UPDATE errand SET due_at = now() WHERE state = 'queued'")
    await work_through("heed")
    assert (await post.desk.row(row.public)).state == "succeeded" and all(one["done"] for one in await kept())


async def test_stripes_own_page_that_was_paid_comes_back_by_its_event(post):
    public = await attempts.begin(post.desk.viewer, post.desk.client, None)
    await attempts.choose_hosted(
        post.desk.viewer, post.desk.client, public, saves=True, makes_default=True, consent=CONSENT
    )
    row = await post.desk.pressed(public)
    post.desk.stripe.check_out(row.session)
    await post.bring()
    assert (await post.desk.row(public)).state == "succeeded" and post.desk.charged(public) == (1, 15000)


async def test_stripes_own_page_whose_address_was_lost_still_counts(post):
    public = await attempts.begin(post.desk.viewer, post.desk.client, None)
    await attempts.choose_hosted(
        post.desk.viewer, post.desk.client, public, saves=False, makes_default=False, consent=""
    )
    post.desk.stripe.fault("answer_lost", path="/v1/checkout/sessions", times=2)
    row = await post.desk.pressed(public)
    assert (row.state, row.session) == ("submitting", None)
    row = await charging.go_on(charging.PORTAL, row.id)
    post.desk.stripe.check_out(row.session)
    await fetch("UPDATE payment_attempt SET session = NULL, state = 'submitting', next_url = ''")
    await post.bring()
    assert (await post.desk.row(public)).state == "succeeded" and post.desk.charged(public) == (1, 15000)


async def test_a_card_that_fails_on_stripes_page_leaves_the_page_open(post):
    public = await attempts.begin(post.desk.viewer, post.desk.client, None)
    await attempts.choose_hosted(
        post.desk.viewer, post.desk.client, public, saves=False, makes_default=False, consent=""
    )
    row = await post.desk.pressed(public)
    with pytest.raises(AssertionError):
        post.desk.stripe.check_out(row.session, "chargeDeclined")
    await post.bring()
    assert (await post.desk.row(public)).state == "action"
    post.desk.stripe.check_out(row.session)
    await post.bring()
    assert (await post.desk.row(public)).state == "succeeded" and len(await post.desk.payments()) == 1


async def test_a_card_that_is_set_up_is_kept_once(post):
    await post.desk.paid(amount=1000)
    (payer,) = await fetch("SELECT customer FROM stripe_customer")
    setup = CardSetup(
        client=post.desk.client, account=post.desk.viewer.account_id, state=str(SetupState.SUBMITTING),
        makes_default=True, consent=CONSENT, made_at=(await fetch("SELECT now() AS now"))[0]["now"],
    )  # fmt: skip
    await setup.save()
    post.desk.asked(
        "setup_intents", confirm="true", payment_method="pm_card_mastercard", customer=payer["customer"],
        return_url="https://x.example", **{"metadata[setup]": str(setup.public)},
    )  # fmt: skip
    events = post.new()
    await post.bring(*events, *events)
    (card,) = await post.desk.cards()
    assert (card["brand"], card["is_default"], card["consent"]) == ("mastercard", True, CONSENT)
    (row,) = await fetch("SELECT state, card FROM card_setup")
    assert row == {"state": "succeeded", "card": card["id"]}


async def test_a_card_that_its_bank_renews_is_renewed_here(post):
    await post.desk.paid(amount=1000, saves=True)
    (card,) = await post.desk.cards()
    post.desk.stripe.ask("POST", f"payment_methods/{card['method']}", exp_month=3, exp_year=2041)
    await post.bring()
    (card,) = await post.desk.cards()
    assert (card["exp_month"], card["exp_year"]) == (3, 2041)


async def test_a_card_that_is_removed_at_stripe_is_removed_here_and_the_next_takes_its_place(post):
    await post.desk.paid(amount=1000, saves=True)
    await post.desk.paid("mastercard", amount=1000, saves=True)
    post.desk.asked(f"payment_methods/{(await post.desk.cards())[0]['method']}/detach")
    await post.bring()
    (card,) = await post.desk.cards()
    assert (card["brand"], card["is_default"]) == ("mastercard", True)


async def test_a_customer_that_is_deleted_at_stripe_has_no_cards_and_can_pay_again(post):
    await post.desk.paid(amount=1000, saves=True)
    (payer,) = await fetch("SELECT customer FROM stripe_customer")
    post.desk.deleted(f"customers/{payer['customer']}")
    await post.bring()
    assert await post.desk.cards() == []
    row = await post.desk.paid(amount=1000, saves=True)
    (again,) = await fetch("SELECT customer FROM stripe_customer")
    assert row.state == "succeeded" and again["customer"] not in ("", payer["customer"])
