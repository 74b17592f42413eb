"""The fee schedule, and the words of codes."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from portal.access import NotFoundException, Permission, Viewer
from portal.database import fetch
from portal.fees import icd10cm
from portal.language import in_language

MOST_FOUND = 12
SERVICES = """
SELECT s.id, s.code, s.words, s.words_es, s.is_active,
       (SELECT f.cents FROM fee AS f WHERE f.service = s.id AND f.since <= {} ORDER BY f.since DESC LIMIT 1) AS cents
  FROM service AS s WHERE %s ORDER BY s.is_active DESC, s.code, s.id
"""
OWN = "SELECT id, code, words, is_active FROM diagnosis_code WHERE %s ORDER BY is_active DESC, code"


@dataclass(frozen=True)
class Priced:
    """A service of the schedule; `cents` is the fee for one unit on the day that was asked for, if it has one."""

    id: int
    code: str
    words: str
    words_es: str
    is_active: bool
    cents: int | None

    @property
    def spoken(self) -> str:
        return in_language(self.words, self.words_es)


@dataclass(frozen=True)
class Since:
    """One fee of a service: cents for a unit from a day on, until the day before the next one."""

    day: date
    cents: int
    until: date | None


@dataclass(frozen=True)
class OwnCode:
    id: int
    code: str
    words: str
    is_active: bool


async def services(viewer: Viewer, day: date) -> list[Priced]:
    """All of them, with the fees of that day; those that are used first, each by its code."""
    viewer.must(Permission.LEDGER_READ)
    return [Priced(**row) for row in await fetch(SERVICES % "TRUE", day)]


async def offered(viewer: Viewer, day: date) -> list[Priced]:
    """Those that are in use."""
    return [one for one in await services(viewer, day) if one.is_active]


async def service(viewer: Viewer, service_id: int, day: date) -> Priced:
    viewer.must(Permission.LEDGER_READ)
    rows = await fetch(SERVICES % "s.id = {}", day, service_id)
    if not rows:
        raise NotFoundException
    return Priced(**rows[0])


async def fees(viewer: Viewer, service_id: int) -> list[Since]:
    """The newest first."""
    viewer.must(Permission.LEDGER_READ)
    rows = await fetch(
        "SELECT since AS day, cents, lead(since) OVER (ORDER BY since) - 1 AS until FROM fee WHERE service = {}"
        " ORDER BY since DESC",
        service_id,
    )
    return [Since(**row) for row in rows]


async def own_codes(viewer: Viewer) -> list[OwnCode]:
    viewer.must(Permission.LEDGER_READ)
    return [OwnCode(**row) for row in await fetch(OWN % "TRUE")]


async def own_code(viewer: Viewer, code_id: int) -> OwnCode:
    viewer.must(Permission.LEDGER_READ)
    rows = await fetch(OWN % "id = {}", code_id)
    if not rows:
        raise NotFoundException
    return OwnCode(**rows[0])


async def worded(viewer: Viewer, codes: Iterable[str]) -> dict[str, str]:
    """Diagnosis → its words, for those that are known: what ships, and what the practice uses beside it."""
    wanted = set(codes)
    found = {code: words for code, words in icd10cm.known().items() if code in wanted}
    if missing := sorted(wanted - found.keys()):
        rows = await fetch("SELECT code, words FROM diagnosis_code WHERE is_active AND code = ANY({}::text[])", missing)
        found |= {row["code"]: row["words"] for row in rows}
    return found


async def sought(viewer: Viewer, words: str, most: int = MOST_FOUND) -> list[tuple[str, str]]:
    """(code, words) of diagnoses by code or by words: the practice's own first."""
    viewer.must(Permission.LEDGER_READ)
    if not words.strip():
        return []
    own = [one for one in await own_codes(viewer) if one.is_active and icd10cm.fits(one.code, one.words, words)]
    return [*((one.code, one.words) for one in own), *icd10cm.found(words, most)][:most]
