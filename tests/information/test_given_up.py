"""A change that waits or was returned is given up, by its button or by typing what is on record."""

import pytest

from portal.database import fetch
from portal.information import kinds, queries
from portal.information.actions import change, decision
from tests.browser import Page
from tests.information.steps import as_client, as_staff, asked, base, edited, sheet


@pytest.fixture
async def maya(cast):
    return await cast.browser("client")


async def returned(cast, **typed: str) -> None:
    number = await asked(cast, **typed)
    version = (await fetch("SELECT version FROM change_request WHERE id = {}", number))[0]["version"]
    await decision.give_back(as_staff(cast), number, version, "", "Please bring a document.")


async def states() -> list[str]:
    return [row["state"] for row in await fetch("SELECT state FROM change_request ORDER BY id")]


async def marks(of: str) -> int:
    found = await fetch(
        "SELECT count(*) AS many FROM audit_row WHERE act = 'information.withdrawn'"
        if of == "audit"
        else "SELECT count(*) AS many FROM event WHERE kind = 'information.withdrawn'"
    )
    return int(found[0]["many"])


def is_over(page: Page) -> bool:
    return page.status == 200 and not {"Returned to you", "With the practice"} & set(page.pills())


async def test_a_returned_change_is_left_as_it_is(cast, maya):
    await returned(cast, preferred_name="May")
    page = await maya.get(base(cast.client, "demographics"))
    assert "Returned to you" in page.pills() and "Leave it as it is" in page.words
    page = await maya.press(page, "/withdrawal")
    assert is_over(page) and "Leave it as it is" not in page.words and await states() == ["withdrawn"]
    assert (await marks("audit"), await marks("event")) == (1, 1)
    assert "Returned to you" not in (await maya.get(base(cast.client))).pills()
    home = await maya.get(f"/clients/{cast.client.id}")
    assert f"/clients/{cast.client.id}/information/demographics" not in home.links()
    page = await maya.get(base(cast.client, "demographics", "/history"))
    assert "Taken back" in page.pills() and "Please bring a document." in page.words
    assert (await maya.get(base(cast.client, "demographics", "/edit"))).value("preferred_name") == ""


@pytest.mark.parametrize("is_returned", [True, False])
async def test_what_is_on_record_typed_again_takes_it_back(cast, maya, is_returned):
    await (returned if is_returned else asked)(cast, preferred_name="May")
    page = await edited(maya, cast.client, "demographics", {"preferred_name": ""})
    assert page.path == base(cast.client, "demographics") and is_over(page) and await states() == ["withdrawn"]
    assert await fetch("SELECT 1 FROM review_item WHERE settled_at IS NULL") == []
    assert (await sheet(cast.client, "demographics"))["person"]["person"]["preferred_name"] == ""


async def test_returned_twice_it_is_given_up_once(cast, maya):
    await returned(cast, preferred_name="May")
    await returned(cast, preferred_name="Maia")
    page = await maya.press(await maya.get(base(cast.client, "demographics")), "/withdrawal")
    assert is_over(page) and await states() == ["withdrawn", "withdrawn"]


async def test_what_waits_taken_back_twice_leaves_what_was_returned_before(cast, maya):
    await returned(cast, preferred_name="May")
    await asked(cast, preferred_name="Maia")
    page = await maya.get(base(cast.client, "demographics"))
    for _ in range(2):
        answer = await maya.press(page, "/withdrawal")
        assert "Returned to you" in answer.pills() and await states() == ["returned", "withdrawn"]


async def test_what_was_accepted_is_not_taken_back(cast):
    number = await asked(cast, preferred_name="May")
    seen = queries.digest(await sheet(cast.client, "demographics"))
    await decision.approve(as_staff(cast), number, 1, seen)
    await change.withdraw(as_client(cast), cast.client.id, kinds.section("demographics"))
    assert await states() == ["accepted"] and await marks("audit") == 0
