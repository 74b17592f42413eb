"""What the pages show of sheets and requests: words side by side, nothing to decide."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from itertools import groupby

from portal.clients.sheets import Change, Field, Group, Part, Section, Sheet
from portal.information import rules
from portal.information.queries import Request


@dataclass(frozen=True)
class Fact:
    """One line: what would stand there, what stands there now where that differs, and whether it is new."""

    field: Field
    text: str
    now: str
    differs: bool

    @property
    def shown(self) -> str:
        return self.field.shown(self.text)

    @property
    def shown_now(self) -> str:
        return self.field.shown(self.now)


@dataclass(frozen=True)
class Entry:
    """`mark` is added, gone or empty."""

    group: Group
    key: str
    title: str
    mark: str
    facts: list[Fact]


@dataclass(frozen=True)
class Listed:
    """A group of the section with its entries, or a part of one that has only one."""

    label: object
    group: Group
    entries: list[Entry] = field(default_factory=list)
    past: list[Entry] = field(default_factory=list)

    @property
    def parts(self) -> list["Listed"]:
        """Those in which something stands."""
        found = [
            Listed(part.label, self.group, [_only(one, part) for one in self.entries]) for part in self.group.parts
        ]
        return [listed for listed in found if any(entry.facts for entry in listed.entries)]


def _only(entry: Entry, part: Part) -> Entry:
    return replace(entry, facts=[fact for fact in entry.facts if fact.field in part.fields])


def shown(section: Section, record: Sheet, request: Request | None, today: date) -> list[Listed]:
    """The section as it will be if the open request is accepted, with what is on record now beside it."""
    wanted = request.wanted(record) if request and request.is_pending else record
    found = [_group(group, record.get(group.name, {}), wanted.get(group.name, {}), today) for group in section.groups]
    return [part for listed in found for part in (listed.parts if not listed.group.is_list else [listed])]


def _group(group: Group, now: dict[str, dict[str, str]], wanted: dict[str, dict[str, str]], today: date) -> Listed:
    listed = Listed(group.label, group)
    for key in [*now, *(one for one in wanted if one not in now)]:
        is_past = group.name == "coverages" and rules.is_past((wanted.get(key) or now[key]), today)
        (listed.past if is_past and key in wanted else listed.entries).append(_entry(group, key, now, wanted))
    return listed


def _entry(group: Group, key: str, now: dict[str, dict[str, str]], wanted: dict[str, dict[str, str]]) -> Entry:
    mark = "added" if key not in now else "gone" if key not in wanted else ""
    values, before = wanted.get(key) or now[key], now.get(key, {})
    facts = [
        Fact(one, values.get(one.name, ""), before.get(one.name, ""), _differs(one.name, values, before, mark))
        for one in group.fields
        if (values.get(one.name) or before.get(one.name)) and not _is_in_title(group, one.name, values, before, mark)
    ]
    return Entry(group, key, group.title(values), mark, facts)


def _is_in_title(group: Group, name: str, values: dict[str, str], before: dict[str, str], mark: str) -> bool:
    """What the title says is not said again, unless it is what changes."""
    return group.is_list and name in group.titled and not _differs(name, values, before, mark)


def _differs(name: str, values: dict[str, str], before: dict[str, str], mark: str) -> bool:
    return not mark and values.get(name, "") != before.get(name, "")


@dataclass(frozen=True)
class Row:
    """One line of the comparison. `now` is what stands there since, where that is neither of the two.

    `lost` are the photos in it that are no longer kept.
    """

    change: Change
    old: str
    new: str
    now: str
    is_conflict: bool
    lost: frozenset[str] = frozenset()


@dataclass(frozen=True)
class Compared:
    """The changed fields of one entry."""

    title: str
    what: str
    rows: list[Row]


def compared(
    changes: Sequence[Change], sheet: Sheet, record: Sheet | None = None, photos: set[str] | None = None
) -> list[Compared]:
    """Entry by entry; with the present record, what has changed there meanwhile. `photos` are those that are kept."""
    found = []
    for (group_name, key), some in groupby(changes, key=lambda one: (one.group.name, one.entry)):
        rows = list(some)
        first = rows[0]
        values = sheet.get(group_name, {}).get(key) or {one.field.name: one.old for one in rows}
        title = first.group.title(values) if first.group.is_list else str(first.group.label)
        found.append(Compared(title, first.what, [_row(change, record, photos) for change in rows]))
    return found


def past(requests: Sequence[Request], photos: set[str]) -> list[tuple[Request, list[Compared], list[Compared]]]:
    """Each with what was asked for and what staff made of it."""
    return [
        (
            one,
            compared(one.changes, one.after, photos=photos),
            compared(one.edits, one.settled or {}, photos=photos),
        )
        for one in requests
    ]


def _row(change: Change, record: Sheet | None, photos: set[str] | None) -> Row:
    shown = change.field.shown
    is_photo = change.field.kind == "photo" and photos is not None
    lost = frozenset({change.old, change.new} - {"", *(photos or ())}) if is_photo else frozenset()
    if record is None:
        return Row(change, shown(change.old), shown(change.new), "", is_conflict=False, lost=lost)
    entry = record.get(change.group.name, {}).get(change.entry)
    now = (entry or {}).get(change.field.name, "")
    has_gone = entry is None and change.what == "changed"
    is_conflict = has_gone or (change.what == "changed" and now not in (change.old, change.new))
    return Row(change, shown(change.old), shown(change.new), shown(now), is_conflict, lost)
