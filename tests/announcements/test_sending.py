"""One announcement to many: to each client in a thread of their own, once, and to nobody who may not read it."""

import asyncio

import pytest

from portal import clock
from portal.access import NotFoundException
from portal.accounts.tables import Account, Grant
from portal.announcements.actions import spreading, writing
from portal.announcements.queries import announcements, audience, writers
from portal.database import fetch
from portal.messages.actions import sending
from portal.messages.queries import conversation
from portal.messages.tables import Topic
from portal.refusal import Refused
from tests.announcements.steps import CERRADO, CLOSED, many_clients, send, sent, spread, threads, told, written
from tests.cast import Cast
from tests.factories import TEST, a_client, a_grant, an_account
from tests.messages.steps import a_thread, as_, words
from tests.tasks.post import work_through


async def test_each_client_gets_a_thread_of_their_own_from_the_person_who_wrote_it(cast: Cast):
    supervisor = await as_(cast, "supervisor")
    announcement_id = await told(cast)
    found = await threads()
    assert [(one["client"], one["readers"]) for one in found] == [
        (cast.client.id, [cast.accounts["client"].id]),
        (cast.other.id, [cast.accounts["stranger"].id]),
    ]
    for one in found:
        assert (one["subject"], one["body"], one["kind"], one["topic"]) == (
            "Closed on Friday",
            CLOSED,
            "office",
            "other",
        )
        assert (one["author"], one["staff"]) == (supervisor.account_id, supervisor.staff_id)
    one = await announcements.announcement(supervisor, announcement_id)
    assert (one.total, one.sent, one.read, one.is_on_its_way) == (2, 2, 0, False)
    assert (await fetch("SELECT count(*) FROM event WHERE kind = 'message.sent'"))[0]["count"] == 2


async def test_nobody_sees_what_another_client_got(cast: Cast):
    await told(cast)
    rows = {row["client"]: row["id"] for row in await fetch("SELECT id, client FROM thread")}
    maya = await as_(cast, "client")
    assert (await conversation.of_client(maya, cast.client.id, rows[cast.client.id])).subject == "Closed on Friday"
    for client_id, thread_id in ((cast.client.id, rows[cast.other.id]), (cast.other.id, rows[cast.other.id])):
        with pytest.raises(NotFoundException):
            await conversation.of_client(maya, client_id, thread_id)


async def test_whoever_cannot_read_messages_gets_none(cast: Cast):
    """No access yet, access that has ended, without the area, suspended, no longer in care, dead."""
    await a_client("Never", "Invited")
    for place, more in enumerate(({"ended": True}, {"areas": ["billing"]})):
        await a_grant(await an_account(f"no{place}@example.com"), await a_client("No", f"Reader {place}"), **more)
    suspended = await an_account("suspended@example.com", is_suspended=True)
    await a_grant(suspended, await a_client("Suspended", "Account"))
    for place, column in enumerate(("is_active = false", "deceased_on = current_date")):
        gone = await a_client("Gone", f"Client {place}")
        await a_grant(await an_account(f"gone{place}@example.com"), gone)
        await fetch(f"UPDATE client SET {column} WHERE id = {{}}", gone.id)
    assert (await audience.size(TEST, None)).clients == 2
    await told(cast)
    assert [one["client"] for one in await threads()] == [cast.client.id, cast.other.id]


async def test_a_client_whose_access_ends_before_their_turn_gets_none(cast: Cast):
    announcement_id = await sent(await as_(cast, "supervisor"))
    await Grant.update({Grant.ends_at: clock.now()}).where(Grant.client == cast.other.id)
    await spread()
    assert [one["client"] for one in await threads()] == [cast.client.id]
    assert (await announcements.announcement(TEST, announcement_id)).total == 1


async def test_of_a_child_without_an_account_all_guardians_read_and_nobody_beside_a_client_of_their_own(cast: Cast):
    child = await a_client("Aisha", "Karim")
    parents = [await an_account(f"parent{place}@example.com") for place in range(2)]
    for one in parents:
        await a_grant(one, child, kind="guardian")
    await a_grant(parents[0], cast.client, kind="guardian")
    await told(cast)
    readers = {one["client"]: one["readers"] for one in await threads()}
    assert readers[child.id] == sorted(one.id for one in parents)
    assert readers[cast.client.id] == [cast.accounts["client"].id]


