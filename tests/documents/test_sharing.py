"""What is shared is seen at once, once, by whom it is for; what is taken back is gone."""

from datetime import timedelta

import pytest
from asyncpg import RaiseError

from portal import clock
from portal.access import Area, NotFoundException, Reach, Viewer
from portal.database import fetch
from portal.documents.actions import opening, sharing
from portal.documents.queries import kept, shown, waiting
from portal.documents.terms import Terms
from portal.library.tables import FormKind
from portal.refusal import Refused
from portal.review.actions import Stale
from tests.cast import Cast
from tests.documents.steps import a_document, a_form, shared
from tests.factories import TEST


def maya(cast: Cast, *areas: Area) -> Viewer:
    reach = Reach(cast.client.id, "self", frozenset(str(area) for area in areas or Area))
    return Viewer(account_id=cast.accounts["client"].id, name="Maya Reyes", grants=(reach,))


async def state_of(document_id: int) -> str:
    return str((await fetch("SELECT state FROM document WHERE id = {}", document_id))[0]["state"])


async def happened(document_id: int) -> list[str]:
    return [one.step for one in await kept.steps(TEST, document_id)]


async def test_what_is_in_the_chart_is_nobodys_to_read_until_it_is_shared(cast: Cast):
    viewer = maya(cast)
    document_id = await a_document(cast.client.id)
    assert (await shown.listed(viewer, cast.client.id)).documents == []
    with pytest.raises(NotFoundException):
        await shown.document(viewer, cast.client.id, document_id)
    await sharing.share(TEST, document_id, 1, Terms(note="Please read it before you come."))
    (found,) = (await shown.listed(viewer, cast.client.id)).documents
    assert (found.id, found.state, found.note) == (document_id, "pending", "Please read it before you come.")
    assert (await waiting.waiting(viewer, cast.client.id)).many == 1
    assert await happened(document_id) == ["added", "shared"]
    events = [row["kind"] for row in await fetch("SELECT kind FROM event WHERE kind LIKE 'document%'")]
    assert events == ["document.shared"]


async def test_the_first_opening_counts(cast: Cast):
    viewer = maya(cast)
    document_id = await shared(cast.client.id)
    for _ in range(2):
        await opening.opened(viewer, cast.client.id, document_id)
    assert await state_of(document_id) == "opened" and await happened(document_id) == ["added", "shared", "opened"]
    assert (await waiting.waiting(viewer, cast.client.id)).many == 0


async def test_a_form_that_was_opened_still_waits(cast: Cast):
    viewer = maya(cast)
    document_id = await shared(cast.client.id, await a_form(FormKind.PDF, "Intake"))
    await opening.opened(viewer, cast.client.id, document_id)
    page = await shown.listed(viewer, cast.client.id, shown.TO_DO)
    assert [one.id for one in page.documents] == [document_id]
    assert page.counts == {"all": 1, "forms": 1, "documents": 0, "to-sign": 0, "to-do": 1}


async def test_what_is_kept_back_is_seen_when_it_is_shown(cast: Cast):
    viewer = maya(cast)
    document_id = await shared(cast.client.id, hidden_for="unfinished")
    assert (await waiting.waiting(viewer, cast.client.id)).many == 0 and await kept.told(TEST, document_id) is None
    with pytest.raises(NotFoundException):
        await opening.opened(viewer, cast.client.id, document_id)
    await sharing.show(TEST, document_id, 2)
    assert (await waiting.waiting(viewer, cast.client.id)).many == 1
    assert await kept.told(TEST, document_id) == cast.client.id


async def test_what_is_taken_back_is_gone_and_may_be_shared_again(cast: Cast):
    viewer = maya(cast)
    document_id = await shared(cast.client.id)
    with pytest.raises(Stale):
        await sharing.withdraw(TEST, document_id, 1, "")
    await sharing.withdraw(TEST, document_id, 2, "The wrong one")
    assert (await shown.listed(viewer, cast.client.id)).documents == []
    with pytest.raises(Refused):
        await sharing.withdraw(TEST, document_id, 3, "")
    await sharing.share(TEST, document_id, 3, Terms())
    assert await state_of(document_id) == "pending"


async def test_shared_again_nothing_of_the_first_time_stands_on_it(cast: Cast):
    document_id = await shared(cast.client.id, await a_form(FormKind.PDF, "Intake"))
    await opening.opened(maya(cast), cast.client.id, document_id)
    await fetch("UPDATE document SET state = 'declined', sent_at = now(), reason = 'Not mine', settled_at = now()")
    await sharing.share(TEST, document_id, 3, Terms())
    found = await shown.document(maya(cast), cast.client.id, document_id)
    assert (found.opened_at, found.opened_by, found.sent_at, found.settled_at, found.reason) == (None,) * 4 + ("",)


async def test_it_ends_with_its_day_where_that_was_said(cast: Cast):
    today = clock.today("America/New_York")
    ends = await shared(cast.client.id, due_on=today, ends_when_due=True)
    stays = await shared(cast.client.id, due_on=today, once="two")
    with clock.shifted(days=2):
        for _ in range(2):
            await sharing.expire(TEST)
    assert [await state_of(one) for one in (ends, stays)] == ["expired", "pending"]


@pytest.mark.parametrize(
    ("terms", "field"),
    [
        ({"purpose": "eat"}, "purpose"),
        ({"purpose": "fill"}, "purpose"),
        ({"hidden_for": "whim"}, "hidden_for"),
        ({"due_on": timedelta(days=-1)}, "due_on"),
        ({"due_on": timedelta(days=400)}, "due_on"),
        ({"ends_when_due": True}, "due_on"),
    ],
)
async def test_terms_that_do_not_hold_are_refused_beside_their_field(cast: Cast, terms, field):
    today = clock.today("America/New_York")
    told = {name: today + value if name == "due_on" else value for name, value in terms.items()}
    document_id = await a_document(cast.client.id)
    await fetch("UPDATE document SET form_version = NULL")
    with pytest.raises(Refused) as refused:
        await sharing.share(TEST, document_id, 1, Terms(**told))
    assert set(refused.value.sentences) == {field}


async def test_the_same_form_that_is_sent_twice_is_one_paper(cast: Cast):
    form_id = await a_form()
    assert await a_document(cast.client.id, form_id) == await a_document(cast.client.id, form_id)


async def test_it_is_nobody_elses(cast: Cast):
    document_id = await shared(cast.client.id)
    stranger = Reach(cast.other.id, "self", frozenset(str(area) for area in Area))
    jonah = Viewer(account_id=cast.accounts["stranger"].id, grants=(stranger,))
    for viewer, client_id in (
        (jonah, cast.client.id),
        (jonah, cast.other.id),
        (maya(cast, Area.BILLING), cast.client.id),
    ):
        with pytest.raises(NotFoundException):
            await shown.document(viewer, client_id, document_id)
        with pytest.raises(NotFoundException):
            await opening.opened(viewer, client_id, document_id)


async def test_what_happened_stays(cast: Cast):
    document_id = await shared(cast.client.id)
    for sql in ("DELETE FROM document_step", "UPDATE document_step SET step = ''", "UPDATE form_version SET name = ''"):
        with pytest.raises(RaiseError):
            await fetch(sql)
    assert await happened(document_id) == ["added", "shared"]
