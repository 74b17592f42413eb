"""The pages of requests: who finds them, what they say, and what stays when something is wrong."""

from datetime import timedelta

import pytest

from portal.access import Area
from portal.database import fetch
from portal.notifications.letters import records_answered
from portal.records.actions import answering, asking
from portal.records.actions.asking import Asked
from portal.records.tables import RecordRequest
from tests.cast import Cast
from tests.documents.steps import a_document, shared
from tests.documents.test_sharing import state_of
from tests.factories import TEST, a_grant, an_account
from tests.records.steps import asked, version_of
from tests.test_queries import _nothing_by_the_clock
from tests.test_queries import asked as count
from tests.web.everything import must_change_nothing, must_find

__all__ = ["_nothing_by_the_clock"]
READERS, SHARERS = {"client"}, {"clinician", "front_desk", "supervisor", "administrator"}


def of_client(cast: Cast, rest: object = "") -> str:
    return f"/clients/{cast.client.id}/record-requests" + (f"/{rest}" if rest else "")


def of_staff(request_id: int, act: str = "") -> str:
    return f"/staff/record-requests/{request_id}" + (f"/{act}" if act else "")


async def test_everybody_finds_the_requests_that_are_theirs_and_nobody_anothers(cast: Cast):
    mine = (await asked(cast)).id
    theirs = (await noted(cast)).id
    chart, others = (
        f"/staff/clients/{cast.client.id}/record-requests",
        f"/staff/clients/{cast.other.id}/record-requests",
    )
    for part in cast.parts:
        browser = await cast.browser(part)
        addresses = {of_client(cast, rest): part in READERS for rest in ("", "new", mine)}
        addresses |= {of_client(cast, one): False for one in (theirs, 999, 2**63)}
        addresses |= {chart: part in SHARERS, of_staff(mine): part in SHARERS, of_staff(999): False}
        addresses |= {others: part in SHARERS - {"clinician"}, of_staff(theirs): part in SHARERS - {"clinician"}}
        await must_find(browser, part, addresses)


async def noted(cast: Cast) -> RecordRequest:
    return await asking.note(TEST.on(staff_id=1), cast.other.id, Asked(("billing",)), "theirs")


async def test_nobody_else_asks_answers_or_takes_back(cast: Cast):
    mine, theirs = (await asked(cast)).id, (await noted(cast)).id
    told = {"wanted": "notes", "way": "portal", "version": "1", "ground": "harm", "denial": "No", "why": "x"}
    for part in cast.parts:
        browser = await cast.browser(part)
        addresses = [
            of_client(cast, f"{theirs}/withdrawal"),
            of_client(cast, "999/withdrawal"),
            of_staff(999, "denial"),
        ]
        if part not in READERS:
            addresses += [of_client(cast), of_client(cast, f"{mine}/withdrawal")]
        if part not in SHARERS:
            addresses += [of_staff(mine, act) for act in ("answer", "denial", "delay")]
            addresses.append(f"/staff/clients/{cast.client.id}/record-requests")
        if part not in SHARERS - {"clinician"}:
            addresses += [of_staff(theirs, act) for act in ("answer", "denial", "delay")]
        await must_change_nothing(browser, part, addresses, told)


async def test_a_guardian_without_the_area_finds_neither_tile_nor_page(cast: Cast):
    account = await an_account("parent@example.com", name="Ana Reyes")
    await a_grant(account, cast.client, kind="guardian", areas=[str(one) for one in Area if one != Area.DOCUMENTS])
    cast.accounts["parent"] = account
    parent = await cast.browser("parent")
    assert "Medical records" not in (await parent.get(f"/clients/{cast.client.id}")).words
    assert (await parent.get(of_client(cast))).status == 404


async def test_staff_answer_nothing_about_themselves(cast: Cast):
    mine = (await asked(cast)).id
    await a_grant(cast.accounts["front_desk"], cast.client)
    desk = await cast.browser("front_desk")
    assert (await desk.get(of_staff(mine))).status == 404
    assert (await desk.post(of_staff(mine, "denial"), version="1", ground="harm", denial="x")).status == 404


