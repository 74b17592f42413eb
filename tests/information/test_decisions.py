"""Staff decide about what a client changed: once, about what they have seen, and the client learns which."""

import asyncio
import re
from random import Random

import pytest

from portal.clients import record
from portal.clients.sections import DEMOGRAPHICS
from portal.clients.sheets import differences
from portal.clients.tables import ClientPhone, Coverage
from portal.database import fetch
from portal.information.actions import change, decision
from portal.information.queries import digest
from portal.practice import switches
from portal.refusal import Refused
from portal.review.actions import Stale
from tests.browser import Page
from tests.factories import TEST, a_grant
from tests.information.steps import as_client, as_staff, asked, base, edited, sheet


@pytest.fixture
async def desk(cast):
    return await cast.browser("front_desk")


@pytest.fixture
async def maya(cast):
    return await cast.browser("client")


def at(request_id: int, more: str = "") -> str:
    return f"/staff/information/{request_id}{more}"


async def state(request_id: int) -> str:
    return (await fetch("SELECT state FROM change_request WHERE id = {}", request_id))[0]["state"]


def lines(page: Page) -> list[str]:
    return [row.get_text(" ", strip=True) for row in page.soup.select("#detail .diff tbody tr")]


async def test_the_queue_says_what_and_the_desk_shows_before_and_after(cast, desk):
    number = await asked(cast, preferred_name="May", pronouns="she/her")
    queue = await desk.get("/staff/review")
    assert "Demographics: Name to go by, Pronouns" in queue.words and "Information change" in queue.words
    page = await desk.get(at(number))
    assert lines(page) == ["Name to go by Empty May", "Pronouns Empty she/her"]
    assert "Maya Reyes" in page.words and "sent by Maya Reyes" in page.words


async def test_approved_it_stands_on_the_record_and_the_client_is_told(cast, desk, maya):
    number = await asked(cast, preferred_name="May")
    page = await desk.press(await desk.get(at(number)), at(number), decision="approve")
    assert page.path.startswith("/staff/review") and "Approved." in page.words
    assert (await sheet(cast.client, "demographics"))["person"]["person"]["preferred_name"] == "May"
    assert await state(number) == "accepted"
    acts = [
        row["act"]
        for row in await fetch("SELECT act FROM audit_row WHERE act ~ '^(information|client.changed)' ORDER BY id")
    ]
    assert acts == ["information.sent", "client.changed", "information.accepted"]
    assert len(await fetch("SELECT 1 FROM event WHERE kind = 'information.answered'")) == 1
    assert "The practice accepted your change" in (await maya.get(base(cast.client, "demographics"))).words
    found = await fetch("SELECT 1 FROM client WHERE search @@ 'may'::tsquery")
    assert len(found) == 1, "a new name is found at once"


async def test_approved_with_edits_the_client_sees_which(cast, desk, maya):
    number = await asked(cast, preferred_name="May", pronouns="she/her")
    page = await desk.get(at(number, "/edit"))
    assert page.value("preferred_name") == "May"
    page = await desk.press(page, at(number, "/edit"), pronouns="she/they", act="approve")
    assert "Approved with edits." in page.words and await state(number) == "edited"
    told = (await maya.get(base(cast.client, "demographics"))).words
    assert "accepted your change, with edits" in told and "Pronouns: she/they instead of she/her" in told
    assert "Name to go by: May instead" not in told


async def test_opened_for_edits_and_left_as_it_was_it_is_simply_accepted(cast, desk):
    number = await asked(cast, preferred_name="May")
    await desk.press(await desk.get(at(number, "/edit")), at(number, "/edit"), act="approve")
    assert await state(number) == "accepted"


