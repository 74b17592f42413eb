"""Announcements as staff write, check and follow them."""

import pytest

from portal.announcements.actions import writing
from portal.announcements.queries import announcements as queries
from portal.database import fetch
from tests.announcements.steps import CERRADO, CLOSED, spread, told, written
from tests.cast import Cast
from tests.messages.steps import as_
from tests.test_queries import _nothing_by_the_clock, asked

assert _nothing_by_the_clock
LIST = "/staff/announcements"
FILLED = {"subject": "Closed on Friday", "body": CLOSED}


@pytest.mark.parametrize("htmx", [False, True], ids=["plain", "htmx"])
async def test_it_is_written_checked_and_sent(cast: Cast, htmx: bool):
    browser = await cast.browser("supervisor", htmx=htmx)
    page = await browser.press(await browser.get(f"{LIST}/new"), LIST, FILLED)
    page = await browser.get(page.headers.get("hx-redirect", page.path))
    assert page.path.endswith("/check")
    assert "2 clients get this message" in page.words and CLOSED in page.words
    page = await browser.press(page, page.path)
    page = await browser.get(page.headers.get("hx-redirect", page.path))
    assert page.heading == "Closed on Friday" and "0 of 2 sent" in page.words
    await spread()
    assert "Sent to 2 clients. Read by 0 of 2." in (await browser.get(page.path)).words
    assert "Read by 0 of 2" in (await browser.get(LIST)).words


async def test_going_back_and_changing_it_makes_no_second_one(cast: Cast):
    browser = await cast.browser("supervisor")
    form = await browser.get(f"{LIST}/new")
    first = await browser.press(form, LIST, FILLED)
    again = await browser.press(form, LIST, {**FILLED, "subject": "Closed all week"})
    assert first.path == again.path and "Closed all week" in again.words
    by_link = await browser.get(again.path.replace("/check", "/words"))
    assert by_link.value("body").strip() == CLOSED
    assert (await browser.press(by_link, LIST, subject="Closed on Monday")).path == first.path
    assert (await fetch("SELECT count(*) FROM announcement"))[0]["count"] == 1


async def test_every_refusal_stands_beside_its_field_and_keeps_what_was_typed(cast: Cast):
    browser = await cast.browser("supervisor")
    page = await browser.press(
        await browser.get(f"{LIST}/new"), LIST, subject="", body=CLOSED, body_es=CERRADO, audience="clinician",
        topic="personal", may_reply=None,
    )  # fmt: skip
    assert page.status == 422
    assert page.errors == {
        "subject": "Enter a subject",
        "subject_es": "Enter the subject in Spanish too",
        "clinician": "Choose whose clients get it",
        "topic": "Choose who reads the answers",
        "may_reply": "Choose whether clients may answer",
    }
    assert page.value("body").strip() == CLOSED and page.value("body_es").strip() == CERRADO


@pytest.mark.parametrize(
    ("field", "typed"),
    [
        ("subject", "x" * 121),
        ("body", "x" * 10_001),
        ("body", " \n "),
        ("audience", "all"),
        ("key", ""),
        ("key", "x" * 99),
    ],
)
async def test_what_cannot_be_is_refused(cast: Cast, field: str, typed: str):
    browser = await cast.browser("supervisor")
    page = await browser.press(await browser.get(f"{LIST}/new"), LIST, {**FILLED, field: typed})
    assert page.status == 422 and set(page.errors) == {"" if field == "key" else field}


async def test_a_clinician_without_clients_is_no_choice(cast: Cast):
    browser = await cast.browser("supervisor")
    brandt = cast.accounts["other clinician"].staff_member
    page = await browser.press(
        await browser.get(f"{LIST}/new"), LIST, {**FILLED, "audience": "clinician", "clinician": str(brandt)}
    )
    assert page.status == 422 and set(page.errors) == {"clinician"}


async def test_what_was_changed_in_another_tab_is_looked_at_again(cast: Cast):
    browser, supervisor = await cast.browser("supervisor"), await as_(cast, "supervisor")
    once = written()
    announcement_id = await writing.write(supervisor, once)
    check = await browser.get(f"{LIST}/{announcement_id}/check")
    await writing.write(supervisor, written(key=once.key, body="Closed on Monday, too."))
    page = await browser.press(check, f"{announcement_id}/check")
    assert page.status == 422 and "Closed on Monday, too." in page.words
    assert (await browser.press(page, f"{announcement_id}/check")).path == f"{LIST}/{announcement_id}"


async def test_what_is_thrown_away_is_gone(cast: Cast):
    browser = await cast.browser("supervisor")
    check = await browser.press(await browser.get(f"{LIST}/new"), LIST, FILLED)
    page = await browser.press(check, check.path.replace("/check", "/removal"))
    assert page.path == LIST and "No announcements yet." in page.words
    assert (await browser.get(check.path)).status == 404


async def test_an_address_of_a_step_that_is_behind_leads_on(cast: Cast):
    browser = await cast.browser("administrator")
    announcement_id = await told(cast)
    assert (await browser.get(f"{LIST}/{announcement_id}/check")).path == f"{LIST}/{announcement_id}"
    assert (await browser.get(f"{LIST}/{announcement_id}/words")).status == 404


async def test_what_others_have_not_sent_is_not_there(cast: Cast):
    announcement_id = await writing.write(await as_(cast, "supervisor"), written())
    browser = await cast.browser("administrator")
    for place in ("", "/check", "/words"):
        assert (await browser.get(f"{LIST}/{announcement_id}{place}")).status == 404
    assert (await browser.post(f"{LIST}/{announcement_id}/check")).status == 404
    await browser.post(f"{LIST}/{announcement_id}/removal")
    assert (await fetch("SELECT count(*) FROM announcement"))[0]["count"] == 1


async def test_the_list_asks_as_often_for_thirty_as_for_one_and_has_pages(cast: Cast):
    supervisor = await as_(cast, "supervisor")
    await told(cast)
    browser = await cast.browser("supervisor")
    once = await asked(browser, LIST)
    for number in range(29):
        await writing.write(supervisor, written(subject=f"Number {number}"))
    assert await asked(browser, LIST) == once
    first = await browser.get(LIST)
    second = await browser.get(next(link for link in first.links() if "before=" in link))
    assert "Number 28" in first.words and "Number 18" in second.words and "Number 19" not in second.words
    assert (await browser.get(next(link for link in second.links() if "after=" in link))).words == first.words


async def test_nobodys_number_in_the_address_is_no_error(cast: Cast):
    browser = await cast.browser("supervisor")
    for query in ("?before=x", "?after=-1", "?before=999999999999"):
        assert (await browser.get(LIST + query)).status == 200
    assert (await queries.announcements(await as_(cast, "supervisor"), after=10**6)).announcements == []
