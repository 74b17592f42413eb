"""An estimate is given once, kept as it was, and says all that it must."""

import asyncio

import pytest
from asyncpg import RaiseError

from portal.access import NotFoundException
from portal.audit.tables import AuditRow
from portal.clients.tables import Client
from portal.database import fetch
from portal.estimates.actions import giving
from portal.estimates.queries import given
from portal.language import speaking
from portal.letters.tables import Delivery
from portal.practice import queries as practices
from portal.practice.tables import Practice, StaffMember
from portal.refusal import Refused
from tests.appointments.steps import refused
from tests.estimates.steps import (
    NPI,
    OTHER_NPI,
    TAX_ID,
    a_draft,
    a_practice_that_estimates,
    a_service,
    an_estimate,
    an_item,
    follow,
    said,
    today,
)
from tests.factories import TEST
from tests.letters.test_letters import sent, text_of
from tests.messages.steps import as_
from tests.schedule.steps import booked, desk
from tests.tasks.post import work_through


async def refusal_of(cast, calendar, *items, **more) -> dict[str, str]:
    with pytest.raises(Refused) as caught:
        await an_estimate(cast, calendar, *items, **more)
    assert await fetch("SELECT id FROM estimate") == []
    return said(caught.value)


async def test_it_holds_what_the_law_asks_for_grouped_by_who_does_it(cast):
    calendar = await a_practice_that_estimates(cast)
    by_brandt = await an_item(calendar, code="H0031", clinician_id=calendar.brandt)
    items = [await an_item(calendar, 24), by_brandt, await an_item(calendar, 2, charge=5_000)]
    estimate_id = await an_estimate(
        cast, calendar, *items, visits=27, every="weekly", diagnoses=("F41.1 Generalized anxiety disorder",),
        separate="Blood test\nPsychological testing",
    )  # fmt: skip
    found = await given.estimate(desk(cast), estimate_id, is_staff=True)
    assert (found.client_name, found.birth_date) == ("Maya Reyes", cast.client.birth_date)
    assert [(one.name, one.npi, one.tax_id, one.state, one.total) for one in found.providers] == [
        ("Dr. Ngozi Okafor", NPI, TAX_ID, "MD", 24 * 15_000 + 2 * 5_000),
        ("Elias Brandt", OTHER_NPI, TAX_ID, "MD", 22_500),
    ]
    assert [one.quantity for one in found.providers[0].items] == [24, 2]
    assert found.total == 24 * 15_000 + 2 * 5_000 + 22_500
    assert found.separate_ones == ["Blood test", "Psychological testing"]
    assert (found.given_how, found.given_by_name) == ("portal", "Front_Desk Staff")


async def test_what_is_done_stays_done_whatever_changes_afterwards(cast):
    """Names, numbers, fees and words are those of the day; the database lets nobody change or delete it."""
    calendar = await a_practice_that_estimates(cast)
    estimate_id = await an_estimate(cast, calendar)
    before = await given.estimate(desk(cast), estimate_id, is_staff=True)
    await Client.update({Client.family_name: "Other"}, force=True)
    await StaffMember.update({StaffMember.npi: ""}, force=True)
    await Practice.update({Practice.tax_id: "", Practice.name: "Another"}, force=True)
    await fetch("UPDATE fee SET cents = 1")
    await fetch("UPDATE service SET words = 'Else'")
    assert await given.estimate(desk(cast), estimate_id, is_staff=True) == before
    for table in ("estimate", "estimate_provider", "estimate_item"):
        for sql in ("UPDATE {} SET id = id", "DELETE FROM {}", "TRUNCATE {} CASCADE"):
            with pytest.raises(RaiseError, match="stays as it was given"):
                await fetch(sql.format(table))


async def test_a_form_that_arrives_twice_gives_it_once(cast):
    calendar = await a_practice_that_estimates(cast)
    draft = await a_draft(calendar, key="pressed-twice")
    first, second = await asyncio.gather(
        *(giving.give(desk(cast), cast.client.id, draft) for _ in range(2))
    )  # fmt: skip
    assert first == second and await giving.give(desk(cast), cast.client.id, draft) == first
    assert len(await fetch("SELECT id FROM estimate")) == 1
    assert await AuditRow.count().where(AuditRow.act == "estimate.given") == 1


async def test_a_new_one_replaces_it_once_and_both_are_kept(cast):
    calendar = await a_practice_that_estimates(cast)
    first = await an_estimate(cast, calendar)
    second = await an_estimate(cast, calendar, await an_item(calendar, 2), replaces=first)
    with refused("replaced already"):
        await an_estimate(cast, calendar, replaces=first)
    listed = await given.of_client(desk(cast), cast.client.id, is_staff=True)
    assert [(one.id, one.replaced_by) for one in listed.estimates] == [(second, None), (first, second)]


async def test_nobody_replaces_the_estimate_of_another_client(cast):
    calendar = await a_practice_that_estimates(cast)
    theirs = await an_estimate(cast, calendar, client_id=cast.other.id)
    with pytest.raises(NotFoundException):
        await an_estimate(cast, calendar, replaces=theirs)
    visit = await booked(cast, calendar, today(), 23, client=cast.other.id)
    with pytest.raises(NotFoundException):
        await an_estimate(cast, calendar, appointment_id=visit)


