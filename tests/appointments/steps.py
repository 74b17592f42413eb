"""A practice with a site, two clinicians with hours, and types of appointments."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest

from portal import clock
from portal.access import Area, Reach, Viewer
from portal.appointments.actions import availability, types
from portal.appointments.actions.availability import Open
from portal.appointments.actions.types import TypeDraft
from portal.appointments.queries import offers
from portal.appointments.queries.offers import Offer
from portal.appointments.queries.openings import Wish
from portal.practice.tables import Site
from portal.refusal import Refused
from tests.cast import Cast
from tests.factories import TEST

ZONE = "America/New_York"
WEEK = tuple(Open(day, 540, 1020, 0) for day in range(5))


@dataclass
class Calendar:
    """`okafor` is Maya's clinician; both work Monday to Friday, nine to five, at one site."""

    site: int
    okafor: int
    brandt: int
    session: int

    async def offer(self, viewer: Viewer, client_id: int) -> Offer:
        return await offers.offer(viewer, client_id, self.session)

    async def wish(self, viewer: Viewer, client_id: int, *, clinician: int | None = None) -> Wish:
        return Wish(await self.offer(viewer, client_id), "telehealth", clinician)


async def a_site(name: str = "Annapolis", zone: str = "") -> int:
    site = Site(name=name, street="12 Harbor Lane", city=name, state="MD", time_zone=zone)
    await site.save()
    return int(site.id)


async def a_calendar(cast: Cast, **of_type: object) -> Calendar:
    site = await a_site()
    okafor = int(cast.client.principal_clinician)
    brandt = int(cast.accounts["other clinician"].staff_member)
    for clinician in (okafor, brandt):
        await availability.set_hours(TEST, clinician, at(site))
    draft = {"name": "Individual session", "name_es": "Sesión individual", "length": 50, "after": 10, **of_type}
    session = await types.save(TEST, None, TypeDraft(**draft))  # type: ignore[arg-type]
    return Calendar(site, okafor, brandt, session)


def at(site: int, hours: tuple[Open, ...] = WEEK) -> list[Open]:
    return [Open(one.weekday, one.begins, one.ends, site, one.contact_types) for one in hours]


def maya(cast: Cast) -> Viewer:
    return of(cast, "client", cast.client.id)


def jonah(cast: Cast) -> Viewer:
    return of(cast, "stranger", cast.other.id)


def of(cast: Cast, part: str, client_id: int) -> Viewer:
    account = cast.accounts[part]
    return Viewer(
        account_id=account.id, name=account.name, grants=(Reach(client_id, "self", frozenset({Area.APPOINTMENTS})),)
    )


def a_monday(weeks: int = 1) -> date:
    """Of one of the next weeks."""
    today = clock.today(ZONE)
    return today + timedelta(days=7 * weeks - today.weekday())


def second_of(day: date, hour: int, minute: int = 0) -> int:
    return int(datetime.combine(day, time(hour, minute), ZoneInfo(ZONE)).timestamp())


@contextmanager
def refused(words: str) -> Iterator[None]:
    with pytest.raises(Refused) as caught:
        yield
    assert words in said(caught.value)


def said(refusal: Refused) -> str:
    return " ".join(str(sentence) for sentence in refusal.sentences.values())
