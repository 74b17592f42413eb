"""Tell me if something earlier frees up: who waits longest is asked first, and one person at a time."""

import asyncio
from datetime import timedelta
from time import perf_counter

import pytest

from portal import clock
from portal.access import NotFoundException, Viewer
from portal.appointments.actions import acceptance, availability, booking, decision, holding, keeping
from portal.appointments.queries.openings import Wish
from portal.appointments.tables import Appointment
from portal.database import fetch
from portal.letters.tables import Delivery
from portal.practice import switches
from portal.waitlist.actions import entries, offers
from portal.waitlist.actions.entries import FreeNow, Wanted
from portal.waitlist.queries import entries as waiting
from tests.appointments.steps import Calendar, a_calendar, a_monday, jonah, maya, of, refused, second_of
from tests.appointments.test_booking import kinds_of_items, state_of
from tests.cast import Cast
from tests.factories import TEST, a_client, a_grant, an_account
from tests.tasks.post import work_through
from tests.test_queries import asked

PORTAL = Viewer.portal("wait list")
ALWAYS = ("morning", "afternoon", "evening")


async def a_full_calendar(cast: Cast) -> Calendar:
    """Nothing is free for weeks: the practice is closed on every day, and what is opened is opened one by one."""
    calendar = await a_calendar(cast)
    today = clock.today("America/New_York")
    await availability.add_special(TEST, None, today, today + timedelta(days=70))
    await fetch("UPDATE client SET principal_clinician = {}", calendar.okafor)
    return calendar


async def frees_up(calendar: Calendar, hour: int = 9, *, days: int = 0, clinician: int | None = None) -> int:
    """One hour of Dr. Okafor's Monday after next, or so many days after. Returns when it begins."""
    day = a_monday(2) + timedelta(days=days)
    hours = availability.Open(day.weekday(), hour * 60, hour * 60 + 60, calendar.site)
    await availability.add_special(TEST, clinician or calendar.okafor, day, day, open_hours=hours)
    return second_of(day, hour)


def wanted(calendar: Calendar, **more) -> Wanted:
    told = {
        "type_id": calendar.session, "contact_type": "telehealth", "clinician": None, "site": None,
        "weekdays": (0, 1, 2, 3, 4), "parts": ALWAYS, "last_day": a_monday(4), **more,
    }  # fmt: skip
    return Wanted(**told)


async def waits(cast: Cast, part: str, client_id: int, calendar: Calendar, **more) -> int:
    await entries.join(of(cast, part, client_id), client_id, wanted(calendar, **more))
    rows = await fetch("SELECT max(id) AS id FROM wait_entry WHERE client = {}", client_id)
    return int(rows[0]["id"])


async def offered() -> list[tuple[int, str]]:
    """Client and state of everything that was offered, in order."""
    rows = await fetch("SELECT client, state FROM appointment WHERE waits IS NOT NULL ORDER BY id")
    return [(row["client"], row["state"]) for row in rows]


async def last_offer() -> Appointment:
    row = await Appointment.objects().where(Appointment.waits.is_not_null()).order_by(
        Appointment.id, ascending=False
    ).first()  # fmt: skip
    assert row is not None
    return row


async def two_wait(cast: Cast) -> Calendar:
    calendar = await a_full_calendar(cast)
    await waits(cast, "client", cast.client.id, calendar)
    with clock.shifted(minutes=1):
        await waits(cast, "stranger", cast.other.id, calendar)
    return calendar


async def test_who_waits_longest_is_offered_what_frees_up_and_nobody_else(cast: Cast):
    calendar = await two_wait(cast)
    assert await offers.offer_next(PORTAL) == 0
    nine = await frees_up(calendar)
    for _ in range(2):
        await offers.offer_next(PORTAL)
    assert await offered() == [(cast.client.id, "offered")]
    row = await last_offer()
    assert int(row.starts_at.timestamp()) == nine and row.holds and row.asked_by == cast.accounts["client"].id
    kinds = [one["kind"] for one in await fetch("SELECT kind FROM event WHERE kind = 'wait.offered'")]
    assert kinds == ["wait.offered"]


