"""The chart itself, one section at a time: read as a sheet, changed by what differs."""

from typing import Any

from portal import audit
from portal.access import Area, Permission, Viewer
from portal.clients import queries
from portal.clients.actions import reindex
from portal.clients.names import folded
from portal.clients.sheets import ONCE, Change, Group, Section, Sheet, text_of, value_of
from portal.clients.tables import Client
from portal.database import fetch, refusing, transaction
from portal.language import lazy
from portal.refusal import Refused

Ids = dict[str, dict[str, str]]


async def sheet(viewer: Viewer, client_id: int, section: Section) -> Sheet:
    """What is on record now. Whoever acts for the client, or staff who reach the chart."""
    await _must_reach(viewer, client_id)
    return {group.name: await _entries(client_id, group) for group in section.groups}


async def lock(viewer: Viewer, client_id: int) -> None:
    """Whoever decides about a chart waits here for whoever else does."""
    await fetch("SELECT id FROM client WHERE id = {} FOR NO KEY UPDATE", client_id)


async def put(viewer: Viewer, client_id: int, section: Section, changes: list[Change], **why: Any) -> Ids:
    """Writes what differs, and nothing else; the audit names fields, never what stands in them.

    Returns which ids new entries have got: group → entry → id.
    Raises `Refused` where an entry has gone meanwhile or an address stands there already.
    """
    await must_change(viewer, client_id)
    ids: Ids = {}
    async with transaction():
        with refusing(
            client_email_once=Refused({"": lazy("This e-mail is on the record already. Remove one of them.")})
        ):
            for group in section.groups:
                for entry, differing in _by_entry(group, changes).items():
                    row_id = await _put_entry(client_id, group, entry, differing)
                    ids.setdefault(group.name, {})[entry] = row_id
        await reindex([client_id])
        fields = sorted({f"{change.group.name}.{change.field.name}" for change in changes})
        await audit.record(viewer, "client.changed", client_id=client_id, section=section.name, fields=fields, **why)
    return ids


async def must_change(viewer: Viewer, client_id: int) -> None:
    """Whoever acts for the client, or staff who may edit the chart and reach it."""
    if not viewer.acts_for(client_id, Area.INFORMATION):
        viewer.must(Permission.CLIENT_EDIT)
    await _must_reach(viewer, client_id)


async def _must_reach(viewer: Viewer, client_id: int) -> None:
    if not viewer.acts_for(client_id, Area.INFORMATION):
        await queries.client(viewer, client_id)


async def _entries(client_id: int, group: Group) -> dict[str, dict[str, str]]:
    table = group.table
    owner = table._meta.primary_key if table is Client else table._meta.get_column_by_name("client")
    rows = await (
        table.select()
        .where(owner == client_id, *(table._meta.get_column_by_name(name) == value for name, value in group.only))
        .order_by(table._meta.primary_key)
    )
    return {
        str(row["id"]) if group.is_list else ONCE: {field.name: text_of(row[field.name]) for field in group.fields}
        for row in rows
    }


def _by_entry(group: Group, changes: list[Change]) -> dict[str, list[Change]]:
    """What goes comes first, so that what is new may take its place."""
    own = [change for change in changes if change.group.name == group.name]
    own.sort(key=lambda change: change.what != "gone")
    found: dict[str, list[Change]] = {}
    for change in own:
        found.setdefault(change.entry, []).append(change)
    return found


async def _put_entry(client_id: int, group: Group, entry: str, changes: list[Change]) -> str:
    values: dict[Any, Any] = group.derived(
        {change.field.name: value_of(change.field, change.new) for change in changes}
    )
    what = changes[0].what
    if what == "added":
        row = group.table(client=client_id, **dict(group.only), **values)
        await row.save()
        return str(row.id)  # type: ignore[attr-defined]
    table = group.table
    row_id = client_id if entry == ONCE else int(entry)
    mine: list[Any] = [table._meta.primary_key == row_id]
    if table is not Client:
        mine.append(table._meta.get_column_by_name("client") == client_id)
    if what == "gone":
        touched = await table.delete().where(*mine).returning(table._meta.primary_key)
    else:
        touched = await table.update(values).where(*mine).returning(table._meta.primary_key)
    if not touched and what != "gone":
        raise Refused({"": lazy("Something that this changes is no longer on the record. Look at it again.")})
    return entry


async def names_of_images(viewer: Viewer, client_id: int) -> set[str]:
    """Ids of the photos that belong to this client's chart."""
    await _must_reach(viewer, client_id)
    rows = await fetch("SELECT id FROM client_image WHERE client = {}", client_id)
    return {str(row["id"]) for row in rows}


async def words_of_names(viewer: Viewer, client_id: int) -> set[str]:
    """Every word that the client is called by, folded."""
    await _must_reach(viewer, client_id)
    rows = await fetch(
        "SELECT concat_ws(' ', given_name, middle_name, family_name, suffix, preferred_name) AS names FROM client"
        " WHERE id = {}",
        client_id,
    )
    return set(folded(rows[0]["names"]).split())
