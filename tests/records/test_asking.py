"""A client asks once, the time runs, staff answer within it or say why not."""

from datetime import date, timedelta

import pytest

from portal import clock
from portal.access import Area, NotFoundException
from portal.database import fetch
from portal.notifications.documents import tell_records_answered
from portal.outbox import Event
from portal.records import rules
from portal.records.actions import answering, asking
from portal.records.actions.asking import Asked
from portal.records.queries import requests
from portal.refusal import Refused
from portal.review.actions import Stale
from portal.review.kinds import kind_of
from tests.cast import Cast
from tests.documents.steps import a_document, shared
from tests.documents.test_sharing import state_of
from tests.factories import TEST
from tests.records.steps import NOTES, asked, maya, version_of


async def item() -> dict | None:
    found = await fetch("SELECT kind, subject_id, url, about, needs, outcome, settled_at FROM review_item")
    return dict(found[0]) if found else None


async def letters() -> list[str]:
    """What follows from the events, written as the worker would."""
    for row in await fetch("SELECT * FROM event WHERE kind IN ('records.answered', 'records.put_off') ORDER BY id"):
        await tell_records_answered(Event(**row))
    return [row["kind"] for row in await fetch("SELECT kind FROM delivery WHERE kind = 'records-answered' ORDER BY id")]


async def test_what_was_asked_waits_for_staff_with_its_last_day(cast: Cast):
    made = await asked(cast)
    today = clock.today("America/New_York")
    assert made.due_on == today + timedelta(days=30)
    found = await item()
    assert found is not None
    assert (found["kind"], found["url"], found["needs"]) == (
        "records.asked", f"/staff/record-requests/{made.id}", "document:share",
    )  # fmt: skip
    assert str(made.due_on.day) in str(kind_of("records.asked").says(found["about"]))
    (one,) = await requests.of_client(maya(cast), cast.client.id)
    assert [str(said) for said in one.kinds] == ["Notes of visits"] and one.is_open
    assert [row["kind"] for row in await fetch("SELECT kind FROM event")] == ["review.opened", "records.asked"]
    audited = await fetch("SELECT detail::text AS detail FROM audit_row WHERE act = 'records.asked'")
    assert len(audited) == 1 and "sleep" not in audited[0]["detail"]


async def test_the_same_form_sent_again_is_one_request(cast: Cast):
    assert (await asked(cast)).id == (await asked(cast)).id
    assert len(await requests.of_client(maya(cast), cast.client.id)) == 1


@pytest.mark.parametrize(
    ("what", "where"),
    [
        (Asked(()), "wanted"),
        (Asked(("everything", "secrets")), "wanted"),
        (Asked(("other",)), "words"),
        (Asked(("notes",), first_day=date(2026, 5, 2), last_day=date(2026, 5, 1)), "last_day"),
        (Asked(("notes",), first_day=date(2199, 1, 1)), "first_day"),
        (Asked(("notes",), way="pigeon"), "way"),
    ],
)
async def test_what_cannot_be_asked_is_said_beside_its_field(cast: Cast, what, where):
    with pytest.raises(Refused) as refused:
        await asked(cast, what)
    assert where in refused.value.sentences
    assert await requests.of_client(maya(cast), cast.client.id) == []


async def test_nobody_floods_the_practice(cast: Cast):
    for number in range(rules.MOST_OPEN):
        await asked(cast, once=str(number))
    with pytest.raises(Refused):
        await asked(cast, once="more")
    await asking.note(TEST.on(staff_id=1), cast.client.id, NOTES, "noted")


async def test_who_does_not_read_the_documents_finds_none(cast: Cast):
    made = await asked(cast)
    other = maya(cast, Area.BILLING)
    for act in (
        requests.of_client(other, cast.client.id),
        requests.request(other, cast.client.id, made.id),
        asking.ask(other, cast.client.id, NOTES, "x"),
        asking.withdraw(other, cast.client.id, made.id),
        requests.request(maya(cast), cast.other.id, made.id),
    ):
        with pytest.raises(NotFoundException):
            await act


