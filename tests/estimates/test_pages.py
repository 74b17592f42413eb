"""What staff and clients see of estimates, with a plain browser and with htmx; and what strangers do not."""

import pytest

from portal.database import fetch
from portal.papers import controllers
from tests.appointments.steps import a_monday
from tests.estimates.steps import (
    NPI,
    TAX_ID,
    a_practice_that_estimates,
    an_estimate,
    an_item,
    follow,
    service,
    typed,
    waiting,
)
from tests.papers.steps import facts_of, words_of
from tests.schedule.steps import booked
from tests.tasks.post import work_through
from tests.test_queries import _nothing_by_the_clock, asked  # noqa: F401

RIGHTS = (
    "only an estimate", "must be scheduled or asked for separately", "not a contract", "at least $400 more",
    "www.cms.gov/nosurprises", "does not change how well you are cared for",
)  # fmt: skip


def of_staff(cast, rest: str = "") -> str:
    return f"/staff/clients/{cast.client.id}/account/estimates{rest}"


def of_client(cast, rest: str = "") -> str:
    return f"/clients/{cast.client.id}/account/estimates{rest}"


@pytest.fixture(params=[False, True], ids=["plain", "htmx"])
async def front_desk(cast, request):
    return await cast.browser("front_desk", htmx=request.param)


async def test_staff_give_one_from_an_appointment_whose_form_is_filled_in(cast, front_desk):
    calendar = await a_practice_that_estimates(cast)
    days = [a_monday(week) for week in (3, 4, 5)]
    visit = await booked(cast, calendar, days[0], 10, many=days)
    await follow()
    page = await front_desk.get(f"/staff/schedule/visits/{visit}")
    address = of_staff(cast, f"/new?appointment={visit}")
    assert address in page.links() and (await waiting())[0]["url"] == address
    page = await front_desk.get(address)
    shown = {name: page.value(name) for name in ("words", "visits", "first", "last", "item1.quantity", "appointment")}
    assert shown == {
        "words": "Individual session", "visits": "3", "first": days[0].isoformat(), "last": days[-1].isoformat(),
        "item1.quantity": "3", "appointment": str(visit),
    }  # fmt: skip
    given = await front_desk.press(page, of_staff(cast), {"item1.service": str(await service())})
    if front_desk.headers:
        given = await front_desk.get(given.headers["hx-redirect"])
    assert "$450.00" in given.words and "3 visits, every week" in given.words and await waiting() == []
    assert "Given by Front_Desk Staff" in given.words


async def test_a_button_pressed_twice_gives_it_once(cast, front_desk):
    calendar = await a_practice_that_estimates(cast)
    form = typed(calendar, await service())
    for _ in range(2):
        assert (await front_desk.post(of_staff(cast), follow=False, **form)).status in (200, 303)
    assert len(await fetch("SELECT id FROM estimate")) == 1


async def test_another_row_keeps_what_was_typed_and_an_empty_one_is_left_out(cast, front_desk):
    calendar = await a_practice_that_estimates(cast)
    form = typed(calendar, await service(), separate="Blood test")
    page = await front_desk.post(of_staff(cast), **form, act="more")
    assert page.status == 200 and page.value("rows") == "2" and page.value("separate").strip() == "Blood test"
    assert page.value("item2.quantity") == "" and page.value("key") == form["key"]
    more = {"item2.clinician": str(calendar.okafor), "item2.site": str(calendar.site), "rows": "3"}
    third = {
        "item3.service": str(await service("H0031")),
        "item3.quantity": "1",
        "item3.clinician": str(calendar.okafor),
    }
    refused = await front_desk.post(of_staff(cast), **{**form, **more, **third, "item3.site": ""})
    assert refused.status == 422 and list(refused.errors) == ["item2.site"] and refused.value("rows") == "2"
    assert refused.value("separate").strip() == "Blood test"


async def test_what_is_refused_stands_in_the_form_again_with_its_sentence(cast, front_desk):
    calendar = await a_practice_that_estimates(cast)
    wrong = {
        "words": "", "first": "soon", "visits": "many", "item1.charge": "a lot", "diagnoses": "anxiety",
        "given_how": "",
    }  # fmt: skip
    page = await front_desk.post(of_staff(cast), **{**typed(calendar, await service()), **wrong})
    assert page.status == 422
    assert set(page.errors) == {"words", "first", "visits", "item1.charge", "diagnoses", "given_how"}
    for name in ("first", "visits", "item1.charge", "diagnoses"):
        assert page.value(name).strip() == wrong[name]
    page = await front_desk.post(
        of_staff(cast), **typed(calendar, await service(), **{"item1.charge": "10,000,000.00"})
    )
    assert page.status == 422 and "below a million" in page.errors["item1.charge"]
    assert await fetch("SELECT id FROM estimate") == []


