"""A client says no, with a reason; staff find it in their queue."""

import pytest

from portal.access import NotFoundException, Viewer
from portal.database import fetch
from portal.documents.actions import rows
from portal.documents.actions.sharing import share
from portal.documents.queries import kept
from portal.documents.tables import Purpose
from portal.documents.terms import Terms
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.review.queries import items
from portal.signing.actions import declining
from portal.signing.kinds import DECLINED
from tests.documents.test_sharing import happened, state_of
from tests.factories import TEST
from tests.filling.steps import a_shared_form, maya
from tests.signing.acts import of_staff, signed, to_be_signed


@pytest.fixture
async def document_id(cast) -> int:
    return await to_be_signed(cast)


async def test_staff_find_it_in_the_queue_with_the_reason_and_look_at_it_once(cast, document_id):
    for _ in range(2):
        await declining.decline(maya(cast), cast.client.id, document_id, "questions", "What is section 3?")
    assert await state_of(document_id) == "declined"
    assert await happened(document_id) == ["added", "shared", "opened", "declined"]
    desk = await of_staff(cast)
    item = await items.item_of(desk, DECLINED.name, document_id)
    assert (item.title, item.line, item.url) == (
        "Document declined by the client", "Intake", f"/staff/documents/{document_id}/declining",
    )  # fmt: skip
    found = await kept.document(desk, document_id)
    assert found.why == "I have questions about it first. What is section 3?"
    assert [one.detail for one in await kept.steps(desk, document_id)][-1] == "common:questions\nWhat is section 3?"
    await declining.acknowledge(desk, document_id)
    assert (await items.item_of(desk, DECLINED.name, document_id)).outcome == "Looked at"
    with pytest.raises(Stale):
        await declining.acknowledge(desk, document_id)
    assert len(await fetch("SELECT id FROM event WHERE kind = 'document.declined'")) == 1


async def test_a_reason_is_needed(cast, document_id):
    with pytest.raises(Refused) as refused:
        await declining.decline(maya(cast), cast.client.id, document_id, "", "No")
    assert "common_reason" in refused.value.sentences and await state_of(document_id) == "opened"


async def test_what_was_sent_or_is_only_to_be_read_cannot_be_declined(cast):
    submission_id = await signed(cast)
    (row,) = await fetch("SELECT document FROM form_submission WHERE id = {}", submission_id)
    with pytest.raises(Refused) as refused:
        await declining.decline(maya(cast), cast.client.id, row["document"], "paper", "")
    assert refused.value is rows.NOT_ANY_MORE
    read = await a_shared_form(cast, purpose=Purpose.READ)
    with pytest.raises(NotFoundException):
        await declining.decline(maya(cast), cast.client.id, read, "paper", "")


async def test_a_form_to_fill_in_can_be_declined_and_shared_again(cast):
    document_id = await a_shared_form(cast)
    await declining.decline(maya(cast), cast.client.id, document_id, "paper", "")
    version = (await kept.document(TEST, document_id)).version
    await share(TEST, document_id, version, Terms(purpose=Purpose.FILL))
    (row,) = await fetch("SELECT state, common_reason, reason, settled_at FROM document WHERE id = {}", document_id)
    assert row == {"state": "pending", "common_reason": "", "reason": "", "settled_at": None}


async def test_nobody_else_declines_it_or_looks_at_it(cast, document_id):
    stranger = Viewer(account_id=cast.accounts["stranger"].id)
    with pytest.raises(NotFoundException):
        await declining.decline(stranger, cast.client.id, document_id, "paper", "")
    await declining.decline(maya(cast), cast.client.id, document_id, "paper", "")
    for viewer in (maya(cast), await of_staff(cast, "biller")):
        with pytest.raises(NotFoundException):
            await declining.acknowledge(viewer, document_id)