async def test_returned_with_a_reason_that_the_client_reads_in_their_language(cast, desk, maya):
    number = await asked(cast, preferred_name="May")
    page = await desk.press(await desk.get(at(number)), at(number), decision="return", reason="", common_reason="")
    assert page.status == 422
    assert page.errors == {"reason": "Say what the client should do: choose a reason, or write one"}
    assert page.soup.select_one("details[open] textarea[name=reason]")
    form = await desk.get(at(number))
    page = await desk.press(form, at(number), decision="return", common_reason="proof", reason="Or your passport.")
    assert "Returned to the client." in page.words and await state(number) == "returned"
    told = await maya.get(base(cast.client, "demographics"))
    assert "such as an ID, to your next visit. Or your passport." in told.words and "Returned to you" in told.pills()
    home = await maya.get(f"/clients/{cast.client.id}")
    assert "Look at your change again: Demographics" in home.words
    await maya.post("/language", language="es", next="/")
    spanish = (await maya.get(base(cast.client, "demographics"))).words
    assert "such as an ID" not in spanish and "Or your passport." in spanish
    assert (await sheet(cast.client, "demographics"))["person"]["person"]["preferred_name"] == ""


async def test_what_was_returned_stands_in_the_form_again(cast, desk, maya):
    number = await asked(cast, preferred_name="May", pronouns="she/her")
    await desk.press(await desk.get(at(number)), at(number), decision="return", common_reason="call")
    page = await maya.get(base(cast.client, "demographics", "/edit"))
    assert (page.value("preferred_name"), page.value("pronouns")) == ("May", "she/her")
    await maya.press(page, base(cast.client, "demographics"), pronouns="they")
    assert [row["state"] for row in await fetch("SELECT state FROM change_request ORDER BY id")] == [
        "returned",
        "pending",
    ]


async def test_an_entry_that_staff_left_out_is_told_by_its_name(cast, desk, maya):
    page = await maya.get(base(cast.client, "emergency", "/edit"))
    for _ in range(2):
        page = await maya.press(page, base(cast.client, "emergency"), act="add contacts")
    typed = {"act": None}
    for entry, given in (("new1", "Anna"), ("new2", "Ben")):
        typed |= {f"contacts-{entry}-given_name": given, f"contacts-{entry}-family_name": "Park",
                  f"contacts-{entry}-relationship": "Friend", f"contacts-{entry}-phone": "443 555 0142"}  # fmt: skip
    await maya.press(page, base(cast.client, "emergency"), typed)
    number = (await fetch("SELECT id FROM change_request"))[0]["id"]
    page = await desk.get(at(number, "/edit"))
    page = await desk.press(page, at(number, "/edit"), act="remove contacts-new1")
    page = await desk.press(page, at(number, "/edit"), act="approve")
    assert "Approved with edits." in page.words
    told = (await maya.get(base(cast.client, "emergency"))).soup.select_one(".notice").get_text(" ", strip=True)
    assert "Anna Park" in told and "Ben" not in told


async def test_what_no_button_says_decides_nothing(cast, desk):
    number = await asked(cast, preferred_name="May")
    page = await desk.press(await desk.get(at(number)), at(number), decision="foo", reason="because")
    assert page.status == 404 and await state(number) == "pending"


async def test_a_stale_decision_is_409_and_says_who_and_when(cast, desk):
    number = await asked(cast, preferred_name="May")
    other = await cast.browser("supervisor")
    form = await desk.get(at(number))
    await fetch("UPDATE review_item SET held_by = NULL")
    await other.press(await other.get(at(number)), at(number), decision="approve")
    page = await desk.press(form, at(number), decision="return", common_reason="call")
    assert page.status == 409 and "Supervisor Staff" in page.words and "Somebody was quicker" in page.words
    assert await state(number) == "accepted"
    assert len(await fetch("SELECT 1 FROM event WHERE kind = 'information.answered'")) == 1


async def test_a_change_of_mind_meanwhile_is_409_and_shown_anew(cast, desk, maya):
    number = await asked(cast, preferred_name="May")
    form = await desk.get(at(number))
    await edited(maya, cast.client, "demographics", {"preferred_name": "Maia"})
    page = await desk.press(form, at(number), decision="approve")
    assert page.status == 409 and "has changed since you opened this" in page.words and "Maia" in page.words
    assert await state(number) == "pending"


