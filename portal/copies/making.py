"""The completed PDF of one sending: the practice's own pages filled in, every answer, the record; flat, and sealed."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from hashlib import sha256

from portal import language, storage
from portal.access import Viewer
from portal.copies import drawing, sheets, timestamps, workbench
from portal.copies.queries.record import Record
from portal.copies.tables import CopyKind
from portal.copies.workbench import Flat
from portal.filling.answers import Answers
from portal.practice import queries as practices
from portal.settings import settings
from portal.signets import Signet, signets
from portal.uploads import bench

Press = Callable[[str], Awaitable[bytes]]
PICTURES = ("image/jpeg", "image/png")


class Changed(Exception):
    """What lies in the store is not what was shown or signed: nothing is made of it."""


@dataclass(frozen=True)
class Made:
    content: bytes
    pages: int
    fingerprint: bytes


async def made(viewer: Viewer, one: Record, kind: str, press: Press, *, needs_time: bool = True) -> Made:
    """Not inside a transaction: it takes its time. Raises `Changed`; and `Away` from where the time comes, if there is
    such a place and it `needs_time`.
    """
    file = await _kept(one.key, one.blank_sha256)
    with language.speaking(one.language):
        flat = await _flat(viewer, one, kind, file, press)
    signet, name = signets()[0], (await practices.practice(viewer)).name
    return Made(await _sealed(flat.content, signet, name, needs_time=needs_time), flat.pages, signet.fingerprint)


async def _flat(viewer: Viewer, one: Record, kind: str, file: bytes, press: Press) -> Flat:
    pictures = {
        signed.image_sha256: drawing.as_address(await _kept(signed.image_key, signed.image_sha256), "image/png")
        for signed in one.signatures if signed.image_key
    }  # fmt: skip
    shown = drawing.as_address(file, one.media_type) if one.media_type in PICTURES else ""
    record = await drawing.of_record(viewer, one, pictures, shown)
    told = {"title": one.title, "record": said_of(one, kind)}
    if not one.is_pdf:
        return await workbench.flattened(b"", {}, b"", (), await press(record), **told)
    zone = (await practices.practice(viewer)).time_zone
    given, plan = given_on(one), await workbench.plan(file)
    drawn = sheets.written(plan, one.fields, given, drawing.marks(one, pictures, zone))
    behind, *written = await asyncio.gather(press(record), *(press(drawing.of_sheets(drawn)) for _ in drawn[:1]))
    ticks, pages = sheets.ticks(one.fields, given), [sheet.number for sheet in drawn]
    return await workbench.flattened(file, ticks, b"".join(written), pages, behind, **told)


def given_on(one: Record) -> Answers:
    """The client's answers, and the practice's where it has added any: each to its own fields only."""
    clients = {field.name for field in one.fields if field.is_asked}
    added = one.accepted.answers if one.accepted else {}
    return {
        **{name: values for name, values in added.items() if name not in clients},
        **{name: values for name, values in one.answers.items() if name in clients},
    }


def said_of(one: Record, kind: str) -> str:
    """What stands in the file for programs: by that, rows that were changed later are found."""
    told = {
        "submission": one.id, "kind": str(CopyKind(kind)), "answers": one.answers_sha256.hex(),
        "blank": one.blank_sha256.hex(), "fields": one.fields_sha256.hex(),
        "added": one.accepted.answers_sha256.hex() if one.accepted else "",
        "signatures": [[signed.role, signed.name, signed.signed_at.isoformat()] for signed in one.signatures],
    }  # fmt: skip
    return json.dumps(told, sort_keys=True)


async def _kept(key: str, digest: bytes) -> bytes:
    content = await storage.get(key)
    if sha256(content).digest() != digest:
        raise Changed(key)
    return content


async def _sealed(file: bytes, signet: Signet, name: str, *, needs_time: bool) -> bytes:
    """Whoever has no such server, or waits no longer for it, has a seal all the same."""
    url = settings().tsa_url
    sealed, asked = await workbench.sealed(file, signet, name, wants_time=bool(url))
    if not url:
        return sealed
    try:
        return await workbench.stamped(sealed, asked, await timestamps.answered(url, asked))
    except (timestamps.Away, bench.Turned) as why:
        if needs_time:
            raise timestamps.Away(str(why)) from why
        return sealed
