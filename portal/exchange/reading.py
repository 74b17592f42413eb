"""From files to resources: bundles, NDJSON and single resources, read with a cap, each fault one sentence."""

import re
import stat
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from portal.exchange.documents import BUNDLE, ENTRY, PEEK, READ, Bundle, Entry
from portal.exchange.fhir import Resource
from portal.exchange.report import Place, Report

MOST_BYTES = 64 * 1024 * 1024
MOST_LINE_BYTES = 16 * 1024 * 1024
MOST_FINDINGS = 200
BUNDLE_TYPES = ("collection", "transaction", "searchset", "batch")
LINES = (".ndjson", ".jsonl")
UNREADABLE = (msgspec.DecodeError, UnicodeDecodeError, RecursionError)


@dataclass(eq=False, slots=True)
class Found:
    """A resource, where it stood, and what it may be referred to by. A contained one knows its container."""

    place: Place
    scope: int
    full_url: str
    resource: Resource
    container: "Found | None" = None
    contained: dict[str, "Found"] = field(default_factory=dict)

    @property
    def local(self) -> str:
        return f"{self.resource.resource_type}/{self.resource.id}" if self.resource.id else ""

    @property
    def base(self) -> str:
        """The server that it came from, where its address says so."""
        is_address = self.full_url.startswith(("http://", "https://")) and self.full_url.endswith("/" + self.local)
        return self.full_url.removesuffix(self.local) if self.local and is_address else ""


class Unusable(Exception):
    """The sentence says why a file or one of its entries cannot be read."""


def read(sources: Sequence[Path], report: Report, progress: Callable[[str], None] = lambda _: None) -> list[Found]:
    """Every resource of a type that is read; the faults go to the report."""
    found: list[Found] = []
    for scope, path in enumerate(sources):
        progress(f"reading {_name(path)}")
        try:
            found.extend(_file(path, scope, report))
        except Unusable as fault:
            report.error(Place(_name(path)), str(fault))
        except OSError as fault:
            report.error(Place(_name(path)), f"cannot be read: {(fault.strerror or 'no reason given').lower()}")
    return found


def _file(path: Path, scope: int, report: Report) -> Iterator[Found]:
    size = _size(path)
    if path.suffix.lower() in LINES:
        yield from _lines(path, scope, report)
    elif size > MOST_BYTES:
        raise Unusable(
            f"is {size / 1024 / 1024:,.0f} MiB: a JSON file may have {MOST_BYTES // 1024 // 1024}."
            " Export it as NDJSON (one resource on each line) or in several files"
        )
    else:
        content = path.read_bytes()
        if _is_ndjson(content):
            yield from _lines(path, scope, report)
        else:
            yield from _document(_text(content), Place(_name(path)), scope, report)


def _name(path: Path) -> str:
    """As it was given, fit for a terminal."""
    return "".join(char if char.isprintable() else "?" for char in str(path))


def _size(path: Path) -> int:
    """Of an ordinary file: a folder, a pipe or a device has none."""
    status = path.stat()
    if stat.S_ISDIR(status.st_mode):
        raise Unusable("is a folder: name the files in it")
    if not stat.S_ISREG(status.st_mode):
        raise Unusable("is not a file")
    if status.st_size == 0:
        raise Unusable("is empty")
    return status.st_size


def _is_ndjson(content: bytes) -> bool:
    """Whatever its name: a first line that is an object by itself, and a second one after it."""
    first, _, rest = content.lstrip().partition(b"\n")
    if not rest.lstrip().startswith(b"{"):
        return False
    try:
        PEEK.decode(first)
    except UNREADABLE:
        return False
    return True


def _lines(path: Path, scope: int, report: Report) -> Iterator[Found]:
    number, before = 0, len(report.findings)
    with path.open("rb") as file:
        while line := file.readline(MOST_LINE_BYTES + 1):
            number += 1
            if len(line) > MOST_LINE_BYTES:
                most = MOST_LINE_BYTES // 1024 // 1024
                raise Unusable(f"line {number} is longer than {most} MiB: the rest was not read")
            if line.strip():
                place = Place(_name(path), f"line {number}")
                try:
                    yield from _document(_text(line), place, scope, report)
                except Unusable as fault:
                    report.error(place, str(fault))
            if len(report.findings) - before > MOST_FINDINGS:
                raise Unusable(f"has more than {MOST_FINDINGS} faults: the rest was not read")


