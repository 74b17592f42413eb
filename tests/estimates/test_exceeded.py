"""A bill that is $400 or more above its estimate is said before it goes out."""

import pytest

from portal.access import NotFoundException
from portal.billing.actions import charging
from portal.database import fetch
from portal.encounters.drafts import LineDraft
from portal.estimates import queries
from portal.invoices.actions import issuing
from tests.billing.factories import an_encounter
from tests.estimates.steps import a_practice_that_estimates, an_estimate, an_item, today
from tests.factories import TEST
from tests.messages.steps import as_


async def billed(cast, *cents: int, **more) -> list[int]:
    """The ids of the services of one visit."""
    lines = [LineDraft("H0004", "Counseling", 1, each) for each in cents]
    encounter = await an_encounter(cast.client, *lines, days_ago=0.01, **more)
    return [row["id"] for row in await fetch("SELECT id FROM service_line WHERE encounter = {} ORDER BY id", encounter)]


async def found(cast, lines: list[int]) -> list[tuple[int, int]]:
    return [(one.expected, one.billed) for one in await queries.exceeded(TEST, cast.client.id, lines)]


async def test_four_hundred_dollars_above_is_said_and_a_cent_less_is_not(cast):
    calendar = await a_practice_that_estimates(cast)
    estimate_id = await an_estimate(cast, calendar)
    near = await billed(cast, 54_999)
    assert await found(cast, near) == []
    dearer = await billed(cast, 55_000)
    assert await found(cast, dearer) == [(15_000, 55_000)]
    told = (await queries.exceeded(TEST, cast.client.id, dearer))[0]
    assert (told.estimate_id, told.provider, told.over) == (estimate_id, "Dr. Ngozi Okafor", 40_000)


async def test_what_live_invoices_name_already_counts_along(cast):
    calendar = await a_practice_that_estimates(cast)
    await an_estimate(cast, calendar, await an_item(calendar, 4), visits=4)
    first = await billed(cast, 60_000)
    assert await found(cast, first) == []
    invoice = await issuing.issue(TEST, cast.client.id, first)
    second = await billed(cast, 40_000)
    assert await found(cast, second) == [(60_000, 100_000)]
    await issuing.void(TEST, invoice, "wrong")
    assert await found(cast, second) == []
    assert await found(cast, [*first, *second]) == [(60_000, 100_000)]


async def test_the_services_of_another_clinician_or_outside_its_days_are_not_of_it(cast):
    calendar = await a_practice_that_estimates(cast)
    await an_estimate(cast, calendar, await an_item(calendar, clinician_id=calendar.brandt))
    assert await found(cast, await billed(cast, 99_000)) == []
    tomorrow = today().toordinal() + 1
    await an_estimate(cast, calendar, first_day=today().fromordinal(tomorrow))
    assert await found(cast, await billed(cast, 99_000)) == []


async def test_each_provider_is_measured_alone(cast):
    calendar = await a_practice_that_estimates(cast)
    others = await an_item(calendar, 9, code="H0031", clinician_id=calendar.brandt)
    await an_estimate(cast, calendar, await an_item(calendar), others)
    assert await found(cast, await billed(cast, 70_000)) == [(15_000, 70_000)]


async def test_what_was_replaced_or_voided_counts_no_more(cast):
    calendar = await a_practice_that_estimates(cast)
    first = await an_estimate(cast, calendar)
    lines = await billed(cast, 70_000)
    assert len(await found(cast, lines)) == 1
    await an_estimate(cast, calendar, await an_item(calendar, 5), replaces=first)
    assert await found(cast, lines) == []
    await an_estimate(cast, calendar)
    assert len(await found(cast, lines)) == 1
    encounter = (await fetch("SELECT encounter FROM service_line WHERE id = {}", lines[0]))[0]["encounter"]
    await charging.void(TEST, encounter, 1, "entered twice")
    assert await found(cast, lines) == []


async def test_only_who_reads_the_ledger_of_this_client_is_told(cast):
    calendar = await a_practice_that_estimates(cast)
    await an_estimate(cast, calendar)
    lines = await billed(cast, 70_000)
    assert len(await queries.exceeded(await as_(cast, "biller"), cast.client.id, lines)) == 1
    assert await queries.exceeded(await as_(cast, "biller"), cast.other.id, lines) == []
    for part in ("client", "other clinician", "auditor"):
        with pytest.raises(NotFoundException):
            await queries.exceeded(await as_(cast, part), cast.client.id, lines)
