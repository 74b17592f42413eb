"""Which identifiers may be a key. Social security, licence and passport numbers are neither kept nor printed."""

import re
from collections.abc import Iterable, Iterator
from datetime import date
from functools import lru_cache
from hashlib import sha256
from typing import NamedTuple

from portal.exchange.fhir import Identifier, Practitioner, Resource

NPI = "http://hl7.org/fhir/sid/us-npi"
NPI_ALIASES = (NPI, "urn:oid:2.16.840.1.113883.4.6")
RECORD_NUMBER = "MR"
ALLOWED_TYPES = {
    "organization": {"NPI", "PRN", "RI", "XX", "FI", "NII", "FILL", "PLAC"},
    "location": {"NPI", "PRN", "RI", "XX", "FI", "LOC", "FILL", "PLAC"},
    "practitioner": {"NPI", "PRN", "EI", "EN", "RI"},
    "patient": {RECORD_NUMBER, "PI", "PT", "RI"},
    "related_person": {RECORD_NUMBER, "PI", "PT", "RI"},
    "appointment": {"PLAC", "FILL", "VN", "RI", "ACSN"},
    "encounter": {"VN", "RI", "PLAC", "FILL"},
    "schedule": {"RI", "FILL", "PLAC"},
    "slot": {"RI", "FILL", "PLAC"},
    "coverage": {"MB", "SN", "RI", "FILL", "PLAC"},
    "claim": {"RI", "FILL", "PLAC", "uc"},
    "charge_item": {"RI", "FILL", "PLAC"},
    "invoice": {"RI", "FILL", "PLAC"},
    "benefit": {"RI", "FILL", "PLAC", "uc"},
}
# Of many claims at once.
SHARED_SYSTEM = "/claim-group"
SECRET_TYPES = {"SS", "DL", "PPN", "NI", "NNUSA", "TAX"}
DENIED_SYSTEMS = re.compile(
    r"\bssn|ssn\b|social-?security|passport|driver|licen[cs]e|\bus-(mbi|medicare)\b|\btax-?id"
    r"|\b2\.16\.840\.1\.113883\.4\.(1|3(\.\d+)?|330(\.\d+)?|572|927)$",
    re.IGNORECASE,
)
DENIED_WORDS = re.compile(r"\bssn?\b|social\s*sec|passport|driver|licen[cs]e|\btax", re.IGNORECASE)
LIKE_SSN = re.compile(r"\d{3}[- ]\d{2}[- ]\d{4}")
URN = "urn:ietf:rfc:3986"
MOST = 280


class Key(NamedTuple):
    """What the table of external identifiers knows a row by."""

    kind: str
    system: str
    value: str


def is_record_number(identifier: Identifier) -> bool:
    return RECORD_NUMBER in _codes(identifier)


def is_allowed(kind: str, identifier: Identifier) -> bool:
    """By type, where it has one; else by a system that is not on the list of the denied."""
    system, value, codes = identifier.system.strip(), identifier.value.strip(), _codes(identifier)
    words = " ".join([identifier.type.text, *(coding.display for coding in identifier.type.coding)])
    if not value or LIKE_SSN.fullmatch(value) or system.endswith(SHARED_SYSTEM) or _is_denied(system, words):
        return False
    if codes:
        return bool(codes & ALLOWED_TYPES[kind]) and (bool(system) or RECORD_NUMBER in codes)
    return bool(system)


@lru_cache(maxsize=1024)
def _is_denied(system: str, words: str) -> bool:
    """A file knows few systems and has many identifiers."""
    return bool(DENIED_SYSTEMS.search(system) or DENIED_WORDS.search(words))


def keys(kind: str, identifiers: Iterable[Identifier]) -> Iterator[Key]:
    """Every key that the resource may be found by in these files."""
    for identifier in identifiers:
        if is_allowed(kind, identifier):
            yield key_of(kind, identifier)


def key_of(kind: str, identifier: Identifier) -> Key:
    system = identifier.system.strip()
    return Key(kind, NPI if system in NPI_ALIASES else system, identifier.value.strip())


def row_key(resource: Resource, full_url: str, base: str, is_contained: bool, today: date) -> Key | None:
    """By an identifier; else by the address. A chart is never found by an address that is not unique in the world."""
    identifier = best(resource, today)
    local = f"{resource.resource_type}/{resource.id}" if resource.id else ""
    if identifier is not None:
        key = key_of(resource.kind, identifier)
    elif is_contained:
        key = None
    elif base:
        key = Key(resource.kind, base, local)
    elif resource.kind == "patient":
        key = None
    elif full_url.startswith("urn:"):
        key = Key(resource.kind, URN, full_url)
    else:
        key = Key(resource.kind, "", local) if local else None
    return key


def within(owner: Key, key: Key | None) -> Key | None:
    """Of what belongs to a chart: a member number is a whole family's, and one mother has two children."""
    if key is None:
        return None
    return key._replace(value=f"{key.value}#{sha256(f'{owner.system}|{owner.value}'.encode()).hexdigest()[:16]}")


def best(resource: Resource, today: date) -> Identifier | None:
    """A record number first, then what is official or usual; of places, what is not shared with the whole practice."""
    allowed = [
        one for one in resource.identifier
        if one.use != "old" and not one.period.is_over(today) and is_allowed(resource.kind, one)
    ]  # fmt: skip
    return min(allowed, key=lambda one: _rank(resource.kind, one), default=None)


def secrets(identifiers: Iterable[Identifier]) -> frozenset[str]:
    """The numbers that are never kept, bare of their hyphens."""
    hidden = [one for one in identifiers if _codes(one) & SECRET_TYPES or DENIED_SYSTEMS.search(one.system)]
    return frozenset(bare(one.value) for one in hidden if bare(one.value))


def bare(number: str) -> str:
    return re.sub(r"[^0-9A-Za-z]", "", number).upper()


def npi(practitioner: Practitioner) -> str | None:
    """As it stands; `is_npi` says whether it is one."""
    return next((one.value.strip() for one in practitioner.identifier if one.system.strip() in NPI_ALIASES), None)


def shown(reference: str) -> str:
    """A reference as it may be printed: without the value that it asks for and without what is like an SSN."""
    head, asks, _ = reference.partition("?")
    head = re.sub(r"(?<![\w-])\d{3}-?\d{2}-?\d{4}(?![\w-])", "…", "".join(char for char in head if char.isprintable()))
    return (head if len(head) <= 80 else head[:79] + "…") + ("?…" if asks else "")


def _rank(kind: str, identifier: Identifier) -> tuple[int, ...]:
    has_npi = identifier.system.strip() in NPI_ALIASES
    order = {
        "patient": not is_record_number(identifier),
        "practitioner": not has_npi,
        "organization": has_npi,
        "location": has_npi,
    }
    return (
        order.get(kind, False),
        not _codes(identifier),
        {"official": 0, "usual": 1, "": 2}.get(identifier.use, 3),
    )


def _codes(identifier: Identifier) -> set[str]:
    return {coding.code for coding in identifier.type.coding if coding.code}
