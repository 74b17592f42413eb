"""The calendar feed: whoever has the link sees when appointments are, for as long as it is open."""

import asyncio
from datetime import timedelta

import pytest

from portal import clock, keys
from portal.accounts import links
from portal.accounts.tables import Account, Grant
from portal.calendars import actions
from portal.calendars.queries import LINK
from portal.calendars.tables import CalendarFeed
from portal.database import ENGINE, fetch
from tests.appointments.steps import a_calendar, maya
from tests.browser import Browser, Page
from tests.calendars.steps import a_visit, events, in_days, parsed
from tests.cast import Cast
from tests.factories import a_grant

PAGE = "/account/calendar"


async def a_link(cast: Cast, part: str = "client") -> str:
    """Made as its owner makes it; the path."""
    page = await (await cast.browser(part)).post(PAGE)
    assert page.status == 200
    return link_on(page)


def link_on(page: Page) -> str:
    field = page.soup.find("input", id="link")
    assert field is not None and field.has_attr("readonly")
    assert str(field["value"]).startswith("http://portal.test/calendar/")
    path = str(field["value"]).removeprefix("http://portal.test")
    assert f"webcal://portal.test{path}" in page.links()
    return path


async def read(path: str, **headers: str) -> Page:
    """As a calendar program reads: without cookies."""
    async with Browser() as program:
        program.http.cookies.clear()
        page = await program.get(path, follow=False, **headers)
    assert page.status == 404 or "set-cookie" not in page.headers
    return page


async def acts() -> list[str]:
    rows = await fetch("SELECT act FROM audit_row WHERE act LIKE 'calendar_feed%' ORDER BY id")
    return [row["act"].removeprefix("calendar_feed.") for row in rows]


async def test_the_list_leads_to_it_and_a_link_is_made_replaced_and_turned_off(cast: Cast):
    browser = await cast.browser("client")
    assert PAGE in (await browser.get(f"/clients/{cast.client.id}/appointments")).links()
    page = await browser.get(PAGE)
    assert "sees when appointments are, and nothing else" in page.words and page.soup.find("input", id="link") is None
    page = await browser.press(page, PAGE)
    first = link_on(page)
    assert (await read(first)).status == 200
    page = await browser.press(page, f"{PAGE}/replacement")
    second = link_on(page)
    assert "The old link has ended" in page.words
    assert second != first and (await read(first)).status == 404 and (await read(second)).status == 200
    page = await browser.press(page, f"{PAGE}/end")
    assert "The link has ended" in page.words and page.soup.find("input", id="link") is None
    assert (await read(second)).status == 404
    third = link_on(await browser.press(page, PAGE))
    assert third not in (first, second) and (await read(third)).status == 200
    assert [act for act in await acts() if act != "read"] == ["made", "replaced", "ended", "made"]


async def test_pressed_twice_the_link_that_was_shown_stays(cast: Cast):
    browser = await cast.browser("client")
    first = link_on(await browser.post(PAGE))
    page = await browser.post(PAGE)
    assert link_on(page) == first
    second = link_on(await browser.press(page, f"{PAGE}/replacement"))
    assert link_on(await browser.press(page, f"{PAGE}/replacement")) == second
    await browser.press(page, f"{PAGE}/end")
    assert (await read(second)).status == 200


async def test_of_many_at_once_one_makes_it(cast: Cast):
    viewer = maya(cast)
    await asyncio.gather(*(actions.make(viewer) for _ in range(8)))
    rows = await fetch("SELECT id FROM calendar_feed WHERE ended_at IS NULL")
    assert len(rows) == 1 and await acts() == ["made"]
    await asyncio.gather(*(actions.replace(viewer, rows[0]["id"]) for _ in range(8)))
    assert await acts() == ["made", "replaced"]
    assert len(await fetch("SELECT id FROM calendar_feed WHERE ended_at IS NULL")) == 1


