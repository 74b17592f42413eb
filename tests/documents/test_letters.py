"""A letter for each share, to whoever reads the client's documents, and it says nothing."""

import pytest

from portal.access import Area
from portal.database import fetch
from portal.documents.actions import opening, sharing
from portal.letters.tables import Delivery
from portal.library.tables import FormKind
from tests.documents.pages import of_chart
from tests.documents.steps import a_form, shared
from tests.documents.test_sharing import maya
from tests.factories import TEST, a_grant, an_account
from tests.letters.test_letters import HEALTH, page_of, sent, text_of
from tests.tasks.post import work_through

SECRETS = (
    "quillon",
    "intake",
    "form",
    "document",
    "sign:",
    "formulario",
    "documento",
    "firm",
    "harm",
    "reyes",
    "okafor",
)


async def letters() -> list[Delivery]:
    return await Delivery.objects().where(Delivery.kind == "document-shared").order_by(Delivery.id)


@pytest.mark.parametrize("tongue", ["en", "es"])
async def test_it_goes_to_who_reads_the_documents_and_names_neither_title_nor_kind(cast, tongue):
    account = await an_account("parent@example.com", name="Ana Reyes", language=tongue)
    await a_grant(account, cast.client, kind="guardian", areas=[str(Area.DOCUMENTS)])
    suspended = await an_account("gone@example.com", is_suspended=True)
    await a_grant(suspended, cast.client, kind="guardian")
    await fetch("UPDATE account SET language = {}", tongue)
    form_id = await a_form(FormKind.PDF, "Quillon intake", is_signed=True)
    document_id = await shared(cast.client.id, form_id, note="Quillon")
    await work_through("announce")
    found = await letters()
    assert sorted(one.address for one in found) == ["maya@example.com", "parent@example.com"]
    for one in found:
        message = await sent(one)
        address = f"/clients/{cast.client.id}/documents/{document_id}"
        plain, page = text_of(message), page_of(message).get_text(" ")
        assert address in plain and ("Sign in" in plain if tongue == "en" else "Inicie sesión" in plain)
        said = f"{message['Subject']}\n{plain}\n{page}".replace(address, "").lower()
        assert [secret for secret in SECRETS if secret in said] == []
        assert not HEALTH.search(said.replace("harbor lane counseling", ""))


async def test_each_share_has_its_letter(cast):
    desk = await cast.browser("front_desk")
    ids = [str(await a_form(title=f"Sheet {number}")) for number in range(3)]
    await desk.press(await desk.get(of_chart(cast, "sharings/new")), of_chart(cast, "sharings"), forms=ids)
    await work_through("announce")
    assert [one.address for one in await letters()] == ["maya@example.com"] * 3


@pytest.mark.parametrize("meanwhile", ["opened", "withdrawn", "kept back"])
@pytest.mark.parametrize("when", ["before it is written", "before it leaves"])
async def test_none_goes_out_of_what_does_not_wait_any_more(cast, meanwhile, when):
    document_id = await shared(cast.client.id)
    if when == "before it leaves":
        await work_through("announce")
    if meanwhile == "opened":
        await opening.opened(maya(cast), cast.client.id, document_id)
    elif meanwhile == "withdrawn":
        await sharing.withdraw(TEST, document_id, 2, "The wrong one")
    else:
        await fetch("UPDATE document SET hidden_for = 'harm'")
    await work_through("announce")
    await work_through("deliver")
    assert [one.state for one in await letters()] == (["dropped"] if when == "before it leaves" else [])


async def test_what_was_kept_back_has_its_letter_when_it_is_shown(cast):
    document_id = await shared(cast.client.id, hidden_for="unfinished")
    await work_through("announce")
    assert await letters() == []
    await sharing.show(TEST, document_id, 2)
    await work_through("announce")
    await work_through("deliver")
    assert [one.state for one in await letters()] == ["sent"]


async def test_where_nobody_reads_nobody_hears(cast):
    await fetch("UPDATE access_grant SET areas = ARRAY['billing']")
    await shared(cast.client.id)
    await work_through("announce")
    assert await letters() == []
