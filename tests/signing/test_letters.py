"""A letter when what was sent comes back or is accepted: to who reads the documents, and it says nothing."""

import pytest

from portal.database import fetch
from portal.letters.tables import Delivery
from portal.signing.actions import deciding, signing
from portal.signing.queries import sent as sendings
from tests.documents.test_letters import SECRETS
from tests.factories import TEST, a_grant, an_account
from tests.filling.steps import maya
from tests.letters.test_letters import HEALTH, page_of, sent, text_of
from tests.signing.acts import a_mark, of_staff, signed
from tests.tasks.post import work_through

KINDS = ("document-accepted", "document-returned")


async def letters() -> list[Delivery]:
    return await Delivery.objects().where(Delivery.kind.is_in(list(KINDS))).order_by(Delivery.id)


async def answered(cast, kind: str) -> int:
    """Returns the number of the document."""
    submission_id = await signed(cast)
    one = await sendings.submission(TEST, submission_id)
    if kind == "document-accepted":
        await deciding.accept(await of_staff(cast), submission_id, one.version, {}, None)
    else:
        await deciding.give_back(await of_staff(cast), submission_id, one.version, "unclear", "Quillon")
    return one.document_id


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("tongue", ["en", "es"])
async def test_it_goes_to_who_reads_the_documents_and_names_neither_title_nor_reason(cast, kind, tongue):
    account = await an_account("parent@example.com", name="Ana Reyes", language=tongue)
    await a_grant(account, cast.client, kind="guardian", areas=["documents"])
    await fetch("UPDATE account SET language = {}", tongue)
    document_id = await answered(cast, kind)
    await work_through("announce")
    found = await letters()
    assert sorted((one.address, one.kind) for one in found) == [
        ("maya@example.com", kind),
        ("parent@example.com", kind),
    ]
    for one in found:
        message = await sent(one)
        address = f"/clients/{cast.client.id}/documents/{document_id}"
        plain, page = text_of(message), page_of(message).get_text(" ")
        assert address in plain and ("Sign in" in plain if tongue == "en" else "Inicie sesión" in plain)
        said = f"{message['Subject']}\n{plain}\n{page}".replace(address, "").lower()
        assert [secret for secret in (*SECRETS, "unclear", "in other words") if secret in said] == []
        assert not HEALTH.search(said.replace("harbor lane counseling", ""))


async def test_none_goes_out_of_what_was_sent_again_meanwhile(cast):
    document_id = await answered(cast, "document-returned")
    await work_through("announce")
    await signing.sign(maya(cast), cast.client.id, document_id, await a_mark(maya(cast), cast.client.id, document_id))
    await work_through("deliver")
    assert [one.state for one in await letters()] == ["dropped"]