async def test_a_link_is_wrong_by_one_letter_or_in_the_name_of_another(cast: Cast):
    path = await a_link(cast)
    other = await a_link(cast, "stranger")
    token, number = path.split("/")[-1].removesuffix(".ics"), path.split("/")[-1].split("-")[0]
    wrong = [
        token, f"{token}.ICS", f"{token[:-1]}{'a' if token[-1] != 'a' else 'b'}.ics", f"{number}-.ics", ".ics", "x.ics",
        f"{number}-{other.partition('-')[2]}", f"{'9' * 18}-abc.ics", f"{'9' * 40}-abc.ics", f"٣-{token}.ics",
    ]  # fmt: skip
    for one in wrong:
        assert (await read(f"/calendar/{one}")).status == 404, one
    row = (await fetch("SELECT id, nonce, key_id FROM calendar_feed ORDER BY id"))[0]
    reset = links.token("reset", row["id"], bytes(row["nonce"]), row["key_id"])
    assert (await read(f"/calendar/{reset}.ics")).status == 404
    assert links.token(LINK, row["id"], bytes(row["nonce"]), row["key_id"]) == token
    assert token.encode() not in b"".join(
        str(one).encode() for one in await fetch("SELECT * FROM calendar_feed, audit_row")
    )


async def test_it_holds_what_stands_and_what_was_cancelled_and_says_only_when(cast: Cast):
    practice = await a_calendar(cast)
    kept = [await a_visit(cast, practice, in_days(day), state) for day, state in enumerate(
        ("booked", "confirmed", "arrived", "completed"), start=1
    )]  # fmt: skip
    kept.append(await a_visit(cast, practice, in_days(-89), "completed"))
    gone = [await a_visit(cast, practice, in_days(6), state) for state in ("cancelled", "late_cancelled")]
    await a_visit(cast, practice, in_days(-91), "completed")
    for place, state in enumerate(("held", "requested", "declined", "withdrawn", "expired", "moved"), start=10):
        await a_visit(cast, practice, in_days(place), state)
    await a_visit(cast, practice, in_days(20), client=cast.other.id)
    page = await read(await a_link(cast))
    assert page.headers["content-type"] == "text/calendar; charset=utf-8"
    found = events(page.response.content)
    told = sorted((event["DTSTART"].dt, str(event["STATUS"])) for event in found)
    assert told == sorted(
        [(row.starts_at, "CONFIRMED") for row in kept] + [(row.starts_at, "CANCELLED") for row in gone]
    )
    assert {str(event["SUMMARY"]) for event in found} == {"Appointment"}
    assert all(set(event) == {
        "UID", "DTSTAMP", "DTSTART", "DTEND", "SUMMARY", "SEQUENCE", "STATUS", "CLASS"
    } for event in found)  # fmt: skip
    calendar = parsed(page.response.content)
    assert calendar["METHOD"] == "PUBLISH" and calendar["X-WR-CALNAME"] == "Appointments"
    assert b"REFRESH-INTERVAL;VALUE=DURATION:PT1H\r\n" in page.response.content
    assert b"X-PUBLISHED-TTL:PT1H\r\n" in page.response.content
    for words in (b"Okafor", b"Annapolis", b"Maya", b"Harbor", b"portal.test"):
        assert words not in page.response.content


async def test_an_entry_is_the_same_in_the_feed_and_as_a_file(cast: Cast):
    row = await a_visit(cast, await a_calendar(cast), in_days(3))
    browser = await cast.browser("client")
    file = await browser.get(f"/clients/{cast.client.id}/appointments/{row.id}/calendar.ics")
    (alone,), (among,) = events(file.response.content), events((await read(await a_link(cast))).response.content)
    assert alone["UID"] == among["UID"] and alone["SEQUENCE"] == among["SEQUENCE"]


async def test_a_guardian_sees_those_of_every_child_until_the_grant_ends(cast: Cast):
    practice = await a_calendar(cast)
    await a_visit(cast, practice, in_days(3))
    await a_visit(cast, practice, in_days(4), client=cast.other.id)
    guardian = cast.accounts["guardian"]
    assert "nothing to show" in (await (await cast.browser("guardian")).post(PAGE)).words
    first = Grant.client == cast.client.id
    await Grant.update({Grant.areas: ["appointments"]}).where(Grant.account == guardian.id)
    await a_grant(guardian, cast.other, kind="guardian", areas=["appointments", "billing"])
    path = await a_link(cast, "guardian")
    assert len(events((await read(path)).response.content)) == 2
    await Grant.update({Grant.ends_at: clock.now()}).where(Grant.account == guardian.id, first)
    assert [event["DTSTART"].dt for event in events((await read(path)).response.content)] == [in_days(4)]
    await Grant.update({Grant.areas: ["billing"]}).where(Grant.account == guardian.id)
    page = await read(path)
    assert page.status == 200 and events(page.response.content) == []


