"""Card numbers never come to the portal, and nothing of a client goes to Stripe: all that was written is read."""

import logging
import re
from urllib.parse import unquote_plus

import pytest

from portal.database import fetch
from portal.payments.actions import attempts, charging, keeping, refunding
from portal.payments.facts import Billing
from stripesim import cards
from tests.payments.factories import CONSENT
from tests.payments.post import Post
from tests.payments.test_refunding import Till
from tests.tasks.post import work_through

DIGITS = re.compile(r"(?<![0-9A-Za-z_.])[0-9](?:[ -]?[0-9]){12,18}(?![0-9A-Za-z_])")
COLUMNS = """
SELECT table_name, column_name FROM information_schema.columns
 WHERE table_schema = 'public' AND (data_type IN ('text', 'character varying', 'json', 'jsonb', 'ARRAY', 'bytea'))
"""
# An address of chance may hold any letters, F41 too.
BY_CHANCE = re.compile(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\b[a-z]{2,6}_(?:test_)?[0-9A-Za-z]{14,}")
WHOSE = Billing("Cardholder Name", "12 Quiet Harbor Way", "Apt 3", "Annapolis", "MD", "21401", "US")
HEALTH = ("counsel", "therap", "psych", "H0004", "90834", "diagnos", "F41", "visit", "encounter", "service")


def is_a_card_number(digits: str) -> bool:
    """13 to 19 digits whose check digit is right (Luhn)."""
    told = [int(one) for one in digits if one.isdigit()]
    doubled = [one * 2 - 9 * (one > 4) for one in told[-2::-2]]
    return 13 <= len(told) <= 19 and (sum(doubled) + sum(told[-1::-2])) % 10 == 0


def numbers(text: str) -> list[str]:
    return [found for found in DIGITS.findall(text) if is_a_card_number(found)]


def test_what_is_looked_for_would_be_found():
    for card in cards.ALL:
        spaced = " ".join(re.findall(".{1,4}", card.number))
        assert numbers(f"card[number]={card.number}&x=1") and numbers(f'{{"n": "{spaced}"}}')
    assert numbers("1760000000000") == [] and numbers("4242424242424241") == [] and numbers("pi_4242424242424242") == []


@pytest.fixture
async def everything(desk, caplog):
    """Every way to pay, to keep a card, to fail and to give back, by hand and by events, with logs wide open."""
    caplog.set_level(logging.DEBUG)
    began = len(desk.stripe.requests())
    post = Post(desk)
    row = await desk.paid(amount=3000, saves=True)
    await desk.paid("chargeDeclinedInsufficientFunds", amount=1000)
    asked = await desk.paid("authenticationRequired", amount=1000)
    desk.stripe.authenticate(asked.intent)
    await charging.go_on(charging.PORTAL, asked.id)
    public = await attempts.begin(desk.viewer, desk.client, 2000)
    await attempts.choose_hosted(desk.viewer, desk.client, public, saves=True, makes_default=True, consent=CONSENT)
    hosted = await desk.pressed(public)
    desk.stripe.check_out(hosted.session, "mastercard")
    await charging.go_on(charging.PORTAL, hosted.id)
    (first, *_) = await desk.cards()
    saved = await attempts.begin(desk.viewer, desk.client, 1500)
    await attempts.choose_saved(desk.viewer, desk.client, saved, first["id"])
    await desk.pressed(saved)
    await Till(desk, row).ask(1000, reason="Asked for by phone: her anxiety")
    desk.stripe.fault("500", path="/v1/refunds")
    await Till(desk, row).ask(500, key="another form")
    told = desk.stripe.dispute(asked.intent)
    desk.stripe.decide(told["id"], won=False)
    await keeping.update(desk.viewer, desk.client, first["id"], 11, 2040, WHOSE)
    await keeping.remove(desk.viewer, desk.client, first["id"])
    await post.bring()
    await work_through("charge", "give_back", "mind_cards")
    await refunding.returnable(charging.PORTAL, row.payment)
    assert len(await desk.payments()) >= 6
    return desk, desk.stripe.requests()[began:], caplog.text


async def test_no_card_number_is_anywhere(everything):
    _, requests, logs = everything
    ours = [one for one in requests if "test_helpers" not in one["path"]]
    assert len(ours) > 20
    for one in ours:
        assert numbers(unquote_plus(one["body"])) == [], one["path"]
        assert "number" not in one["body"] and "cvc" not in one["body"], one["path"]
    assert len(logs) > 5000 and numbers(logs) == []
    columns = await fetch(COLUMNS)
    assert len(columns) > 200
    for one in columns:
        sql = f'SELECT "{one["column_name"]}"::text AS said FROM "{one["table_name"]}"'
        for row in await fetch(sql):
            assert numbers(row["said"] or "") == [], one


async def test_nothing_of_a_client_goes_to_stripe(everything):
    """But the holder's name and billing address of a card, which its owner changes there: once, and with that card."""
    desk, requests, _ = everything
    client = (await fetch("SELECT given_name, family_name, chart_number FROM client WHERE id = {}", desk.client))[0]
    accounts = [row["email"] for row in await fetch("SELECT email FROM account")]
    (practice,) = await fetch("SELECT name FROM practice")
    words = [*client.values(), *accounts, "anxiety", "Asked for"]
    for one in requests:
        if one["method"] != "POST" or "test_helpers" in one["path"]:
            continue
        said = BY_CHANCE.sub("", unquote_plus(one["body"])).replace(practice["name"], "")
        for word in [*words, *HEALTH]:
            assert word and word.casefold() not in said.casefold(), (one["path"], word, said)
    holds = [one for one in requests if "Quiet Harbor" in unquote_plus(one["body"])]
    assert [re.sub("pm_.*", "pm_", one["path"]) for one in holds] == ["/v1/payment_methods/pm_"]


async def test_no_billing_address_is_kept_here(everything):
    _, requests, _ = everything
    assert [one for one in requests if "Quiet Harbor" in unquote_plus(one["body"])], "Stripe has it"
    for one in await fetch(COLUMNS):
        sql = f'SELECT "{one["column_name"]}"::text AS said FROM "{one["table_name"]}"'
        assert not [row for row in await fetch(sql) if "Quiet Harbor" in (row["said"] or "")], one
