"""A request is settled while the client has its form open: what was new in it is followed to the id that it got."""

from json import loads

import pytest

from portal.clients.tables import RelatedPerson
from portal.database import fetch
from tests.browser import Page
from tests.information.steps import base

SOSA = {
    "contacts-new1-given_name": "Ines", "contacts-new1-family_name": "Sosa", "contacts-new1-relationship": "Friend",
    "contacts-new1-phone": "443 555 0188", "act": None,
}  # fmt: skip


@pytest.fixture
async def maya(cast):
    return await cast.browser("client")


@pytest.fixture
async def desk(cast):
    return await cast.browser("front_desk")


async def form(cast, maya) -> Page:
    return await maya.get(base(cast.client, "emergency", "/edit"))


async def sent(cast, maya, page: Page, typed: dict[str, object]) -> Page:
    return await maya.press(page, base(cast.client, "emergency"), typed)


async def sosa_waits(cast, maya) -> Page:
    """Returns the form, opened again."""
    page = await sent(cast, maya, await form(cast, maya), {"act": "add contacts"})
    assert (await sent(cast, maya, page, SOSA)).status == 200
    return await form(cast, maya)


async def newest() -> dict[str, object]:
    return (await fetch("SELECT * FROM change_request ORDER BY id DESC LIMIT 1"))[0]


async def settled(desk, decision: str = "approve", **typed: str) -> None:
    at = f"/staff/information/{(await newest())['id']}"
    assert (await desk.press(await desk.get(at), at, decision=decision, **typed)).status == 200


async def wanted() -> dict[str, dict[str, str]]:
    return loads((await newest())["after"])["contacts"]


async def test_only_what_was_changed_beside_it_is_asked_for(cast, maya, desk):
    page = await sosa_waits(cast, maya)
    page = await sent(cast, maya, page, {"act": "add contacts"})
    await settled(desk)
    row = await RelatedPerson.objects().first()
    second = {name.replace("new1", "new2"): value for name, value in SOSA.items()} | {
        "contacts-new2-family_name": "Park", "contacts-new2-phone": "443 555 0199",
        "contacts-new1-relationship": "Aunt",
    }  # fmt: skip
    page = await sent(cast, maya, page, second)
    assert page.status == 200, page.errors
    asked = await wanted()
    assert set(asked) == {str(row.id), "new2"} and asked[str(row.id)]["relationship"] == "Aunt"
    await settled(desk)
    rows = await RelatedPerson.objects().order_by(RelatedPerson.id)
    assert [(one.family_name, one.relationship) for one in rows] == [("Sosa", "Aunt"), ("Park", "Friend")]


async def test_removed_in_the_form_it_is_asked_to_be_removed(cast, maya, desk):
    page = await sosa_waits(cast, maya)
    page = await sent(cast, maya, page, {"act": "remove contacts-new1"})
    await settled(desk)
    page = await sent(cast, maya, page, {"act": None})
    assert page.status == 200 and "To be removed" in page.pills() and await wanted() == {}


async def test_where_staff_have_changed_the_same_it_is_told_once_and_what_is_sent_again_is_meant(cast, maya, desk):
    page = await sosa_waits(cast, maya)
    await settled(desk)
    await fetch("UPDATE related_person SET relationship = 'Neighbor'")
    row = await RelatedPerson.objects().first()
    page = await sent(cast, maya, page, {"contacts-new1-relationship": "Aunt"})
    name = f"contacts-{row.id}-relationship"
    assert page.status == 422 and list(page.errors) == [name] and "“Neighbor”" in page.errors[name]
    assert page.value(name) == "Aunt" and page.value("contacts") == str(row.id)
    page = await sent(cast, maya, page, {})
    assert page.status == 200 and {key: one["relationship"] for key, one in (await wanted()).items()} == {
        str(row.id): "Aunt"
    }


async def test_one_that_was_returned_is_followed_through_the_request_that_answered_it(cast, maya, desk):
    await sosa_waits(cast, maya)
    await settled(desk, "return", reason="Who is this?")
    page, other = await form(cast, maya), await form(cast, maya)
    await sent(cast, maya, other, {"contacts-new1-relationship": "Godmother"})
    await settled(desk)
    row = await RelatedPerson.objects().first()
    page = await sent(cast, maya, page, {"contacts-new1-phone": "443 555 0101"})
    assert page.status == 200, page.errors
    assert {key: (one["relationship"], one["phone"]) for key, one in (await wanted()).items()} == {
        str(row.id): ("Godmother", "+14435550101")
    }


async def test_one_that_was_taken_back_is_not_followed(cast, maya, desk):
    page = await sosa_waits(cast, maya)
    await maya.press(await maya.get(base(cast.client, "emergency")), "/withdrawal")
    other = await sent(cast, maya, await form(cast, maya), {"act": "add contacts"})
    await sent(cast, maya, other, {**SOSA, "contacts-new1-family_name": "Park"})
    await settled(desk)
    page = await sent(cast, maya, page, {"contacts-new1-relationship": "Aunt"})
    assert page.status == 422 and "was removed while you were typing" in str(page.errors)