async def test_a_suspended_account_and_a_key_that_is_gone_give_nothing(cast: Cast, monkeypatch):
    await a_visit(cast, await a_calendar(cast), in_days(3))
    path = await a_link(cast)
    mine = Account.id == cast.accounts["client"].id
    await Account.update({Account.is_suspended: True}).where(mine)
    assert (await read(path)).status == 404
    await Account.update({Account.is_suspended: False}).where(mine)
    assert (await read(path)).status == 200
    await CalendarFeed.update({CalendarFeed.key_id: "0123456789abcdef"}, force=True)
    assert (await read(path)).status == 404 and not keys.knows("0123456789abcdef")
    again = await a_link(cast)
    assert again != path and (await read(again)).status == 200


async def test_what_has_not_changed_is_not_sent_again(cast: Cast):
    row = await a_visit(cast, await a_calendar(cast), in_days(3))
    path = await a_link(cast)
    page = await read(path)
    tag = page.headers["etag"]
    assert page.headers["cache-control"] == "private, no-cache"
    for told in (tag, f'"other", {tag}'):
        again = await read(path, **{"If-None-Match": told})
        assert again.status == 304 and again.text == "" and again.headers["etag"] == tag
    with clock.shifted(hours=5):
        assert (await read(path, **{"If-None-Match": tag})).status == 304
    await fetch("UPDATE appointment SET state = 'cancelled', holds = false, version = 2 WHERE id = {}", row.id)
    page = await read(path, **{"If-None-Match": tag})
    assert page.status == 200 and page.headers["etag"] != tag


async def test_reading_is_written_down_once_a_day(cast: Cast):
    path = await a_link(cast)
    browser = await cast.browser("client")
    assert "No calendar program has read it yet." in (await browser.get(PAGE)).words
    with clock.stopped():
        noon = (clock.now() + timedelta(days=1)).replace(hour=17, minute=0)
        with clock.shifted(seconds=(noon - clock.now()).total_seconds()):
            await asyncio.gather(*(read(path) for _ in range(4)))
            await read(path)
            assert await acts() == ["made", "read"]
        with clock.shifted(seconds=(noon - clock.now()).total_seconds(), days=1):
            await read(path)
            await read(path)
            day = clock.now()
    assert await acts() == ["made", "read", "read"]
    assert f"{day:%B} {day.day}, {day.year}" in (await browser.get(PAGE)).words
    rows = await fetch("SELECT account_id, actor, role, address FROM audit_row WHERE act = 'calendar_feed.read'")
    assert rows[0] == {
        "account_id": cast.accounts["client"].id, "actor": "Maya Reyes", "role": "account", "address": "203.0.113.9",
    }  # fmt: skip


async def test_it_costs_the_same_for_one_and_for_thirty(cast: Cast):
    practice, path = await a_calendar(cast), await a_link(cast)

    async def cost() -> int:
        await read(path)
        before = ENGINE.queries
        assert (await read(path)).status == 200
        return ENGINE.queries - before

    await a_visit(cast, practice, in_days(1))
    one = await cost()
    for place in range(2, 31):
        await a_visit(cast, practice, in_days(place))
    assert len(events((await read(path)).response.content)) == 30
    assert await cost() == one == 2


async def test_it_speaks_the_language_of_its_owner(cast: Cast):
    await a_visit(cast, await a_calendar(cast), in_days(3))
    path = await a_link(cast)
    await fetch("UPDATE account SET language = 'es'")
    (event,) = events((await read(path)).response.content)
    assert event["SUMMARY"] == "Cita"


@pytest.mark.parametrize("method", ["post", "put", "delete"])
async def test_it_is_only_read(cast: Cast, method):
    path = await a_link(cast)
    async with Browser() as program:
        assert (await program.http.request(method, path)).status_code in (403, 404, 405, 419)
