"""Staff put a change right before it goes on the record: nothing that they typed is lost, and Enter decides nothing."""

import pytest

from portal.clients import images
from portal.clients.sections import DEMOGRAPHICS, INSURANCE
from portal.clients.tables import ClientPhone
from portal.database import fetch
from portal.information.actions import change
from tests.browser import Page
from tests.information.steps import as_client, asked, edited, sheet
from tests.uploads.pictures import a_photo


@pytest.fixture
async def desk(cast):
    return await cast.browser("front_desk")


@pytest.fixture
async def sam(cast):
    return await cast.browser("supervisor")


def at(number: int, more: str = "/edit") -> str:
    return f"/staff/information/{number}{more}"


async def asked_for(cast, section, **groups) -> int:
    now = await sheet(cast.client, section.name)
    await change.send(as_client(cast), cast.client.id, section, now, {**now, **groups})
    return int((await fetch("SELECT max(id) AS id FROM change_request"))[0]["id"])


async def state(number: int) -> str:
    return (await fetch("SELECT state FROM change_request WHERE id = {}", number))[0]["state"]


async def decided_by(other, number: int, decision: str = "approve", **fields: str) -> None:
    await fetch("UPDATE review_item SET held_by = NULL")
    await other.press(await other.get(at(number, "")), at(number, ""), decision=decision, **fields)


def table(page: Page, caption: str) -> list[str]:
    """The lines of the comparison that says so."""
    for one in page.soup.select("#detail table.diff"):
        if caption in one.caption.get_text(" ", strip=True):
            return [row.get_text(" ", strip=True) for row in one.select("tbody tr")]
    return []


def given(page: Page) -> list[str]:
    return table(page, "What you had typed")


# Somebody was quicker -------------------------------------------------------------------------------------------------


async def test_decided_by_another_meanwhile_what_was_typed_stands_beside_the_record(cast, desk, sam):
    number = await asked(cast, preferred_name="May", pronouns="she/her")
    form = await desk.get(at(number))
    await decided_by(sam, number)
    page = await desk.press(form, at(number), act="approve", pronouns="she/they")
    assert page.status == 409 and "Somebody was quicker" in page.words and "Approved by Supervisor Staff" in page.words
    assert given(page) == ["Pronouns she/her she/they"]
    assert page.soup.select_one("form#decide") is None
    person = (await sheet(cast.client, "demographics"))["person"]["person"]
    assert person["pronouns"] == "she/her" and await state(number) == "accepted"
    assert len(await fetch("SELECT 1 FROM event WHERE kind = 'information.answered'")) == 1


async def test_what_was_only_looked_at_is_not_said_to_be_typed(cast, desk, sam):
    number = await asked(cast, preferred_name="May")
    form = await desk.get(at(number))
    await decided_by(sam, number)
    page = await desk.press(form, at(number), act="approve")
    assert page.status == 409 and given(page) == [] and "What you had typed" not in page.words


async def test_what_was_typed_into_a_new_entry_stands_beside_what_the_entry_has_become(cast, desk, sam):
    number = await asked_for(
        cast, DEMOGRAPHICS, phones={"new1": {"kind": "work", "number": "+14435550199", "may_leave_message": ""}}
    )
    form = await desk.get(at(number))
    await decided_by(sam, number)
    page = await desk.press(form, at(number), {"phones-new1-number": "443 555 0111"}, act="approve")
    assert page.status == 409 and given(page) == ["Phone number (443) 555-0199 (443) 555-0111"]


async def test_even_what_is_faulty_is_given_back(cast, desk, sam):
    number = await asked_for(cast, INSURANCE, coverages={"new1": {**policy(), "starts_on": "2026-01-01"}})
    form = await desk.get(at(number))
    await decided_by(sam, number, "return", common_reason="call")
    typed = {"coverages-new1-starts_on_month": "13", "coverages-new1-member_id": "W2"}
    page = await desk.press(form, at(number), typed, act="approve")
    assert page.status == 409 and given(page) == ["Member ID W2", "Valid from 2026-13-01"]


