"""Two who keep one chart change the same section at once: nothing that either typed is lost, and they are told."""

from json import loads

import pytest

from portal.clients.tables import ClientPhone
from portal.database import fetch
from portal.practice import switches
from tests.browser import Page
from tests.factories import TEST, a_grant
from tests.information.steps import base, sheet


@pytest.fixture
async def mother(cast):
    return await cast.browser("client")


@pytest.fixture
async def father(cast):
    await a_grant(cast.accounts["stranger"], cast.client, kind="guardian")
    return await cast.browser("stranger")


@pytest.fixture
async def phone(cast) -> str:
    row = ClientPhone(client=cast.client.id, kind="mobile", number="+14435550119")
    await row.save()
    return str(row.id)


async def wanted(group: str = "person") -> dict[str, dict[str, str]]:
    return loads((await fetch("SELECT after FROM change_request ORDER BY id DESC LIMIT 1"))[0]["after"])[group]


async def both_open(cast, *browsers) -> list[Page]:
    return [await browser.get(base(cast.client, "demographics", "/edit")) for browser in browsers]


async def sent(cast, browser, page: Page, **typed) -> Page:
    return await browser.press(
        page, base(cast.client, "demographics"), {name.replace("__", "-"): value for name, value in typed.items()}
    )


def dashed(typed: dict[str, object]) -> dict[str, object]:
    return {name.replace("__", "-"): value for name, value in typed.items()}


async def test_what_both_changed_in_different_fields_stands_in_one_request(cast, mother, father):
    one, other = await both_open(cast, mother, father)
    await sent(cast, mother, one, pronouns="she/her")
    page = await sent(cast, father, other, preferred_name="May")
    assert page.status == 200 and page.pills().count("New") == 2
    told = (await wanted())["person"]
    assert (told["pronouns"], told["preferred_name"]) == ("she/her", "May")


async def test_what_both_added_are_two_entries(cast, mother, father):
    pages = await both_open(cast, mother, father)
    for browser, page, number in zip((mother, father), pages, ("4435550142", "4435550143"), strict=True):
        page = await browser.press(page, base(cast.client, "demographics"), act="add phones")
        page = await browser.press(page, base(cast.client, "demographics"), {"phones-new1-number": number, "act": None})
        assert page.status == 200, page.errors
    assert {one["number"] for one in (await wanted("phones")).values()} == {"+14435550142", "+14435550143"}


@pytest.mark.parametrize("mode", ["review", "at_once"])
async def test_the_second_of_two_in_one_field_is_told_of_the_first_and_sends_it_again(cast, mother, father, mode):
    await switches.turn(TEST, "information.demographics", mode)
    one, other = await both_open(cast, mother, father)
    await sent(cast, mother, one, preferred_name="May", pronouns="she/her")
    page = await sent(cast, father, other, preferred_name="Maia", suffix="Jr.")
    assert page.status == 422 and page.value("preferred_name") == "Maia" and page.value("suffix") == "Jr."
    assert page.errors == {
        "preferred_name": "Name to go by was changed while you were typing, to “May”."
        " Send it again to have what you typed instead."
    }
    page = await sent(cast, father, page)
    assert page.status == 200
    told = (await wanted())["person"]
    assert (told["preferred_name"], told["suffix"], told["pronouns"]) == ("Maia", "Jr.", "she/her")


async def test_what_both_changed_alike_is_no_collision(cast, mother, father):
    one, other = await both_open(cast, mother, father)
    await sent(cast, mother, one, preferred_name="May")
    assert (await sent(cast, father, other, preferred_name="May")).status == 200


async def test_a_phone_that_one_removes_and_the_other_changes_is_not_lost(cast, mother, father, phone):
    one, other = await both_open(cast, mother, father)
    one = await sent(cast, mother, one, act=f"remove phones-{phone}")
    await sent(cast, mother, one, act=None)
    assert await wanted("phones") == {}
    page = await sent(cast, father, other, **{f"phones__{phone}__number": "443 555 0177"})
    assert page.status == 422 and list(page.errors) == ["phones-new1-kind"]
    assert "Phone was removed while you were typing." in page.errors["phones-new1-kind"]
    assert page.value("phones-new1-number") == "443 555 0177"
    page = await sent(cast, father, page)
    assert page.status == 200 and [one["number"] for one in (await wanted("phones")).values()] == ["+14435550177"]


async def test_a_phone_that_one_changes_and_the_other_removes_is_told_first(cast, mother, father, phone):
    one, other = await both_open(cast, mother, father)
    await sent(cast, mother, one, **{f"phones__{phone}__number": "443 555 0177"})
    other = await sent(cast, father, other, act=f"remove phones-{phone}")
    page = await sent(cast, father, other, act=None)
    assert (
        page.status == 422
        and "Mobile phone was changed while you were typing" in page.soup.select_one("#errors a").get_text()
    )
    assert [one["number"] for one in (await wanted("phones")).values()] == ["+14435550177"]
    page = await sent(cast, father, page)
    assert page.status == 200 and await wanted("phones") == {}


async def test_what_the_office_has_put_on_the_record_meanwhile_is_told_as_well(cast, mother):
    (page,) = await both_open(cast, mother)
    await fetch("UPDATE client SET preferred_name = 'Mayita' WHERE id = {}", cast.client.id)
    page = await sent(cast, mother, page, preferred_name="May")
    assert page.status == 422 and "to “Mayita”" in page.errors["preferred_name"]
    assert (await sheet(cast.client, "demographics"))["person"]["person"]["preferred_name"] == "Mayita"


async def test_a_field_that_one_empties_and_the_other_changes_is_told(cast, mother, father):
    await fetch("UPDATE client SET pronouns = 'she/her' WHERE id = {}", cast.client.id)
    one, other = await both_open(cast, mother, father)
    await sent(cast, mother, one, pronouns="")
    page = await sent(cast, father, other, pronouns="they/them")
    assert "Pronouns was emptied while you were typing" in page.errors["pronouns"]
    page = await sent(cast, father, page)
    assert page.status == 200 and (await wanted())["person"]["pronouns"] == "they/them"


async def test_all_that_met_is_told_in_the_order_of_the_page(cast, mother, father, phone):
    await fetch("INSERT INTO client_phone (client, kind, number) VALUES ({}, 'home', '+14435550120')", cast.client.id)
    second = str((await fetch("SELECT max(id) AS id FROM client_phone"))[0]["id"])
    one, other = await both_open(cast, mother, father)
    one = await sent(cast, mother, one, act=f"remove phones-{second}")
    await sent(cast, mother, one, act=None, preferred_name="May", **{f"phones__{phone}__number": "4435550177"})
    typed = {f"phones__{phone}__number": "4435550188", f"phones__{second}__number": "4435550199"}
    page = await sent(cast, father, other, preferred_name="Maia", **typed)
    links = [one["href"] for one in page.soup.select("#errors a")]
    assert links == [f"#phones-{phone}-number", "#phones-new1-kind", "#preferred_name"]
    page = await sent(cast, father, page)
    assert page.status == 200
    assert {one["number"] for one in (await wanted("phones")).values()} == {"+14435550188", "+14435550199"}