async def test_two_times_are_offered_to_two(cast: Cast):
    calendar = await two_wait(cast)
    await frees_up(calendar)
    await frees_up(calendar, 14)
    assert await offers.offer_next(PORTAL) == 2
    rows = await fetch("SELECT client, extract(epoch FROM starts_at)::bigint AS at FROM appointment ORDER BY id")
    assert [(row["client"], row["at"]) for row in rows] == [
        (cast.client.id, second_of(a_monday(2), 9)), (cast.other.id, second_of(a_monday(2), 14)),
    ]  # fmt: skip


async def test_what_is_passed_on_goes_to_the_next_and_never_to_the_same_again(cast: Cast):
    calendar = await two_wait(cast)
    await frees_up(calendar)
    await offers.offer_next(PORTAL)
    first = await last_offer()
    for _ in range(2):
        await offers.let_pass(maya(cast), cast.client.id, first.id)
    assert await state_of(first.id) == "withdrawn"
    for _ in range(2):
        await offers.offer_next(PORTAL)
    assert await offered() == [(cast.client.id, "withdrawn"), (cast.other.id, "offered")]
    await offers.let_pass(jonah(cast), cast.other.id, (await last_offer()).id)
    assert await offers.offer_next(PORTAL) == 0


async def test_what_nobody_answers_lapses_and_goes_to_the_next(cast: Cast):
    calendar = await two_wait(cast)
    await frees_up(calendar)
    await offers.offer_next(PORTAL)
    with clock.shifted(hours=25):
        await acceptance.lapse_offers(PORTAL)
        await offers.offer_next(PORTAL)
        assert await offered() == [(cast.client.id, "expired"), (cast.other.id, "offered")]
        with refused("not kept for you any more"):
            await offers.accept(maya(cast), cast.client.id, (await first_offer()).id)
        page = await (await cast.browser("client")).get(
            f"/clients/{cast.client.id}/wait-list/offers/{(await first_offer()).id}"
        )
        assert "You are still on the wait list" in page.words and "Take this time" not in page.words


async def first_offer() -> Appointment:
    row = await Appointment.objects().where(Appointment.waits.is_not_null()).order_by(Appointment.id).first()
    assert row is not None
    return row


async def test_what_is_taken_is_booked_and_the_wait_is_over(cast: Cast):
    calendar = await two_wait(cast)
    await frees_up(calendar)
    await offers.offer_next(PORTAL)
    row = await last_offer()
    for _ in range(2):
        assert await offers.accept(maya(cast), cast.client.id, row.id) == row.id
    assert await state_of(row.id) == "booked" and await kinds_of_items() == ["appointment.booked"]
    states = await fetch("SELECT state FROM wait_entry ORDER BY id")
    assert [one["state"] for one in states] == ["met", "open"]
    assert await offers.offer_next(PORTAL) == 0
    kinds = [one["kind"] for one in await fetch("SELECT kind FROM event WHERE kind LIKE 'appointment%'")]
    assert kinds == ["appointment.booked"]


async def test_several_workers_at_once_make_one_offer(cast: Cast):
    calendar = await two_wait(cast)
    await frees_up(calendar)
    await asyncio.gather(*(offers.offer_next(PORTAL) for _ in range(5)))
    assert len(await offered()) == 1
    await frees_up(calendar, 14)
    await frees_up(calendar, 16)
    await asyncio.gather(*(offers.offer_next(PORTAL) for _ in range(5)))
    assert sorted(await offered()) == sorted([(cast.client.id, "offered"), (cast.other.id, "offered")])


async def test_taking_and_lapsing_at_once_end_in_one_of_both(cast: Cast):
    calendar = await two_wait(cast)
    await frees_up(calendar)
    await offers.offer_next(PORTAL)
    row = await last_offer()
    with clock.shifted(hours=25):
        told = await asyncio.gather(
            offers.accept(maya(cast), cast.client.id, row.id), acceptance.lapse_offers(PORTAL),
            return_exceptions=True,
        )  # fmt: skip
    assert await state_of(row.id) == ("booked" if told[0] == row.id else "expired")


