"""Drafts beside the rows they are about: what is new is inserted, what differs is changed, nothing is deleted."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from piccolo.table import Table

from portal.database import fetch
from portal.exchange import rows
from portal.exchange.drafts import Draft
from portal.exchange.identifiers import Key
from portal.exchange.report import Report, Tally
from portal.exchange.tables import ExternalIdentifier

Row = dict[str, Any]


class Known:
    """Which row of ours each key means; what is learnt is written down."""

    def __init__(self) -> None:
        self._ids: dict[Key, int] = {}

    async def look_up(self, keys: Iterable[Key]) -> None:
        for batch in rows.in_batches(sorted(set(keys) - self._ids.keys())):
            found = await fetch(
                f"SELECT e.kind, e.system, e.value, e.subject_id FROM {ExternalIdentifier._meta.tablename} e"
                " JOIN unnest({}::text[], {}::text[], {}::text[]) AS k(kind, system, value)"
                " ON e.kind = k.kind AND e.system = k.system AND e.value = k.value",
                *(list(part) for part in zip(*batch, strict=True)),
            )
            self._ids |= {Key(row["kind"], row["system"], row["value"]): row["subject_id"] for row in found}

    def get(self, key: Key | None) -> int | None:
        return self._ids.get(key) if key else None

    async def learn(self, ids: dict[Key, int]) -> None:
        """A row may have been removed by hand and come again: then its key moves on to the new one."""
        fresh = [(*key, row_id) for key, row_id in ids.items() if self._ids.get(key) != row_id]
        for batch in rows.in_batches(fresh):
            await fetch(
                f"INSERT INTO {ExternalIdentifier._meta.tablename} (kind, system, value, subject_id)"
                " SELECT * FROM unnest({}::text[], {}::text[], {}::text[], {}::bigint[])"
                " ON CONFLICT (kind, system, value) DO UPDATE SET subject_id = excluded.subject_id",
                *(list(part) for part in zip(*batch, strict=True)),
            )
        self._ids |= ids

    async def claimed(self, kind: str, ids: Sequence[int]) -> set[int]:
        """Those of the rows that are known by a key already."""
        found = await fetch(
            f"SELECT subject_id FROM {ExternalIdentifier._meta.tablename}"
            " WHERE kind = {} AND subject_id = ANY({}::bigint[])",
            kind,
            list(ids),
        )
        return {row["subject_id"] for row in found}


@dataclass
class Outcome:
    """`ids` go with the drafts, in their order; `changed` says which columns of a row."""

    ids: list[int] = field(default_factory=list)
    created: set[int] = field(default_factory=set)
    changed: dict[int, list[str]] = field(default_factory=dict)


async def upsert(table: type[Table], pairs: Sequence[tuple[Draft, Row | None]], tally: Tally) -> Outcome:
    outcome = Outcome()
    changes: dict[int, Row] = {}
    new = [draft for draft, row in pairs if row is None]
    new_ids = iter(await rows.insert(table, [draft.fields for draft in new]))
    for draft, row in pairs:
        if row is None:
            row_id = next(new_ids)
            outcome.created.add(row_id)
            tally.created += 1
        else:
            row_id = row["id"]
            if differing := {name: value for name, value in draft.fields.items() if row[name] != value}:
                changes[row_id] = differing
                tally.updated += 1
            else:
                tally.unchanged += 1
        outcome.ids.append(row_id)
    await rows.update(table, changes)
    outcome.changed = {row_id: sorted(fields) for row_id, fields in changes.items()}
    return outcome


def link(draft: Draft, known: Known, report: Report) -> None:
    """References become ids; one that nobody has is reported, and the column left alone."""
    for column, one in draft.links.items():
        row_id = known.get(one.key)
        if row_id is None:
            report.problem(draft.place, one.lost)
        else:
            draft.fields[column] = row_id