async def test_a_new_one_opens_with_what_stands_and_takes_its_place(cast, front_desk):
    calendar = await a_practice_that_estimates(cast)
    items = [await an_item(calendar, 4), await an_item(calendar, 1, code="H0031", clinician_id=calendar.brandt)]
    first = await an_estimate(cast, calendar, *items, visits=5, diagnoses=("F41.1 Generalized anxiety disorder",))
    page = await front_desk.get(of_staff(cast, f"/new?replaces={first}"))
    assert page.value("rows") == "2" and page.value("item2.charge") == "225.00"
    await front_desk.press(page, of_staff(cast), visits="6")
    page = await front_desk.get(f"/staff/estimates/{first}")
    second = (await fetch("SELECT max(id) AS id FROM estimate"))[0]["id"]
    assert f"/staff/estimates/{second}" in page.links() and "A newer estimate" in page.words
    assert "F41.1 Generalized anxiety disorder" in (await front_desk.get(f"/staff/estimates/{second}")).words
    assert (await front_desk.get(of_staff(cast))).pills() == ["Replaced"]


async def test_what_was_asked_by_phone_is_noted_with_its_day(cast, front_desk):
    await a_practice_that_estimates(cast)
    page = await front_desk.get(of_staff(cast))
    empty = await front_desk.press(page, "/requests", words=" ")
    assert empty.status == 422 and list(empty.errors) == ["words"]
    await front_desk.press(page, "/requests", words="Ten sessions, she asked")
    page = await front_desk.get(of_staff(cast))
    assert "Ten sessions, she asked" in page.words and "Due by" in page.words
    request = (await waiting("estimate.asked"))[0]["subject_id"]
    form = await front_desk.get(of_staff(cast, f"/new?request={request}"))
    box = form.soup.select_one("input[name=answers]")
    assert box["value"] == str(request) and box.has_attr("checked")


@pytest.mark.parametrize("is_htmx", [False, True])
async def test_a_client_reads_what_was_given_with_all_that_the_law_asks_for(cast, is_htmx):
    calendar = await a_practice_that_estimates(cast)
    more = {"diagnoses": ("F41.1 Generalized anxiety disorder",), "separate": "Blood test"}
    estimate_id = await an_estimate(cast, calendar, await an_item(calendar, 24), visits=24, every="weekly", **more)
    browser = await cast.browser("client", htmx=is_htmx)
    page = await browser.get(of_client(cast))
    assert of_client(cast, f"/{estimate_id}") in page.links() and "$3,600.00" in page.words
    page = await browser.get(of_client(cast, f"/{estimate_id}"))
    named = ("Maya Reyes", "April 17, 1991", "Dr. Ngozi Okafor", NPI, TAX_ID, "Annapolis", "MD", "H0004",
             "Counseling, 50 minutes", "$150.00", "$3,600.00", "24 visits, every week", "F41.1", "Blood test",
             "each gets an estimate of its own", "Harbor Lane Counseling", *RIGHTS)  # fmt: skip
    assert [one for one in named if one not in page.words] == []
    assert "Given by" not in page.words


async def test_in_spanish_too(cast):
    calendar = await a_practice_that_estimates(cast)
    estimate_id = await an_estimate(cast, calendar)
    await fetch("UPDATE account SET language = 'es'")
    page = await (await cast.browser("client")).get(of_client(cast, f"/{estimate_id}"))
    assert "Estimación de buena fe" in page.words and "Consejería, 50 minutos" in page.words
    assert "no es un contrato" in page.words and "Expected" not in page.words


@pytest.mark.parametrize("is_htmx", [False, True])
async def test_a_client_asks_for_one_and_reads_until_when_to_expect_it(cast, is_htmx):
    await a_practice_that_estimates(cast)
    browser = await cast.browser("client", htmx=is_htmx)
    page = await browser.get(of_client(cast, "/new"))
    assert "you can expect it by" in page.words
    empty = await browser.press(page, of_client(cast), words="  ")
    assert empty.status == 422 and "what you would like to know" in empty.errors["words"]
    long = await browser.press(page, of_client(cast), words="x" * 501)
    assert long.status == 422 and long.value("words").strip() == "x" * 501
    for _ in range(2):
        await browser.press(page, of_client(cast), words="Twelve sessions")
    page = await browser.get(of_client(cast))
    assert "Twelve sessions" in page.words and "You can expect it by" in page.words
    assert len(await waiting("estimate.asked")) == 1


