"""A client asks what it would cost, and the practice has three business days."""

import pytest

from portal.access import NotFoundException
from portal.database import fetch
from portal.estimates import rules
from portal.estimates.actions import asking
from portal.estimates.queries import requests
from portal.review.queries import queue
from tests.appointments.steps import refused
from tests.estimates.steps import a_practice_that_estimates, an_estimate, ended, today, waiting
from tests.messages.steps import as_
from tests.schedule.steps import desk


async def test_it_comes_into_the_queue_with_its_day(cast):
    due = await asking.ask(await as_(cast, "client"), cast.client.id, "Twelve sessions", "k1")
    assert due == rules.due_when_asked(today())
    asked = (await requests.open_for_client(await as_(cast, "client"), cast.client.id))[0]
    assert (asked.words, asked.due_on) == ("Twelve sessions", due)
    item = (await waiting("estimate.asked"))[0]
    assert item["needs"] == "estimate:give" and item["url"].endswith(f"/estimates/new?request={asked.id}")
    assert (await queue.waiting(await as_(cast, "front_desk"))).total == 1


async def test_the_same_form_twice_is_one_request(cast):
    maya = await as_(cast, "client")
    for _ in range(3):
        await asking.ask(maya, cast.client.id, "Twelve sessions", "k1")
    assert len(await fetch("SELECT id FROM estimate_request")) == len(await waiting("estimate.asked")) == 1


async def test_the_fourth_that_nobody_answered_is_refused_and_staff_may_still_note_one(cast):
    maya = await as_(cast, "client")
    for place in range(3):
        await asking.ask(maya, cast.client.id, "Sessions", f"k{place}")
    with refused("3 estimates that are not given yet"):
        await asking.ask(maya, cast.client.id, "Sessions", "k3")
    await asking.note(desk(cast), cast.client.id, "By phone", "k4")
    assert len(await waiting("estimate.asked")) == 4


async def test_the_estimate_answers_what_it_names_and_nothing_else(cast):
    calendar = await a_practice_that_estimates(cast)
    maya, jonah = await as_(cast, "client"), await as_(cast, "stranger")
    for place in range(2):
        await asking.ask(maya, cast.client.id, f"Question {place}", f"k{place}")
    await asking.ask(jonah, cast.other.id, "His own", "k")
    first, second, theirs = (row["id"] for row in await fetch("SELECT id FROM estimate_request ORDER BY id"))
    estimate_id = await an_estimate(cast, calendar, answers=(first, theirs))
    rows = await fetch("SELECT id, is_open, answered_by FROM estimate_request ORDER BY id")
    assert [(row["is_open"], row["answered_by"]) for row in rows] == [(False, estimate_id), (True, None), (True, None)]
    assert [one["subject_id"] for one in await waiting("estimate.asked")] == [second, theirs]
    assert await ended("estimate.asked") == ["given"]


@pytest.mark.parametrize("part", ["stranger", "front_desk", "auditor"])
async def test_nobody_else_asks_in_their_name(cast, part):
    with pytest.raises(NotFoundException):
        await asking.ask(await as_(cast, part), cast.client.id, "Sessions", "k")


@pytest.mark.parametrize("part", ["client", "stranger", "other clinician", "privacy_officer"])
async def test_only_who_gives_estimates_notes_what_was_asked_by_phone(cast, part):
    with pytest.raises(NotFoundException):
        await asking.note(await as_(cast, part), cast.client.id, "Sessions", "k")