async def test_a_record_that_changed_meanwhile_is_shown_field_by_field(cast, desk):
    number = await asked(cast, preferred_name="May", pronouns="she/her")
    form = await desk.get(at(number))
    await fetch("UPDATE client SET preferred_name = 'M.' WHERE id = {}", cast.client.id)
    page = await desk.press(form, at(number), decision="approve")
    assert page.status == 409
    page = await desk.get(at(number))
    assert lines(page)[0].startswith("Name to go by Changed meanwhile") and "Now: M." in lines(page)[0]
    assert "Changed meanwhile" not in lines(page)[1]
    await desk.press(page, at(number), decision="approve")
    assert (await sheet(cast.client, "demographics"))["person"]["person"]["preferred_name"] == "May"


async def test_what_nobody_asked_to_change_stays_as_it_became(cast, desk):
    """The client changes a name, and the office the marital status meanwhile: both stand."""
    number = await asked(cast, preferred_name="May")
    await fetch("UPDATE client SET marital_status = 'married' WHERE id = {}", cast.client.id)
    await desk.press(await desk.get(at(number)), at(number), decision="approve")
    person = (await sheet(cast.client, "demographics"))["person"]["person"]
    assert (person["preferred_name"], person["marital_status"]) == ("May", "married")


async def test_entries_come_change_and_go(cast):
    old = ClientPhone(client=cast.client.id, number="+14435550142")
    gone = ClientPhone(client=cast.client.id, number="+14435550143", kind="home")
    await old.save()
    await gone.save()
    now = await sheet(cast.client, "demographics")
    wanted = {**now, "phones": {
        str(old.id): {**now["phones"][str(old.id)], "may_leave_message": "yes"},
        "new1": {"kind": "work", "number": "+14435550199", "may_leave_message": ""},
    }, "emails": {"new1": {"kind": "work", "address": "May@Work.example"}}}  # fmt: skip
    await change.send(as_client(cast), cast.client.id, DEMOGRAPHICS, now, wanted)
    number = (await fetch("SELECT id FROM change_request"))[0]["id"]
    await decision.approve(as_staff(cast), number, 1, digest(now))
    rows = await fetch("SELECT kind, number, may_leave_message FROM client_phone ORDER BY id")
    assert [tuple(row.values()) for row in rows] == [("mobile", "+14435550142", True), ("work", "+14435550199", False)]
    rows = await fetch("SELECT address_key FROM client_email WHERE client = {}", cast.client.id)
    assert [row["address_key"] for row in rows] == ["may@work.example"]
    row = (await fetch("SELECT state FROM change_request"))[0]
    assert row["state"] == "accepted", "an entry that got its id is no edit"


async def test_an_address_that_stands_there_already_is_refused_and_nothing_is_written(cast):
    now = await sheet(cast.client, "demographics")
    there = next(iter(now["emails"].values()))["address"]
    wanted = {**now, "emails": {**now["emails"], "new1": {"kind": "work", "address": there.upper()}}}
    await change.send(as_client(cast), cast.client.id, DEMOGRAPHICS, now, wanted)
    number = (await fetch("SELECT id FROM change_request"))[0]["id"]
    with pytest.raises(Refused):
        await decision.approve(as_staff(cast), number, 1, digest(now))
    assert await state(number) == "pending" and await sheet(cast.client, "demographics") == now


async def test_what_was_applied_at_once_is_looked_at(cast, desk, maya):
    await switches.turn(TEST, "information.demographics", "at_once")
    await edited(maya, cast.client, "demographics", {"preferred_name": "May"})
    number = (await fetch("SELECT id FROM change_request"))[0]["id"]
    page = await desk.get(at(number))
    assert lines(page) == ["Name to go by Empty May"] and page.soup.find("textarea") is None
    page = await desk.press(page, at(number), decision="seen")
    assert "All caught up." in page.words


