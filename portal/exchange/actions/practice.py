"""Sites and clinicians. The practice's own row, roles and accounts are never touched."""

from collections.abc import Sequence

from piccolo.table import Table

from portal.access import Viewer
from portal.clients.names import folded
from portal.database import fetch
from portal.exchange import rows
from portal.exchange.drafts import Draft, Drafts
from portal.exchange.report import Report
from portal.exchange.upserts import Known, Row, upsert
from portal.practice.tables import Site, StaffMember


async def put_sites(viewer: Viewer, drafts: Drafts, known: Known, report: Report) -> None:
    for resource_type, some in (("Organization", drafts.organizations), ("Location", drafts.locations)):
        found = await _found(Site, some, known)
        await _put(Site, [(draft, found.get(known.get(draft.key))) for draft in some], known, report, resource_type)


async def put_clinicians(viewer: Viewer, drafts: Sequence[Draft], known: Known, report: Report) -> None:
    """Found by identifier, or, entered by hand, by NPI. Who signs in is neither opened nor closed by an import."""
    found = await _found(StaffMember, drafts, known)
    by_npi = await _by_npi(drafts)
    pairs: list[tuple[Draft, Row | None]] = []
    for draft in drafts:
        row = found.get(known.get(draft.key)) or by_npi.get(draft.fields.get("npi", ""))
        if row is None:
            draft.fields["is_clinician"] = True
        elif _is_somebody_else(draft, row):
            report.error(draft.place, "has the identifier of a member of staff with another name")
        elif row["role"] is not None:
            draft.fields.pop("is_active", None)
        pairs.append((draft, row))
    await _put(StaffMember, pairs, known, report, "Practitioner")


async def _found(table: type[Table], drafts: Sequence[Draft], known: Known) -> dict[int | None, Row]:
    await known.look_up([draft.key for draft in drafts if draft.key])
    ids = {row_id for draft in drafts if (row_id := known.get(draft.key))}
    return {row["id"]: row for row in await rows.locked(table, "id", sorted(ids))}


async def _put(
    table: type[Table], pairs: list[tuple[Draft, Row | None]], known: Known, report: Report, resource_type: str
) -> None:
    outcome = await upsert(table, pairs, report.tally(resource_type))
    await known.learn({draft.key: row_id for (draft, _), row_id in zip(pairs, outcome.ids, strict=True) if draft.key})


async def _by_npi(drafts: Sequence[Draft]) -> dict[str, Row]:
    numbers = [draft.fields["npi"] for draft in drafts if draft.fields.get("npi")]
    ids = await fetch("SELECT id FROM staff_member WHERE npi <> '' AND npi = ANY({}::text[]) ORDER BY id DESC", numbers)
    return {row["npi"]: row for row in await rows.locked(StaffMember, "id", [one["id"] for one in ids])}


def _is_somebody_else(draft: Draft, row: Row) -> bool:
    """One of the two names may change, not both."""
    return all(
        folded(draft.fields.get(name, "")) != folded(row[name]) for name in ("given_name", "family_name")
    )  # fmt: skip
