"""A client asks for a change: what is kept, what waits, and what stands on the record meanwhile."""

import asyncio

import pytest

from portal import clock
from portal.clients.sections import DEMOGRAPHICS, SECTIONS
from portal.clients.tables import Coverage, RelatedPerson
from portal.database import fetch
from portal.information.actions import change
from portal.practice import switches
from portal.refusal import Refused
from tests.factories import PASSWORD, TEST
from tests.information.steps import as_client, asked, base, edited, sheet


@pytest.fixture
async def maya(cast):
    return await cast.browser("client")


async def requests() -> list[tuple[str, str, int]]:
    rows = await fetch("SELECT section, state, version FROM change_request ORDER BY id")
    return [(row["section"], row["state"], row["version"]) for row in rows]


async def items() -> list[tuple[str, str, bool]]:
    rows = await fetch("SELECT kind, about, outcome, settled_at FROM review_item ORDER BY id")
    return [(row["kind"], row["about"], row["settled_at"] is None) for row in rows]


async def test_four_sections_and_the_first_stands_open(cast, maya):
    page = await maya.get(base(cast.client))
    assert [one.get_text() for one in page.soup.select("summary h2")] == [
        "Demographics", "Emergency Contacts", "Related Individuals", "Insurance",
    ]  # fmt: skip
    assert [one["id"] for one in page.soup.select("details.section[open]")] == ["demographics"]
    assert "sign in with is kept apart" in page.words and "Maya" in page.words


async def test_what_is_sent_waits_and_the_record_stays(cast, maya):
    page = await edited(maya, cast.client, "demographics", {"preferred_name": "May", "pronouns": "she/her"})
    assert page.path == base(cast.client, "demographics")
    assert "With the practice" in page.pills() and page.pills().count("New") == 2
    assert "On record now: nothing" in page.words
    assert (await sheet(cast.client, "demographics"))["person"]["person"]["preferred_name"] == ""
    assert await requests() == [("demographics", "pending", 1)]
    assert await items() == [("information.changed", "demographics: person.preferred_name person.pronouns", True)]
    kinds = [row["kind"] for row in await fetch("SELECT kind FROM event ORDER BY id")]
    assert kinds == ["information.sent", "review.opened"]
    audit = (await fetch("SELECT detail::text AS detail FROM audit_row WHERE act = 'information.sent'"))[0]["detail"]
    assert "person.pronouns" in audit and "she/her" not in audit


async def test_changed_again_it_is_still_one_request(cast, maya):
    await edited(maya, cast.client, "demographics", {"preferred_name": "May"})
    page = await edited(maya, cast.client, "demographics", {"pronouns": "she/her"})
    assert page.pills().count("New") == 2
    assert await requests() == [("demographics", "pending", 2)] and len(await items()) == 1


async def test_sent_twice_it_is_sent_once(cast, maya):
    form = await maya.get(base(cast.client, "demographics", "/edit"))
    for _ in range(2):
        page = await maya.press(form, base(cast.client, "demographics"), preferred_name="May")
        assert page.status == 200
    assert await requests() == [("demographics", "pending", 1)]


async def test_twenty_at_once_leave_one_request(cast):
    now, wanted = await sheet(cast.client, "demographics"), await sheet(cast.client, "demographics")
    wanted["person"]["person"]["preferred_name"] = "May"
    wanted["phones"] = {"new1": {"kind": "home", "number": "+14435550142", "may_leave_message": ""}}
    await asyncio.gather(*(change.send(as_client(cast), cast.client.id, DEMOGRAPHICS, now, wanted) for _ in range(20)))
    assert await requests() == [("demographics", "pending", 1)]
    assert len(await fetch("SELECT 1 FROM event WHERE kind = 'information.sent'")) == 1


async def test_taken_back_nothing_waits(cast, maya):
    page = await edited(maya, cast.client, "demographics", {"preferred_name": "May"})
    page = await maya.press(page, "/withdrawal")
    assert "With the practice" not in page.pills() and await requests() == [("demographics", "withdrawn", 2)]
    assert [one[2] for one in await items()] == [False]
    form = await maya.get(base(cast.client, "demographics", "/edit"))
    page = await maya.press(form, base(cast.client, "demographics"))
    assert page.errors == {"": "This is what is on record already. Change something first, or cancel."}


