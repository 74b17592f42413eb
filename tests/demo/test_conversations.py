"""What the demo's people have said to each other: believable, in every state, and seen by whom it concerns."""

import pytest

from portal import clock
from portal.access import NotFoundException, Viewer
from portal.accounts.tables import Account
from portal.database import fetch, transaction
from portal.messages.canned import strange_fields
from portal.messages.queries.conversation import of_staff
from tasks import demo
from tasks.cli.seed import _demo
from tests.messages.steps import viewer_of
from tests.scenes import Stage

# As in the badge: what others wrote since one has read; what the portal says by itself does not count.
UNREAD = """
SELECT count(*) FROM message AS m JOIN thread_participant AS p ON p.thread = m.thread AND p.account = {}
 WHERE m.id > p.read_to AND m.author <> {} AND m.kind <> 'automatic'
"""
THREADS = """
SELECT t.*, c.given_name AS about, array(
       SELECT a.email_key FROM thread_participant AS p JOIN account AS a ON a.id = p.account
        WHERE p.thread = t.id ORDER BY 1) AS readers
  FROM thread AS t JOIN client AS c ON c.id = t.client ORDER BY t.id
"""


@pytest.fixture
async def threads(db: str, stage: Stage) -> dict[str, dict]:
    """By subject and client."""
    if "demo" not in stage.made:
        await stage.make("demo", filled)
    else:
        await stage.set("demo")
    return {f"{row['subject']}, {row['about']}": row for row in await fetch(THREADS)}


async def filled() -> None:
    async with transaction():
        await demo.fill()


async def account(email: str) -> Account:
    found = await Account.objects().get(Account.email_key == email)
    assert found is not None
    return found


async def unread(email: str) -> int:
    one = await account(email)
    return int((await fetch(UNREAD, one.id, one.id))[0]["count"])


async def staff(name: str) -> Viewer:
    return await viewer_of(await account(f"{name}@harborlane.example"))


async def test_what_waits_and_what_is_read(threads):
    assert await unread("maya.reyes@example.com") == 2
    waiting = {subject for subject, one in threads.items() if one["waiting_since"]}
    assert waiting == {"Parking during the roadworks, Maya", "Una factura que no entiendo, Rosa"}
    since = clock.now() - threads["Parking during the roadworks, Maya"]["waiting_since"]
    assert 21 * 3600 < since.total_seconds() < 23 * 3600


async def test_whatever_was_said_was_said_in_the_past_and_in_its_order(threads):
    rows = await fetch(
        "SELECT max(sent_at) AS last, bool_and(later) AS ordered FROM (SELECT sent_at,"
        " sent_at > coalesce(lag(sent_at) OVER (PARTITION BY thread ORDER BY id), '-infinity') AS later"
        " FROM message) AS m"
    )
    assert rows[0]["last"] < clock.now() and rows[0]["ordered"]
    assert len(threads) >= 12


async def test_a_parent_reads_what_the_other_does_not(threads):
    both, one = ["daniel.karim@example.com", "nadia.karim@example.com"], ["daniel.karim@example.com"]
    assert threads["Before our next family session, Aisha"]["readers"] == both
    assert threads["Who picks Aisha up, Aisha"]["readers"] == one


async def test_the_announcement_has_arrived_at_each_of_them(threads):
    told = [one for one in threads.values() if one["announcement"]]
    assert sorted(one["about"] for one in told) == ["Aisha", "Maya", "Rosa", "Sami"]
    assert (await fetch("SELECT total FROM announcement WHERE done_at IS NOT NULL"))[0]["total"] == 4


async def test_personal_and_care_are_with_the_clinician_and_the_rest_with_the_desk(threads):
    okafor, priya = await staff("ngozi"), await staff("priya")
    for subject in ("The letter for my employer, Maya", "The sleep diary, Maya"):
        assert (await of_staff(okafor, threads[subject]["id"])).subject
        with pytest.raises(NotFoundException):
            await of_staff(priya, threads[subject]["id"])
    assert (await of_staff(priya, threads["La hora del martes, Rosa"]["id"])).subject


async def test_somebody_stands_in_while_dr_okafor_is_away(threads):
    rows = await fetch("SELECT staff, cover, first_day, last_day FROM staff_away")
    okafor, brandt = await staff("ngozi"), await staff("elias")
    assert [(row["staff"], row["cover"]) for row in rows] == [(okafor.staff_id, brandt.staff_id)]
    assert rows[0]["first_day"] > clock.today("America/New_York")


async def test_what_is_done_is_closed_and_what_is_in_hand_has_somebody_and_a_note(threads):
    priya = await staff("priya")
    closed = {subject for subject, one in threads.items() if one["closed_at"]}
    assert closed == {"La hora del martes, Rosa", "A form for the school, Sami"}
    assigned = [(subject, one["assigned_to"]) for subject, one in threads.items() if one["assigned_to"]]
    assert assigned == [("Una factura que no entiendo, Rosa", priya.staff_id)]
    notes = await fetch("SELECT thread FROM thread_note")
    assert [row["thread"] for row in notes] == [threads["Una factura que no entiendo, Rosa"]["id"]]


async def test_a_photo_and_a_page_came_along(threads):
    rows = await fetch(
        "SELECT a.name, a.kind, a.state, a.pages, a.width, m.thread FROM attachment AS a JOIN message AS m"
        " ON m.id = a.message ORDER BY a.id"
    )
    assert [(row["name"], row["kind"], row["state"]) for row in rows] == [
        ("Sleep diary, first week.pdf", "pdf", "clean"),
        ("Evening walk.jpg", "jpeg", "clean"),
    ]
    assert rows[0]["pages"] == 1 and rows[1]["width"] == 960
    assert {row["thread"] for row in rows} == {threads["The sleep diary, Maya"]["id"]}


async def test_canned_replies_stand_in_both_languages_and_fill_in_what_they_name(threads):
    rows = await fetch("SELECT body_en, body_es FROM canned_reply ORDER BY place")
    assert len(rows) == 3
    for text in (text for row in rows for text in row.values()):
        assert strange_fields(text) == [] and "{first_name}" in text


async def test_on_a_sunday_the_portal_answers_by_itself(threads):
    rows = await fetch(
        "SELECT kind FROM message WHERE thread = {} ORDER BY id", threads["Two weeks by video, Maya"]["id"]
    )
    assert [row["kind"] for row in rows[:3]] == ["client", "automatic", "office"]


async def test_a_second_time_changes_nothing(threads):
    assert (await _demo()).startswith("There is a practice already")
    assert len(await fetch(THREADS)) == len(threads)
