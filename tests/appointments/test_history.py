"""Appointment History: what is over, narrowed, page by page, and as a file of exactly that."""

import csv
import io
import tempfile
import tracemalloc
import zipfile
from datetime import datetime, timedelta
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

import pytest

from portal import clock, language, spreadsheet
from portal.appointments import exports
from portal.appointments.actions import types
from portal.appointments.queries import history
from portal.appointments.queries.history import Filters
from portal.appointments.tables import Appointment
from portal.database import fetch
from tests.appointments.steps import Calendar, a_calendar, a_site, maya
from tests.cast import Cast
from tests.factories import TEST
from tests.test_queries import asked

UNWANTED = {"f", "hyperlink", "hyperlinks"}
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
    assert page.headers["content-type"] == "text/csv; charset=utf-8"
    assert "attachment" in page.headers["content-disposition"]
    return list(csv.reader(io.StringIO(page.response.content.decode("utf-8-sig"))))


def book_of(page) -> list[list[str]]:
    assert page.headers["content-type"] == spreadsheet.EXCEL
    assert page.headers["content-disposition"].endswith('.xlsx"')
    return rows_in(page.response.content)


def rows_in(content: bytes) -> list[list[str]]:
    """Text as it stands; dates and times by the number that Excel keeps, written out. A formula fails."""
    with zipfile.ZipFile(io.BytesIO(content)) as book:
        assert book.testzip() is None
        assert {name for name in book.namelist() if "sheet" in name} == {"xl/worksheets/sheet1.xml"}
        sheet = ElementTree.fromstring(book.read("xl/worksheets/sheet1.xml"))
    within = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
    assert {one.tag.removeprefix(within) for one in sheet.iter() if one.tag.removeprefix(within) in UNWANTED} == set()
    assert (pane := sheet.find(f".//{within}pane")) is not None and pane.get("state") == "frozen"
    widths = sheet.findall(f".//{within}cols/")
    assert sum(int(one.attrib["max"]) - int(one.attrib["min"]) + 1 for one in widths) == len(COLUMNS)
    return [[_cell(cell, within) for cell in row] for row in sheet.iter(f"{within}row")]


def _cell(cell: ElementTree.Element, within: str) -> str:
    if cell.get("t") == "inlineStr":
        return "".join(one.text or "" for one in cell.iter(f"{within}t"))
    days = timedelta(days=float(cell.findtext(f"{within}v") or "nan"))
    moment = datetime(1899, 12, 30) + timedelta(minutes=round(days.total_seconds() / 60))
    return moment.strftime("%H:%M") if days < timedelta(days=1) else moment.date().isoformat()


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
    intake = await types.save(TEST, None, types.TypeDraft("Intake"))
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
    assert book_of(await browser.get(f"{path}/excel?{query}")) == [header, *rows]


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
    _, *same = book_of(await browser.get(f"{path}/excel"))
    assert same == rows


async def test_no_cell_is_a_formula(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("client")
    path = f"/clients/{cast.client.id}/appointments/history"
    await past(cast, calendar, 1)
    await fetch("UPDATE site SET name = '=HYPERLINK(1)'")
    _, row = table_of(await browser.get(f"{path}/csv"))
    assert row[7] == "'=HYPERLINK(1)"
    assert [spreadsheet.harmless(cell) for cell in ("+1", "-1", "@x", "\tx", "\rx", "x=1")] == [
        "'+1", "'-1", "'@x", "'\tx", "'\rx", "x=1",
    ]  # fmt: skip
    _, row = book_of(await browser.get(f"{path}/excel"))
    assert row[7] == "=HYPERLINK(1)"


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        ("=1+1", "=1+1"), ("https://example.com/", "https://example.com/"), ("12", "12"), ("<b>&amp;</b>", None),
        ('<r><t>x</t></r></is></c><c r="A9"><f>1+1</f></c><r></r>', None), ("\x07 bell \ufffe", "_x0007_ bell "),
        ("Año & “Söhne”", None),
    ],
)  # fmt: skip
async def test_a_cell_of_the_book_says_what_was_written_whatever_it_looks_like(cast: Cast, name, shown):
    calendar, browser = await a_calendar(cast), await cast.browser("client")
    await past(cast, calendar, 1)
    await fetch("UPDATE site SET name = {}", name)
    _, row = book_of(await browser.get(f"/clients/{cast.client.id}/appointments/history/excel"))
    assert row[7].strip() == (shown or name).strip() and len(row) == len(COLUMNS)


