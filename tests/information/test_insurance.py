"""Insurance with the photos of its card: a refusal loses none, strangers see none, staff see what they decide about."""

import pytest

from portal import clock
from portal.clients import images
from portal.clients.tables import Coverage
from portal.database import fetch
from tests.browser import Page
from tests.factories import PASSWORD
from tests.information.steps import base, edited, sheet
from tests.uploads.pictures import a_photo

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


async def test_a_photo_that_was_taken_back_is_gone_two_days_later_and_both_histories_say_so(cast, maya):
    page = await sent(cast, maya, {}, front_image=a_photo())
    number = next(link for link in page.links() if "/photos/" in link)
    await maya.press(page, "/withdrawal")
    page = await maya.get(base(cast.client, "insurance", "/history"))
    assert number in page.links() and "no longer kept" not in page.words
    for hours in (25, 51):
        with clock.shifted(hours=hours):
            await images.prune()
    assert (await maya.get(number)).status == 404
    page = await maya.get(base(cast.client, "insurance", "/history"))
    assert "The photo is no longer kept" in page.words and number not in page.links()
    desk = await cast.browser("front_desk")
    page = await desk.get(f"/staff/clients/{cast.client.id}/information/insurance")
    assert "The photo is no longer kept" in page.words and not [one for one in page.links() if "/photos/" in one]


HOLDER = "You chose the client as the policy holder. Leave this name empty, or choose who else it is."


@pytest.mark.parametrize("name", ["", "Maya Reyes", "REYES, María M.", "maya reyes"])
async def test_the_client_holds_the_policy_under_their_own_name(cast, maya, name):
    await fetch("UPDATE client SET given_name = 'María', preferred_name = 'Maya' WHERE id = {}", cast.client.id)
    page = await sent(cast, maya, {"coverages-new1-subscriber_name": name})
    assert page.status == 200, page.errors


@pytest.mark.parametrize("name", ["Daniel Reyes", "Maya Cordero", "Ana"])
async def test_the_client_as_the_holder_of_a_policy_under_another_name_is_refused(cast, maya, name):
    page = await sent(cast, maya, {"coverages-new1-subscriber_name": name})
    assert page.status == 422 and page.errors == {"coverages-new1-subscriber_name": HOLDER}
    assert page.value("coverages-new1-subscriber_name") == name
    typed = {"coverages-new1-relationship": "spouse"}
    assert (await maya.press(page, base(cast.client, "insurance"), typed)).status == 200


async def test_a_holders_name_that_came_from_elsewhere_is_not_judged_again(cast, maya):
    row = Coverage(client=cast.client.id, payer="Aetna", member_id="W1", relationship="self")
    row.subscriber_name = "M REYES-CORDERO"
    await row.save()
    page = await edited(maya, cast.client, "insurance", {f"coverages-{row.id}-plan": "Gold"})
    assert page.status == 200
    page = await edited(maya, cast.client, "insurance", {f"coverages-{row.id}-subscriber_name": "Ana Cordero"})
    assert page.status == 422 and page.errors == {f"coverages-{row.id}-subscriber_name": HOLDER}


async def test_after_a_sessions_end_the_page_names_what_was_typed_and_the_files_to_choose_again(cast, maya):
    page = await blank_policy(cast, maya)
    files = {f"coverages-new1-{side}_image_file": ("card.jpg", a_photo(), "image/jpeg") for side in ("front", "back")}
    typed = {**CARD, "coverages-new1-starts_on_month": "3"}
    await fetch("UPDATE session SET seen_at = seen_at - interval '20 minutes'")
    page = await maya.press(page, base(cast.client, "insurance"), typed, files=files)
    page = await maya.press(page, "/sign-in", email="maya@example.com", password=PASSWORD)
    assert given_back(page, "#kept_post") == {
        "Insurance 1: Which insurance is it?": "Primary", "Insurance 1: Insurance company": "CareFirst",
        "Insurance 1: Member ID": "XWH 8841 2207", "Insurance 1: Who is the policy holder?": "The client",
        "Insurance 1: Valid from, Month": "3",
    }  # fmt: skip
    assert [one.get_text() for one in page.soup.select("#kept_post li")] == [
        "Insurance 1: Photo of the card, front", "Insurance 1: Photo of the card, back",
    ]  # fmt: skip
    page = await maya.press(page, "/account/kept-post/1", {"_decision": "send", "coverages-new1-starts_on_month": None})
    assert page.status == 200 and "CareFirst" in page.words


async def test_a_form_that_was_open_too_long_names_them_as_well(cast, maya):
    page = await blank_policy(cast, maya)
    files = {"coverages-new1-front_image_file": ("card.jpg", a_photo(), "image/jpeg")}
    page = await maya.press(page, base(cast.client, "insurance"), {**CARD, "_csrf_token": "old"}, files=files)
    assert page.status == 419 and given_back(page, "#error")["Insurance 1: Insurance company"] == "CareFirst"
    assert [one.get_text() for one in page.soup.select("#error li")] == ["Insurance 1: Photo of the card, front"]


def given_back(page: Page, where: str) -> dict[str, str]:
    return {one.dt.get_text(): one.dd.get_text() for one in page.soup.select(f"{where} .facts > div")}
