"""Who signs, who looks at what was signed, by every address and every id that can be named."""

import pytest

from portal.database import fetch
from portal.signing.actions import declining
from tests.documents.pages import of_client, of_staff
from tests.filling.steps import maya
from tests.signing.acts import a_consent, signed, to_be_signed
from tests.web.everything import must_change_nothing, must_find

SIGNERS = {"client"}
SHARERS = {"clinician", "front_desk", "supervisor", "administrator"}
WHAT = ("signature", "declining")
TYPED = {
    "agree": "yes", "name": "Maya Reyes", "seen": "x", "meant": "x", "common_reason": "paper", "reason": "x",
    "decision": "approve", "version": "5",
}  # fmt: skip


@pytest.fixture
async def ids(cast) -> tuple[int, int, int]:
    """One to sign, one sent, one declined."""
    submission_id = await signed(cast)
    waiting = await to_be_signed(cast, once="two")
    declined = await to_be_signed(cast, once="three")
    await declining.decline(maya(cast), cast.client.id, declined, "paper", "")
    return waiting, submission_id, declined


async def test_everybody_finds_what_is_theirs_and_nothing_else(cast, ids):
    waiting, submission_id, declined = ids
    for part in cast.parts:
        browser = await cast.browser(part)
        asked = {of_client(cast, f"{waiting}/{what}"): part in SIGNERS for what in WHAT}
        asked |= {f"/clients/{cast.other.id}/documents/{waiting}/{what}": False for what in WHAT}
        asked |= {of_client(cast, f"{one}/{what}"): False for what in WHAT for one in (999, 2**63)}
        asked |= {f"/staff/submissions/{submission_id}": part in SHARERS, "/staff/submissions/999": False}
        asked |= {of_staff(declined, "declining"): part in SHARERS, of_staff(999, "declining"): False}
        asked |= {of_staff(999, "submission"): False, f"/staff/submissions/{submission_id}/signature": False}
        await must_find(browser, part, asked)


async def test_nobody_else_changes_anything(cast, ids):
    waiting, submission_id, declined = ids
    for part in cast.parts:
        browser = await cast.browser(part)
        addresses = [of_client(cast, f"999/{what}") for what in WHAT]
        addresses += [f"/clients/{cast.other.id}/documents/{waiting}/{what}" for what in WHAT]
        addresses += ["/staff/submissions/999", of_staff(999, "declining")]
        if part not in SIGNERS:
            addresses += [of_client(cast, f"{waiting}/{what}") for what in WHAT]
        if part not in SHARERS:
            addresses += [f"/staff/submissions/{submission_id}", of_staff(declined, "declining")]
        await must_change_nothing(browser, part, addresses, TYPED)


async def test_a_document_of_another_chart_is_not_signed_through_ones_own(cast):
    await a_consent(maya(cast))
    theirs = await to_be_signed(cast)
    await fetch("UPDATE document SET client = {}", cast.other.id)
    browser = await cast.browser("client")
    for what in WHAT:
        assert (await browser.get(of_client(cast, f"{theirs}/{what}"))).status == 404
        assert (await browser.post(of_client(cast, f"{theirs}/{what}"), **TYPED)).status == 404
    assert not await fetch("SELECT 1 FROM form_signature")


async def test_a_clinician_looks_at_what_their_own_clients_sent(cast, ids):
    _, submission_id, declined = ids
    other = await cast.browser("other clinician")
    for address in (f"/staff/submissions/{submission_id}", of_staff(declined, "declining")):
        assert (await other.get(address)).status == 404
        assert (await other.post(address, **TYPED)).status == 404