async def test_the_book_is_in_the_readers_language_with_the_walls_of_the_place(cast: Cast):
    calendar, browser = await a_calendar(cast), await cast.browser("client")
    row = await past(cast, calendar, 1, time_zone="America/Los_Angeles")
    _, told = book_of(await browser.get(f"/clients/{cast.client.id}/appointments/history/excel"))
    here = row.starts_at.astimezone(ZoneInfo("America/Los_Angeles"))
    assert told[:4] == [here.date().isoformat(), f"{here:%H:%M}", f"{here:%H}:50", "America/Los_Angeles"]
    await fetch("UPDATE account SET language = 'es'")
    _, told = book_of(await browser.get(f"/clients/{cast.client.id}/appointments/history/excel"))
    assert told[4] == "Sesión individual" and told[5] == str(language.translations("es").gettext("Phone call"))


async def many_past(cast: Cast, many: int) -> None:
    row = await past(cast, await a_calendar(cast), 1, state="cancelled")
    await fetch(
        "INSERT INTO appointment (client, clinician, site, type, contact_type, starts_at, ends_at, busy_from,"
        " busy_until, time_zone, state, holds, version, wish, made_at, reason, common_reason)"
        " SELECT client, clinician, site, type, contact_type, starts_at - n * interval '1 hour',"
        " ends_at - n * interval '1 hour', busy_from - n * interval '1 hour', busy_until - n * interval '1 hour',"
        " time_zone, state, holds, 1, '', made_at, '', ''"
        " FROM appointment, generate_series(1, {}) AS n WHERE id = {}",
        many - 1,
        row.id,
    )


async def test_the_files_of_twenty_thousand_rows_come_in_pieces(cast: Cast, tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    await many_past(cast, 20_000)
    browser, path = await cast.browser("client"), f"/clients/{cast.client.id}/appointments/history"
    table = table_of(await browser.get(f"{path}/csv"))
    assert len(table) == 20_001
    assert book_of(await browser.get(f"{path}/excel")) == table
    assert list(tmp_path.iterdir()) == []


async def test_a_large_book_needs_no_more_memory_than_a_small_one(cast: Cast):
    await many_past(cast, 8_000)

    async def most(pieces: int) -> int:
        async def asked():
            for _ in range(pieces):
                for place in range(0, len(found), 500):
                    yield found[place : place + 500]

        tracemalloc.start()
        (await exports.as_excel(asked())).close()
        top = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
        return top

    viewer = maya(cast)
    found = [one async for piece in history.whole(viewer, cast.client.id, Filters()) for one in piece]
    await most(1)
    small, large = await most(1), await most(3)
    assert large < small * 1.5


async def test_it_is_nobody_elses(cast: Cast):
    for part in ("signed out", "stranger", "ended", "guardian", "front_desk"):
        browser = await cast.browser(part)
        for path in ("", "/csv", "/excel"):
            page = await browser.get(f"/clients/{cast.client.id}/appointments/history{path}", follow=False)
            told = page.headers.get("content-type", "")
            assert page.status in (303, 404) and "csv" not in told and "sheet" not in told


async def test_a_day_beyond_the_calendar_is_refused_beside_its_field(cast: Cast):
    browser = await cast.browser("client")
    here = f"/clients/{cast.client.id}/appointments/history"
    for day in ("9999-12-31", "0001-01-01"):
        page = await browser.get(f"{here}?until={day}")
        assert page.status == 422 and page.errors["until"] == "Write the date like 2026-11-30"
        assert (await browser.get(f"{here}/csv?until={day}")).status == 200
        assert (await browser.get(f"{here}/excel?from={day}")).status == 200