async def test_each_reads_their_own_language_and_a_family_of_two_languages_both(cast: Cast):
    await Account.update({Account.language: "es"}).where(Account.id == cast.accounts["stranger"].id)
    child = await a_client("Aisha", "Karim")
    for language in ("en", "es"):
        await a_grant(await an_account(f"{language}@example.com", language=language), child, kind="guardian")
    assert (await audience.size(TEST, None)).in_spanish == 1
    await told(cast, subject_es="Cerrado el viernes", body_es=CERRADO)
    assert [(one["subject"], one["body"]) for one in await threads()] == [
        ("Closed on Friday", CLOSED),
        ("Cerrado el viernes", CERRADO),
        ("Closed on Friday", f"{CLOSED}\n\n{CERRADO}"),
    ]


async def test_without_spanish_words_everybody_gets_the_english_ones(cast: Cast):
    await Account.update({Account.language: "es"}).where(Account.id == cast.accounts["stranger"].id)
    await told(cast)
    assert {one["body"] for one in await threads()} == {CLOSED}


async def test_the_clients_of_one_clinician(cast: Cast):
    await told(cast, clinician=int(cast.client.principal_clinician))
    assert [one["client"] for one in await threads()] == [cast.client.id]


async def test_an_answer_is_a_thread_like_any_other_where_answers_are_wanted(cast: Cast):
    announcement_id = await told(cast)
    maya, desk = await as_(cast, "client"), await as_(cast, "front_desk")
    thread = (await fetch("SELECT id FROM thread WHERE client = {}", cast.client.id))[0]["id"]
    await sending.answer(maya, cast.client.id, thread, words("Thank you"))
    assert (await conversation.of_staff(desk, thread)).waiting_since is not None
    assert announcement_id


async def test_staff_meet_it_among_conversations_once_somebody_has_answered(cast: Cast):
    """A thousand copies of one announcement would hide what people have written."""
    talk = await a_thread(cast, subject="Thursday")
    await told(cast)
    desk = await cast.browser("front_desk")
    inbox, own = "/staff/messages?view=all", f"/staff/messages?view=all&client={cast.client.id}"
    page = await desk.get(inbox)
    assert "1 conversation," in page.words and "Closed on Friday" not in page.words
    assert "Closed on Friday" not in (await desk.get(f"/staff/messages/{talk}")).words
    page = await desk.get(own)
    assert "Closed on Friday" in page.words and "Answered" not in page.words and "Sent" in page.words
    copy = (await fetch("SELECT id FROM thread WHERE client = {} AND announcement IS NOT NULL", cast.client.id))[0][
        "id"
    ]
    page = await desk.get(f"/staff/messages/{copy}")
    assert "Sent" in page.pills() and "Answered" not in page.pills()
    theirs = (await fetch("SELECT id FROM thread WHERE client = {}", cast.other.id))[0]["id"]
    await sending.answer(await as_(cast, "stranger"), cast.other.id, theirs, words("And on Saturday?"))
    assert "Jonah Whitfield" in (await desk.get(inbox)).words
    page = await desk.press(await desk.get(f"/staff/messages/{theirs}"), f"/staff/messages/{theirs}", body="Open.")
    assert "Answered" in page.pills() and "Jonah Whitfield" in (await desk.get(inbox)).words


async def test_no_answer_where_none_is_wanted(cast: Cast):
    await told(cast, may_reply=False)
    thread = (await fetch("SELECT id FROM thread WHERE client = {}", cast.client.id))[0]["id"]
    with pytest.raises(NotFoundException):
        await sending.answer(await as_(cast, "client"), cast.client.id, thread, words("Thank you"))


async def test_how_many_have_read_it(cast: Cast):
    from portal.messages.actions import reading

    announcement_id = await told(cast)
    row = (await fetch("SELECT id, latest FROM thread WHERE client = {}", cast.client.id))[0]
    await reading.mark_read(await as_(cast, "client"), cast.client.id, row["id"], row["latest"])
    assert (await announcements.announcement(TEST, announcement_id)).read == 1


async def test_what_is_sent_ten_times_at_once_goes_out_once(cast: Cast):
    supervisor = await as_(cast, "supervisor")
    once = written()
    ids = await asyncio.gather(*(writing.write(supervisor, once) for _ in range(10)))
    assert len(set(ids)) == 1
    await asyncio.gather(*(send(supervisor, ids[0]) for _ in range(10)))
    await spread()
    assert len(await threads()) == 2
    assert (await fetch("SELECT count(*) FROM event WHERE kind = 'announcement.sent'"))[0]["count"] == 1


async def test_after_it_is_sent_the_same_form_changes_nothing(cast: Cast):
    supervisor = await as_(cast, "supervisor")
    once = written()
    announcement_id = await writing.write(supervisor, once)
    await send(supervisor, announcement_id)
    assert await writing.write(supervisor, written(key=once.key, body="Something else")) == announcement_id
    await spread()
    assert {one["body"] for one in await threads()} == {CLOSED}