async def test_a_phone_is_added_as_people_write_it_and_kept_as_e164(cast, maya):
    page = await maya.get(base(cast.client, "demographics", "/edit"))
    page = await maya.press(page, base(cast.client, "demographics"), act="add phones", preferred_name="typed")
    assert page.status == 200 and page.value("preferred_name") == "typed" and page.value("phones") == "new1"
    assert await requests() == []
    page = await maya.press(
        page, base(cast.client, "demographics"), {"phones-new1-number": "(443) 555 01", "act": None}
    )
    assert page.status == 422 and page.value("phones-new1-number") == "(443) 555 01"
    assert page.errors == {
        "phones-new1-number": "Enter a phone number with 10 digits, or with + and the code of its country"
    }
    typed = {"phones-new1-number": "443.555.0142", "phones-new1-kind": "home", "phones-new1-may_leave_message": "yes"}
    page = await maya.press(page, base(cast.client, "demographics"), typed)
    assert page.status == 200 and "(443) 555-0142" in page.words
    after = (await fetch("SELECT after->'phones' AS phones FROM change_request"))[0]["phones"]
    assert '"+14435550142"' in after and '"home"' in after


async def test_an_entry_is_removed_and_what_was_typed_elsewhere_stays(cast, maya):
    await RelatedPerson(client=cast.client.id, family_name="Reyes", given_name="Daniel", relationship="Brother",
                        phone="+14435550177", is_emergency_contact=True).save()  # fmt: skip
    page = await maya.get(base(cast.client, "emergency", "/edit"))
    row = page.value("contacts")
    page = await maya.press(page, base(cast.client, "emergency"), act="add contacts")
    page = await maya.press(
        page, base(cast.client, "emergency"),
        {"act": f"remove contacts-{row}", "contacts-new1-family_name": "Park", "contacts-new1-given_name": "Helen"},
    )  # fmt: skip
    assert page.value("contacts") == "new1" and page.value("contacts-new1-given_name") == "Helen"
    typed = {"contacts-new1-relationship": "Friend", "contacts-new1-phone": "443 555 0188", "act": None}
    page = await maya.press(page, base(cast.client, "emergency"), typed)
    assert {"New", "To be removed"} <= set(page.pills()), page.text
    assert await items() == [("information.changed", "emergency: contacts.gone contacts.added", True)]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"addresses-new1-postal_code": "2140"}, "postal_code", "Enter the ZIP code: five digits, or nine"),
        ({"addresses-new1-state": "XX"}, "state", "Choose the state"),
        ({"addresses-new1-street": ""}, "street", "Enter the street and the number"),
    ],
)
async def test_an_address_is_one_of_the_united_states(cast, maya, typed, field, sentence):
    page = await maya.get(base(cast.client, "demographics", "/edit"))
    page = await maya.press(page, base(cast.client, "demographics"), act="add addresses")
    whole = {
        "addresses-new1-street": "218 Linden Street", "addresses-new1-city": "Hagåtña", "addresses-new1-state": "GU",
        "addresses-new1-postal_code": "96910", "act": None,
    }  # fmt: skip
    page = await maya.press(page, base(cast.client, "demographics"), {**whole, **typed})
    assert page.status == 422 and page.errors == {f"addresses-new1-{field}": sentence}
    page = await maya.press(page, base(cast.client, "demographics"), whole)
    assert page.status == 200 and "218 Linden Street" in page.words


async def test_what_the_office_changed_since_the_page_was_opened_stays(cast, maya):
    page = await maya.get(base(cast.client, "demographics", "/edit"))
    await fetch("UPDATE client SET marital_status = 'married' WHERE id = {}", cast.client.id)
    page = await maya.press(page, base(cast.client, "demographics"), preferred_name="May")
    assert page.pills().count("New") == 1
    await fetch("UPDATE client SET middle_name = 'Ana', birth_date = '1991-04-18' WHERE id = {}", cast.client.id)
    page = await edited(maya, cast.client, "demographics", {"pronouns": "she/her"})
    assert page.pills().count("New") == 2 and "On record now" in page.words and "April 18" in page.words
    told = (await fetch("SELECT after->'person'->'person' AS person FROM change_request"))[0]["person"]
    assert '"married"' in told and '"Ana"' in told and '"1991-04-18"' in told


