"""Where a reference leads: within its bundle, into another file of the same import, or to a row imported earlier."""

import re
from collections import defaultdict
from collections.abc import Iterable
from urllib.parse import parse_qs

from portal.exchange.fhir import Identifier, Reference
from portal.exchange.identifiers import Key, is_allowed, key_of, keys
from portal.exchange.reading import Found

KINDS = {
    "Organization": "organization",
    "Location": "location",
    "Practitioner": "practitioner",
    "Patient": "patient",
    "RelatedPerson": "related_person",
    "Appointment": "appointment",
    "Encounter": "encounter",
    "Schedule": "schedule",
    "Claim": "claim",
    "ChargeItem": "charge_item",
}
VERSION = re.compile(r"/_history/[^/]*$")
LOCAL = re.compile(r"(?:^|/)([A-Za-z]+/[A-Za-z0-9.-]{1,64})$")


class Index:
    """All that was found, by each name that a reference may use."""

    def __init__(self, found: Iterable[Found]) -> None:
        self._by_url: dict[str, list[Found]] = defaultdict(list)
        self._by_local: dict[str, list[Found]] = defaultdict(list)
        self._by_key: dict[Key, list[Found]] = defaultdict(list)
        for one in found:
            if one.container is None:
                if one.full_url:
                    self._by_url[one.full_url].append(one)
                if one.local:
                    self._by_local[one.local].append(one)
            if one.resource.kind:
                for key in keys(one.resource.kind, one.resource.identifier):
                    self._by_key[key].append(one)

    def find(self, reference: Reference, origin: Found, kind: str = "") -> Found | Key | None:
        """A key is for the database to know; None leads nowhere, or to several. `kind` is what is expected there."""
        text = VERSION.sub("", reference.reference.strip())
        home = origin.container or origin
        if text.startswith("#"):
            found = home.contained.get(text[1:]) if text != "#" else home
        elif "?" in text:
            return self._asked(text)
        elif text.startswith("urn:"):
            found = self._one(self._by_url[text], home) if text in self._by_url else None
        elif text:
            found = self._located(text, home)
        elif reference.identifier is not None:
            return self._identified((kind,) if kind else tuple(KINDS.values()), reference.identifier)
        else:
            found = None
        return found

    def _asked(self, text: str) -> Found | Key | None:
        """`Practitioner?identifier=system|value`"""
        resource_type, _, query = text.partition("?")
        kind = KINDS.get(resource_type.rpartition("/")[2])
        wanted = parse_qs(query).get("identifier", [""])[0]
        system, bar, value = wanted.partition("|")
        if kind is None or not bar:
            return None
        return self._identified((kind,), Identifier(system=system, value=value))

    def _identified(self, kinds: tuple[str, ...], identifier: Identifier) -> Found | Key | None:
        for kind in kinds:
            if found := self._by_key.get(key_of(kind, identifier)):
                return self._one(found)
        if len(kinds) == 1 and is_allowed(kinds[0], identifier):
            return key_of(kinds[0], identifier)
        return None

    def _located(self, text: str, home: Found) -> Found | None:
        """`Patient/7` means the server that its bundle came from; files without addresses are taken for one server."""
        if text in self._by_url:
            return self._one(self._by_url[text], home)
        if home.base and home.base + text in self._by_url:
            return self._one(self._by_url[home.base + text], home)
        local = LOCAL.search(text)
        if local is None:
            return None
        named = [one for one in self._by_local.get(local[1], ()) if not one.base]
        here = [one for one in named if one.scope == home.scope]
        return self._one(here or [one for one in named if not one.full_url and not home.full_url])

    def _one(self, found: list[Found], home: Found | None = None) -> Found | None:
        """Two copies of the same are one; two different ones are none."""
        if home is not None:
            found = [one for one in found if one.scope == home.scope] or found
        if not found:
            return None
        first, *others = found
        if not others:
            return first
        told = set(keys(first.resource.kind, first.resource.identifier)) if first.resource.kind else set()
        if all(told & set(keys(one.resource.kind, one.resource.identifier)) for one in others if one.resource.kind):
            return first
        return None