async def settle_somehow(cast, number: int, version: int, seen: str, turn: Random) -> str:
    viewer = as_staff(cast, turn.choice(["front_desk", "supervisor", "administrator"]))
    await asyncio.sleep(turn.random() / 500)
    try:
        if turn.random() < 0.5:
            await decision.approve(viewer, number, version, seen)
            return "accepted"
        await decision.give_back(viewer, number, version, "call", "")
    except Stale:
        return "too late"
    return "returned"


@pytest.mark.parametrize("rounds", [200])
async def test_two_who_decide_at_once_settle_it_exactly_once(cast, rounds):
    turn = Random(7)
    settled = 0
    for count in range(rounds):
        number = await asked(cast, preferred_name=f"May {count}")
        seen = digest(await sheet(cast.client, "demographics"))
        outcomes = await asyncio.gather(*(settle_somehow(cast, number, 1, seen, turn) for _ in range(2)))
        assert sorted(outcomes)[1] == "too late" or outcomes.count("too late") == 1, outcomes
        decided = next(one for one in outcomes if one != "too late")
        assert await state(number) == decided
        name = (await sheet(cast.client, "demographics"))["person"]["person"]["preferred_name"]
        assert (name == f"May {count}") == (decided == "accepted")
        settled += 1
    counted = await fetch(
        "SELECT (SELECT count(*) FROM event WHERE kind = 'information.answered') AS answers,"
        " (SELECT count(*) FROM audit_row WHERE act IN ('information.accepted', 'information.returned')) AS acts,"
        " (SELECT count(*) FROM review_item WHERE settled_at IS NOT NULL) AS items"
    )
    assert counted[0] == {"answers": rounds, "acts": rounds, "items": rounds} and settled == rounds


@pytest.mark.parametrize("part", ["biller", "privacy_officer", "auditor", "client", "other clinician", "stranger"])
async def test_others_do_not_decide(cast, part):
    number = await asked(cast, preferred_name="May")
    browser = await cast.browser(part)
    assert (await browser.get(at(number))).status == 404
    for more in ("", "/edit"):
        assert (await browser.post(at(number, more), decision="approve", version="1")).status == 404
    assert await state(number) == "pending"


async def test_nobody_decides_about_their_own_chart(cast, desk):
    await a_grant(cast.accounts["front_desk"], cast.client)
    number = await asked(cast, preferred_name="May")
    desk = await cast.browser("front_desk")
    assert (await desk.get(at(number))).status == 404
    assert (await desk.post(at(number), decision="approve", version="1")).status == 404


async def test_the_clinician_of_the_client_decides(cast):
    number = await asked(cast, preferred_name="May")
    clinician = await cast.browser("clinician")
    await clinician.press(await clinician.get(at(number)), at(number), decision="approve")
    assert await state(number) == "accepted"


async def test_the_history_on_the_chart_names_who_decided(cast, desk):
    number = await asked(cast, preferred_name="May")
    await desk.press(await desk.get(at(number)), at(number), decision="approve")
    page = await desk.get(f"/staff/clients/{cast.client.id}/information/demographics")
    assert re.search(r"Sent by Maya Reyes\. Settled by .*Staff on", page.words)


async def test_a_policy_is_changed_and_its_sheet_says_what_became_of_it(cast):
    row = Coverage(client=cast.client.id, payer="Aetna", member_id="W1", relationship="self")
    await row.save()
    from portal.clients.sections import INSURANCE

    now = await sheet(cast.client, "insurance")
    wanted = {
        "coverages": {str(row.id): {**now["coverages"][str(row.id)], "payer": "CareFirst", "starts_on": "2026-01-01"}}
    }
    await record.put(as_staff(cast), cast.client.id, INSURANCE, differences(INSURANCE, now, wanted))
    assert await sheet(cast.client, "insurance") == wanted
