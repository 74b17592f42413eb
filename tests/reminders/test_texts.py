"""Text messages: where somebody has agreed, written into a file, and never said to be sent."""

import asyncio
import stat
from dataclasses import replace
from pathlib import Path

import pytest

from portal import clock, language, outbox
from portal.access import Area, NotFoundException, Reach, Viewer
from portal.accounts.tables import Grant
from portal.clients.tables import ClientPhone
from portal.database import fetch
from portal.outbox import Errand
from portal.reminders import words
from portal.reminders.actions import consent, reminding
from portal.reminders.tables import TextConsent, TextMessage, TextState
from portal.review.tables import ReviewItem
from portal.settings import Misconfigured, Settings, settings
from tasks.actors import texts as door
from tests.cast import Cast
from tests.factories import TEST
from tests.reminders.steps import a_practice_that_reminds, a_visit, at_nine, events, until
from tests.reminders.test_letters import BETRAYING
from tests.reminders.test_reminding import DAY
from tests.tasks.post import work_through

MOBILE, OTHER = "+14435550119", "+14105550138"


async def a_phone(client_id: int, number: str = MOBILE, kind: str = "mobile") -> int:
    row = ClientPhone(client=client_id, number=number, kind=kind)
    await row.save()
    return int(row.id)


def acting(cast: Cast, *areas: Area) -> Viewer:
    account = cast.accounts["client"]
    reach = Reach(cast.client.id, "self", frozenset(str(one) for one in areas or Area))
    return Viewer(account_id=account.id, name=account.name, grants=(reach,))


async def agreed(cast: Cast) -> None:
    await consent.agree(acting(cast), cast.client.id, await a_phone(cast.client.id), agrees=True)