async def test_only_what_was_seen_is_sent(cast: Cast):
    supervisor = await as_(cast, "supervisor")
    once = written()
    announcement_id = await writing.write(supervisor, once)
    seen = (await announcements.announcement(supervisor, announcement_id)).seen
    await writing.write(supervisor, written(key=once.key, body="Changed in another tab"))
    with pytest.raises(Refused):
        await writing.send(supervisor, announcement_id, seen)
    assert (await announcements.announcement(supervisor, announcement_id)).is_draft


async def test_what_is_not_sent_is_its_writers_alone(cast: Cast):
    supervisor, administrator = await as_(cast, "supervisor"), await as_(cast, "administrator")
    announcement_id = await writing.write(supervisor, written())
    assert (await announcements.announcements(administrator)).announcements == []
    for act in (
        announcements.announcement(administrator, announcement_id),
        writing.send(administrator, announcement_id, ""),
    ):
        with pytest.raises(NotFoundException):
            await act
    await writing.throw_away(administrator, announcement_id)
    assert (await announcements.announcement(supervisor, announcement_id)).is_draft
    await writing.throw_away(supervisor, announcement_id)
    assert (await announcements.announcements(supervisor)).announcements == []


async def test_what_is_sent_cannot_be_thrown_away(cast: Cast):
    supervisor = await as_(cast, "supervisor")
    announcement_id = await sent(supervisor)
    await writing.throw_away(supervisor, announcement_id)
    assert not (await announcements.announcement(supervisor, announcement_id)).is_draft


async def test_nobody_to_send_it_to_is_said(cast: Cast):
    supervisor = await as_(cast, "supervisor")
    announcement_id = await writing.write(supervisor, written(clinician=cast.accounts["other clinician"].staff_member))
    with pytest.raises(Refused):
        await send(supervisor, announcement_id)


@pytest.mark.parametrize("part", ["front_desk", "clinician", "biller", "client"])
async def test_whoever_may_not_announce_cannot(cast: Cast, part: str):
    viewer = await as_(cast, part)
    for act in (writing.write(viewer, written()), announcements.announcements(viewer)):
        with pytest.raises(NotFoundException):
            await act


async def test_an_administrator_cannot_ask_for_answers_that_they_may_not_read(cast: Cast):
    with pytest.raises(Refused):
        await writing.write(await as_(cast, "administrator"), written(topic=Topic.CARE))
    with pytest.raises(Refused):
        await writing.write(await as_(cast, "supervisor"), written(topic=Topic.PERSONAL))


async def test_it_goes_out_in_portions_and_says_how_far_it_is(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(spreading, "PORTION", 20)
    await many_clients(48)
    announcement_id = await sent(await as_(cast, "supervisor"))
    await work_through("spread")
    one = await announcements.announcement(TEST, announcement_id)
    assert (one.sent, one.total, one.is_on_its_way) == (20, 50, True)
    await spread()
    one = await announcements.announcement(TEST, announcement_id)
    assert (one.sent, one.total, one.is_on_its_way) == (50, 50, False)
    assert (await fetch("SELECT count(*) FROM errand WHERE actor = 'spread'"))[0]["count"] == 3


async def test_two_workers_with_one_portion_make_one_thread_each(cast: Cast, monkeypatch: pytest.MonkeyPatch):
    """The first one's lease has lapsed while it still worked."""
    monkeypatch.setattr(spreading, "PORTION", 20)
    await many_clients(28)
    announcement_id = await sent(await as_(cast, "supervisor"))
    await asyncio.gather(*(spreading.send_portion(TEST, announcement_id) for _ in range(4)))
    rows = await fetch("SELECT count(*), count(DISTINCT client) AS clients FROM thread")
    assert rows[0] == {"count": 30, "clients": 30}


async def test_the_portal_sends_on_for_somebody_who_was_suspended_meanwhile(cast: Cast):
    announcement_id = await sent(await as_(cast, "supervisor"))
    await Account.update({Account.is_suspended: True}).where(Account.id == cast.accounts["supervisor"].id)
    await spread()
    assert (await announcements.announcement(TEST, announcement_id)).total == 2


async def test_a_command_finds_who_may_announce_by_their_email(cast: Cast):
    email = cast.accounts["supervisor"].email
    assert (await writers.by_email(TEST, f" {email.upper()} ")).staff_id == cast.accounts["supervisor"].staff_member
    for other in (cast.accounts["front_desk"].email, cast.accounts["client"].email, "nobody@example.com"):
        with pytest.raises(Refused):
            await writers.by_email(TEST, other)
