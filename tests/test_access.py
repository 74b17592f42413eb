"""The cast walks over every route, with every id it can name. What nobody declared here is nobody's."""

import re

import pytest

from portal.access import HOLDS, Permission, Role, Viewer, routes
from portal.app import create_app
from portal.practice import switches
from portal.settings import settings
from tests.factories import TEST, a_client, an_invitation

HELD = {
    "front_desk": "client:add client:edit client:read client:read_all document:share estimate:give hours:manage"
    " hours:manage_all ledger:read message:appointments message:billing message:other message:read payment:take"
    " portal_access:manage review:read review:settle schedule:keep schedule:keep_all",
    "clinician": "client:edit client:read document:share encounter:record estimate:give hours:manage ledger:read"
    " message:care message:read portal_access:manage review:read review:settle schedule:keep",
    "biller": "card:charge client:read client:read_all encounter:record estimate:give fee:manage invoice:issue"
    " invoice:void ledger:adjust ledger:read message:billing message:read payment:reverse"
    " payment:take review:read",
    "supervisor": "client:add client:edit client:read client:read_all document:share encounter:record"
    " estimate:give fee:manage form:manage hours:manage hours:manage_all invoice:issue invoice:void"
    " ledger:adjust ledger:read message:announce message:appointments message:billing message:care message:configure"
    " message:other message:read message:supervise payment:reverse payment:take portal_access:manage"
    " review:read review:settle schedule:keep schedule:keep_all",
    "administrator": "audit:read card:charge client:add client:edit client:read client:read_all document:share"
    " encounter:record estimate:give fee:manage form:manage hours:manage hours:manage_all invoice:issue invoice:void"
    " ledger:adjust ledger:read"
    " message:announce message:appointments message:billing message:configure message:other"
    " message:read message:supervise payment:reverse payment:take portal_access:manage"
    " practice:configure review:read review:settle schedule:keep schedule:keep_all staff:manage",
    "privacy_officer": "audit:read client:read client:read_all",
    "auditor": "audit:read",
}
PARTS = ["signed out", "client", "stranger", "ended", "guardian", "clinician", "other clinician"]
PARTS += [role for role in HELD if role != "clinician"]
ROUTES = [
    (path, method, rule.words)
    for path, methods, _, rule in routes(create_app())
    for method in methods.split(",")
    if method != "HEAD"
]
LAST = "/sign-out"
NAMED_BY_CHANCE = "image_id|appointment_id|request_id|email_id|item_id|letter_id|errand_id|kept_id|letter|name|token"
NAMED_BY_CHANCE += "|clinician_id|special_id|type_id|site_id|entry_id|form_id"
NAMED_BY_CHANCE += "|service_id|code_id|staff_id|encounter_id|payment_id|invoice_id|posting_id|run_id"
NAMED_BY_CHANCE += "|thread_id|attachment_id|paper_id|reply_id|absence_id|announcement_id"
NAMED_BY_CHANCE += "|estimate_id|public|card_id|document_id|submission_id"


def test_each_role_holds_what_this_table_says():
    assert {str(role): " ".join(sorted(held)) for role, held in HOLDS.items()} == HELD


def may(part: str, words: str, path: str) -> bool:
    if words.startswith(("public", "signed by its sender")):
        return True
    if part == "signed out":
        return False
    if words == "signed in":
        return True
    if words.startswith("client "):
        return part == "client" or (part == "guardian" and words in ("client any area", "client billing"))
    permission = words.removeprefix("staff ")
    role = "clinician" if part == "other clinician" else part
    if permission not in HELD.get(role, "").split():
        return False
    return not ("{client_id" in path and part == "other clinician")


@pytest.fixture
async def with_cards(cast, monkeypatch):
    """The practice takes cards, keeps them and offers AutoPay. Stripe is not asked: nobody sends a whole form."""
    monkeypatch.setenv("STRIPE_SECRET_KEY", "sk_test_sim_nobody")
    monkeypatch.setenv("STRIPE_PUBLISHABLE_KEY", "pk_test_sim_nobody")
    monkeypatch.setenv("STRIPE_WEBHOOK_SECRET", "whsec_nobody")
    monkeypatch.setenv("STRIPE_API", "http://127.0.0.1:9")
    settings.cache_clear()
    await switches.turn_all(TEST, {"payments.paying": "yes", "payments.autopay": "yes"})
    yield
    monkeypatch.undo()
    settings.cache_clear()


@pytest.mark.parametrize("part", PARTS)
async def test_everybody_finds_what_is_theirs_and_nothing_else(cast, with_cards, part):
    invitation = await an_invitation(cast.client, "other@example.com")
    browser = await cast.browser(part)
    seen = []
    for path, method, words in sorted(ROUTES, key=lambda one: (one[0] == LAST, one[1])):
        address = filled(path, cast.client.id, invitation.id)
        page = await (browser.get(address, follow=False) if method == "GET" else browser.post(address, follow=False))
        seen.append(words)
        assert page.status != 403, address
        assert page.status < 500, address
        away = page.headers.get("location", "").startswith("/sign-in")
        if may(part, words, path):
            assert not (away and part != "signed out" and path != LAST), f"{method} {address} sent {part} to sign in"
            found = page.status != 404 or re.search(rf"\{{({NAMED_BY_CHANCE})", path)
            assert found, f"{method} {address} was hidden from {part}"
        elif part == "signed out":
            assert away, f"{method} {address} let nobody in with {page.status}"
        else:
            assert page.status == 404, f"{method} {address} answered {part} with {page.status}"
    assert len(seen) == len(ROUTES)


