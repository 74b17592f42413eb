"""Insurance with the photos of its card: a refusal loses none, strangers see none, staff see what they decide about."""

import pytest

from portal.clients.tables import Coverage
from portal.database import fetch
from tests.browser import Page
from tests.information.steps import base, sheet
from tests.storage.pictures import a_photo

CARD = {
    "coverages-new1-rank": "1", "coverages-new1-payer": "CareFirst", "coverages-new1-member_id": "XWH 8841 2207",
    "coverages-new1-relationship": "self", "act": None,
}  # fmt: skip


@pytest.fixture
async def maya(cast):
    return await cast.browser("client")


async def blank_policy(cast, maya) -> Page:
    page = await maya.get(base(cast.client, "insurance", "/edit"))
    return await maya.press(page, base(cast.client, "insurance"), act="add coverages")


async def sent(cast, maya, typed: dict[str, object], **files: bytes) -> Page:
    told = {f"coverages-new1-{name}_file": ("card.jpg", content, "image/jpeg") for name, content in files.items()}
    page = await blank_policy(cast, maya)
    return await maya.press(page, base(cast.client, "insurance"), {**CARD, **typed}, files=told or None)


async def test_a_policy_with_photos_waits_and_then_stands_on_the_record(cast, maya):
    page = await sent(cast, maya, {}, front_image=a_photo(), back_image=a_photo())
    assert page.status == 200 and "With the practice" in page.pills() and "CareFirst" in page.words
    photos = [link for link in page.links() if "/photos/" in link]
    assert len(photos) == 2
    shown = await maya.http.get(photos[0])
    assert shown.headers["content-type"] == "image/jpeg" and shown.headers["cache-control"] == "no-store"
    desk = await cast.browser("front_desk")
    number = (await fetch("SELECT id FROM change_request"))[0]["id"]
    page = await desk.get(f"/staff/information/{number}")
    staffs = [link for link in page.links() if "/photos/" in link]
    assert len(staffs) == 2 and (await desk.http.get(staffs[0])).status_code == 200
    await desk.press(page, f"/staff/information/{number}", decision="approve")
    row = await Coverage.objects().first()
    assert row.payer == "CareFirst" and row.front_image and row.back_image


async def test_a_refusal_elsewhere_keeps_the_photo(cast, maya):
    page = await sent(cast, maya, {"coverages-new1-payer": ""}, front_image=a_photo())
    assert page.status == 422 and page.errors == {"coverages-new1-payer": "Enter the insurance company"}
    kept = page.value("coverages-new1-front_image")
    assert kept and page.value("coverages-new1-member_id") == "XWH 8841 2207"
    page = await maya.press(page, base(cast.client, "insurance"), {"coverages-new1-payer": "CareFirst"})
    assert page.status == 200 and any(link.endswith(f"/photos/{kept}") for link in page.links())


async def test_what_is_no_photo_is_refused_beside_its_field_and_the_other_photo_stays(cast, maya):
    page = await sent(cast, maya, {}, front_image=b"%PDF-1.7 not a photo", back_image=a_photo())
    assert page.status == 422 and list(page.errors) == ["coverages-new1-front_image"]
    assert page.value("coverages-new1-back_image") and page.value("coverages-new1-payer") == "CareFirst"


async def test_a_photo_is_taken_away_again(cast, maya):
    await sent(cast, maya, {}, front_image=a_photo())
    page = await maya.get(base(cast.client, "insurance", "/edit"))
    page = await maya.press(page, base(cast.client, "insurance"), {"coverages-new1-front_image_gone": "yes"})
    assert page.status == 200 and not [link for link in page.links() if "/photos/" in link]


async def test_the_photo_of_somebody_else_is_not_there(cast, maya):
    stranger = await cast.browser("stranger")
    page = await stranger.get(base(cast.other, "insurance", "/edit"))
    page = await stranger.press(page, base(cast.other, "insurance"), act="add coverages")
    files = {"coverages-new1-front_image_file": ("card.jpg", a_photo(), "image/jpeg")}
    page = await stranger.press(page, base(cast.other, "insurance"), CARD, files=files)
    theirs = next(link for link in page.links() if "/photos/" in link)
    number = theirs.rpartition("/")[2]
    assert (await maya.get(theirs)).status == 404
    assert (await maya.get(base(cast.client, "photos", f"/{number}"))).status == 404
    page = await sent(cast, maya, {"coverages-new1-front_image": number})
    assert page.status == 404 and await sheet(cast.client, "insurance") == {"coverages": {}}
    for part in ("signed out", "ended", "guardian", "other clinician", "biller"):
        browser = await cast.browser(part)
        answer = await browser.get(f"/staff/clients/{cast.client.id}/photos/{number}", follow=False)
        assert answer.status in (404, 303), part


async def test_overlapping_policies_are_refused_beside_the_second(cast, maya):
    await Coverage(client=cast.client.id, payer="Aetna", member_id="W1", relationship="self").save()
    page = await sent(cast, maya, {})
    assert page.status == 422
    assert page.errors == {
        "coverages-new1-rank": "Two policies of the same kind overlap: change one, or enter its last day"
    }
    page = await maya.press(page, base(cast.client, "insurance"), {"coverages-new1-rank": "2"})
    assert page.status == 200
