"""What stands on the pages of My Information beside the facts: whose they are, photos, and why a change came back."""

import pytest

from portal.clients.tables import Client
from portal.database import fetch
from portal.information.actions import decision
from tests.factories import a_grant
from tests.information.steps import as_staff, asked, base
from tests.information.test_insurance import CARD
from tests.uploads.pictures import a_photo

PAGES = [("", ""), ("emergency", ""), ("emergency", "/edit"), ("emergency", "/history")]


@pytest.mark.parametrize(("name", "more"), PAGES)
async def test_a_guardian_reads_whose_chart_it_is(cast, name, more):
    child = Client(given_name="Aisha", family_name="Karim", chart_number="A-77", birth_date=cast.client.birth_date)
    await child.save()
    for one in (cast.client, child):
        await a_grant(cast.accounts["stranger"], one, kind="guardian")
    father = await cast.browser("stranger")
    page = await father.get(base(child, name, more))
    assert page.soup.select_one("h1").find_next_sibling("p").get_text() == "For Aisha Karim"
    assert "For Maya Reyes" not in page.words
    assert "For Maya Reyes" in (await father.get(base(cast.client, name, more))).words
    own = await (await cast.browser("client")).get(base(cast.client, name, more))
    assert "For Maya" not in own.words


async def test_the_section_shows_the_photos_of_its_cards(cast):
    maya = await cast.browser("client")
    page = await maya.get(base(cast.client, "insurance", "/edit"))
    page = await maya.press(page, base(cast.client, "insurance"), act="add coverages")
    files = {"coverages-new1-front_image_file": ("card.jpg", a_photo(), "image/jpeg")}
    page = await maya.press(page, base(cast.client, "insurance"), CARD, files=files)
    image = page.soup.select_one(".facts a.thumb img")
    assert image["src"] in page.links() and image["alt"] == "Photo of the card, front"
    assert (await maya.http.get(image["src"])).headers["content-type"] == "image/jpeg"


async def test_the_lines_of_a_reason_are_kept(cast):
    number = await asked(cast, preferred_name="May")
    version = (await fetch("SELECT version FROM change_request"))[0]["version"]
    await decision.give_back(as_staff(cast), number, version, "", "Bring the card,\nfront and back.")
    maya = await cast.browser("client")
    for more in ("", "/history"):
        page = await maya.get(base(cast.client, "demographics", more))
        assert "Bring the card,\nfront and back." in [one.get_text() for one in page.soup.select("p.kept")]