async def test_a_time_that_somebody_took_meanwhile_is_not_offered(cast: Cast):
    calendar = await two_wait(cast)
    nine = await frees_up(calendar)
    wish = Wish(await calendar.offer(jonah(cast), cast.other.id), "telehealth")
    one, _ = await asyncio.gather(
        holding.hold(jonah(cast), cast.other.id, wish, nine), offers.offer_next(PORTAL), return_exceptions=True
    )
    rows = await fetch("SELECT state FROM appointment")
    assert [row["state"] for row in rows] == (["held"] if isinstance(one, int) else ["offered"])


async def test_a_cancelled_visit_is_offered_by_the_worker_and_a_letter_says_that_something_waits(cast: Cast):
    calendar = await a_full_calendar(cast)
    nine = await frees_up(calendar)
    wish = Wish(await calendar.offer(jonah(cast), cast.other.id), "telehealth")
    held = await holding.hold(jonah(cast), cast.other.id, wish, nine)
    await booking.ask(jonah(cast), cast.other.id, held, "")
    await decision.approve(TEST, held, 2)
    await waits(cast, "client", cast.client.id, calendar)
    await keeping.cancel(jonah(cast), cast.other.id, held, "")
    await work_through("announce")
    await work_through("offer")
    await work_through("announce")
    assert await offered() == [(cast.client.id, "offered")]
    letters = await Delivery.objects().where(Delivery.kind == "appointment-offered")
    assert [one.address for one in letters] == ["maya@example.com"]


@pytest.mark.parametrize(
    ("more", "fits"),
    [
        ({}, True),
        ({"weekdays": (1, 2)}, False),
        ({"parts": ("afternoon", "evening")}, False),
        ({"parts": ("morning",)}, True),
        ({"contact_type": "phone"}, True),
        ({"last_day": "before"}, False),
        ({"clinician": "brandt"}, False),
        ({"clinician": "okafor"}, True),
    ],
)
async def test_only_what_fits_is_offered(cast: Cast, more, fits):
    calendar = await a_full_calendar(cast)
    if more.get("last_day"):
        more = {"last_day": a_monday(2) - timedelta(days=1)}
    if more.get("clinician"):
        more = {"clinician": getattr(calendar, more["clinician"])}
    await waits(cast, "client", cast.client.id, calendar, **more)
    await frees_up(calendar)
    assert await offers.offer_next(PORTAL) == fits


async def test_only_what_is_earlier_than_the_visit_that_would_move(cast: Cast):
    calendar = await a_full_calendar(cast)
    nine, viewer = await frees_up(calendar, days=2), maya(cast)
    held = await holding.hold(viewer, cast.client.id, await calendar.wish(viewer, cast.client.id), nine)
    await booking.ask(viewer, cast.client.id, held, "")
    await decision.approve(TEST, held, 2)
    await waits(cast, "client", cast.client.id, calendar, moves=held)
    await frees_up(calendar, 15, days=2)
    assert await offers.offer_next(PORTAL) == 0
    await frees_up(calendar, 15, days=1)
    assert await offers.offer_next(PORTAL) == 1
    assert (await last_offer()).moves == held
    await keeping.cancel(viewer, cast.client.id, held, "")
    await offers.offer_next(PORTAL)
    states = await fetch("SELECT state FROM wait_entry")
    assert [one["state"] for one in states] == ["ended"] and (await offered())[0][1] == "expired"


async def test_who_has_something_else_then_is_not_asked(cast: Cast):
    calendar = await two_wait(cast)
    await fetch("UPDATE appointment_type SET after = 0")
    nine, viewer = await frees_up(calendar, clinician=calendar.brandt), maya(cast)
    held = await holding.hold(viewer, cast.client.id, await calendar.wish(viewer, cast.client.id), nine)
    await booking.ask(viewer, cast.client.id, held, "")
    await frees_up(calendar)
    await offers.offer_next(PORTAL)
    assert await offered() == [(cast.other.id, "offered")]