async def test_two_tabs_add_to_one_request(cast, maya):
    one, other = [await maya.get(base(cast.client, "demographics", "/edit")) for _ in range(2)]
    await maya.press(one, base(cast.client, "demographics"), preferred_name="May")
    page = await maya.press(other, base(cast.client, "demographics"), pronouns="she/her")
    assert page.pills().count("New") == 2 and await requests() == [("demographics", "pending", 2)]


async def test_a_form_of_another_section_or_client_is_too_old(cast, maya):
    page = await maya.get(base(cast.client, "emergency", "/edit"))
    seen = page.value("seen")
    page = await maya.get(base(cast.client, "demographics", "/edit"))
    page = await maya.press(page, base(cast.client, "demographics"), seen=seen, preferred_name="May")
    assert page.status == 422 and "too old" in page.errors[""] and page.value("preferred_name") == "May"


async def test_the_same_number_twice_is_refused_beside_the_second(cast, maya):
    page = await maya.get(base(cast.client, "demographics", "/edit"))
    page = await maya.press(page, base(cast.client, "demographics"), act="add emails")
    typed = {"emails-new1-address": "MAYA@example.com", "act": None}
    page = await maya.press(page, base(cast.client, "demographics"), typed)
    assert page.status == 422 and page.errors == {"emails-new1-address": "This is listed twice. Remove one of them."}


async def test_what_is_wrong_is_listed_in_the_order_of_the_page(cast, maya):
    page = await maya.get(base(cast.client, "demographics", "/edit"))
    page = await maya.press(page, base(cast.client, "demographics"), act="add emails")
    page = await maya.press(page, base(cast.client, "demographics"), act="add addresses")
    typed = {"emails-new1-address": "maya@example.com", "addresses-new1-city": "Towson", "given_name": "", "act": None}
    page = await maya.press(page, base(cast.client, "demographics"), typed)
    assert [one["href"] for one in page.soup.select("#errors a")] == [
        "#emails-new1-address", "#addresses-new1-street", "#addresses-new1-state", "#addresses-new1-postal_code",
        "#given_name",
    ]  # fmt: skip


async def test_no_more_are_added_than_the_record_holds(cast, maya):
    page = await maya.get(base(cast.client, "demographics", "/edit"))
    crowd = {"phones": [f"new{n}" for n in range(1, 100)], "act": "add phones"}
    page = await maya.press(page, base(cast.client, "demographics"), crowd)
    assert page.status == 200 and len(page.soup.select("#phones fieldset")) == 5


async def test_an_entry_of_somebody_else_is_not_there(cast, maya):
    other = RelatedPerson(client=cast.other.id, family_name="Whitfield", is_emergency_contact=True)
    await other.save()
    page = await maya.get(base(cast.client, "emergency", "/edit"))
    page = await maya.press(page, base(cast.client, "emergency"), {"contacts": [str(other.id)]})
    assert page.status == 404 and await requests() == []


async def test_applied_at_once_where_the_practice_wants_it_so(cast, maya):
    await switches.turn(TEST, "information.demographics", "at_once")
    page = await edited(maya, cast.client, "demographics", {"preferred_name": "May"})
    assert "is on your record" in page.words
    assert (await sheet(cast.client, "demographics"))["person"]["person"]["preferred_name"] == "May"
    assert await requests() == [("demographics", "applied", 1)]
    assert [one[0] for one in await items()] == ["information.applied"]


async def test_what_waits_for_staff_waits_on_when_the_practice_wants_changes_at_once(cast, maya):
    await edited(maya, cast.client, "demographics", {"preferred_name": "May"})
    await switches.turn(TEST, "information.demographics", "at_once")
    await edited(maya, cast.client, "demographics", {"pronouns": "she/her"})
    assert await requests() == [("demographics", "pending", 2)]
    assert (await sheet(cast.client, "demographics"))["person"]["person"]["preferred_name"] == ""