def filled(path: str, client_id: int, invitation_id: int) -> str:
    ids = {"client_id": client_id, "token": "1-abc", "name": "nothing", "letter": "nothing", "section": "insurance"}
    ids["public"] = "00000000-0000-4000-8000-000000000000"
    return re.sub(r"\{(\w+):\w+\}", lambda match: str(ids.get(match[1], 1)), path)


@pytest.mark.parametrize("part", ["client", "stranger", "guardian"])
async def test_the_dashboard_of_another_client_is_not_there(cast, part):
    browser = await cast.browser(part)
    theirs = cast.client.id if part == "stranger" else cast.other.id
    assert (await browser.get(f"/clients/{theirs}")).status == 404
    assert (await browser.get("/clients/999999999")).status == 404


async def test_an_ended_grant_ends_now(cast):
    browser = await cast.browser("client")
    assert (await browser.get(f"/clients/{cast.client.id}")).status == 200
    desk = await cast.browser("front_desk")
    await desk.post(f"/staff/clients/{cast.client.id}/portal-access/revocation")
    page = await browser.get(f"/clients/{cast.client.id}", follow=False)
    assert page.status == 303 and page.headers["location"].startswith("/sign-in")


async def test_a_clinician_sees_their_own_clients_only(cast):
    browser = await cast.browser("clinician")
    page = await browser.get("/staff/clients")
    assert "Maya Reyes" in page.words and "Jonah Whitfield" not in page.words
    assert (await browser.get(f"/staff/clients/{cast.other.id}")).status == 404


async def test_staff_never_reach_their_own_chart_as_staff(cast):
    from tests.factories import a_grant

    await a_grant(cast.accounts["front_desk"], cast.other)
    desk = await cast.browser("front_desk")
    assert (await desk.get(f"/staff/clients/{cast.other.id}")).status == 404
    assert "Jonah" not in (await desk.get("/staff/clients")).words
    assert (await desk.get(f"/clients/{cast.other.id}")).status == 200


@pytest.mark.parametrize("part", ["other clinician", "biller", "stranger"])
async def test_an_id_in_a_form_reaches_no_further_than_an_id_in_the_path(cast, part):
    """The e-mail of one chart cannot be removed through another, nor a foreign clinician be chosen."""
    from portal.clients import queries

    theirs = (await queries.emails(TEST, cast.other.id))[0]
    browser = await cast.browser(part)
    page = await browser.post(f"/staff/clients/{cast.client.id}/emails/{theirs.id}/removal")
    assert page.status == 404
    assert len(await queries.emails(TEST, cast.other.id)) == 1


async def test_the_front_desk_cannot_remove_an_email_through_another_chart(cast):
    from portal.clients import queries

    theirs = (await queries.emails(TEST, cast.other.id))[0]
    desk = await cast.browser("front_desk")
    assert (await desk.post(f"/staff/clients/{cast.client.id}/emails/{theirs.id}/removal")).status == 404
    assert len(await queries.emails(TEST, cast.other.id)) == 1


async def test_a_form_changes_nothing_but_what_it_asks_for(cast):
    desk = await cast.browser("front_desk")
    page = await desk.post(
        "/staff/clients",
        given_name="Ann",
        family_name="Lee",
        birth_date_month="2",
        birth_date_day="3",
        birth_date_year="1980",
        chart_number="666",
        id="1",
        is_active="false",
        deceased_on="2020-01-01",
        record_number="X",
    )
    assert page.heading == "Ann Lee"
    from portal.clients.tables import Client

    row = await Client.objects().get(Client.family_name == "Lee")
    assert (row.chart_number, row.is_active, row.deceased_on, row.record_number) == ("10003", True, None, "")


async def test_a_suspended_account_is_out_at_once(cast):
    from portal.accounts.tables import Account

    browser = await cast.browser("front_desk")
    assert (await browser.get("/staff/clients")).status == 200
    await Account.update({Account.is_suspended: True}).where(Account.id == cast.accounts["front_desk"].id)
    assert (await browser.get("/staff/clients", follow=False)).status == 303


async def test_a_new_client_belongs_to_nobody_else(cast):
    """No grant is made by being added or invited: only registration makes one."""
    await a_client("New", "Person")
    for part in ("client", "stranger", "guardian"):
        assert "New Person" not in (await (await cast.browser(part)).get("/")).words


def test_nobody_may_anything():
    assert not any(Viewer.nobody().may(permission) for permission in Permission)
    assert all(Viewer.portal("x").may(permission) for permission in Permission)
    assert set(HOLDS) == set(Role)
