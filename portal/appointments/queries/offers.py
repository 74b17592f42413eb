"""What a client may book: which types, how to meet, with whom and where."""

from dataclasses import dataclass
from typing import Any

from portal.access import Area, NotFoundException, Permission, Viewer
from portal.appointments.kinds import MEETINGS
from portal.appointments.settings import clients_book
from portal.database import Prepared, fetch
from portal.practice.queries import Person, name_of

# A client is new until somebody has seen them: by the chart's clinician or a visit that took place.
OFFERED = Prepared(
    """
    SELECT t.id, t.name, t.name_es, t.length, t.before, t.after, t.contact_types, t.is_booked_at_once
      FROM appointment_type AS t,
           (SELECT c.principal_clinician IS NOT NULL
                   OR EXISTS (SELECT FROM appointment WHERE client = c.id AND state IN ('arrived', 'completed'))
              FROM client AS c WHERE c.id = $1 AND c.is_active) AS known (is_known)
     WHERE t.is_active AND t.booked_by = ANY(ARRAY['everybody', CASE WHEN is_known THEN 'existing' ELSE 'new' END])
       AND EXISTS (SELECT FROM (SELECT clinician, site, contact_types FROM hours UNION ALL
                                SELECT clinician, site, contact_types FROM special_hours
                                 WHERE is_open AND last_day >= current_date - 1) AS hours
                     JOIN staff_member AS m ON m.id = hours.clinician AND m.is_active
                     JOIN site ON site.id = hours.site AND site.is_active
                    WHERE hours.contact_types && t.contact_types
                      AND (hours.clinician IN (SELECT clinician FROM type_clinician WHERE type = t.id)
                           OR NOT EXISTS (SELECT FROM type_clinician WHERE type = t.id))
                      AND (hours.site IN (SELECT site FROM type_site WHERE type = t.id)
                           OR NOT EXISTS (SELECT FROM type_site WHERE type = t.id)))
     ORDER BY t.place, t.name, t.id
    """,
    "client",
)
# Of one type and one way to meet: who has hours, each week or on some day to come, and where.
SOMEWHERE = """
 FROM (SELECT id, clinician, site, contact_types, weekday, begins, ends, since, until FROM hours
       UNION ALL
       SELECT NULL, clinician, site, contact_types, NULL, NULL, NULL, NULL, NULL FROM special_hours
        WHERE is_open AND last_day >= current_date - 1) AS h
 JOIN staff_member AS m ON m.id = h.clinician AND m.is_active
 JOIN site AS s ON s.id = h.site AND s.is_active
WHERE $2 = ANY(h.contact_types)
  AND (h.clinician IN (SELECT clinician FROM type_clinician WHERE type = $1)
       OR NOT EXISTS (SELECT FROM type_clinician WHERE type = $1))
  AND (h.site IN (SELECT site FROM type_site WHERE type = $1)
       OR NOT EXISTS (SELECT FROM type_site WHERE type = $1))
"""
THERE = Prepared(
    f"""
    SELECT DISTINCT m.id AS clinician, {name_of("m")} AS name, m.family_name, m.given_name, s.id AS site,
           s.name AS site_name, concat_ws(', ', nullif(s.street, ''), nullif(s.city, '')) AS address,
           m.id = (SELECT principal_clinician FROM client WHERE id = $3) AS is_own
      {SOMEWHERE} ORDER BY m.family_name, m.given_name, m.id, s.name
    """,
    "type",
    "contact_type",
    "client",
)


@dataclass(frozen=True)
class Offer:
    """A type of appointment; times in minutes."""

    id: int
    name: str
    name_es: str
    length: int
    before: int
    after: int
    contact_types: tuple[str, ...]
    is_booked_at_once: bool

    def called(self, spoken: str) -> str:
        return self.name_es if spoken == "es" and self.name_es else self.name


@dataclass(frozen=True)
class Place:
    id: int
    name: str
    address: str


@dataclass(frozen=True)
class Around:
    """Whom and where one may choose; `own` is the clinician of the chart, if among them."""

    clinicians: list[Person]
    places: list[Place]
    own: int | None


def must_choose(viewer: Viewer, client_id: int) -> None:
    """Whoever acts for the client; or the portal, for whoever was asked elsewhere whether they may."""
    if not viewer.is_portal:
        viewer.must_act_for(client_id, Area.APPOINTMENTS)


async def offers(viewer: Viewer, client_id: int) -> list[Offer]:
    """In the order of the practice's list."""
    must_choose(viewer, client_id)
    return [_offer(row) for row in await OFFERED(client=client_id)]


async def is_offered(viewer: Viewer, client_id: int, type_id: int) -> bool:
    """This client may book it here now."""
    return await clients_book(viewer) and any(one.id == type_id for one in await offers(viewer, client_id))


async def offer(viewer: Viewer, client_id: int, type_id: int) -> Offer:
    """Raises not found for what this client is not offered."""
    for one in await offers(viewer, client_id):
        if one.id == type_id:
            return one
    raise NotFoundException


async def offer_of(viewer: Viewer, type_id: int) -> Offer:
    """For staff, and the portal: whoever may book it."""
    viewer.must(Permission.REVIEW_SETTLE)
    rows = await fetch(
        "SELECT id, name, name_es, length, before, after, contact_types, is_booked_at_once FROM appointment_type"
        " WHERE id = {}",
        type_id,
    )
    if not rows:
        raise NotFoundException
    return _offer(rows[0])


async def around(viewer: Viewer, client_id: int, type_id: int, contact_type: str) -> Around:
    must_choose(viewer, client_id)
    rows = await THERE(type=type_id, contact_type=contact_type, client=client_id)
    people = {row["clinician"]: Person(row["clinician"], row["name"]) for row in rows}
    places = {row["site"]: Place(row["site"], row["site_name"], row["address"]) for row in rows}
    own = next((row["clinician"] for row in rows if row["is_own"]), None)
    return Around(list(people.values()), sorted(places.values(), key=lambda one: one.name), own)


async def is_booked_at_once(viewer: Viewer, type_id: int) -> bool:
    rows = await fetch("SELECT is_booked_at_once FROM appointment_type WHERE id = {}", type_id)
    return bool(rows[0]["is_booked_at_once"])


def _offer(row: dict[str, Any]) -> Offer:
    return Offer(**{**row, "contact_types": tuple(kind for kind in MEETINGS if kind in row["contact_types"])})
