"""Who finds which document, by every address and every id that can be named."""

import re

import pytest

from portal.access import Area
from portal.database import fetch
from portal.documents.actions import adding, sharing
from portal.documents.terms import Terms
from tests.documents.pages import of_chart, of_client, of_staff
from tests.documents.steps import a_form, shared
from tests.factories import TEST, a_grant, an_account
from tests.uploads.files import a_pdf
from tests.web.everything import ROUTES, must_change_nothing, must_find

READERS = {"client"}
SHARERS = {"clinician", "front_desk", "supervisor", "administrator"}
ONE = ("", "/file", "/picture", "/picture?page=2", "/preview")
CHART = ("", "sharings/new")
# Walked in tests/signing and in tests/copies.
SIGNING, SIGNING_OF_STAFF = {"/signature", "/declining", "/copy"}, {"submission", "declining", "copy"}
STAFF = ("", "file", "picture", "withdrawal")


async def a_file(client_id: int) -> int:
    document_id = await adding.add_file(TEST, client_id, "plan.pdf", a_pdf(pages=2), title="Plan", once="x")
    await sharing.share(TEST, document_id, 1, Terms())
    return document_id


async def test_everybody_finds_the_documents_that_are_theirs_and_nobody_anothers(cast):
    mine, theirs = await a_file(cast.client.id), await a_file(cast.other.id)
    for part in cast.parts:
        browser = await cast.browser(part)
        asked = {of_client(cast): part in READERS, **{of_chart(cast, rest): part in SHARERS for rest in CHART}}
        asked |= {of_client(cast, f"{mine}{rest}"): part in READERS for rest in ONE}
        asked |= {of_client(cast, f"{one}{rest}"): False for rest in ONE for one in (theirs, 999, 2**63)}
        asked |= {of_staff(mine, rest): part in SHARERS for rest in STAFF}
        asked |= {of_staff(theirs, rest): part in SHARERS - {"clinician"} for rest in STAFF}
        asked |= {of_staff(one, rest): False for rest in STAFF for one in (999, 2**63)}
        await must_find(browser, part, asked)


async def test_nobody_else_changes_anything(cast):
    mine, theirs = await a_file(cast.client.id), await a_file(cast.other.id)
    form_id = await a_form()
    told = {"title": "x", "purpose": "share", "hidden_for": "now", "forms": str(form_id), "version": "2", "reason": "x"}
    for part in cast.parts:
        browser = await cast.browser(part)
        addresses = [of_client(cast, f"{theirs}/opening"), of_client(cast, "999/opening"), of_staff(999, "sharing")]
        if part not in READERS:
            addresses.append(of_client(cast, f"{mine}/opening"))
        if part not in SHARERS:
            addresses += [of_staff(mine, rest) for rest in ("sharing", "showing", "withdrawal")]
            addresses += [of_chart(cast), of_chart(cast, "sharings")]
        if part not in SHARERS - {"clinician"}:
            addresses += [of_staff(theirs, rest) for rest in ("sharing", "showing", "withdrawal")]
            addresses += [f"/staff/clients/{cast.other.id}/documents/sharings"]
        await must_change_nothing(browser, part, addresses, told)


async def test_a_guardian_without_the_area_finds_neither_tile_nor_page(cast):
    document_id = await a_file(cast.client.id)
    account = await an_account("parent@example.com", name="Ana Reyes")
    await a_grant(account, cast.client, kind="guardian", areas=[str(one) for one in Area if one != Area.DOCUMENTS])
    cast.accounts["parent"] = account
    parent = await cast.browser("parent")
    page = await parent.get(f"/clients/{cast.client.id}")
    assert "Appointments" in page.words and "My Documents" not in page.words and "Plan" not in page.words
    for rest in ("", f"/{document_id}", f"/{document_id}/file"):
        assert (await parent.get(f"{of_client(cast)}{rest}")).status == 404
    await fetch("UPDATE access_grant SET areas = areas || 'documents'::varchar WHERE account = {}", account.id)
    assert (await parent.get(of_client(cast, document_id))).status == 200


async def test_staff_never_keep_their_own_chart(cast):
    document_id = await a_file(cast.client.id)
    await a_grant(cast.accounts["front_desk"], cast.client)
    desk = await cast.browser("front_desk")
    for address in (of_chart(cast), of_chart(cast, "sharings/new"), *(of_staff(document_id, rest) for rest in STAFF)):
        assert (await desk.get(address)).status == 404, address
    for rest in ("sharing", "showing", "withdrawal"):
        assert (await desk.post(of_staff(document_id, rest), version="2", reason="x")).status == 404
    assert (await desk.get(of_client(cast, document_id))).status == 200  # as anybody reads their own


async def test_an_ended_grant_ends_with_what_was_open(cast):
    document_id = await a_file(cast.client.id)
    browser = await cast.browser("client")
    assert (await browser.get(of_client(cast, f"{document_id}/file"))).status == 200
    await fetch("UPDATE access_grant SET ends_at = now() WHERE client = {}", cast.client.id)
    page = await browser.get(of_client(cast, f"{document_id}/file"), follow=False)
    assert page.status == 404 or page.headers["location"].startswith("/sign-in")


@pytest.mark.parametrize("of", ["form", "file"])
async def test_a_document_of_another_chart_is_not_reached_through_ones_own(cast, of):
    theirs = await shared(cast.other.id) if of == "form" else await a_file(cast.other.id)
    browser = await cast.browser("client")
    for rest in ONE:
        assert (await browser.get(of_client(cast, f"{theirs}{rest}"))).status == 404
        assert (await browser.get(f"/clients/{cast.other.id}/documents/{theirs}{rest}")).status == 404


def test_every_route_of_documents_is_walked_here():
    """A new one is added to the lists above."""
    walked = {of.replace("?page=2", "") for of in ONE} | {"/opening"}
    of_clients = {path for path, _, _ in ROUTES if path.startswith("/clients/{client_id:int}/documents/")}
    rest = {re.sub(r"^/clients/[^/]+/documents/[^/]+", "", path) for path in of_clients}
    assert {one for one in rest if not one.startswith("/form")} - SIGNING == walked  # see tests/filling/test_access.py
    staff = {path.rpartition("}")[2].strip("/") for path, _, _ in ROUTES if path.startswith("/staff/documents/")}
    assert staff - SIGNING_OF_STAFF == {*STAFF, "sharing", "showing"}
    chart = {
        path.rpartition("/documents")[2].strip("/")
        for path, _, _ in ROUTES
        if "/staff/clients/" in path and "/documents" in path
    }
    assert chart == {*CHART, "sharings"}