async def test_a_client_who_changed_their_mind_meets_what_was_typed_in_the_form(cast, desk):
    number = await asked(cast, preferred_name="May", pronouns="she/her")
    form = await desk.get(at(number))
    await edited(await cast.browser("client"), cast.client, "demographics", {"preferred_name": "Maia"})
    page = await desk.press(form, at(number), act="approve", pronouns="she/they")
    assert page.status == 409 and "has changed since you opened this" in page.words and await state(number) == "pending"
    assert given(page) == ["Pronouns Empty she/they"]
    assert (page.value("preferred_name"), page.value("pronouns")) == ("Maia", "she/they")
    page = await desk.press(page, at(number), act="approve")
    assert "Approved with edits." in page.words
    person = (await sheet(cast.client, "demographics"))["person"]["person"]
    assert (person["preferred_name"], person["pronouns"]) == ("Maia", "she/they")


async def test_a_record_that_changed_meanwhile_keeps_its_change_and_the_form_what_was_typed(cast, desk):
    number = await asked(cast, preferred_name="May")
    form = await desk.get(at(number))
    await fetch("UPDATE client SET marital_status = 'married' WHERE id = {}", cast.client.id)
    page = await desk.press(form, at(number), act="approve", pronouns="they")
    assert page.status == 409 and page.value("pronouns") == "they"
    page = await desk.press(page, at(number), act="approve")
    person = (await sheet(cast.client, "demographics"))["person"]["person"]
    assert (person["pronouns"], person["marital_status"]) == ("they", "married") and await state(number) == "edited"


async def test_an_entry_that_went_meanwhile_is_409_and_what_was_typed_in_it_is_shown(cast, desk):
    phone = ClientPhone(client=cast.client.id, number="+14435550142")
    await phone.save()
    number = await asked(cast, preferred_name="May")
    form = await desk.get(at(number))
    await fetch("DELETE FROM client_phone")
    page = await desk.press(form, at(number), {f"phones-{phone.id}-number": "443 555 0111"}, act="approve")
    assert page.status == 409 and given(page) == ["Phone number (443) 555-0111"]


async def test_an_entry_asked_for_too_late_gives_back_what_was_typed(cast, desk, sam):
    number = await asked(cast, preferred_name="May")
    form = await desk.get(at(number))
    await decided_by(sam, number)
    page = await desk.press(form, at(number), act="add phones", pronouns="they")
    assert page.status == 409 and given(page) == ["Pronouns Empty they"]


async def test_the_reason_of_a_return_that_came_too_late_is_given_back(cast, desk, sam):
    number = await asked(cast, preferred_name="May")
    form = await desk.get(at(number, ""))
    await decided_by(sam, number)
    page = await desk.press(form, at(number, ""), decision="return", reason="Bring your passport.")
    assert page.status == 409 and page.soup.select_one(".notice .kept").get_text() == "Bring your passport."
    assert "What you had typed" in page.words


async def test_the_reason_of_a_return_stands_in_its_field_where_the_change_still_waits(cast, desk):
    number = await asked(cast, preferred_name="May")
    form = await desk.get(at(number, ""))
    await edited(await cast.browser("client"), cast.client, "demographics", {"preferred_name": "Maia"})
    page = await desk.press(
        form, at(number, ""), decision="return", reason="Bring your passport.", common_reason="call"
    )
    assert page.status == 409 and page.value("reason").strip() == "Bring your passport."
    assert page.soup.select_one(".decide details[open] option[value=call][selected]")


async def test_while_a_colleague_has_it_open_a_mistake_still_brings_the_form_back(cast, desk, sam):
    number = await asked(cast, preferred_name="May")
    form = await desk.get(at(number))
    await sam.post(f"/staff/review/{number}/hold")
    page = await desk.press(form, at(number), act="approve", given_name="", pronouns="they")
    assert page.status == 422 and page.value("pronouns") == "they" and "has this open" in page.words


async def test_what_the_form_carries_along_unseen_is_not_given_back_as_typed(cast, desk):
    number = await asked(cast, preferred_name="May")
    page = await desk.post(at(number), token="old", base="unseen", filters="unseen", act="approve", pronouns="they")
    assert page.status == 419 and "they" in page.words and "unseen" not in page.words


# Enter ----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("act", ["check", None, "foo"])
async def test_what_is_not_the_button_that_approves_approves_nothing(cast, desk, act):
    number = await asked(cast, preferred_name="May")
    page = await desk.press(await desk.get(at(number)), at(number), act=act, pronouns="they")
    assert page.status == 200 and await state(number) == "pending"
    assert "Nothing is approved yet" in page.words and page.value("pronouns") == "they"
    assert table(page, "What was edited") == ["Pronouns Empty they"]
    page = await desk.press(page, at(number), act="approve")
    assert "Approved with edits." in page.words and await state(number) == "edited"