async def test_what_is_free_already_is_told_at_once(cast: Cast):
    calendar = await a_full_calendar(cast)
    nine = await frees_up(calendar)
    with pytest.raises(FreeNow) as caught:
        await entries.join(maya(cast), cast.client.id, wanted(calendar))
    assert caught.value.seconds == [nine]
    browser = await cast.browser("client")
    base = f"/clients/{cast.client.id}/wait-list"
    page = await browser.get(f"{base}/new?type={calendar.session}&how=telehealth")
    page = await browser.press(page, base)
    assert page.status == 422 and "These times are free now" in page.words and "9:00" in page.words
    assert any("/appointments/book/time?" in one and "week=" in one for one in page.links())
    page = await browser.press(page, base, {"days": ["2", "3"]})
    assert page.status == 200 and "Wed, Thu" in page.words and "You are on the wait list" in page.words


async def test_joining_again_changes_the_entry_and_keeps_its_place(cast: Cast):
    calendar = await two_wait(cast)
    with clock.shifted(minutes=5):
        await waits(cast, "client", cast.client.id, calendar, parts=("morning",))
    rows = await fetch("SELECT client, parts FROM wait_entry ORDER BY made_at")
    assert [(row["client"], row["parts"]) for row in rows] == [
        (cast.client.id, ["morning"]), (cast.other.id, list(ALWAYS)),
    ]  # fmt: skip
    both = [entries.join(maya(cast), cast.client.id, wanted(calendar, parts=(one,))) for one in ALWAYS]
    await asyncio.gather(*both)
    assert len(await fetch("SELECT id FROM wait_entry")) == 2


async def test_who_waits_already_reads_that_joining_in_another_way_takes_its_place(cast: Cast):
    calendar = await two_wait(cast)
    browser = await cast.browser("client")
    path = f"/clients/{cast.client.id}/wait-list/new?type={calendar.session}&how=telehealth"
    assert "You are on the wait list for this already" in (await browser.get(path)).words
    await fetch("UPDATE wait_entry SET state = 'left', ended_at = now()")
    assert "already" not in (await browser.get(path)).words


async def test_who_leaves_is_not_asked_and_what_was_kept_is_free(cast: Cast):
    calendar = await two_wait(cast)
    await frees_up(calendar)
    await offers.offer_next(PORTAL)
    row = await last_offer()
    for _ in range(2):
        await entries.leave(maya(cast), cast.client.id, int(row.waits))
    assert await offered() == [(cast.client.id, "expired")]
    await offers.offer_next(PORTAL)
    assert (await offered())[1:] == [(cast.other.id, "offered")]


async def test_a_wait_ends_after_its_last_day_and_where_clients_do_not_book(cast: Cast):
    calendar = await two_wait(cast)
    await frees_up(calendar, days=28)
    await switches.turn(TEST, "appointments.clients_book", "no")
    assert await offers.offer_next(PORTAL) == 0
    await switches.turn(TEST, "appointments.clients_book", "yes")
    with clock.shifted(days=36):
        assert await offers.offer_next(PORTAL) == 0
    assert {one["state"] for one in await fetch("SELECT state FROM wait_entry")} == {"ended"}


async def test_whose_access_has_ended_is_passed_over(cast: Cast):
    calendar = await two_wait(cast)
    await fetch(
        "UPDATE access_grant SET ends_at = {} WHERE account = {}",
        clock.now() - timedelta(minutes=1),
        cast.accounts["client"].id,
    )
    await frees_up(calendar)
    await offers.offer_next(PORTAL)
    assert await offered() == [(cast.other.id, "offered")]


async def test_nobody_reads_takes_or_leaves_for_somebody_else(cast: Cast):
    calendar = await two_wait(cast)
    await frees_up(calendar)
    await offers.offer_next(PORTAL)
    row = await last_offer()
    for client_id in (cast.client.id, cast.other.id):
        for act in (
            offers.accept(jonah(cast), client_id, row.id),
            offers.let_pass(jonah(cast), client_id, row.id),
            entries.leave(jonah(cast), client_id, int(row.waits)),
        ):
            with pytest.raises(NotFoundException):
                await act
        browser = await cast.browser("stranger")
        assert (await browser.get(f"/clients/{client_id}/wait-list/offers/{row.id}")).status == 404
    assert await offered() == [(cast.client.id, "offered")]