def _text(content: bytes) -> bytes:
    """Without its byte order mark; FHIR is UTF-8."""
    content = content.removeprefix(b"\xef\xbb\xbf")
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Unusable("is UTF-16, not UTF-8: save it as UTF-8")
    try:
        content.decode()
    except UnicodeDecodeError as fault:
        raise Unusable(f"is not UTF-8 (line {_line(content, fault.start)}): save it as UTF-8") from None
    if not content.strip():
        raise Unusable("is empty")
    return content


def _document(content: bytes, place: Place, scope: int, report: Report) -> Iterator[Found]:
    """A bundle or one resource."""
    try:
        resource_type = PEEK.decode(content).resource_type
    except UNREADABLE as fault:
        raise Unusable(f"is not valid JSON: {_why(fault, content)}") from None
    if resource_type == "Bundle":
        try:
            bundle = BUNDLE.decode(content)
        except UNREADABLE as fault:
            raise Unusable(f"is not a valid bundle: {_why(fault, content)}") from None
        yield from _entries(bundle, place, scope, report)
    elif resource_type:
        yield from _resource(content, Entry(), place, scope, report)
    else:
        raise Unusable("is not FHIR: it has no resourceType")


def _entries(bundle: Bundle, place: Place, scope: int, report: Report) -> Iterator[Found]:
    if bundle.type not in BUNDLE_TYPES:
        named = f"of type {bundle.type}" if re.fullmatch(r"[a-z-]{1,30}", bundle.type) else "of an unknown type"
        raise Unusable(f"is a bundle {named}: only {', '.join(BUNDLE_TYPES)} are read")
    if any(link.relation == "next" for link in bundle.link):
        report.notice(place, "is one page of a search that has more: import the other pages too")
    for number, raw in enumerate(bundle.entry, start=1):
        where = Place(place.file, ", ".join(filter(None, (place.entry, f"entry {number}"))))
        try:
            entry = ENTRY.decode(raw)
        except UNREADABLE as fault:
            report.error(where, f"is not a valid entry: {_why(fault, bytes(raw))}")
        else:
            if bytes(entry.resource):
                yield from _resource(bytes(entry.resource), entry, where, scope, report)


def _resource(content: bytes, entry: Entry, place: Place, scope: int, report: Report) -> Iterator[Found]:
    try:
        resource_type = PEEK.decode(content).resource_type
        decoder = READ.get(resource_type)
        if decoder is None:
            report.passed_over[resource_type if re.fullmatch(r"[A-Za-z]{1,60}", resource_type) else "unknown"] += 1
            return
        place = Place(place.file, f"{place.entry} ({resource_type})".strip() if place.entry else resource_type)
        found = Found(place, scope, entry.full_url, decoder.decode(content))
    except UNREADABLE as fault:
        report.error(place, f"is not a valid resource: {_why(fault, content)}")
        return
    yield found
    yield from _contained(found, report)


def _contained(container: Found, report: Report) -> Iterator[Found]:
    for raw in container.resource.contained:
        try:
            peeked = PEEK.decode(raw).resource_type
            decoder = READ.get(peeked)
            if decoder is not None:
                inner = Found(container.place, container.scope, "", decoder.decode(raw), container)
                container.contained[inner.resource.id] = inner
                yield inner
        except UNREADABLE as fault:
            report.error(container.place, f"contains a resource that is not valid: {_why(fault, bytes(raw))}")


def _why(fault: Exception, content: bytes) -> str:
    """The decoder's own words, which name a field and never a value; a byte becomes its line."""
    if isinstance(fault, RecursionError):
        return "it is nested too deep"
    words = str(fault)
    if at := re.search(r"\(byte (\d+)\)", words):
        words = words.replace(at[0], f"(line {_line(content, int(at[1]))})")
    return words.removeprefix("JSON is malformed: ").replace("Input data was truncated", "it ends too early")


def _line(content: bytes, offset: int) -> int:
    return content.count(b"\n", 0, offset) + 1
