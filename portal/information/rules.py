"""What may be, asked of values alone."""

from collections.abc import Collection, Iterator
from datetime import date
from itertools import combinations

from portal.clients.names import folded
from portal.language import lazy

Entries = dict[str, dict[str, str]]


def faults(coverages: Entries, known: Entries | None = None) -> Iterator[tuple[str, str, object]]:
    """(entry, field, sentence): dates in order, a holder with a name, and one policy of a kind at a time.

    What stands there already, `known`, is not judged with another change.
    """
    known = known or {}
    for entry, one in coverages.items():
        before = known.get(entry, {})
        for name in ("starts_on", "ends_on"):
            if _is_new(one, before, name) and one[name] and not "1940" < one[name] < "2100":
                yield entry, name, lazy("Check the year")
        is_backwards = one["starts_on"] and one["ends_on"] and one["ends_on"] < one["starts_on"]
        if is_backwards and _is_new(one, before, "starts_on", "ends_on"):
            yield entry, "ends_on", lazy("The last day is before the first: check both dates")
        is_nobody = one["relationship"] not in ("", "self") and not one["subscriber_name"]
        if is_nobody and _is_new(one, before, "relationship", "subscriber_name"):
            yield entry, "subscriber_name", lazy("Enter the name of the policy holder")
    for (first, one), (entry, other) in combinations(coverages.items(), 2):
        pairs = ((one, known.get(first, {})), (other, known.get(entry, {})))
        is_new = any(_is_new(now, before, "rank", "starts_on", "ends_on") for now, before in pairs)
        if is_new and one["rank"] == other["rank"] and _overlap(one, other):
            yield entry, "rank", lazy("Two policies of the same kind overlap: change one, or enter its last day")


def misnamed(coverages: Entries, known: Entries, own: Collection[str]) -> Iterator[tuple[str, str, object]]:
    """(entry, field, sentence): the client is the policy holder, and has another name. `own` are the words of theirs.

    What stands there already may stay as it came: other systems write names in their own ways.
    """
    for entry, one in coverages.items():
        before = known.get(entry, {})
        is_new = _is_new(one, before, "relationship", "subscriber_name")
        if is_new and one["relationship"] == "self" and _names_another(one["subscriber_name"], own):
            yield (
                entry,
                "subscriber_name",
                lazy("You chose the client as the policy holder. Leave this name empty, or choose who else it is."),
            )


def _is_new(one: dict[str, str], before: dict[str, str], *names: str) -> bool:
    return any(one[name] != before.get(name) for name in names)


def _names_another(name: str, own: Collection[str]) -> bool:
    """An initial is enough."""
    initials = {word[0] for word in own}
    return any(word not in own and word not in initials for word in folded(name).split())


def twice(sheet: dict[str, Entries]) -> Iterator[tuple[str, str, str]]:
    """(group, field, entry) where a number or an address stands a second time."""
    for name, field in (("phones", "number"), ("emails", "address")):
        seen = set()
        for entry, values in sheet.get(name, {}).items():
            said = values[field].casefold()
            if said in seen:
                yield name, field, entry
            seen.add(said)


def is_past(coverage: dict[str, str], today: date) -> bool:
    """No longer valid, so left out of the summary."""
    return bool(coverage["ends_on"]) and coverage["ends_on"] < today.isoformat()


def _overlap(one: dict[str, str], other: dict[str, str]) -> bool:
    return (one["starts_on"] or "0001") <= (other["ends_on"] or "9999") and (other["starts_on"] or "0001") <= (
        one["ends_on"] or "9999"
    )
