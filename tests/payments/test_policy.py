"""Stripe is on the pages where a card is typed, and on no other: nobody else hears who reads what here."""

import re
from pathlib import Path

import pytest

from portal.access import routes
from portal.app import create_app
from portal.settings import settings
from portal.web.headers import ALWAYS, policy
from tests.payments.pages import Way, step
from tests.web.everything import GETS, browser_for, filled

TYPED = {"payment-card", "card-new"}  # where a card is typed
ONWARD = {"payment-review", "pay-link"}  # where a form leads on to Stripe's page
ROOT = Path(__file__).resolve().parents[2]


def parts(headers) -> dict[str, set[str]]:
    told = (one.split(" ") for one in headers["content-security-policy"].split("; "))
    return {name: set(sources) for name, *sources in told}


@pytest.fixture
async def way(desk) -> Way:
    return Way(desk, await desk.cast.browser("client"))


async def test_where_a_card_is_typed_stripes_script_its_frames_and_nothing_more(way):
    page, origin = await way.at_card(which="whole"), way.desk.stripe.url
    told, usual = parts(page.headers), parts({"content-security-policy": policy()})
    assert {name for name in told if told[name] != usual.get(name)} == {
        "script-src", "frame-src", "connect-src", "img-src", "form-action",
    }  # fmt: skip
    assert told["script-src"] == {"'self'", origin} and told["frame-src"] == {origin}
    assert (
        told["form-action"] == {"'self'", origin} and "'unsafe-inline'" not in page.headers["content-security-policy"]
    )
    assert page.headers["cross-origin-opener-policy"] == "same-origin-allow-popups"
    assert f'payment=(self "{origin}")' in page.headers["permissions-policy"]
    assert [one["src"] for one in page.soup.select("script") if one["src"].startswith("http")] == [
        f"{origin}/clover/stripe.js"
    ]
    refused = await way.browser.post(page.path, card="x")
    assert refused.status == 422 and parts(refused.headers) == told


async def test_with_stripes_own_keys_the_origins_are_stripes(way, monkeypatch):
    for name, value in (
        ("STRIPE_API", ""),
        ("STRIPE_SECRET_KEY", "sk_test_of_nobody"),
        ("STRIPE_PUBLISHABLE_KEY", "pk_test_of_nobody"),
    ):
        monkeypatch.setenv(name, value)
    settings.cache_clear()
    page = await way.at_card(which="whole")
    told = parts(page.headers)
    assert told["script-src"] == {"'self'", "https://js.stripe.com", "https://*.js.stripe.com"}
    assert told["frame-src"] == {"https://js.stripe.com", "https://*.js.stripe.com", "https://hooks.stripe.com"}
    assert told["connect-src"] == {"'self'", "https://api.stripe.com"}
    assert told["form-action"] == {"'self'", "https://checkout.stripe.com"}
    assert 'payment=(self "https://js.stripe.com")' in page.headers["permissions-policy"]
    assert 'src="https://js.stripe.com/clover/stripe.js"' in page.text and "sk_test" not in page.text
    page = await way.browser.press(page, "/card", card="new")
    assert page.heading == "Review Payment"
    assert parts(page.headers)["form-action"] == {"'self'", "https://checkout.stripe.com"}


async def test_review_only_leads_there(way):
    page, origin = await way.at_review(), way.desk.stripe.url
    told, usual = parts(page.headers), parts({"content-security-policy": policy()})
    assert {name for name in told if told[name] != usual.get(name)} == {"form-action"}
    assert told["form-action"] == {"'self'", origin} and not re.search(r"<script[^>]*http", page.text)


async def test_the_other_steps_are_pages_as_all_others(way):
    amount = await way.browser.get(step(await way.at_card(which="whole"), "amount"))
    new, waits = await way.browser.get(way.new), await way.paid("authenticationRequired")
    for page in (amount, new, waits, await way.browser.get(way.account)):
        assert page.status == 200
        for name in ("Content-Security-Policy", "Cross-Origin-Opener-Policy", "Permissions-Policy"):
            assert page.headers[name] == ALWAYS[name]


@pytest.mark.parametrize("htmx", [False, True], ids=["page", "fragment"])
async def test_no_other_page_names_stripes_origin(desk, htmx):
    """Every page of the portal, to somebody who may see it."""
    names = {path: name for path, _, name, _ in routes(create_app())}
    for path, _, words in GETS:
        if names[path] in TYPED | ONWARD:
            continue
        browser = await browser_for(desk.cast, words, htmx=htmx)
        page = await browser.get(filled(path, desk.client), follow=False)
        said = page.headers.get("content-security-policy", "") + page.headers.get("permissions-policy", "")
        assert "stripe" not in said and desk.stripe.url not in said, path
        assert "stripe.js" not in page.text and "portal-pay" not in page.text and desk.stripe.url not in page.text, path


def test_no_other_template_loads_it():
    loading = {
        path.relative_to(ROOT / "templates").as_posix()
        for path in (ROOT / "templates").rglob("*.html")
        if "{{ script }}" in path.read_text() or "portal-pay.js" in path.read_text()
    }
    assert loading == {"payments/card.html", "payments/card_new.html"}