@pytest.fixture
async def day_before(cast: Cast, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Of a visit of Maya's, who has agreed to texts; they go into a folder of this test."""
    monkeypatch.setattr(door, "settings", lambda: replace(settings(), data_dir=tmp_path))
    await a_visit(await a_practice_that_reminds(cast), cast.client.id, at_nine())
    await agreed(cast)
    with clock.shifted(seconds=until(at_nine() - DAY)):
        yield cast


async def carried() -> list[str]:
    """What a worker does; the states of the messages."""
    await reminding.remind(TEST)
    await work_through("announce")
    await work_through("text")
    return [str(row.state) for row in await TextMessage.objects().order_by(TextMessage.id)]


def files(folder: Path) -> list[str]:
    return [path.read_text() for path in sorted((folder / "texts").glob("*"))]


# Written --------------------------------------------------------------------------------------------------------------


async def test_it_becomes_a_file_and_is_said_to_be_written_and_not_sent(day_before: Cast, tmp_path: Path):
    assert await carried() == ["written"]
    (file,) = files(tmp_path)
    head, _, said = file.partition("\n\n")
    assert head.startswith(f"To: {MOBILE}\n")
    assert said.startswith("Reminder: appointment Mon ") and ", 9:00 AM E" in said and "/confirm/1-" in said
    assert BETRAYING.findall(said.replace(settings().base_url, "")) == []
    assert await Errand.count().where(Errand.actor == "text", Errand.state == "done") == 1
    row = await TextMessage.objects().first()
    assert (row.state, row.last_error) == (TextState.WRITTEN, "") and row.ended_at is not None


async def test_the_link_in_it_confirms(day_before: Cast, tmp_path: Path, nobody):
    await carried()
    link = files(tmp_path)[0].split("/confirm/")[1].split()[0]
    page = await nobody.press(await nobody.get(f"/confirm/{link}"), f"/confirm/{link}")
    assert "Your appointment is confirmed" in page.words


async def test_a_second_arrival_writes_nothing_and_a_second_copy_takes_the_place_of_the_first(
    day_before: Cast, tmp_path: Path
):
    await carried()
    await fetch("UPDATE errand SET state = 'queued', attempts = 0, lease_by = '' WHERE actor = 'announce'")
    assert await carried() == ["written"]
    await fetch("UPDATE errand SET state = 'queued', attempts = 0, lease_by = '' WHERE actor = 'text'")
    await TextMessage.update({TextMessage.state: TextState.QUEUED}, force=True)
    assert await carried() == ["written"] and len(files(tmp_path)) == 1


async def test_nobody_else_on_the_machine_reads_it(day_before: Cast, tmp_path: Path, monkeypatch):
    """The command line sets the mask under which everything is written."""
    import os

    before = os.umask(0o077)
    try:
        await carried()
    finally:
        os.umask(before)
    (file,) = (tmp_path / "texts").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600


# To whom --------------------------------------------------------------------------------------------------------------


async def test_without_consent_there_is_none(day_before: Cast):
    await consent.end(acting(day_before), day_before.client.id)
    assert await carried() == [] and await events() == 1


async def test_whoever_takes_it_back_before_it_leaves_gets_none(day_before: Cast, tmp_path: Path):
    await reminding.remind(TEST)
    await work_through("announce")
    await consent.end(acting(day_before), day_before.client.id)
    assert await carried() == ["dropped"] and files(tmp_path) == []


@pytest.mark.parametrize("how", ["removed", "another kind", "another number"])
async def test_a_number_that_has_left_the_chart_gets_none_and_its_consent_ends(day_before: Cast, tmp_path: Path, how):
    await reminding.remind(TEST)
    await work_through("announce")
    if how == "removed":
        await ClientPhone.delete(force=True)
    elif how == "another kind":
        await ClientPhone.update({ClientPhone.kind: "home"}, force=True)
    else:
        await ClientPhone.update({ClientPhone.number: OTHER}, force=True)
    assert await carried() == ["dropped"] and files(tmp_path) == []
    assert (await TextConsent.objects().first()).ended_at is not None and await events("texts.ended") == 1


async def test_a_number_that_is_written_otherwise_is_the_same_number(day_before: Cast):
    await ClientPhone.update({ClientPhone.number: "(443) 555-0119"}, force=True)
    assert await carried() == ["written"]


async def test_whoever_agreed_and_acts_for_the_client_no_longer_gets_none(day_before: Cast):
    await reminding.remind(TEST)
    await work_through("announce")
    await Grant.update({Grant.ends_at: clock.now()}).where(Grant.account == day_before.accounts["client"].id)
    assert await carried() == ["dropped"]
    assert (await TextConsent.objects().first()).ended_at is not None


async def test_a_number_that_was_changed_since_gets_the_next_one_only(day_before: Cast):
    await reminding.remind(TEST)
    await work_through("announce")
    other = await a_phone(day_before.client.id, OTHER)
    await consent.agree(acting(day_before), day_before.client.id, other, agrees=True)
    assert await carried() == ["dropped"]


async def test_what_was_cancelled_meanwhile_is_not_written(day_before: Cast, tmp_path: Path):
    await reminding.remind(TEST)
    await work_through("announce")
    await fetch("UPDATE appointment SET state = 'cancelled', holds = false")
    assert await carried() == ["dropped"] and files(tmp_path) == []


# When it fails --------------------------------------------------------------------------------------------------------


class Moody:
    """A carrier as one may be: `answer` is what it does."""

    outcome = TextState.SENT
    answer: Exception | None = None

    def hand_over(self, key: str, number: str, words: str) -> None:
        if self.answer is not None:
            raise self.answer


@pytest.fixture
def carrier(monkeypatch: pytest.MonkeyPatch) -> type[Moody]:
    made = type("Made", (Moody,), {})
    monkeypatch.setattr(door, "CARRIERS", {"file": made})
    return made


async def test_only_a_carrier_makes_it_sent(day_before: Cast, carrier):
    assert await carried() == ["sent"]


async def test_a_passing_failure_is_tried_again(day_before: Cast, carrier):
    carrier.answer = OSError("no route")
    assert await carried() == ["queued"]
    errand = await Errand.objects().get(Errand.actor == "text")
    assert (errand.state, errand.attempts, errand.last_error) == ("queued", 1, "OSError")
    carrier.answer = None
    with clock.shifted(minutes=1):
        assert await carried() == ["sent"]


async def test_a_lasting_no_waits_for_staff_who_may_try_again(day_before: Cast, carrier):
    carrier.answer = door.Refused("landline")
    assert await carried() == ["failed"]
    await stands_with_staff(day_before, carrier, "landline")


async def test_what_failed_to_the_end_waits_for_staff_who_may_try_again(day_before: Cast, carrier):
    carrier.answer = OSError("no route")
    await reminding.remind(TEST)
    await work_through("announce")
    await fetch("UPDATE errand SET attempts = {} WHERE actor = 'text'", outbox.MOST_ATTEMPTS - 1)
    assert await carried() == ["failed"]
    await stands_with_staff(day_before, carrier, "given up after many tries")


async def stands_with_staff(cast: Cast, carrier: type[Moody], why: str) -> None:
    assert (await TextMessage.objects().first()).last_error == why
    item = await ReviewItem.objects().get(ReviewItem.kind == "errand.dead")
    assert item.settled_at is None
    desk = await cast.browser("front_desk")
    page = await desk.get("/staff/letters")
    assert "Text message" in page.words and MOBILE not in page.text
    carrier.answer = None
    errand = await Errand.objects().get(Errand.actor == "text")
    await desk.press(page, f"/staff/letters/errands/{errand.id}", decision="again")
    assert await carried() == ["sent"]


def test_an_unknown_carrier_keeps_the_portal_from_starting(tmp_path: Path):
    with pytest.raises(Misconfigured, match="TEXT_CARRIER is 'pigeon': there is only file"):
        Settings.read({"PORTAL_MODE": "test", "DATA_DIR": str(tmp_path), "TEXT_CARRIER": "pigeon"})
    assert set(door.CARRIERS) == {"file"}


# Agreeing, in the portal ----------------------------------------------------------------------------------------------


def path_of(cast: Cast) -> str:
    return f"/clients/{cast.client.id}/appointments/texts"


@pytest.mark.parametrize("htmx", [False, True])
async def test_a_client_chooses_a_number_agrees_and_turns_it_off_again(cast: Cast, htmx):
    await a_phone(cast.client.id, "+14105550101", "home")
    first, second = await a_phone(cast.client.id), await a_phone(cast.client.id, OTHER)
    browser, path = await cast.browser("client", htmx=htmx), path_of(cast)
    page = await browser.get(path)
    assert "(443) 555-0119" in page.words and "(410) 555-0138" in page.words and "555-0101" not in page.words
    assert "Up to 2 messages per appointment" in page.words and "rates may apply" in page.words
    assert "Reply STOP to opt out" in page.words
    page = await browser.press(page, path, number=str(second), agrees="yes")
    assert page.status == 200 and "Text reminders are on." in page.words and "(410) 555-0138" in page.words
    row = await TextConsent.objects().first()
    assert (row.number, row.account, row.ended_at) == (OTHER, cast.accounts["client"].id, None)
    page = await browser.press(page, path + "/removal")
    assert "Text reminders are off." in page.words and f'value="{first}"' in page.text
    assert await TextConsent.count().where(TextConsent.ended_at.is_null()) == 0
    acts = await fetch("SELECT act FROM audit_row WHERE act LIKE 'texts.%' ORDER BY id")
    assert [row["act"] for row in acts] == ["texts.agreed", "texts.ended"]


async def test_without_the_box_or_a_number_nothing_is_agreed_and_what_was_chosen_stays(cast: Cast):
    number = await a_phone(cast.client.id)
    browser, path = await cast.browser("client"), path_of(cast)
    page = await browser.post(path, number=str(number))
    assert page.status == 422 and page.errors == {"agrees": "Check the box if you agree to text messages"}
    assert page.soup.find("input", {"name": "number", "checked": True})
    page = await browser.post(path, agrees="yes")
    assert page.status == 422 and page.errors == {"number": "Choose a mobile number"}
    assert page.soup.find("input", {"name": "agrees", "checked": True})
    assert await TextConsent.count() == 0


async def test_a_number_of_another_chart_cannot_be_chosen(cast: Cast):
    theirs = await a_phone(cast.other.id, OTHER)
    await a_phone(cast.client.id)
    browser = await cast.browser("client")
    for number in (str(theirs), "999", "x", "", "9" * 30):
        assert (await browser.post(path_of(cast), number=number, agrees="yes")).status == 422
    for act in (consent.agree(acting(cast), cast.other.id, theirs, agrees=True), consent.end(acting(cast), 2)):
        with pytest.raises(NotFoundException):
            await act
    assert await TextConsent.count() == 0


async def test_whoever_may_not_read_the_details_of_the_chart_sees_how_a_number_ends(cast: Cast):
    await a_phone(cast.client.id)
    await Grant.update({Grant.areas: ["appointments"]}).where(Grant.account == cast.accounts["guardian"].id)
    browser = await cast.browser("guardian")
    page = await browser.get(path_of(cast))
    assert "ends in 0119" in page.words and "555" not in page.soup.find("main").get_text().split("Need it")[0]
    page = await browser.press(page, path_of(cast), number="1", agrees="yes")
    assert "ends in 0119" in page.words and "443" not in page.soup.find(id="texts").get_text()


async def test_without_a_mobile_number_it_says_what_to_do(cast: Cast):
    page = await (await cast.browser("client")).get(path_of(cast))
    assert "no mobile number" in page.words and f"/clients/{cast.client.id}/information" in page.links()


async def test_who_agrees_twice_has_agreed_once_and_another_number_takes_the_place_of_the_first(cast: Cast):
    first, second = await a_phone(cast.client.id), await a_phone(cast.client.id, OTHER)
    agree = lambda number: consent.agree(acting(cast), cast.client.id, number, agrees=True)  # noqa: E731
    await asyncio.gather(agree(first), agree(first), agree(first))
    assert await TextConsent.count() == 1
    await agree(second)
    assert [row.number for row in await TextConsent.objects().where(TextConsent.ended_at.is_null())] == [OTHER]


async def test_the_appointments_lead_there(cast: Cast):
    visit = await a_visit(await a_practice_that_reminds(cast), cast.client.id, at_nine())
    browser = await cast.browser("client")
    for page in (f"/clients/{cast.client.id}/appointments", f"/clients/{cast.client.id}/appointments/{visit.id}"):
        assert path_of(cast) in (await browser.get(page)).links()


async def test_in_production_nobody_is_offered_what_nobody_would_send(cast: Cast, monkeypatch):
    from portal.appointments.controllers import client as appointments
    from portal.reminders import controllers

    for module in (controllers, appointments):
        monkeypatch.setattr(module, "settings", lambda: replace(settings(), mode="production"))
    number = await a_phone(cast.client.id)
    browser = await cast.browser("client")
    page = await browser.get(path_of(cast))
    assert page.status == 200 and "does not send text messages" in page.words and not page.soup.select("#texts form")
    assert (await browser.post(path_of(cast), number=str(number), agrees="yes")).status == 404
    assert path_of(cast) not in (await browser.get(f"/clients/{cast.client.id}/appointments")).links()


# STOP -----------------------------------------------------------------------------------------------------------------


async def test_stop_ends_it_for_everybody_at_that_number(cast: Cast):
    await agreed(cast)
    account = cast.accounts["stranger"]
    theirs = Viewer(account_id=account.id, grants=(Reach(cast.other.id, "self", frozenset(Area)),))
    await consent.agree(theirs, cast.other.id, await a_phone(cast.other.id), agrees=True)
    assert await consent.stop(TEST, OTHER) == 0
    assert await consent.stop(TEST, MOBILE) == 2
    assert await consent.stop(TEST, MOBILE) == 0
    assert await TextConsent.count().where(TextConsent.ended_at.is_null()) == 0 and await events("texts.ended") == 2
    await consent.agree(theirs, cast.other.id, 2, agrees=True)
    assert await TextConsent.count().where(TextConsent.ended_at.is_null()) == 1, "they may agree again"


# What it says ---------------------------------------------------------------------------------------------------------

LINK = "https://portal.harborlane.example/confirm/123456-" + "a" * 40


@pytest.mark.parametrize("tongue", language.LANGUAGES)
async def test_it_fits_into_one_message_on_every_day_of_the_year(tongue):
    with language.speaking(tongue):
        for day in range(366):
            for hour in (9, 12, 22):
                moment = at_nine().replace(year=2026, month=1, day=1, hour=hour, minute=45) + day * DAY
                said = words.reminder(moment, "America/New_York", LINK)
                assert len(said) <= words.LONGEST and set(said) <= words.GSM and LINK in said, said
                assert len(words.reminder(moment, "America/New_York", "")) <= words.LONGEST


def test_the_way_out_is_said_where_there_is_room():
    short, long = (
        "https://p.example/confirm/1-" + "a" * 40,
        "https://" + "very-" * 10 + "long.example/confirm/1-" + "a" * 40,
    )
    assert words.reminder(at_nine(), "America/New_York", short).endswith(" Reply STOP to opt out.")
    assert words.reminder(at_nine(), "America/New_York", long).endswith(long)


def test_accents_that_phones_do_not_know_are_left_out():
    assert words.plain("sáb, 9:00\u00a0a.m. mañana É 日") == "sab, 9:00 a.m. mañana É ?"
