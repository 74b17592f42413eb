"""Letters to staff: who is told that something waits, once, and never what it is."""

import asyncio
import re
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import clock, language
from portal.access import Role
from portal.accounts.tables import Account
from portal.letters import actions as letters
from portal.letters.tables import Delivery, DeliveryState
from portal.notifications import actions as notifications
from portal.notifications.tables import StaffNotice
from portal.outbox import Errand, Event
from portal.practice.tables import StaffMember
from portal.review.actions import open_item, settle_items
from portal.review.tables import ReviewItem
from tasks import schedule
from tasks.actors import email as post
from tests.factories import TEST, a_grant, a_member
from tests.letters.test_letters import _is_discreet, _is_readable_without_and_with_html, page_of, sent, text_of
from tests.tasks.post import work_through

KIND = "tea.asked"
ZONE = ZoneInfo("America/New_York")


@contextmanager
def at(hour: int, minute: int = 0, day: int = 0):
    """On the wall of the practice, some days from now."""
    wanted = datetime.combine(date(2027, 3, 1) + timedelta(days=day), datetime.min.time(), ZONE)
    with clock.shifted(seconds=(wanted.replace(hour=hour, minute=minute) - datetime.now(ZONE)).total_seconds()):
        yield


async def told(audience: str, timing: str, kind: str = KIND) -> None:
    await StaffNotice(kind=kind, audience=audience, timing=timing).save()


async def asks(client=None, kind: str = KIND, subject_id: int = 1) -> None:
    client_id = client.id if client else None
    await open_item(TEST, kind, subject_id, "/staff/review", client_id, "Zanzibar Quillon")


async def letters_of(kind: str) -> list[str]:
    rows = await Delivery.objects().where(Delivery.kind == kind).order_by(Delivery.id)
    return [row.address.partition("@")[0] for row in rows]


async def at_once(client=None, kind: str = KIND) -> list[str]:
    await asks(client, kind)
    await work_through("announce")
    return await letters_of("review-waiting")


async def digests() -> list[str]:
    before = len(await letters_of("review-digest"))
    await notifications.write_digests(TEST)
    return (await letters_of("review-digest"))[before:]


async def deliver() -> None:
    for _ in range(3):
        await work_through()


# At once ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("audience", "who"),
    [
        ("nobody", []),
        ("principal_clinician", ["ngozi.okafor"]),
        ("front_desk", ["front_desk.staff"]),
        ("supervisor", ["supervisor.staff"]),
        ("administrator", ["administrator.staff"]),
    ],
)
async def test_whom_the_rule_names_is_told(cast, audience, who):
    await told(audience, "at_once")
    assert await at_once(cast.client) == who


async def test_where_nobody_has_chosen_nobody_is_told_at_once(cast):
    assert await at_once(cast.client) == []


async def test_everybody_of_a_role_is_told_each_in_their_own_language(cast):
    await a_member(Role.FRONT_DESK, "Otra", "Persona")
    await Account.update({Account.language: "es"}).where(Account.email == "otra.persona@practice.example")
    await told("front_desk", "at_once")
    assert await at_once(cast.client) == ["front_desk.staff", "otra.persona"]
    assert [row.language for row in await Delivery.objects().order_by(Delivery.id)] == ["en", "es"]


async def test_of_a_client_without_a_clinician_and_of_no_client_no_clinician_is_told(cast):
    await told("principal_clinician", "at_once")
    assert await at_once(cast.other) == []
    await settle_items(TEST, [KIND], 1)
    assert await at_once() == []


async def test_what_belongs_to_no_client_is_told_to_a_role(cast):
    await told("front_desk", "at_once")
    assert await at_once() == ["front_desk.staff"]


@pytest.mark.parametrize("audience", ["front_desk", "principal_clinician"])
async def test_nobody_is_told_about_their_own_chart(cast, audience):
    part = "clinician" if audience == "principal_clinician" else audience
    await a_grant(cast.accounts[part], cast.client)
    await told(audience, "at_once")
    assert await at_once(cast.client) == []


async def test_a_grant_that_has_ended_is_no_chart_of_ones_own(cast):
    await a_grant(cast.accounts["front_desk"], cast.client, ended=True)
    await told("front_desk", "at_once")
    assert await at_once(cast.client) == ["front_desk.staff"]


async def test_who_has_left_or_is_suspended_is_not_written_to(cast):
    member, _ = await a_member(Role.FRONT_DESK, "Long", "Gone")
    await StaffMember.update({StaffMember.is_active: False}).where(StaffMember.id == member.id)
    await Account.update({Account.is_suspended: True}).where(Account.id == cast.accounts["front_desk"].id)
    await told("front_desk", "at_once")
    assert await at_once(cast.client) == []


async def test_a_principal_clinician_who_may_not_open_the_queue_is_not_written_to(cast):
    await StaffMember.update({StaffMember.role: str(Role.BILLER)}).where(StaffMember.given_name == "Ngozi")
    await told("principal_clinician", "at_once")
    assert await at_once(cast.client) == []


