"""Free times of one clinician and of any of a thousand, and a month of the schedule, against the plain queries that read the same rows."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from functools import partial
from time import perf_counter
from typing import Any

import asyncpg

from bench.site import Site
from bench.timing import Block, Rounds, in_turn
from portal import clock, database
from portal.access import Area, Reach, Viewer
from portal.appointments.queries import offers
from portal.appointments.queries.openings import Wish, openings
from portal.database import ENGINE
from portal.schedule.queries import calendar

CLINICIANS, EACH = 1000, 1000
ANY, ONE, MONTH = "any clinician", "one clinician", "the schedule's month of 40 clinicians"
FORTY = 40
MOST, MOST_OF_ONE = 2.0, 3.0
# A thousand clinicians at six wall clocks, four days a week; a thousand visits each, over two years, none in another's way.
FILL = f"""
INSERT INTO setting (name, value) VALUES ('appointments.horizon', '4');
ALTER TABLE appointment DROP CONSTRAINT clinician_is_here_once, DROP CONSTRAINT client_is_here_once;
INSERT INTO site (name, street, city, state, postal_code, phone, time_zone, is_active)
SELECT 'Site ' || zone, '', '', '', '', '', zone, true
  FROM unnest(ARRAY['America/New_York', 'America/Chicago', 'America/Denver', 'America/Phoenix', 'America/Los_Angeles',
                    'America/Anchorage']) AS zone;
INSERT INTO staff_member (prefix, given_name, family_name, credentials, is_clinician, npi, is_active)
SELECT 'Dr.', 'Slot', 'Clinician-' || n, '', true, '', true FROM generate_series(1, {CLINICIANS}) AS n;
INSERT INTO hours (clinician, site, weekday, begins, ends, contact_types)
SELECT m.id, s.id, day, begins, begins + 240, '{{in_person,phone,telehealth}}'
  FROM staff_member AS m JOIN (SELECT id, row_number() OVER (ORDER BY id) AS n FROM site WHERE name LIKE 'Site %') AS s
       ON s.n = m.id % 6 + 1, generate_series(0, 4) AS day, unnest(ARRAY[540, 810]) AS begins
 WHERE m.given_name = 'Slot' AND (day + m.id) % 5 <> 0;
INSERT INTO special_hours (clinician, first_day, last_day, begins, ends, is_open, contact_types, note)
SELECT id, current_date + (id % 28)::int, current_date + (id % 28)::int, 0, 1440, false, '{{}}', ''
  FROM staff_member WHERE given_name = 'Slot';
INSERT INTO appointment (client, clinician, site, type, contact_type, starts_at, ends_at, busy_from, busy_until, time_zone,
                         state, holds, version, wish, made_at, reason, common_reason)
SELECT (SELECT max(id) FROM client), m.id, (SELECT min(id) FROM site), (SELECT min(id) FROM appointment_type), 'phone', begins,
       begins + interval '50 minutes', begins, begins + interval '1 hour', 'UTC',
       CASE WHEN n % 10 = 0 THEN 'cancelled' ELSE 'booked' END, n % 10 <> 0, 1, '', now(), '', ''
  FROM staff_member AS m, generate_series(0, {EACH} - 1) AS n,
       LATERAL (SELECT date_trunc('day', now()) + (n * 730 / {EACH} - 365) * interval '1 day'
                       + (14 + n * 7 % 8) * interval '1 hour') AS at (begins)
 WHERE m.given_name = 'Slot';
