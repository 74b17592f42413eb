"""Appointment History: what is over, narrowed, page by page, and as a file of exactly that."""

import csv
import io
from datetime import timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import clock
from portal.appointments import exports
from portal.appointments.actions import availability
from portal.appointments.tables import Appointment
from portal.database import fetch
from tests.appointments.steps import Calendar, a_calendar, a_site
from tests.cast import Cast
from tests.factories import TEST
from tests.test_queries import asked

COLUMNS = ["Date", "Begins", "Ends", "Time zone", "Appointment Type", "Contact Type", "Clinician", "Site", "Status"]


async def past(cast: Cast, calendar: Calendar, days: float, **more: object) -> Appointment:
    starts = clock.now().replace(minute=0, second=0, microsecond=0) - timedelta(days=days)
    told = {
        "client": cast.client.id, "clinician": calendar.okafor, "site": calendar.site, "type": calendar.session,
        "contact_type": "phone", "time_zone": "America/New_York", "state": "completed", **more,
    }  # fmt: skip
    holds = told["state"] in ("booked", "completed")
    ends = starts + timedelta(minutes=50)
    row = Appointment(
        starts_at=starts, ends_at=ends, busy_from=starts, busy_until=ends, made_at=starts, holds=holds, **told
    )
    await row.save()
    return row


def rows_of(page) -> list[str]:
    return [" ".join(row.get_text(" ").split()) for row in page.soup.select("#history tbody tr")]


def table_of(page) -> list[list[str]]:
    assert page.headers["content-type"].startswith("text/csv")
    assert "attachment" in page.headers["content-disposition"]
    return list(csv.reader(io.StringIO(page.response.content.decode("utf-8-sig"))))


async def test_what_is_over_stands_in_it_and_what_is_to_come_does_not(cast: Cast):
    calendar = await a_calendar(cast)
    await past(cast, calendar, 2)
    await past(cast, calendar, 1, state="no_show")
    await past(cast, calendar, -3, state="cancelled")
    await past(cast, calendar, -4, state="booked")
    await past(cast, calendar, 3, client=cast.other.id)
    page = await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/history")
    assert [row.rsplit(" ", 2)[-2:] for row in rows_of(page)] == [
        ["Annapolis", "Cancelled"], ["No", "show"], ["Annapolis", "Completed"],
    ]  # fmt: skip
    assert "3 appointments" in page.words


@pytest.mark.parametrize(
    ("query", "many"),
    [
        ("status=no_show", 1), ("status=nonsense", 4), ("clinician={brandt}", 1), ("site={park}", 1),
        ("type={intake}", 1),
        ("type=9999", 0), ("from={ten}", 3), ("until={ten}", 2), ("from={ten}&until={ten}", 1), ("", 4),
        ("from={ten}&clinician={brandt}", 0),
    ],
)  # fmt: skip
async def test_it_is_narrowed_and_the_file_holds_exactly_that(cast: Cast, query, many):
    calendar = await a_calendar(cast)
    park = await a_site("Severna Park")
    intake = await availability.save_type(TEST, None, availability.TypeDraft("Intake"))
    ten = await past(cast, calendar, 10)
    await past(cast, calendar, 1, state="no_show", site=park)
    await past(cast, calendar, 5, type=intake)
    await past(cast, calendar, 20, clinician=calendar.brandt)
    day = ten.starts_at.astimezone(ZoneInfo("America/New_York")).date().isoformat()
    query = query.format(brandt=calendar.brandt, park=park, intake=intake, ten=day)
    browser, path = await cast.browser("client"), f"/clients/{cast.client.id}/appointments/history"
    page = await browser.get(f"{path}?{query}")
    assert len(rows_of(page)) == many
    if many:
        assert f"{path}/csv{'?' if query.replace('status=nonsense', '') else ''}" in " ".join(page.links())
    header, *rows = table_of(await browser.get(f"{path}/csv?{query}"))
    assert header == COLUMNS and len(rows) == many


async def test_a_day_that_is_none_is_refused_beside_its_field_and_stays(cast: Cast):
    await a_calendar(cast)
    browser, path = await cast.browser("client"), f"/clients/{cast.client.id}/appointments/history"
    page = await browser.get(f"{path}?from=yesterday")
    assert page.status == 422 and page.value("from") == "yesterday" and "Write the date like" in page.errors["from"]
    page = await browser.get(f"{path}?from=2026-05-02&until=2026-05-01")
    assert "check both dates" in page.errors["until"]


async def test_pages_have_no_gaps_and_cost_the_same_for_one_and_for_thirty(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("client")
    path = f"/clients/{cast.client.id}/appointments/history"
    await past(cast, calendar, 1)
    one = await asked(browser, path)
    for place in range(2, 61):
        await past(cast, calendar, place)
    assert await asked(browser, path) == one
    seen, page = [], await browser.get(path)
    while True:
        seen += rows_of(page)
        older = page.soup.find("a", rel="next")
        if older is None:
            break
        page = await browser.get(str(older["href"]))
    assert len(seen) == len(set(seen)) == 60
    newer = page.soup.find("a", rel="prev")
    assert rows_of(await browser.get(str(newer["href"]))) == seen[25:50]
    _, *rows = table_of(await browser.get(f"{path}/csv"))
    assert len(rows) == 60


async def test_no_cell_is_a_formula(cast: Cast):
    calendar = await a_calendar(cast)
    await past(cast, calendar, 1)
    await fetch("UPDATE site SET name = '=HYPERLINK(1)'")
    _, row = table_of(await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/history/csv"))
    assert row[7] == "'=HYPERLINK(1)"
    assert [exports.harmless(cell) for cell in ("+1", "-1", "@x", "\tx", "\rx", "x=1")] == [
        "'+1", "'-1", "'@x", "'\tx", "'\rx", "x=1",
    ]  # fmt: skip


async def test_the_file_of_twenty_thousand_rows_comes_in_pieces(cast: Cast):
    calendar = await a_calendar(cast)
    row = await past(cast, calendar, 1, state="cancelled")
    await fetch(
        "INSERT INTO appointment (client, clinician, site, type, contact_type, starts_at, ends_at, busy_from,"
        " busy_until, time_zone, state, holds, version, wish, made_at, reason, common_reason)"
        " SELECT client, clinician, site, type, contact_type, starts_at - n * interval '1 hour',"
        " ends_at - n * interval '1 hour', busy_from - n * interval '1 hour', busy_until - n * interval '1 hour',"
        " time_zone, state, holds, 1, '', made_at, '', ''"
        " FROM appointment, generate_series(1, 19999) AS n WHERE id = {}",
        row.id,
    )
    page = await (await cast.browser("client")).get(f"/clients/{cast.client.id}/appointments/history/csv")
    assert len(table_of(page)) == 20001


async def test_it_is_nobody_elses(cast: Cast):
    for part in ("signed out", "stranger", "ended", "guardian", "front_desk"):
        browser = await cast.browser(part)
        for path in ("", "/csv"):
            page = await browser.get(f"/clients/{cast.client.id}/appointments/history{path}", follow=False)
            assert page.status in (303, 404) and "csv" not in page.headers.get("content-type", "")