async def test_a_second_reason_while_it_is_open_and_a_second_arrival_write_nothing(cast):
    await told("front_desk", "at_once")
    await at_once(cast.client)
    await at_once(cast.client)
    event = await Event.objects().get(Event.kind == "review.opened")
    await notifications.tell_staff(event)
    assert await letters_of("review-waiting") == ["front_desk.staff"]


async def test_what_was_settled_before_the_letter_left_is_not_told(cast):
    await told("front_desk", "at_once")
    await at_once(cast.client)
    await settle_items(TEST, [KIND], 1)
    await work_through("deliver")
    assert (await Delivery.objects().first()).state == DeliveryState.DROPPED


async def test_what_was_settled_before_anybody_was_looked_up_is_told_to_nobody(cast):
    await told("front_desk", "at_once")
    await asks(cast.client)
    await settle_items(TEST, [KIND], 1)
    await work_through("announce")
    assert await letters_of("review-waiting") == []


# Each morning -------------------------------------------------------------------------------------------------------


async def test_the_front_desk_is_told_each_morning_what_is_new(cast):
    with at(16):
        await asks(cast.client)
        await work_through("announce")
    with at(6, 59, day=1):
        assert await digests() == []
    with at(7, 0, day=1):
        assert await digests() == ["front_desk.staff"]
    with at(7, 5, day=1):
        assert await digests() == []
    with at(7, 0, day=2):
        assert await digests() == [], "nothing is new"


async def test_a_morning_that_was_missed_is_made_up_for_once_a_worker_runs(cast):
    with at(16):
        await asks(cast.client)
    with at(15, 30, day=1):
        assert await digests() == ["front_desk.staff"]
        assert await digests() == []


async def test_what_comes_during_the_day_is_told_the_next_morning_and_none_is_forgotten(cast):
    with at(16):
        await asks(cast.client)
    with at(7, 30, day=1):
        await asks(cast.client, subject_id=2)
    with at(7, 40, day=1):
        assert await digests() == ["front_desk.staff"]
    with at(9, 0, day=1):
        await asks(cast.client, subject_id=3)
        assert await digests() == []
    with at(7, 0, day=2):
        assert await digests() == ["front_desk.staff"]
        assert await digests() == []


async def test_once_a_day_however_many_workers_ask_at_the_same_moment(cast):
    await a_member(Role.FRONT_DESK, "Second", "Desk")
    with at(16):
        await asks(cast.client)
    with at(8, day=1):
        await asyncio.gather(*(notifications.write_digests(TEST) for _ in range(8)))
    assert await letters_of("review-digest") == ["front_desk.staff", "second.desk"]
    assert await Event.count().where(Event.kind == "review.digest") == 2


@pytest.mark.parametrize(
    ("audience", "timing", "who"),
    [
        ("nobody", "daily", []),
        ("front_desk", "at_once", []),
        ("supervisor", "daily", ["supervisor.staff"]),
        ("principal_clinician", "daily", ["ngozi.okafor"]),
    ],
)
async def test_whom_the_rule_names_is_told_in_the_morning(cast, audience, timing, who):
    await told(audience, timing)
    with at(16):
        await asks(cast.client)
    with at(8, day=1):
        assert await digests() == who


async def test_what_was_settled_before_the_morning_is_not_told(cast):
    with at(16):
        await asks(cast.client)
        await settle_items(TEST, [KIND], 1)
    with at(8, day=1):
        assert await digests() == []


async def test_nobody_is_told_in_the_morning_about_their_own_chart(cast):
    await a_grant(cast.accounts["front_desk"], cast.client)
    with at(16):
        await asks(cast.client)
    with at(8, day=1):
        assert await digests() == []


async def test_the_letter_counts_what_its_reader_finds_in_the_queue(cast):
    await a_grant(cast.accounts["front_desk"], cast.other)
    with at(16):
        for number in range(3):
            await asks(cast.client, subject_id=number)
        await asks(cast.other, subject_id=9)
    with at(8, day=1):
        await digests()
        letter = await Delivery.objects().get(Delivery.kind == "review-digest")
        assert "3 things wait for review.\n" in text_of(await sent(letter))
        await settle_items(TEST, [KIND], 0)
        await settle_items(TEST, [KIND], 1)
        assert "1 thing waits for review.\n" in text_of(await sent(letter))
        await settle_items(TEST, [KIND], 2)
        assert await post.written(letter) is None


async def test_who_has_left_since_gets_no_letter(cast):
    with at(16):
        await asks(cast.client)
    with at(8, day=1):
        await digests()
        letter = await Delivery.objects().get(Delivery.kind == "review-digest")
        await Account.update({Account.is_suspended: True}).where(Account.id == cast.accounts["front_desk"].id)
        assert await post.written(letter) is None


