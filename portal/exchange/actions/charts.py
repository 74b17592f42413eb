"""Charts with their e-mails, phones and addresses."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field

from piccolo.table import Table

from portal import audit, clock
from portal.access import Viewer
from portal.clients.actions import reindex
from portal.clients.names import folded
from portal.clients.tables import Client, ClientAddress, ClientEmail, ClientPhone
from portal.database import fetch
from portal.exchange import rows
from portal.exchange.drafts import Draft, PatientDraft
from portal.exchange.identifiers import Key
from portal.exchange.report import Place, Report, Tally
from portal.exchange.upserts import Known, Row, link, upsert


@dataclass
class Touched:
    """Clients whose charts are new, and what changed in those that are not."""

    created: dict[int, Place] = field(default_factory=dict)
    changed: dict[int, set[str]] = field(default_factory=lambda: defaultdict(set))

    def note(self, client_id: int, words: str) -> None:
        if client_id not in self.created:
            self.changed[client_id].add(words)


async def put_charts(viewer: Viewer, drafts: Sequence[PatientDraft], known: Known, report: Report) -> Touched:
    await known.look_up([one for draft in drafts for one in _keys(draft)])
    ids = {row_id for draft in drafts if (row_id := known.get(draft.key))}
    existing = {row["id"]: row for row in await rows.locked(Client, "id", sorted(ids))}
    pairs = [(draft, existing.get(known.get(draft.key) or 0)) for draft in drafts]
    numbers = iter(await _chart_numbers(sum(row is None for _, row in pairs), report.is_dry_run))
    for draft, row in pairs:
        link(draft, known, report)
        if draft.died_by and (row is None or row["deceased_on"] is None):
            draft.fields["deceased_on"] = draft.died_by
        if row is None:
            draft.fields |= {"chart_number": next(numbers), "created_at": clock.now()}
        elif _is_somebody_else(draft, row):
            report.error(draft.place, f"has the identifier of chart {row['chart_number']}, which is another person's")
    outcome = await upsert(Client, pairs, report.tally("Patient"))
    await known.learn({draft.key: row_id for draft, row_id in zip(drafts, outcome.ids, strict=True) if draft.key})
    touched = Touched()
    for draft, row_id in zip(drafts, outcome.ids, strict=True):
        if row_id in outcome.created:
            touched.created[row_id] = draft.place
        elif row_id in outcome.changed:
            touched.changed[row_id] |= set(outcome.changed[row_id])
    before = len(touched.changed)
    await _put_details(drafts, outcome.ids, touched)
    more = len(touched.changed) - before
    report.tally("Patient").updated += more
    report.tally("Patient").unchanged -= more
    return touched


async def _chart_numbers(count: int, is_dry_run: bool) -> list[str]:
    """A dry run takes no number: numbers do not come back with the transaction."""
    if is_dry_run:
        return [f"dry run {number}" for number in range(count)]
    found = await fetch("SELECT nextval('chart_number') AS number FROM generate_series(1, {}::int)", count)
    return [str(row["number"]) for row in found]


async def _put_details(drafts: Sequence[PatientDraft], ids: Sequence[int], touched: Touched) -> None:
    """What the chart has already is left as it is; an address is replaced as a whole by another of its kind."""
    at = {"added_at": clock.now()}
    emails = [(one, client_id) for draft, client_id in zip(drafts, ids, strict=True) for one in draft.emails]
    phones = [(one, client_id) for draft, client_id in zip(drafts, ids, strict=True) for one in draft.phones]
    addresses = [(one, client_id) for draft, client_id in zip(drafts, ids, strict=True) for one in draft.addresses]
    await _put_each(ClientEmail, "address_key", emails, touched, at)
    await _put_each(ClientPhone, "number", phones, touched, {})
    await _put_each(ClientAddress, "kind", addresses, touched, None)


async def _put_each(
    table: type[Table], column: str, drafts: list[tuple[Draft, int]], touched: Touched, at_first: Row | None
) -> None:
    """`column` tells them apart within a chart. With `at_first`, what is there is not changed."""
    clients = sorted({client_id for _, client_id in drafts} - touched.created.keys())
    found: dict[tuple[int, str], Row] = {}
    for one in await rows.locked(table, "client", clients):
        found.setdefault((one["client"], one[column]), one)
    seen: set[tuple[int, str]] = set()
    pairs: list[tuple[Draft, Row | None]] = []
    for draft, client_id in drafts:
        mark = (client_id, draft.fields[column])
        if mark not in seen:
            row = found.get(mark)
            draft.fields = {**draft.fields, "client": client_id, **(at_first or {})}
            pairs.append((draft if row is None or at_first is None else Draft(draft.place, None), row))
        seen.add(mark)
    outcome = await upsert(table, pairs, Tally())
    for (draft, row), row_id in zip(pairs, outcome.ids, strict=True):
        if row is None or row_id in outcome.changed:
            touched.note(row["client"] if row else draft.fields["client"], table._meta.tablename)


async def finish(viewer: Viewer, touched: Touched, report: Report) -> None:
    """Found by search, written into the audit, and told apart from namesakes."""
    created, changed = sorted(touched.created), sorted(touched.changed)
    for batch in rows.in_batches([*created, *changed]):
        await reindex(batch)
    await audit.record_many(viewer, "client.added", created, by="import")
    alike: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for client_id in changed:
        alike[tuple(sorted(touched.changed[client_id]))].append(client_id)
    for fields, client_ids in alike.items():
        await audit.record_many(viewer, "client.changed", client_ids, by="import", fields=fields)
    for row in await fetch(NAMESAKES, created, created):
        report.notice(
            touched.created[row["id"]], f"chart {row['number']} has the same name and birth date: compare them"
        )


NAMESAKES = """
SELECT new.id, min(other.chart_number) AS number FROM client new
JOIN client other ON other.family_key = new.family_key AND other.birth_date = new.birth_date
 AND split_part(other.given_key, ' ', 1) = split_part(new.given_key, ' ', 1)
WHERE new.id = ANY({}::bigint[]) AND other.id <> ALL({}::bigint[]) GROUP BY new.id ORDER BY new.id
"""


def _keys(draft: PatientDraft) -> list[Key]:
    return [*([draft.key] if draft.key else []), *(one.key for one in draft.links.values())]


def _is_somebody_else(draft: Draft, row: Row) -> bool:
    """A name or a birth date may be corrected, not both at once."""
    born = draft.fields.get("birth_date")
    is_born_otherwise = born is not None and row["birth_date"] is not None and born != row["birth_date"]
    return is_born_otherwise and folded(draft.fields.get("given_name", "")) != folded(row["given_name"])