async def test_taken_back_it_waits_no_more_and_nobody_answers_it(cast: Cast):
    made = await asked(cast)
    for _ in range(2):
        await asking.withdraw(maya(cast), cast.client.id, made.id)
    found = await item()
    assert found is not None and found["outcome"] == "withdrawn" and found["settled_at"]
    with pytest.raises(Stale):
        await answering.give(TEST, made.id, made.version, [], "")


async def test_an_answer_shares_what_was_not_shared_and_stands_beside_the_request(cast: Cast):
    made = await asked(cast)
    new, old = await a_document(cast.client.id, once="new"), await shared(cast.client.id, once="old")
    await answering.give(TEST, made.id, await version_of(made.id), [new, old], "Both are there.")
    assert await state_of(new) == "pending"
    one = await requests.request(maya(cast), cast.client.id, made.id)
    assert (one.state, one.answer) == ("ready", "Both are there.")
    assert [answer.id for answer in await requests.answers(maya(cast), one)] == [new, old]
    found = await item()
    assert found is not None and found["outcome"] == "ready"
    assert await letters() == []  # the paper that was shared has one


async def test_what_is_taken_back_later_is_not_found_beside_it_either(cast: Cast):
    made, paper = await asked(cast), await shared(cast.client.id)
    await answering.give(TEST, made.id, await version_of(made.id), [paper], "")
    await fetch("UPDATE document SET state = 'withdrawn' WHERE id = {}", paper)
    assert await requests.answers(maya(cast), await requests.request(maya(cast), cast.client.id, made.id)) == []


async def test_papers_of_another_client_answer_nothing(cast: Cast):
    made, strange = await asked(cast), await a_document(cast.other.id)
    with pytest.raises(NotFoundException):
        await answering.give(TEST, made.id, await version_of(made.id), [strange], "")
    assert (await requests.staff_request(TEST, made.id)).is_open and await state_of(strange) == "not_shared"


async def test_in_the_portal_means_with_something_and_on_paper_without(cast: Cast):
    portal_, paper = await asked(cast), await asked(cast, Asked(("notes",), way="mail"), once="two")
    with pytest.raises(Refused) as refused:
        await answering.give(TEST, portal_.id, await version_of(portal_.id), [], "")
    assert "documents" in refused.value.sentences
    await answering.give(TEST, paper.id, await version_of(paper.id), [], "")
    assert await letters() == ["records-answered"]


async def test_what_is_not_given_has_its_ground_and_a_letter(cast: Cast):
    made = await asked(cast)
    with pytest.raises(Refused):
        await answering.deny(TEST, made.id, await version_of(made.id), "mood", "No.")
    await answering.deny(TEST, made.id, await version_of(made.id), "harm", "We talk about it at your next visit.")
    one = await requests.request(maya(cast), cast.client.id, made.id)
    assert (one.state, one.ground, one.is_looked_at_again) == ("denied", "harm", True)
    assert await letters() == ["records-answered"]


async def test_it_is_put_off_once_within_sixty_days_and_the_queue_knows_the_new_day(cast: Cast):
    made = await asked(cast)
    for days in (-30, 0, 31):
        until = made.due_on + timedelta(days=days)
        version = await version_of(made.id)
        with pytest.raises(Refused):
            await answering.put_off(TEST, made.id, version, until, "Many pages")
    until = made.due_on + timedelta(days=30)
    await answering.put_off(TEST, made.id, await version_of(made.id), until, "Many pages")
    found = await item()
    assert found is not None and found["about"].startswith(until.isoformat())
    with pytest.raises(Refused):
        await answering.put_off(TEST, made.id, await version_of(made.id), until + timedelta(days=1), "Again")
    assert await letters() == ["records-answered"]


async def test_after_its_day_it_cannot_be_put_off(cast: Cast):
    made = await asked(cast)
    with clock.shifted(days=31), pytest.raises(Refused):
        await answering.put_off(TEST, made.id, 1, made.due_on + timedelta(days=9), "Late")


async def test_of_two_who_answer_one_does(cast: Cast):
    made = await asked(cast, Asked(("notes",), way="mail"))
    await answering.give(TEST, made.id, 1, [], "")
    with pytest.raises(Stale):
        await answering.deny(TEST, made.id, 1, "harm", "No.")
