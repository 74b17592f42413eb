"""Who finds a form to fill in, by every address and every id that can be named."""

import re

import pytest

from portal.access import Area
from portal.database import fetch
from portal.documents.actions import sharing
from portal.web.typed import inputs_of
from tests.documents.pages import of_client
from tests.documents.steps import shared
from tests.factories import TEST, a_grant, an_account
from tests.filling.steps import EVERYTHING, a_form_of, answered, with_client
from tests.web.everything import ROUTES, changed, digest, must_change_nothing

READS = ("", "/review", "/all", "/pages/1", "/pages/3")
WRITES = ("/review", "/all", "/all/draft", "/pages/1", "/pages/1/draft")
TYPED = {"q-0": "Somebody", "seen": "0" * 64}


async def test_everybody_finds_the_forms_that_are_theirs_and_nobody_anothers(cast):
    form_id = await a_form_of(EVERYTHING)
    mine, theirs = await shared(cast.client.id, form_id), await shared(cast.other.id, form_id)
    for part in cast.parts:
        browser = await cast.browser(part)
        asked = {of_client(cast, f"{mine}/form{rest}"): part == "client" for rest in READS}
        asked |= {of_client(cast, f"{one}/form{rest}"): False for rest in READS for one in (theirs, 999, 2**63)}
        for address, is_found in asked.items():
            page = await browser.get(address, follow=False)
            if part == "signed out":
                assert page.headers["location"].startswith("/sign-in"), address
            else:
                assert page.status in ((200, 303) if is_found else (404,)), f"{part}: {address} {page.status}"


async def test_nobody_else_changes_anything(cast):
    form_id = await a_form_of(EVERYTHING)
    mine, theirs = await shared(cast.client.id, form_id), await shared(cast.other.id, form_id)
    for part in cast.parts:
        documents = (theirs, 999) if part == "client" else (mine, theirs, 999)
        addresses = [of_client(cast, f"{one}/form{rest}") for rest in WRITES for one in documents]
        await must_change_nothing(await cast.browser(part), part, addresses, TYPED)


@pytest.mark.parametrize("how", ["withdrawn", "kept back", "not shared", "another client's"])
async def test_what_is_not_theirs_to_see_is_not_there_by_any_address(cast, how):
    document_id = await with_client(cast, hidden_for="harm" if how == "kept back" else "")
    if how == "withdrawn":
        await sharing.withdraw(TEST, document_id, 2, "The wrong one")
    elif how == "not shared":
        await fetch("UPDATE document SET state = 'not_shared'")
    elif how == "another client's":
        await fetch("UPDATE document SET client = {}", cast.other.id)
    browser, before = await cast.browser("client"), await digest()
    for rest in READS:
        assert (await browser.get(of_client(cast, f"{document_id}/form{rest}"))).status == 404, rest
    for rest in WRITES:
        assert (await browser.post(of_client(cast, f"{document_id}/form{rest}"), **TYPED)).status == 404, rest
    assert changed(before, await digest()) <= {"session"}


async def test_a_guardian_without_the_area_finds_none(cast):
    document_id = await with_client(cast)
    account = await an_account("parent@example.com", name="Ana Reyes")
    await a_grant(account, cast.client, kind="guardian", areas=[str(one) for one in Area if one != Area.DOCUMENTS])
    cast.accounts["parent"] = account
    parent = await cast.browser("parent")
    for rest in READS:
        assert (await parent.get(of_client(cast, f"{document_id}/form{rest}"))).status == 404
    for rest in WRITES:
        assert (await parent.post(of_client(cast, f"{document_id}/form{rest}"), **TYPED)).status == 404


def test_every_route_of_filling_in_is_walked_here():
    form = "/clients/{client_id:int}/documents/{document_id:int}/form"
    found = {(method, path.removeprefix(form)) for path, method, _ in ROUTES if path.startswith(form)}
    walked = {("GET", one) for one in READS} | {("POST", one) for one in WRITES}
    assert found == {(method, re.sub("/[13]", "/{number:int}", rest)) for method, rest in walked}


async def test_what_is_given_back_apart_from_its_page_says_which_answer_it_is(cast):
    document_id, browser = await with_client(cast), await cast.browser("client")
    for rest in ("pages/1", "pages/3", "all"):
        page = await browser.get(of_client(cast, f"{document_id}/form/{rest}"))
        form = page.soup.select_one("main form")
        names = {str(one["name"]) for one in form.select("[name]")} - {"_csrf_token"}
        known = inputs_of(str(form["action"]), [(name, "1") for name in names])
        assert names <= set(known), rest
        unsaid = {name for name in names if not str(known[name].label)}
        assert unsaid == {"known", "act"}
    assert str(inputs_of(of_client(cast, "1/form/all"), [("q-1_month", "4")])["q-1_month"].label) == "Answer 2: Month"


async def test_what_an_expired_session_was_about_to_save_is_given_back_and_saved(cast):
    document_id, browser = await with_client(cast), await cast.browser("client")
    page = await browser.get(of_client(cast, f"{document_id}/form/pages/1"))
    await fetch("UPDATE session SET seen_at = seen_at - interval '1 hour'")
    told = await browser.press(page, "/form/pages/1", {"q-0": "Maya Reyes", "q-1_month": "4"})
    assert "/sign-in" in told.path
    again = await cast.browser("client")
    page = await again.get("/account/kept-post")
    told = {one.dt.get_text(): one.dd.get_text() for one in page.soup.select("#kept_post .facts > div")}
    assert told == {"Answer 1": "Maya Reyes", "Answer 2: Month": "4"}
    sent = await again.press(page, "/account/kept-post/1", _decision="send")
    assert sent.status == 422 and sent.errors == {"q-1": "Enter the whole date: Date of birth"}
    assert await answered(document_id) == {"full_name": ["Maya Reyes"]}
