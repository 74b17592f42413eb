"""New charts and their e-mails."""

import asyncio

import pytest

from portal import clock
from portal.clients import queries
from portal.clients.actions import add_client, add_email, keep_email
from portal.clients.tables import Client, ClientEmail, EmailKind
from portal.database import fetch
from portal.refusal import Refused
from tests.factories import TEST, a_client

ANN = {
    "given_name": "Ann",
    "family_name": "O’Lee",
    "birth_date_month": "2",
    "birth_date_day": "3",
    "birth_date_year": "1980",
}


@pytest.fixture
async def desk(cast):
    return await cast.browser("front_desk")


async def test_a_new_chart_has_the_next_number_and_is_found_at_once(desk):
    page = await desk.press(
        await desk.get("/staff/clients/new"), "/staff/clients", **ANN, preferred_name="Annie", email="Ann@Example.com"
    )
    assert (page.path, page.heading) == ("/staff/clients/3", "Ann O’Lee")
    assert "chart 10003" in page.words and "Annie" in page.words and "Ann@example.com" in page.words
    assert "Ann O’Lee" in (await desk.post("/staff/clients/search", words="10003")).words


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"given_name": ""}, {"given_name": "Enter the first name"}),
        ({"family_name": "  "}, {"family_name": "Enter the last name"}),
        ({"given_name": "x" * 101}, {"given_name": "Use 100 characters or fewer"}),
        ({"preferred_name": "x" * 101}, {"preferred_name": "Use 100 characters or fewer"}),
        ({"birth_date_day": ""}, {"birth_date": "Enter the date of birth"}),
        ({"birth_date_day": "30"}, {"birth_date": "That date is not in the calendar: check the month and the day"}),
        ({"birth_date_year": "80"}, {"birth_date": "Use numbers: month, day, and the year with four digits"}),
        ({"birth_date_year": "1879"}, {"birth_date": "Check the year of the date of birth"}),
        ({"birth_date_year": "2980"}, {"birth_date": "Check the year of the date of birth"}),
        ({"email": "nonsense"}, {"email": "Enter an e-mail address like name@example.com"}),
        ({"principal_clinician": "999"}, {"principal_clinician": "Choose a clinician from the list"}),
        ({"principal_clinician": "²"}, {"principal_clinician": "Choose a clinician from the list"}),
        ({"principal_clinician": "1; --"}, {"principal_clinician": "Choose a clinician from the list"}),
        ({"given_name": "", "birth_date_day": "", "email": "x"}, {
            "given_name": "Enter the first name", "birth_date": "Enter the date of birth",
            "email": "Enter an e-mail address like name@example.com",
        }),
    ],
)  # fmt: skip
async def test_what_is_wrong_is_said_and_what_was_typed_is_kept(desk, typed, errors):
    page = await desk.post("/staff/clients", **{**ANN, **typed})
    assert (page.status, page.errors) == (422, errors)
    for name, value in {**ANN, **typed}.items():
        if name != "principal_clinician":
            assert page.value(name) == value
    assert await Client.count() == 2


async def test_a_birth_date_of_today_is_right_and_of_tomorrow_is_not(cast):
    today = clock.now().date()
    assert (await add_client(TEST, "New", "Born", today)).birth_date == today
    with clock.shifted(days=-1):
        with pytest.raises(Refused):
            await add_client(TEST, "Not", "Yet", today)


async def test_only_clinicians_are_offered(cast, desk):
    page = await desk.get("/staff/clients/new")
    offered = [one.get_text(strip=True) for one in page.soup.select('select[name="principal_clinician"] option')]
    assert offered == ["", "Elias Brandt", "Dr. Ngozi Okafor"]


@pytest.mark.parametrize("family", ["Reyes", "REYES", "réyes", " Reyes "])
async def test_somebody_who_seems_to_be_there_already_is_asked_about_first(cast, desk, family):
    typed = {**ANN, "family_name": family, "birth_date_month": "4", "birth_date_day": "17", "birth_date_year": "1991"}
    page = await desk.post("/staff/clients", **typed)
    assert page.status == 422 and "Is this somebody you have already?" in page.words
    assert f"/staff/clients/{cast.client.id}" in page.links() and "chart 10001" in page.words
    assert await Client.count() == 2 and page.value("given_name") == "Ann"
    page = await desk.press(page, "/staff/clients", is_sure="yes")
    assert page.path == "/staff/clients/3" and await Client.count() == 3


async def test_the_same_name_with_another_birth_date_is_another_person(desk):
    page = await desk.post("/staff/clients", **{**ANN, "family_name": "Reyes"})
    assert page.path == "/staff/clients/3"


async def test_being_sure_excuses_no_other_mistake(desk):
    page = await desk.post("/staff/clients", **{**ANN, "given_name": ""}, is_sure="yes")
    assert page.errors == {"given_name": "Enter the first name"}