async def test_what_lacks_is_said_beside_where_it_lacks(cast):
    calendar = await a_practice_that_estimates(cast)
    assert "how many" in (await refusal_of(cast, calendar, await an_item(calendar, 0)))["item1.quantity"]
    free = await a_service("H2019", "Not priced yet", None)
    item = await an_item(calendar)
    unpriced = type(item)(free, calendar.okafor, calendar.site, 1)
    assert "no fee" in (await refusal_of(cast, calendar, item, unpriced))["item2.charge"]
    strange = type(item)(999, 999, 999, 1)
    assert sorted(await refusal_of(cast, calendar, strange)) == ["item1.clinician", "item1.service", "item1.site"]
    assert (
        "twelve months" in (await refusal_of(cast, calendar, last_day=today().replace(year=today().year + 1)))["last"]
    )
    assert "before" in (await refusal_of(cast, calendar, last_day=today().replace(year=2000)))["last"]
    assert "visits" in await refusal_of(cast, calendar, visits=0)
    dear = await an_item(calendar, 9_999, charge=99_999_99)
    assert "too much" in (await refusal_of(cast, calendar, dear))["item1.charge"]
    await StaffMember.update({StaffMember.npi: ""}, force=True)
    assert "NPI" in (await refusal_of(cast, calendar))["item1.clinician"]
    await fetch("UPDATE site SET state = ''")
    assert "address" in (await refusal_of(cast, calendar))["item1.site"]
    await Practice.update({Practice.tax_id: ""}, force=True)
    practices.forget()
    assert "tax ID" in (await refusal_of(cast, calendar))[""]


async def test_the_number_of_the_group_stands_in_for_a_clinician_without_one(cast):
    calendar = await a_practice_that_estimates(cast)
    await StaffMember.update({StaffMember.npi: ""}, force=True)
    await Practice.update({Practice.npi: "1003000126"}, force=True)
    practices.forget()
    found = await given.estimate(TEST, await an_estimate(cast, calendar), is_staff=True)
    assert found.providers[0].npi == "1003000126"


async def test_the_fee_is_that_of_its_first_day(cast):
    calendar = await a_practice_that_estimates(cast)
    await fetch("INSERT INTO fee (service, since, cents) SELECT service, {}, 99_00 FROM fee LIMIT 1", today())
    found = await given.estimate(TEST, await an_estimate(cast, calendar), is_staff=True)
    assert found.total == 99_00


async def test_nobody_in_the_portal_means_paper(cast):
    calendar = await a_practice_that_estimates(cast)
    await fetch("UPDATE access_grant SET ends_at = now()")
    assert "paper" in (await refusal_of(cast, calendar))["given_how"]
    assert await an_estimate(cast, calendar, given_how="mail")


@pytest.mark.parametrize("part", ["client", "stranger", "privacy_officer", "auditor", "other clinician"])
async def test_only_who_gives_estimates_to_this_client_gives_one(cast, part):
    calendar = await a_practice_that_estimates(cast)
    viewer = await as_(cast, part)
    with pytest.raises(NotFoundException):
        await an_estimate(cast, calendar, by=viewer)


async def test_the_letter_goes_to_who_reads_the_account_and_says_nothing(cast):
    calendar = await a_practice_that_estimates(cast)
    await fetch("UPDATE account SET language = 'es' WHERE email = 'maya@example.com'")
    estimate_id = await an_estimate(cast, calendar)
    await follow()
    letters = await Delivery.objects().where(Delivery.kind == "estimate-given").order_by(Delivery.address)
    assert [one.address for one in letters] == ["guardian@example.com", "maya@example.com"]
    for one in letters:
        message = await sent(one)
        address = f"/clients/{cast.client.id}/account/estimates/{estimate_id}"
        told = f"{message['Subject']}\n{text_of(message)}"
        assert address in told
        for secret in ("therapy", "estimat", "estimaci", "150", "maya", "okafor", "cost"):
            assert secret not in told.replace(address, "").lower(), secret
    assert "Inicie sesión" in text_of(await sent(letters[1]))


async def test_no_letter_of_what_has_been_replaced_before_it_left(cast):
    calendar = await a_practice_that_estimates(cast)
    first = await an_estimate(cast, calendar)
    await an_estimate(cast, calendar, replaces=first)
    await follow()
    await work_through("deliver")
    rows = await fetch("SELECT subject_id, state FROM delivery WHERE address = 'maya@example.com' ORDER BY id")
    assert [row["state"] for row in rows] == ["dropped", "sent"]


async def test_services_are_said_in_the_readers_language(cast):
    calendar = await a_practice_that_estimates(cast)
    found = await given.estimate(TEST, await an_estimate(cast, calendar), is_staff=True)
    item = found.providers[0].items[0]
    assert item.said == "Counseling, 50 minutes"
    with speaking("es"):
        assert item.said == "Consejería, 50 minutos"