async def test_what_was_typed_stays_beside_what_is_wrong(cast: Cast):
    browser = await cast.browser("client")
    page = await browser.press(
        await browser.get(of_client(cast, "new")), of_client(cast),
        {"wanted": "other", "words": "", "first_day": "2026-05-02", "last_day": "tomorrow", "way": "mail"},
    )  # fmt: skip
    assert page.status == 422 and "Write the date like" in page.words
    assert page.soup.select_one("[name=first_day]")["value"] == "2026-05-02"
    assert page.soup.select_one("[name=way][value=mail]").has_attr("checked")
    page = await browser.press(page, of_client(cast), {"wanted": "other", "last_day": ""})
    assert page.status == 422 and "Say in your words" in page.words


async def test_of_a_choice_that_is_not_offered_nothing_is_shared(cast: Cast):
    mine, strange = (await asked(cast)).id, await a_document(cast.other.id)
    desk = await cast.browser("front_desk")
    page = await desk.post(of_staff(mine, "answer"), version="1", documents=str(strange), answer="Here")
    assert page.status == 422 and "Here" in page.soup.select_one("[name=answer]").text
    assert await state_of(strange) == "not_shared"


async def test_who_comes_second_is_told_and_loses_nothing(cast: Cast):
    mine = (await asked(cast, Asked(("notes",), way="mail"))).id
    await answering.give(TEST, mine, 1, [], "")
    desk = await cast.browser("front_desk")
    page = await desk.post(of_staff(mine, "denial"), version="1", ground="harm", denial="What I wrote")
    assert page.status == 409 and "Somebody was quicker" in page.words and "What I wrote" in page.words


@pytest.mark.parametrize("language", ["en", "es"])
async def test_what_is_not_given_says_why_and_what_one_can_do(cast: Cast, language):
    mine = (await asked(cast)).id
    await answering.deny(TEST, mine, 1, "harm", "We speak about it on Tuesday.")
    await fetch("UPDATE account SET language = {} WHERE id = {}", language, cast.accounts["client"].id)
    page = await (await cast.browser("client")).get(of_client(cast, mine))
    assert "We speak about it on Tuesday." in page.words and "www.hhs.gov/ocr/complaints" in page.words
    assert ("another licensed professional" if language == "en" else "otro profesional con licencia") in page.words


async def test_the_letter_says_nothing_of_it(cast: Cast):
    mine = (await asked(cast)).id
    await answering.put_off(TEST, mine, 1, (await asked(cast)).due_on + timedelta(days=5), "Many pages")
    context = await records_answered(mine)
    assert context is not None and set(context) == {"url"} and context["url"].endswith(f"/record-requests/{mine}")


@pytest.mark.parametrize("who", ["client", "front_desk"])
async def test_lists_ask_as_much_for_many_as_for_one(cast: Cast, who):
    browser = await cast.browser(who)
    path = of_client(cast) if who == "client" else f"/staff/clients/{cast.client.id}/record-requests"
    await asked(cast)
    few = await count(browser, path)
    await fetch(
        "INSERT INTO record_request (client, wanted, words, way, asked_by, asked_at, due_on, longer_why, state, answer,"
        " ground, answered_by, answered_at, once, version)"
        " SELECT client, wanted, words, way, asked_by, asked_at, due_on,"
        " '', 'ready', '', '', NULL, now(), 'n' || n, 1 FROM record_request, generate_series(1, 29) AS n"
    )
    assert await count(browser, path) == few


async def test_many_answers_ask_as_much_as_one(cast: Cast):
    mine, papers = (await asked(cast)).id, [await shared(cast.client.id, once=str(n)) for n in range(8)]
    await answering.give(TEST, mine, await version_of(mine), papers[:1], "")
    browser = await cast.browser("client")
    few = await count(browser, of_client(cast, mine))
    for paper in papers[1:]:
        await fetch("INSERT INTO record_answer (request, document, is_new) VALUES ({}, {}, false)", mine, paper)
    assert await count(browser, of_client(cast, mine)) == few