async def test_twenty_new_charts_at_once_have_twenty_numbers(cast):
    made = await asyncio.gather(*(a_client("Ann", f"Lee {n}") for n in range(20)))
    assert len({client.chart_number for client in made}) == 20


async def test_a_chart_that_cannot_be_added_leaves_nothing(cast):
    before = await Client.count(), await ClientEmail.count()
    with pytest.raises(Exception, match="value too long"):
        await add_client(TEST, "Ann", "Lee", None, email="x" * 255)
    assert (await Client.count(), await ClientEmail.count()) == before


# E-mails --------------------------------------------------------------------------------------------------------------


def base(client) -> str:
    return f"/staff/clients/{client.id}/emails"


async def addresses(client) -> list[tuple[str, str]]:
    return [(one.kind, one.address) for one in await queries.emails(TEST, client.id)]


async def test_an_address_is_added_normalized_and_can_be_removed(cast, desk):
    page = await desk.get(base(cast.client))
    page = await desk.press(page, "/emails", address_kind="work", address="  Maya.R@Work.Example ")
    assert page.path == f"/staff/clients/{cast.client.id}" and "Maya.R@work.example" in page.words
    assert await addresses(cast.client) == [("personal", "maya@example.com"), ("work", "Maya.R@work.example")]
    page = await desk.press(page, f"{base(cast.client)}/1/removal")
    assert await addresses(cast.client) == [("work", "Maya.R@work.example")]


@pytest.mark.parametrize(
    ("typed", "errors"),
    [
        ({"address": "MAYA@example.com"}, {"address": "This address is on the chart already"}),
        ({"address": ""}, {"address": "Enter an e-mail address"}),
        ({"address": "a b@example.com"}, {"address": "Enter an e-mail address like name@example.com"}),
        (
            {"address": "a@example.com\nBcc: b@example.com"},
            {"address": "Enter an e-mail address like name@example.com"},
        ),
        ({"address": "Maya <maya@example.com>"}, {"address": "Enter an e-mail address like name@example.com"}),
        ({"address": "a@" + "x" * 300 + ".com"}, {"address": "Enter an e-mail address like name@example.com"}),
        ({"address": "ΐ" * 32 + "@" + "a." * 93 + "com"}, {"address": "Enter an e-mail address like name@example.com"}),
        ({"address_kind": "home"}, {"address_kind": "Choose what kind of address it is"}),
    ],
)
async def test_an_address_that_is_none_is_refused(cast, desk, typed, errors):
    page = await desk.post(base(cast.client), **{"address_kind": "work", "address": "new@example.com", **typed})
    assert (page.status, page.errors) == (422, errors)
    assert await addresses(cast.client) == [("personal", "maya@example.com")]


async def test_the_same_address_may_be_on_two_charts(cast):
    await add_email(TEST, cast.other.id, "maya@example.com", EmailKind.RELATED)
    assert ("related", "maya@example.com") in await addresses(cast.other)


async def test_ten_who_add_the_same_address_at_once_add_it_once(cast):
    told = await asyncio.gather(
        *(add_email(TEST, cast.client.id, "new@example.com", EmailKind.WORK) for _ in range(10)), return_exceptions=True
    )
    assert sum(isinstance(one, ClientEmail) for one in told) == 1
    assert all(isinstance(one, (ClientEmail, Refused)) for one in told)


async def test_an_address_that_was_used_is_kept_once_and_disturbs_nothing(cast):
    from portal.database import transaction

    async with transaction():
        await keep_email(TEST, cast.client.id, "maya@example.com")
        await keep_email(TEST, cast.client.id, "new@example.com")
        await keep_email(TEST, cast.client.id, "NEW@example.com")
    assert [one[1] for one in await addresses(cast.client)] == ["maya@example.com", "new@example.com"]


async def test_an_address_of_another_chart_is_not_removed_through_this_one(cast, desk):
    theirs = (await queries.emails(TEST, cast.other.id))[0]
    assert (await desk.post(f"{base(cast.client)}/{theirs.id}/removal")).status == 404
    assert (await desk.post(f"{base(cast.client)}/{2**63}/removal")).status == 404
    assert len(await addresses(cast.other)) == 1


async def test_no_email_stands_in_an_address(cast, desk):
    page = await desk.get(base(cast.client))
    forms = [str(one["action"]) for one in page.soup.select("form")]
    assert not any("maya" in one or "@" in one for one in [*forms, *page.links()] if not one.startswith("tel:"))


async def test_what_was_done_is_in_the_audit_without_the_address(cast, desk):
    await desk.post(base(cast.client), address_kind="work", address="canary@example.com")
    rows = await fetch(
        "SELECT act, r::text AS said FROM audit_row r WHERE client_id = {} ORDER BY id DESC LIMIT 2", cast.client.id
    )
    assert "client_email.added" in [row["act"] for row in rows] and not any("canary" in row["said"] for row in rows)