"""
PLAIN = (
    "SELECT h.clinician, h.site, h.weekday, h.begins, h.ends, h.since, h.until FROM hours AS h JOIN site ON site.id = h.site"
    " WHERE $1::bigint IS NULL OR h.clinician = $1",
    "SELECT clinician, site, first_day, last_day, begins, ends, is_open FROM special_hours"
    " WHERE last_day >= current_date AND first_day <= current_date + 28 AND ($1::bigint IS NULL OR clinician = $1)",
    "SELECT clinician, busy_from, busy_until FROM appointment WHERE holds AND busy_from > now() - interval '1 day'"
    " AND busy_from < now() + interval '29 days' AND ($1::bigint IS NULL OR clinician = $1)",
    "SELECT DISTINCT m.id, m.given_name, m.family_name FROM staff_member AS m JOIN hours AS h ON h.clinician = m.id"
    " WHERE $1::bigint IS NULL OR m.id = $1",
)

# What the schedule counts, for forty of them and thirty days; read as plainly as it can be.
PLAIN_MONTH = (
    "SELECT clinician, (starts_at AT TIME ZONE time_zone)::date, count(*) FROM appointment WHERE clinician = ANY($1::bigint[])"
    " AND starts_at >= current_date AND starts_at < current_date + 30 GROUP BY 1, 2"
)


def slots(filled: Site, *, rounds: int) -> dict[str, Rounds]:
    """ "any clinician" and "one clinician", each with the contestants "plain" and "portal"."""
    ENGINE.connect_to(filled.dsn)
    loop = asyncio.new_event_loop()
    opened = database.pool()
    loop.run_until_complete(opened.__aenter__())
    try:
        viewer, client_id, offer = loop.run_until_complete(_who())
        slot = loop.run_until_complete(
            database.fetch("SELECT min(id) AS id FROM staff_member WHERE given_name = 'Slot'")
        )
        found = {}
        for what, clinician in ((ANY, None), (ONE, slot[0]["id"])):
            wish = Wish(offer, "phone", clinician)
            contestants = {
                "plain": _turn(loop, partial(_plain, clinician)),
                "portal": _turn(loop, partial(openings, viewer, client_id, wish)),
            }
            found[what] = in_turn(contestants, "portal", "plain", rounds=rounds)
        forty = [slot[0]["id"] + place for place in range(FORTY)]
        contestants = {
            "plain": _turn(loop, partial(_plain_month, forty)),
            "portal": _turn(loop, partial(_month, forty)),
        }
        found[MONTH] = in_turn(contestants, "portal", "plain", rounds=rounds)
        return found
    finally:
        loop.run_until_complete(opened.__aexit__(None, None, None))
        loop.close()


def _turn(loop: asyncio.AbstractEventLoop, work: Callable[[], Awaitable[Any]]) -> Callable[[], Block]:
    """The quickest of three counts."""

    def turn() -> Block:
        took = []
        for _ in range(3):
            began = perf_counter()
            loop.run_until_complete(work())
            took.append(perf_counter() - began)
        return Block(min(took))

    return turn


async def _plain(clinician: int | None) -> None:
    assert ENGINE.pool is not None
    async with ENGINE.pool.acquire() as connection:
        for sql in PLAIN:
            await connection.fetch(sql, clinician)


async def _plain_month(clinicians: list[int]) -> None:
    assert ENGINE.pool is not None
    async with ENGINE.pool.acquire() as connection:
        await connection.fetch(PLAIN_MONTH, clinicians)


async def _month(clinicians: list[int]) -> None:
    today = clock.today("UTC")
    await calendar.counts(Viewer.portal("bench"), clinicians, today, today + timedelta(days=29), None)


async def _who() -> tuple[Viewer, int, offers.Offer]:
    rows = await database.fetch("SELECT min(id) AS id FROM client WHERE principal_clinician IS NOT NULL")
    client_id = rows[0]["id"]
    viewer = Viewer(account_id=1, grants=(Reach(client_id, "self", frozenset({Area.APPOINTMENTS})),))
    return viewer, client_id, (await offers.offers(viewer, client_id))[0]


def fill(made: Site) -> None:
    asyncio.run(_execute(made.dsn, FILL))


async def _execute(dsn: str, sql: str) -> None:
    connection = await asyncpg.connect(dsn)
    try:
        await connection.execute(sql)
    finally:
        await connection.close()