async def test_the_first_button_of_the_form_is_the_harmless_one(cast, desk):
    number = await asked(cast, preferred_name="May")
    form = (await desk.get(at(number))).soup.select_one("#edit form")
    assert form.select_one("button")["value"] == "check"
    assert [one["value"] for one in form.select("button") if "Approve" in one.get_text()] == ["approve"]


async def test_enter_finds_what_is_faulty(cast, desk):
    number = await asked(cast, preferred_name="May")
    page = await desk.press(await desk.get(at(number)), at(number), act="check", given_name="")
    assert page.status == 422 and "given_name" in page.errors and "Nothing is approved yet" not in page.words


async def test_after_add_the_focus_is_on_the_new_entry(cast, desk):
    number = await asked(cast, preferred_name="May")
    page = await desk.press(await desk.get(at(number)), at(number), act="add phones")
    assert [one["id"] for one in page.soup.select("[data-focus-here]")] == ["phones-new1"]


# What comes and goes --------------------------------------------------------------------------------------------------


def policy() -> dict[str, str]:
    blank = {field.name: "" for field in INSURANCE.groups[0].fields}
    return {**blank, "payer": "Aetna", "rank": "1", "relationship": "self", "member_id": "W1"}


def headings(one) -> list[str]:
    return [cell.get_text(strip=True) for cell in one.select("thead th")]


async def test_a_new_entry_says_once_that_it_is_new(cast, desk):
    number = await asked_for(
        cast, DEMOGRAPHICS, phones={"new1": {"kind": "work", "number": "+14435550199", "may_leave_message": "yes"}}
    )
    page = await desk.get(at(number, ""))
    one = page.soup.select_one("#detail table.diff")
    assert "New: not on record yet" in one.caption.get_text() and headings(one) == ["Field", "Client says"]
    assert "Empty" not in one.get_text() and all(len(row.select("td")) == 1 for row in one.select("tbody tr"))
    await desk.press(page, at(number, ""), decision="approve")
    told = (await desk.get(at(number, ""))).soup.select_one("#detail table.diff").caption.get_text()
    assert "Added" in told and "not on record" not in told
    client = await cast.browser("client")
    page = await client.get(f"/clients/{cast.client.id}/information/demographics/history")
    assert headings(page.soup.select_one("table.diff")) == ["Field", "Asked for"] and "Added" in page.words


async def test_an_entry_that_goes_says_once_that_it_goes(cast, desk):
    await ClientPhone(client=cast.client.id, number="+14435550142").save()
    number = await asked_for(cast, DEMOGRAPHICS, phones={})
    one = (await desk.get(at(number, ""))).soup.select_one("#detail table.diff")
    assert "To be removed" in one.caption.get_text() and headings(one) == ["Field", "On record"]
    assert "Empty" not in one.get_text() and one.find("del")


async def test_photos_are_seen_side_by_side_and_open_by_their_links(cast, desk):
    now = await sheet(cast.client, "insurance")
    old, new = [str((await images.keep(as_client(cast), cast.client.id, a_photo())).id) for _ in range(2)]
    await change.send(
        as_client(cast), cast.client.id, INSURANCE, now, {"coverages": {"new1": {**policy(), "front_image": old}}}
    )
    first = int((await fetch("SELECT max(id) AS id FROM change_request"))[0]["id"])
    await desk.press(await desk.get(at(first, "")), at(first, ""), decision="approve")
    entry, values = next(iter((await sheet(cast.client, "insurance"))["coverages"].items()))
    number = await asked_for(cast, INSURANCE, coverages={entry: {**values, "front_image": new}})
    page = await desk.get(at(number, ""))
    pictures = page.soup.select("#detail .diff a img")
    place = f"/staff/clients/{cast.client.id}/photos/"
    assert [one["src"] for one in pictures] == [place + old, place + new] == [one.parent["href"] for one in pictures]
    assert [one["alt"] for one in pictures] == [
        "Photo of the card, front, On record",
        "Photo of the card, front, Client says",
    ]
    assert all(one["loading"] == "lazy" and one["width"] and one["height"] for one in pictures)
    assert (await desk.get(place + new)).headers["content-type"] == "image/jpeg"
