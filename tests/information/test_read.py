"""What a field takes and what it refuses, with a sentence that says what to do."""

import pytest

from portal.clients.tables import Coverage, RelatedPerson
from portal.database import fetch
from portal.web.form import Form, Reader
from tests.browser import Page
from tests.information.steps import base, edited
from tests.uploads.pictures import a_photo


@pytest.fixture
async def maya(cast):
    return await cast.browser("client")


async def imported(cast, **more: object) -> Coverage:
    row = Coverage(client=cast.client.id, payer="Aetna", **more)
    await row.save()
    return row


async def photographed(cast, maya, row: Coverage, typed: dict[str, object]) -> Page:
    files = {f"coverages-{row.id}-front_image_file": ("card.jpg", a_photo(), "image/jpeg")}
    page = await maya.get(base(cast.client, "insurance", "/edit"))
    return await maya.press(page, base(cast.client, "insurance"), typed, files=files)


async def with_new(cast, maya, section: str, group: str, typed: dict[str, str]) -> Page:
    page = await maya.get(base(cast.client, section, "/edit"))
    page = await maya.press(page, base(cast.client, section), act=f"add {group}")
    return await maya.press(
        page, base(cast.client, section), {f"{group}-new1-{name}": said for name, said in typed.items()} | {"act": None}
    )


async def test_what_the_record_lacks_does_not_stop_a_photo(cast, maya):
    row = await imported(cast, relationship="spouse")
    page = await photographed(cast, maya, row, {})
    assert page.status == 200, page.errors
    assert len(page.soup.select("a.thumb img")) == 1


async def test_policies_that_came_overlapping_do_not_stop_a_photo(cast, maya):
    row = await imported(cast, member_id="1")
    await imported(cast, member_id="2")
    assert (await photographed(cast, maya, row, {})).status == 200


async def test_what_the_client_empties_is_asked_for(cast, maya):
    row = await imported(cast, member_id="W1", relationship="self")
    name = f"coverages-{row.id}-member_id"
    page = await photographed(cast, maya, row, {name: ""})
    assert page.status == 422 and page.errors == {name: "Enter the member ID from the card"}


async def test_what_a_new_entry_lacks_is_asked_for(cast, maya):
    page = await with_new(cast, maya, "insurance", "coverages", {"payer": "Aetna", "rank": "1", "relationship": "self"})
    assert page.errors == {"coverages-new1-member_id": "Enter the member ID from the card"}


@pytest.mark.parametrize("typed", ["٢١٤٠١", "２１４０１", "21401"])
async def test_a_zip_code_is_kept_in_the_digits_of_the_mail(cast, maya, typed):
    whole = {"street": "218 Linden Street", "city": "Towson", "state": "MD", "postal_code": typed}
    page = await with_new(cast, maya, "demographics", "addresses", whole)
    assert page.status == 200, page.errors
    asked = (await fetch("SELECT after->'addresses'->'new1'->>'postal_code' AS zip FROM change_request"))[0]
    assert asked["zip"] == "21401"


@pytest.mark.parametrize("typed", ["W12 🙂", "W12\x07", "W12; 3", "<b>"])
@pytest.mark.parametrize("name", ["member_id", "group_number"])
async def test_what_stands_on_no_card_is_refused_beside_its_field(cast, maya, typed, name):
    row = await imported(cast, member_id="W1", relationship="self")
    page = await edited(maya, cast.client, "insurance", {f"coverages-{row.id}-{name}": typed})
    sentence = "Use only letters, digits, spaces and - / . as they stand on the card"
    assert page.status == 422 and page.errors == {f"coverages-{row.id}-{name}": sentence}
    page = await edited(maya, cast.client, "insurance", {f"coverages-{row.id}-{name}": "XWH 88-41/22.07"})
    assert page.status == 200


async def test_an_id_that_came_from_elsewhere_is_not_judged_again(cast, maya):
    row = await imported(cast, member_id="W1*7", relationship="self")
    assert (await edited(maya, cast.client, "insurance", {f"coverages-{row.id}-plan": "Gold"})).status == 200


async def test_an_extension_is_refused_with_what_to_do(cast, maya):
    row = RelatedPerson(client=cast.client.id, family_name="Reyes", relationship="Brother", is_emergency_contact=True)
    await row.save()
    typed = {f"contacts-{row.id}-phone": "410-555-0100 ext. 12"}
    page = await edited(maya, cast.client, "emergency", typed)
    assert page.status == 422 and page.errors == {
        f"contacts-{row.id}-phone": "Extensions cannot be kept here. Enter the number without it,"
        " or a number that needs none."
    }


def test_lines_are_kept_and_trimmed():
    reader = Reader(Form.of(reason="  Bring \t the card,\r\n\r\n\r\n\r\nfront \u200band back. \r\n"))
    assert reader.lines("reason", most=100) == "Bring the card,\n\nfront and back."
    assert reader.lines("reason", most=5) and reader.sentences == {"reason": "Use 5 characters or fewer"}
    assert reader.lines("other", most=5, missing="Say why") == "" and reader.sentences["other"] == "Say why"