async def test_the_way_of_a_client_from_page_to_page(cast: Cast):
    calendar = await a_full_calendar(cast)
    browser = await cast.browser("client")
    base = f"/clients/{cast.client.id}"
    page = await browser.get(f"{base}/appointments/book/time?type={calendar.session}&how=telehealth")
    (link,) = (one for one in page.links() if "/wait-list/new" in one)
    page = await browser.get(link)
    page = await browser.press(page, f"{base}/wait-list", {"days": None, "until_day": "99"})
    assert page.status == 422 and set(page.errors) >= {"days", "until"}
    page = await browser.press(page, f"{base}/wait-list", {"days": ["0", "1"], "until_day": str(a_monday(3).day),
                               "until_month": str(a_monday(3).month), "until_year": str(a_monday(3).year)})  # fmt: skip
    assert page.path == f"{base}/wait-list" and "Mon, Tue" in page.words
    page = await browser.get(f"{base}/appointments")
    assert "You are on the wait list for Individual session" in page.words
    await frees_up(calendar)
    await offers.offer_next(PORTAL)
    assert "A time has come free for you" in (await browser.get(base)).words
    page = await browser.get(f"{base}/appointments")
    (link,) = (one for one in page.links() if "/wait-list/offers/" in one)
    row = await last_offer()
    assert (await browser.get(f"{base}/appointments/{row.id}")).path == link
    page = await browser.get(link)
    assert "It is kept for you until" in page.words
    page = await browser.press(page, f"{link}/passing")
    assert "You keep your place" in page.words
    await frees_up(calendar, 14)
    await offers.offer_next(PORTAL)
    link = f"{base}/wait-list/offers/{(await last_offer()).id}"
    page = await browser.press(await browser.get(link), link)
    assert page.heading == "Your appointment is booked"
    assert (await browser.get(link)).heading == "Your appointment is booked"
    assert "wait list" not in (await browser.get(f"{base}/appointments")).words


async def test_the_list_of_staff_costs_the_same_for_one_and_for_thirty(cast: Cast):
    calendar = await a_full_calendar(cast)
    await waits(cast, "client", cast.client.id, calendar)
    desk = await cast.browser("front_desk")
    one = await asked(desk, "/staff/wait-list")
    await many_wait(cast, calendar, 29)
    assert await asked(desk, "/staff/wait-list") == one
    page = await desk.get("/staff/wait-list")
    assert len(page.soup.select("tbody tr")) == 30
    clinician = await cast.browser("other clinician")
    assert "Maya" not in (await clinician.get("/staff/wait-list")).words
    entry = (await fetch("SELECT id FROM wait_entry WHERE client = {}", cast.client.id))[0]["id"]
    assert (await clinician.post(f"/staff/wait-list/{entry}/ending")).status == 404
    page = await desk.press(page, f"/staff/wait-list/{entry}/ending")
    assert "Taken off the wait list" in page.words and "Maya Reyes" not in page.words
    assert await waiting.of_client(maya(cast), cast.client.id) == []


async def many_wait(cast: Cast, calendar: Calendar, many: int) -> None:
    for place in range(many):
        chart = await a_client(f"Given{place}", "Family", principal_clinician=calendar.okafor)
        account = await an_account(f"c{place}@example.com", name=f"Client {place}")
        await a_grant(account, chart)
        await fetch(
            "INSERT INTO wait_entry (client, type, contact_type, weekdays, parts, last_day, asked_by, made_at, state)"
            " VALUES ({}, {}, 'telehealth', {}, {}, {}, {}, {}, 'open')",
            chart.id,
            calendar.session,
            [place % 5, (place + 1) % 5],
            list(ALWAYS),
            a_monday(4),
            account.id,
            clock.now() + timedelta(seconds=place),
        )


async def test_of_two_hundred_one_is_offered_the_one_time_and_quickly(cast: Cast):
    calendar = await a_full_calendar(cast)
    await many_wait(cast, calendar, 200)
    begun = perf_counter()
    assert await offers.offer_next(PORTAL) == 0
    assert perf_counter() - begun < 2
    await frees_up(calendar, days=2)
    begun = perf_counter()
    assert await offers.offer_next(PORTAL) == 1
    took = perf_counter() - begun
    assert len(await offered()) == 1
    assert took < 2