async def test_the_pdf_says_the_same_and_its_title_nothing(cast, tmp_path, monkeypatch):
    monkeypatch.setattr(controllers, "PATIENCE", 0.0)
    calendar = await a_practice_that_estimates(cast)
    estimate_id = await an_estimate(cast, calendar, await an_item(calendar, 24), visits=24, every="weekly")
    for part, address in (
        ("client", of_client(cast, f"/{estimate_id}")),
        ("biller", f"/staff/estimates/{estimate_id}"),
    ):
        browser = await cast.browser(part)
        answer = await browser.post(f"{address}/paper", follow=False)
        assert answer.status == 303
        await work_through("render")
        pdf = await browser.get(f"{answer.headers['location']}/file")
        assert pdf.status == 200 and f"estimate-{estimate_id}.pdf" in pdf.headers["content-disposition"]
        said = " ".join(words_of(pdf.response.content, tmp_path).split())
        told = ("Good Faith Estimate", "Maya Reyes", NPI, TAX_ID, "$3,600.00", "H0004", *RIGHTS)
        assert [one for one in told if one not in said] == []
        assert facts_of(pdf.response.content, tmp_path)["Title"] == "Good Faith Estimate"


async def test_a_paper_is_for_who_may_still_read_it(cast, monkeypatch):
    monkeypatch.setattr(controllers, "PATIENCE", 0.0)
    calendar = await a_practice_that_estimates(cast)
    estimate_id = await an_estimate(cast, calendar)
    browser = await cast.browser("client")
    answer = await browser.post(of_client(cast, f"/{estimate_id}/paper"), follow=False)
    await work_through("render")
    await fetch("UPDATE access_grant SET areas = ARRAY['messages']")
    assert (await browser.get(f"{answer.headers['location']}/file")).status == 404


# Who finds what ------------------------------------------------------------------------------------------------------

READERS = {"client", "guardian"}
GIVERS = {"clinician", "front_desk", "biller", "supervisor", "administrator"}


async def test_everybody_finds_the_estimates_that_are_theirs_and_nobody_anothers(cast):
    calendar = await a_practice_that_estimates(cast)
    mine = await an_estimate(cast, calendar)
    theirs = await an_estimate(cast, calendar, client_id=cast.other.id)
    for part in cast.parts:
        browser = await cast.browser(part)
        addresses = {
            of_client(cast): part in READERS, of_client(cast, "/new"): part in READERS,
            of_client(cast, f"/{mine}"): part in READERS, of_client(cast, f"/{theirs}"): False,
            of_client(cast, "/999"): False, of_staff(cast): part in GIVERS, of_staff(cast, "/new"): part in GIVERS,
            f"/staff/estimates/{mine}": part in GIVERS, of_staff(cast, f"/new?replaces={theirs}"): False,
            f"/staff/estimates/{theirs}": part in GIVERS - {"clinician"}, "/staff/estimates/999": False,
        }  # fmt: skip
        for address, is_found in addresses.items():
            page = await browser.get(address, follow=False)
            if part != "signed out":
                assert page.status == (200 if is_found else 404), f"{part}: {address} {page.status}"
        posts = {
            of_client(cast, f"/{theirs}/paper"): False,
            f"/staff/estimates/{theirs}/paper": part in GIVERS - {"clinician"},
            of_client(cast): part in READERS,
            of_staff(cast): part in GIVERS,
            of_staff(cast, "/requests"): part in GIVERS,
        }
        for address, is_found in posts.items():
            if part != "signed out":
                status = (await browser.post(address, follow=False)).status
                assert (status == 404) != is_found, f"{part}: POST {address} {status}"
    assert len(await fetch("SELECT id FROM estimate")) == 2


async def test_a_visit_of_somebody_else_opens_no_form(cast):
    calendar = await a_practice_that_estimates(cast)
    theirs = await booked(cast, calendar, a_monday(3), 10, client=cast.other.id)
    browser = await cast.browser("front_desk")
    assert (await browser.get(of_staff(cast, f"/new?appointment={theirs}"))).status == 404


async def test_lists_ask_as_often_for_thirty_as_for_one(cast):
    calendar = await a_practice_that_estimates(cast)
    await an_estimate(cast, calendar)
    client, staff = await cast.browser("client"), await cast.browser("front_desk")
    before = await asked(client, of_client(cast)), await asked(staff, of_staff(cast))
    for _ in range(29):
        await an_estimate(cast, calendar)
    assert (await asked(client, of_client(cast)), await asked(staff, of_staff(cast))) == before


async def test_a_sheet_asks_as_often_for_thirty_services_as_for_one(cast):
    calendar = await a_practice_that_estimates(cast)
    one = await an_estimate(cast, calendar)
    many = await an_estimate(cast, calendar, *[await an_item(calendar) for _ in range(12)])
    browser = await cast.browser("client")
    assert await asked(browser, of_client(cast, f"/{one}")) == await asked(browser, of_client(cast, f"/{many}"))


async def test_pages_of_a_long_list_turn(cast):
    calendar = await a_practice_that_estimates(cast)
    for _ in range(32):
        await an_estimate(cast, calendar)
    browser = await cast.browser("client")
    page = await browser.get(of_client(cast))
    older = page.soup.select_one("a[rel=next]")["href"]
    page = await browser.get(older)
    assert len(page.soup.select(".rows li")) == 2
    page = await browser.get(page.soup.select_one("a[rel=prev]")["href"])
    assert len(page.soup.select(".rows li")) == 30