async def test_read_only_there_is_no_form(cast, maya):
    form = await maya.get(base(cast.client, "demographics", "/edit"))
    await switches.turn(TEST, "information.demographics", "read_only")
    page = await maya.get(base(cast.client, "demographics"))
    assert "To change this, call the office." in page.words and page.soup.find("a", string="Edit") is None
    assert (await maya.get(base(cast.client, "demographics", "/edit"))).status == 404
    page = await maya.press(form, base(cast.client, "demographics"), preferred_name="May")
    assert page.status == 422 and page.value("preferred_name") == "May" and await requests() == []
    assert page.errors == {"": "The office changes this section itself now. Please call us about it."}


async def test_insurance_is_always_reviewed(cast):
    with pytest.raises(Refused):
        await switches.turn(TEST, "information.insurance", "at_once")


async def test_what_is_no_longer_valid_stands_apart(cast, maya):
    past = clock.now().date().replace(year=2020)
    await Coverage(client=cast.client.id, payer="Old Mutual Health", member_id="1", ends_on=past).save()
    await Coverage(client=cast.client.id, payer="CareFirst", member_id="2").save()
    page = await maya.get(base(cast.client, "insurance"))
    assert "Old Mutual" in page.soup.select_one("details.past").get_text()
    assert "1 plan" in (await maya.get(base(cast.client))).words


@pytest.mark.parametrize("part", ["stranger", "ended", "guardian", "front_desk", "signed out"])
@pytest.mark.parametrize("name", list(SECTIONS))
async def test_others_neither_see_nor_change_it(cast, part, name):
    browser = await cast.browser(part)
    for path in (
        base(cast.client),
        base(cast.client, name),
        base(cast.client, name, "/edit"),
        base(cast.client, name, "/history"),
    ):
        page = await browser.get(path, follow=False)
        assert page.status == (303 if part == "signed out" else 404)
    assert (await browser.post(base(cast.client, name), follow=False)).status in (404, 303)
    assert (await browser.post(base(cast.client, name, "/withdrawal"), follow=False)).status in (404, 303)


async def test_history_says_who_changed_what_when(cast, maya):
    await asked(cast, preferred_name="May")
    page = await maya.get(base(cast.client, "demographics", "/history"))
    assert "Sent by Maya Reyes." in page.words and "Name to go by" in page.words and "With the practice" in page.pills()
    assert "Nothing has been changed here yet." in (await maya.get(base(cast.client, "insurance", "/history"))).words


@pytest.mark.parametrize("many", [1, 6])
async def test_a_section_costs_the_same_however_many_stand_in_it(cast, maya, many):
    from portal.database import ENGINE

    for place in range(many):
        await RelatedPerson(client=cast.client.id, family_name=f"P{place}", is_emergency_contact=True).save()
    await maya.get(base(cast.client, "emergency"))
    before = ENGINE.queries
    await maya.get(base(cast.client, "emergency"))
    assert ENGINE.queries - before == 5


async def test_what_an_expired_session_was_about_to_send_is_given_back_and_sent(cast, maya):
    form = await maya.get(base(cast.client, "demographics", "/edit"))
    await fetch("UPDATE session SET seen_at = seen_at - interval '20 minutes'")
    page = await maya.press(form, base(cast.client, "demographics"), preferred_name="May", pronouns="she/her")
    assert page.path.startswith("/sign-in") and await requests() == []
    page = await maya.press(page, "/sign-in", email="maya@example.com", password=PASSWORD)
    assert page.path == "/account/kept-post" and "she/her" in page.words
    page = await maya.press(page, "/account/kept-post/1", _decision="send")
    assert page.path == base(cast.client, "demographics") and await requests() == [("demographics", "pending", 1)]


async def test_the_date_of_birth_is_read_and_not_asked_for(cast, maya):
    assert "Date of birth April 17, 1991" in (await maya.get(base(cast.client, "demographics"))).words
    typed = {"birth_date": "1990-01-01", "birth_date_year": "1990", "preferred_name": "May"}
    page = await edited(maya, cast.client, "demographics", typed)
    assert page.pills().count("New") == 1
    assert "1990" not in (await fetch("SELECT after::text AS after FROM change_request"))[0]["after"]
