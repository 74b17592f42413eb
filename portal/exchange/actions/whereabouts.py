"""Where a visit takes place and what kind of visit it is: by what the resource says, else by what is known here."""

from collections.abc import Iterable, Sequence

from portal import audit
from portal.access import Viewer
from portal.appointments.tables import AppointmentType, BookedBy, ContactType
from portal.clients.names import folded
from portal.database import fetch
from portal.exchange import rows
from portal.exchange.drafts import Link, VisitDraft
from portal.exchange.report import Report, Tally
from portal.exchange.upserts import Known
from portal.practice import queries as practices

UNNAMED, UNNAMED_ES = "Visit", "Visita"
STEP, SHORTEST, LENGTHIEST = 5, 5, 720


class Places:
    """The sites with their time zones, and where a client or a clinician is otherwise."""

    def __init__(self, zones: dict[int, str], only: int | None) -> None:
        self.zones, self._only = zones, only
        self._of_client: dict[int, int] = {}
        self._of_clinician: dict[int, int] = {}

    @classmethod
    async def known(cls, viewer: Viewer, clients: Iterable[int], clinicians: Iterable[int]) -> "Places":
        zone = (await practices.practice(viewer)).time_zone
        sites = await fetch("SELECT id, coalesce(nullif(time_zone, ''), {}) AS zone, is_active FROM site", zone)
        active = [row["id"] for row in sites if row["is_active"]]
        found = cls({row["id"]: row["zone"] for row in sites}, active[0] if len(active) == 1 else None)
        for batch in rows.in_batches(sorted(set(clients))):
            told = await fetch("SELECT id, site FROM client WHERE id = ANY({}::bigint[])", list(batch))
            found._of_client |= {row["id"]: row["site"] for row in told if row["site"]}
        told = await fetch(
            "SELECT clinician, min(site) AS site FROM hours WHERE clinician = ANY({}::bigint[]) GROUP BY clinician"
            " HAVING min(site) = max(site)",
            sorted(set(clinicians)),
        )
        found._of_clinician = {row["clinician"]: row["site"] for row in told}
        return found

    def site(self, links: Sequence[Link], known: Known, clinician: int, client: int | None = None) -> int | None:
        """The one that is named; else the client's; else where all of the clinician's hours are; else the only one."""
        named = next((row_id for one in links if (row_id := known.get(one.key))), None)
        return named or self._of_client.get(client or 0) or self._of_clinician.get(clinician) or self._only


async def placed(
    viewer: Viewer, drafts: Sequence[VisitDraft], known: Known, report: Report, tally: Tally
) -> list[VisitDraft]:
    """Those whose client, clinician and site are here. Their charts are locked, as for everybody who decides."""
    people = [(draft, known.get(draft.owner.key), known.get(draft.clinician.key)) for draft in drafts]
    clients = sorted({client for _, client, _ in people if client})
    for batch in rows.in_batches(clients):
        await fetch("SELECT id FROM client WHERE id = ANY({}::bigint[]) ORDER BY id FOR NO KEY UPDATE", list(batch))
    places = await Places.known(viewer, clients, (clinician for _, _, clinician in people if clinician))
    whole = []
    for draft, client, clinician in people:
        site = places.site(draft.sites, known, clinician, client) if client and clinician else None
        if site is None:
            lost = draft.owner.lost if not client else draft.clinician.lost if not clinician else "names no place"
            report.problem(draft.place, f"{lost}: left out")
            tally.skipped += 1
        else:
            told = {"client": client, "clinician": clinician, "site": site, "time_zone": places.zones[site]}
            draft.fields |= told
            whole.append(draft)
    return whole


async def put_types(viewer: Viewer, drafts: Sequence[VisitDraft]) -> None:
    """By one of its names; a new type is nobody's to book, until staff say otherwise."""
    told = await fetch("SELECT id, name, name_es FROM appointment_type ORDER BY is_active, id DESC")
    ids = {folded(name): row["id"] for row in told for name in (row["name_es"], row["name"]) if folded(name)}
    missing: dict[str, VisitDraft] = {}
    for draft in drafts:
        draft.names = [name for name in draft.names if folded(name)] or [UNNAMED]
        if not any(folded(name) in ids for name in (*draft.names, draft.names[0][:80])):
            missing.setdefault(folded(draft.names[0][:80]), draft)
    new = [_type(draft) for draft in missing.values()]
    for fold, type_id in zip(missing, await rows.insert(AppointmentType, new), strict=True):
        ids[fold] = type_id
        await audit.record(viewer, "appointment_type.saved", subject_id=type_id, by="import")
    for draft in drafts:
        named = (ids.get(folded(name)) for name in (*draft.names, draft.names[0][:80]))
        draft.fields["type"] = next(type_id for type_id in named if type_id)


def _type(draft: VisitDraft) -> dict[str, object]:
    name = draft.names[0][:80].rstrip()
    minutes = (draft.fields["ends_at"] - draft.fields["starts_at"]).total_seconds() / 60
    return {
        "name": name,
        "name_es": UNNAMED_ES if name == UNNAMED else "",
        "length": max(SHORTEST, min(LENGTHIEST, round(minutes / STEP) * STEP)),
        "contact_types": [str(one) for one in ContactType],
        "booked_by": str(BookedBy.NOBODY),
    }
