"""Visits by video: who joins, when, after what; and the rooms that staff keep."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

import pytest

from portal import clock
from portal.access import Area, NotFoundException, Reach, Role, Viewer
from portal.accounts.tables import Grant
from portal.appointments.links import fault
from portal.appointments.tables import Appointment
from portal.database import fetch
from portal.letters.tables import Delivery
from portal.telehealth import actions, queries
from tests.appointments.steps import Calendar, a_calendar, a_monday, jonah, maya, refused, second_of
from tests.browser import Browser
from tests.cast import Cast
from tests.factories import TEST

ROOM = "https://video.example.com/room/okafor-7?pwd=harbor"
OWN = "https://meet.example.com/only-this-visit"


async def a_visit(cast: Cast, calendar: Calendar, **more: object) -> int:
    """Monday in two weeks, at nine."""
    starts = datetime.fromtimestamp(second_of(a_monday(2), 9), clock.now().tzinfo)
    told = {
        "client": cast.client.id, "clinician": calendar.okafor, "site": calendar.site, "type": calendar.session,
        "contact_type": "telehealth", "starts_at": starts, "ends_at": starts + timedelta(minutes=50),
        "busy_from": starts, "busy_until": starts + timedelta(minutes=60), "time_zone": "America/New_York",
        "state": "booked", "made_at": clock.now(), **more,
    }  # fmt: skip
    row = Appointment(**told)
    await row.save()
    return int(row.id)


@contextmanager
def at(minutes: float) -> Iterator[None]:
    """So many minutes after the visit has begun."""
    with clock.stopped(), clock.shifted(seconds=second_of(a_monday(2), 9) + 60 * minutes - clock.now().timestamp()):
        yield


def path_of(cast: Cast, visit: int, more: str = "/join") -> str:
    return f"/clients/{cast.client.id}/appointments/{visit}{more}"


async def agreed(cast: Cast, part: str = "client") -> Browser:
    browser = await cast.browser(part)
    await actions.accept(Viewer(account_id=cast.accounts[part].id, grants=maya(cast).grants), cast.client.id)
    return browser


@pytest.mark.parametrize("minutes", [-15, -1, 0, 49.9])
async def test_from_15_minutes_before_until_its_end_there_is_a_link(cast: Cast, minutes: float):
    calendar = await a_calendar(cast)
    visit = await a_visit(cast, calendar)
    await actions.keep_room(TEST, calendar.okafor, ROOM)
    with at(minutes):
        browser = await agreed(cast)
        assert "Join" in (await browser.get(path_of(cast, visit, ""))).words
        for path in (f"/clients/{cast.client.id}", f"/clients/{cast.client.id}/appointments"):
            assert path_of(cast, visit) in (await browser.get(path)).text
        page = await browser.get(path_of(cast, visit))
        assert page.status == 200
        assert f'href="{ROOM}" rel="noreferrer noopener" referrerpolicy="no-referrer"' in page.text
        assert "will be with you soon" in page.words
    joined = await fetch("SELECT client_id, subject_id FROM audit_row WHERE act = 'telehealth.joined'")
    assert joined == [{"client_id": cast.client.id, "subject_id": visit}]


@pytest.mark.parametrize("minutes", [-24 * 60, -16, -15.05])
async def test_before_that_there_is_a_sentence_and_no_link(cast: Cast, minutes: float):
    calendar = await a_calendar(cast)
    visit = await a_visit(cast, calendar)
    await actions.keep_room(TEST, calendar.okafor, ROOM)
    with at(minutes):
        browser = await agreed(cast)
        for path in (path_of(cast, visit, ""), f"/clients/{cast.client.id}", f"/clients/{cast.client.id}/appointments"):
            page = await browser.get(path)
            assert "You can join from 8:45 AM, 15 minutes before." in page.words.replace("\xa0", " ")
            assert path_of(cast, visit) not in page.text
        page = await browser.get(path_of(cast, visit))
        assert "You can join from 8:45 AM" in page.words.replace("\xa0", " ") and "Eastern Time" in page.words
        assert ROOM not in page.text and "http-equiv" not in page.text and f'href="{path_of(cast, visit)}"' in page.text
        assert await actions.join(maya(cast), cast.client.id, visit) == ""
    assert not await fetch("SELECT id FROM audit_row WHERE act = 'telehealth.joined'")


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (50, {}),
        (600, {}),
        (-5, {"state": "cancelled", "holds": False}),
        (-5, {"state": "requested"}),
        (-5, {"contact_type": "phone"}),
        (-5, {"contact_type": "in_person"}),
    ],
)
async def test_what_is_over_or_cancelled_or_not_by_video_is_not_joined(cast: Cast, minutes: float, told):
    calendar = await a_calendar(cast)
    visit = await a_visit(cast, calendar, link=OWN, **told)
    with at(minutes):
        browser = await agreed(cast)
        page = await browser.get(path_of(cast, visit), follow=False)
        assert page.status == 303 and page.headers["location"] == path_of(cast, visit, "")
        page = await browser.get(path_of(cast, visit, ""))
        assert "/join" not in page.text and "You can join" not in page.words and OWN not in page.text
        assert await actions.join(maya(cast), cast.client.id, visit) == ""


@pytest.mark.parametrize("state", ["confirmed", "arrived"])
async def test_the_visits_own_link_goes_before_the_room(cast: Cast, state: str):
    calendar = await a_calendar(cast)
    visit = await a_visit(cast, calendar, link=OWN, state=state)
    await actions.keep_room(TEST, calendar.okafor, ROOM)
    with at(-5):
        page = await (await agreed(cast)).get(path_of(cast, visit))
        assert OWN in page.text and ROOM not in page.text


@pytest.mark.parametrize("link", ["", "http://video.example.com/x", "javascript:alert(1)"])
async def test_without_a_link_that_can_be_used_the_practice_calls(cast: Cast, link: str):
    calendar = await a_calendar(cast)
    visit = await a_visit(cast, calendar, link=link)
    with at(-5):
        page = await (await agreed(cast)).get(path_of(cast, visit))
        assert page.status == 200 and "The practice sends it to you or calls you" in page.words
        assert "tel:+14435550142" in page.text and (not link or link not in page.text)
    assert not await fetch("SELECT id FROM audit_row WHERE act = 'telehealth.joined'")


async def test_first_comes_consent_and_only_once(cast: Cast):
    calendar = await a_calendar(cast)
    visit = await a_visit(cast, calendar)
    await actions.keep_room(TEST, calendar.okafor, ROOM)
    with at(-5):
        browser = await cast.browser("client")
        page = await browser.get(path_of(cast, visit))
        assert page.heading == "Before your first video visit" and ROOM not in page.text
        assert "988" in page.words and "911" in page.words and "take your agreement back at any time" in page.words
        page = await browser.post(path_of(cast, visit))
        assert page.status == 422 and "Tick the box if you agree" in page.words and ROOM not in page.text
        assert not await fetch("SELECT id FROM telehealth_consent")
        for _ in range(2):
            page = await browser.post(path_of(cast, visit), agree="yes")
            assert page.heading == "Your video visit" and ROOM in page.text
    assert await fetch("SELECT client, account, edition FROM telehealth_consent") == [
        {"client": cast.client.id, "account": cast.accounts["client"].id, "edition": "2026-11"}
    ]
    assert len(await fetch("SELECT id FROM audit_row WHERE act = 'telehealth.accepted'")) == 1
    assert len(await fetch("SELECT id FROM event WHERE kind = 'telehealth.accepted'")) == 1


async def test_consent_is_given_ahead_from_the_page_of_the_visit_and_then_not_asked_for(cast: Cast):
    visit = await a_visit(cast, await a_calendar(cast))
    browser = await cast.browser("client")
    page = await browser.get(path_of(cast, visit, ""))
    assert "Before your first video visit: read and accept" in page.words and path_of(cast, visit) in page.text
    page = await browser.post(path_of(cast, visit), agree="yes")
    assert "It is not open yet" in page.words and "What you accepted on" in page.words
    assert "read and accept" not in (await browser.get(path_of(cast, visit, ""))).words


async def test_of_many_who_accept_at_once_one_is_written_down(cast: Cast):
    viewer = maya(cast)
    await asyncio.gather(*(actions.accept(viewer, cast.client.id) for _ in range(8)))
    assert len(await fetch("SELECT id FROM telehealth_consent")) == 1
    assert len(await fetch("SELECT id FROM audit_row WHERE act = 'telehealth.accepted'")) == 1
    assert len(await fetch("SELECT id FROM event WHERE kind = 'telehealth.accepted'")) == 1


async def test_a_guardian_accepts_for_the_child_and_each_account_for_itself(cast: Cast):
    visit = await a_visit(cast, await a_calendar(cast))
    account = cast.accounts["guardian"]
    await Grant.update({Grant.areas: ["appointments"]}).where(Grant.account == account.id)
    await agreed(cast)
    browser = await cast.browser("guardian")
    page = await browser.get(path_of(cast, visit))
    assert "I agree to visits by video for Maya Reyes" in page.words
    page = await browser.post(path_of(cast, visit), agree="yes")
    assert page.heading == "Your video visit"
    assert len(await fetch("SELECT id FROM telehealth_consent")) == 2


async def test_nobody_else_joins_or_accepts(cast: Cast):
    calendar = await a_calendar(cast)
    visit = await a_visit(cast, calendar, link=OWN)
    other = Viewer(
        account_id=cast.accounts["client"].id, grants=(Reach(cast.client.id, "proxy", frozenset({Area.BILLING})),)
    )
    with at(-5):
        for part in ("stranger", "guardian", "ended", str(Role.FRONT_DESK)):
            browser = await cast.browser(part)
            for client_id in (cast.client.id, cast.other.id):
                page = await browser.get(f"/clients/{client_id}/appointments/{visit}/join")
                assert page.status == 404 or page.path.startswith("/sign-in")
                assert OWN not in page.text
                page = await browser.post(f"/clients/{client_id}/appointments/{visit}/join", agree="yes")
                assert page.status == 404 or page.path.startswith("/sign-in")
        for act in (actions.join(jonah(cast), cast.client.id, visit), actions.accept(jonah(cast), cast.client.id),
                    actions.join(other, cast.client.id, visit), actions.accept(other, cast.client.id)):  # fmt: skip
            with pytest.raises(NotFoundException):
                await act
    assert not await fetch("SELECT id FROM telehealth_consent")


async def test_the_link_stands_nowhere_but_in_its_row(cast: Cast):
    calendar = await a_calendar(cast)
    visit = await a_visit(cast, calendar)
    await actions.keep_room(TEST, calendar.okafor, ROOM)
    with at(-5):
        browser = await agreed(cast)
        assert ROOM in (await browser.get(path_of(cast, visit))).text
    rows = await fetch("SELECT to_jsonb(a) AS row FROM audit_row a")
    rows += await fetch("SELECT to_jsonb(e) AS row FROM event e")
    assert rows and "video.example.com" not in str(rows)
    assert not await Delivery.exists()


async def test_staff_keep_the_room_on_its_page(cast: Cast):
    calendar = await a_calendar(cast)
    path = f"/staff/hours/{calendar.okafor}/room"
    browser = await cast.browser("clinician")
    assert path in (await browser.get(f"/staff/hours/{calendar.okafor}")).text
    page = await browser.press(await browser.get(path), path, link=f"  {ROOM}  ")
    assert "Saved. Clients join here from now on." in page.words and ROOM in page.text
    assert await queries.room(TEST, calendar.okafor) == ROOM
    page = await browser.press(page, path, link="")
    assert "There is no link any more" in page.words
    assert await queries.room(TEST, calendar.okafor) == ""
    acts = await fetch("SELECT act, subject_id FROM audit_row WHERE act LIKE 'video_room.%' ORDER BY id")
    assert acts == [{"act": f"video_room.{one}", "subject_id": calendar.okafor} for one in ("saved", "removed")]


@pytest.mark.parametrize(
    "link",
    [
        "http://video.example.com/room", "video.example.com/room", "javascript:alert(1)", "https://", "https:///room",
        "https://me:secret@video.example.com/room", "https://me@video.example.com/room", "https://localhost/room",
        "https://video.example.com/a room", 'https://video.example.com/"onclick', "https://video.example.com:x/room",
        "https://[::1/room", "https://video.example.com\\@evil.example/", "https://" + "x" * 480 + ".example.com/long",
    ],
)  # fmt: skip
async def test_a_link_that_cannot_be_used_is_refused_beside_its_field_and_stays(cast: Cast, link: str):
    calendar = await a_calendar(cast)
    path = f"/staff/hours/{calendar.okafor}/room"
    page = await (await cast.browser("front_desk")).post(path, link=link)
    assert page.status == 422 and 'id="link-error"' in page.text
    assert page.soup.select_one("#link")["value"] == link
    with refused(str(fault(link))):
        await actions.keep_room(TEST, calendar.okafor, link)
    assert not await fetch("SELECT id FROM video_room")


def test_links_of_500_characters_fit_and_of_501_do_not():
    start = "https://video.example.com/"
    assert fault(start + "x" * (500 - len(start))) is None
    assert fault(start + "x" * (501 - len(start))) is not None
    assert fault("https://example.zoom.us/j/123456?pwd=abc.1#success") is None


async def test_a_clinician_keeps_their_own_room_and_no_other(cast: Cast):
    calendar = await a_calendar(cast)
    browser = await cast.browser("other clinician")
    for act in (browser.get, browser.post):
        assert (await act(f"/staff/hours/{calendar.okafor}/room")).status == 404
    assert (await browser.get(f"/staff/hours/{calendar.brandt}/room")).status == 200
    assert (await (await cast.browser("biller")).get(f"/staff/hours/{calendar.okafor}/room")).status == 404
    desk = cast.accounts["front_desk"].staff_member
    assert (await (await cast.browser("front_desk")).get(f"/staff/hours/{desk}/room")).status == 404


async def test_home_shows_the_next_visit_and_confirms_it_there(cast: Cast):
    calendar = await a_calendar(cast)
    visit = await a_visit(cast, calendar)
    browser = await cast.browser("client")
    page = await browser.get(f"/clients/{cast.client.id}")
    card = page.soup.select_one("#next")
    assert "Your next appointment is at 9:00" in card.text and "Booked" in card.text and "Okafor" in card.text
    assert page.text.index('id="next"') < page.text.index('class="tiles"')
    page = await browser.press(page, path_of(cast, visit, "/confirmation"))
    assert page.path == f"/clients/{cast.client.id}" and "You have confirmed your appointment." in page.words
    card = page.soup.select_one("#next")
    assert (
        "Confirmed" in card.text
        and "confirmation" not in str(card)
        and path_of(cast, visit, "/cancellation") in str(card)
    )