async def test_the_schedule_looks_every_few_minutes(cast, monkeypatch):
    monkeypatch.setattr(schedule, "_due", {})
    monkeypatch.setattr(schedule, "WORK", {"write_digests": schedule.WORK["write_digests"]})
    with at(16):
        await asks(cast.client)
    with at(6, 58, day=1):
        await schedule.by_the_clock()
        assert await letters_of("review-digest") == []
    later = schedule.monotonic() + schedule.OFTEN
    monkeypatch.setattr(schedule, "monotonic", lambda: later)
    with at(7, 3, day=1):
        await schedule.by_the_clock()
        assert await letters_of("review-digest") == ["front_desk.staff"]


# No loops -----------------------------------------------------------------------------------------------------------


@pytest.fixture
def nothing_arrives(monkeypatch):
    def refused(*_: object) -> None:
        raise post.Refused("refused with 550")

    monkeypatch.setattr(post, "send", refused)


async def test_a_letter_to_staff_that_fails_waits_in_the_queue_and_leads_to_no_other(cast, nothing_arrives):
    await told("front_desk", "at_once")
    await at_once(cast.client)
    for day in range(1, 6):
        with at(8, day=day):
            await deliver()
            await notifications.write_digests(TEST)
            await deliver()
    assert [row.kind for row in await Delivery.objects()] == ["review-waiting"]
    assert await ReviewItem.count().where(ReviewItem.kind == "letter.failed") == 1
    assert await Errand.count().where(Errand.state != "done") == 0


async def test_a_morning_letter_that_fails_leads_to_no_other(cast, nothing_arrives):
    with at(16):
        await asks(cast.client)
    for day in range(1, 6):
        with at(8, day=day):
            await notifications.write_digests(TEST)
            await deliver()
    assert [row.kind for row in await Delivery.objects()] == ["review-digest"]
    assert await ReviewItem.count().where(ReviewItem.kind == "letter.failed") == 1


@pytest.mark.parametrize("kind", ["letter.failed", "letter.failed_invitation", "errand.dead"])
async def test_even_a_row_that_says_so_tells_nobody_at_once_about_letters(cast, kind):
    await told("front_desk", "at_once", kind)
    assert await at_once(cast.client, kind) == []


async def test_a_clients_letter_that_fails_is_told_in_the_morning(cast, nothing_arrives):
    from portal import outbox

    with at(16):
        await outbox.record("password.changed", cast.accounts["client"].id)
        await deliver()
    with at(8, day=1):
        assert await digests() == ["front_desk.staff"]


async def test_staff_find_a_letter_to_staff_that_failed_and_give_it_up(cast, nothing_arrives):
    await told("front_desk", "at_once")
    await at_once(cast.client)
    await deliver()
    desk = await cast.browser("front_desk")
    page = await desk.get("/staff/letters")
    assert "Notice to staff" in page.words
    letter = await Delivery.objects().first()
    await desk.post(f"/staff/letters/{letter.id}", decision="drop")
    assert (await Delivery.objects().first()).state == DeliveryState.DROPPED


# Words --------------------------------------------------------------------------------------------------------------


@pytest.fixture(
    params=[(kind, tongue) for kind in ("review-waiting", "review-digest") for tongue in language.LANGUAGES]
)
async def letter(request, cast) -> Delivery:
    kind, tongue = request.param
    await Account.update({Account.language: tongue, Account.email: "anyone@example.com"}).where(
        Account.id == cast.accounts["front_desk"].id
    )
    if kind == "review-waiting":
        await told("front_desk", "at_once")
        await at_once(cast.client)
    else:
        with at(6):
            await asks(cast.client)
        with at(8):
            await digests()
    found = await Delivery.objects().first()
    assert (found.kind, found.language) == request.param
    return found


async def test_it_says_that_something_waits_and_nothing_more(letter, nobody):
    message = await sent(letter)
    _is_readable_without_and_with_html(message)
    _is_discreet(message)
    said = f"{message['Subject']} {text_of(message)} {page_of(message).get_text()}"
    assert not re.search("Maya|Reyes|Harbor|tea|chart|expediente", said)
    assert "waits for review" in said or "espera revisión" in said or "esperan revisión" in said
    link = re.search(r"^http://portal\.test(/\S*)$", text_of(message), re.MULTILINE).group(1)
    assert link == "/staff/review"
    assert (await nobody.get(link, follow=False)).headers["location"] == "/sign-in?next=%2Fstaff%2Freview"


async def test_a_letter_that_staff_send_again_is_the_same(cast):
    await told("front_desk", "at_once")
    await at_once(cast.client)
    letter = await Delivery.objects().first()
    await letters.settle(TEST, letter, DeliveryState.FAILED, "refused with 550")
    await notifications.send_again(TEST, letter.id)
    await work_through("deliver")
    assert (await Delivery.objects().first()).state == DeliveryState.SENT
