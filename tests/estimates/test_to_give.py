"""Billers give estimates and have no review queue: what is to be given stands among the lists of billing."""

import pytest

from portal.access import NotFoundException
from portal.database import fetch
from portal.estimates.actions import asking
from portal.estimates.queries import waiting
from tests.cast import Cast
from tests.estimates.steps import a_practice_that_estimates, an_estimate
from tests.messages.steps import as_

PAGE = "/staff/billing?list=estimates"


async def asked(cast: Cast, part: str = "client", client: int | None = None, times: int = 1) -> list[int]:
    viewer = await as_(cast, part)
    for place in range(times):
        await asking.ask(viewer, client or cast.client.id, "Twelve sessions", f"{part}-{place}")
    rows = await fetch("SELECT id FROM estimate_request WHERE client = {} ORDER BY id", client or cast.client.id)
    return [row["id"] for row in rows]


async def test_what_was_asked_for_leads_to_its_form_until_it_is_given(cast: Cast):
    calendar = await a_practice_that_estimates(cast)
    browser = await cast.browser("biller")
    assert "No estimate is to be given." in (await browser.get(PAGE)).words
    (request,) = await asked(cast)
    page = await browser.get(PAGE)
    assert "Estimates to give (1)" in page.words and "Maya Reyes" in page.words and "Due by" in page.words
    form = f"/staff/clients/{cast.client.id}/account/estimates/new?request={request}"
    assert form in page.links() and (await browser.get(form)).status == 200
    await an_estimate(cast, calendar, answers=(request,))
    assert "No estimate is to be given." in (await browser.get(PAGE)).words


async def test_it_is_turned_by_pages_and_asked_of_one_clinician(cast: Cast):
    await asked(cast, times=3)
    await asked(cast, "stranger", cast.other.id)
    viewer = await as_(cast, "biller")
    whole = await waiting.wanted(viewer, None, None, None)
    assert (len(whole.rows), whole.total, whole.before, whole.after) == (4, 4, None, None)
    behind = await waiting.wanted(viewer, whole.rows[1].place, None, None)
    assert [one.id for one in behind.rows] == [one.id for one in whole.rows[2:]]
    ahead = await waiting.wanted(viewer, None, whole.rows[2].place, None)
    assert [one.id for one in ahead.rows] == [one.id for one in whole.rows[:2]]
    hers = await waiting.wanted(viewer, None, None, cast.client.principal_clinician)
    assert {one.client_id for one in hers.rows} == {cast.client.id} and hers.total == 3


async def test_a_clinician_sees_those_of_their_clients_and_who_gives_none_sees_none(cast: Cast):
    await asked(cast)
    await asked(cast, "stranger", cast.other.id)
    assert [one.client_id for one in (await waiting.wanted(await as_(cast, "clinician"), None, None, None)).rows] == [
        cast.client.id
    ]
    assert (await waiting.wanted(await as_(cast, "other clinician"), None, None, None)).rows == []
    with pytest.raises(NotFoundException):
        await waiting.wanted(await as_(cast, "privacy_officer"), None, None, None)
