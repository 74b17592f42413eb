"""Where files live: encrypted before they leave the portal, under names that say nothing.

An object is written once and never changed. A row names it after `put` has returned. Where a row is deleted, its object
follows a day later, so that the backup that has just read the row still finds it.
"""

import secrets
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from portal.keys import ID_BYTES, Unreadable, keyring
from portal.storage import place
from portal.storage.chunks import Altered, Opener, Sealer

__all__ = [
    "NoSuchFile", "Stored", "begun", "clear_halves", "delete", "exists", "get", "keys_from_before", "keys_in_store",
    "put", "put_sealed", "sealed_with", "stream", "stream_sealed",
]  # fmt: skip

MAGIC = b"portal\0\1"  # what it is, and the version of how it is sealed
SALT_BYTES = 32
HEADER = len(MAGIC) + ID_BYTES + SALT_BYTES
PORTION = 1024 * 1024


class NoSuchFile(Exception):
    """Nothing is stored under this key."""


@dataclass(frozen=True)
class Stored:
    """Size and hash are those of the content, not of what lies in the store."""

    key: str
    size: int
    sha256: bytes


async def put(content: bytes | AsyncIterator[bytes]) -> Stored:
    """Durable when it returns. If `content` fails, nothing is stored."""
    key, newest = _new_key(), keyring()[0]
    header = MAGIC + bytes.fromhex(newest.id) + secrets.token_bytes(SALT_BYTES)
    sealer = Sealer(_derived(newest.material, header, key), _bound(header, key))
    size, digest = 0, sha256()
    async with place.writing(key) as draft:
        await draft.write(header)
        async for portion in _portions(content):
            size += len(portion)
            digest.update(portion)
            await draft.write(sealer.add(portion))
        await draft.write(sealer.end())
    await place.settle(key)
    return Stored(key, size, digest.digest())


async def get(key: str) -> bytes:
    """Raises `NoSuchFile`, or `Unreadable` where it was changed or its key is gone."""
    return b"".join([portion async for portion in stream(key)])


async def begun(key: str) -> AsyncIterator[bytes]:
    """A stream whose first portion is there when this returns: what is missing is said before anything is sent."""
    portions = stream(key)
    return _from(await anext(portions, b""), portions)


async def _from(first: bytes, rest: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    yield first
    async for portion in rest:
        yield portion


async def stream(key: str) -> AsyncIterator[bytes]:
    """The same in portions. Each is authentic; only after the last is it sure that nothing was cut off."""
    opener = None
    try:
        async for portion in stream_sealed(key):
            if opener is None:
                opener, portion = _opener(key, portion[:HEADER]), portion[HEADER:]
            if plain := opener.add(portion):
                yield plain
        if opener is None:
            raise Altered
        yield opener.end()
    except Altered:
        raise Unreadable(f"the file {key} has been changed or cut off") from None


async def delete(key: str) -> None:
    """Also where it is gone already."""
    if _is_ours(key):
        await place.remove(key)


async def exists(key: str) -> bool:
    return _is_ours(key) and await place.exists(key)


async def keys_in_store() -> AsyncIterator[str]:
    async for key, _ in place.names():
        yield key


async def keys_from_before(moment: datetime) -> AsyncIterator[str]:
    """What was written longer ago, as the store's own clock says."""
    async for key, written_at in place.names():
        if written_at < moment:
            yield key


async def clear_halves(moment: datetime) -> int:
    """What a process that was killed while it wrote has left in a folder; a bucket's own rules clear such."""
    return await place.clear_halves(moment)


# As they lie in the store, for backups -------------------------------------------------------------------------------


async def stream_sealed(key: str) -> AsyncIterator[bytes]:
    """The first portion holds the whole header, if the file has one."""
    if not _is_ours(key):
        raise NoSuchFile(key)
    try:
        async for portion in place.reading(key):
            yield portion
    except FileNotFoundError:
        raise NoSuchFile(key) from None


async def put_sealed(key: str, content: AsyncIterator[bytes]) -> None:
    """Under the key that it was sealed for. Not durable by itself: whoever restores thousands syncs once."""
    if not _is_ours(key):
        raise NoSuchFile(key)
    async with place.writing(key) as draft:
        async for portion in content:
            await draft.write(portion)


async def sealed_with(key: str) -> str:
    """The id of the key that opens it."""
    try:
        header = await place.beginning(key, HEADER)
    except FileNotFoundError:
        raise NoSuchFile(key) from None
    return key_id(header)


def key_id(header: bytes) -> str:
    if len(header) < HEADER or not header.startswith(MAGIC):
        raise Unreadable("this is not a file of the portal")
    return header[len(MAGIC) : len(MAGIC) + ID_BYTES].hex()


# ---------------------------------------------------------------------------------------------------------------------


def _new_key() -> str:
    name = secrets.token_hex(20)
    return f"{name[:2]}/{name[2:4]}/{name[4:]}"


def _is_ours(key: str) -> bool:
    return place.NAME.fullmatch(key) is not None


async def _portions(content: bytes | AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    if isinstance(content, bytes):
        for start in range(0, len(content), PORTION):
            yield content[start : start + PORTION]
    else:
        async for portion in content:
            yield portion


def _opener(key: str, header: bytes) -> Opener:
    wanted = key_id(header)
    if wanted not in _materials():
        keyring.cache_clear()  # another process may have added it since
    material = _materials().get(wanted)
    if material is None:
        raise Unreadable(f"the file {key} is sealed with the key {wanted}, which is not in the key file")
    return Opener(_derived(material, header, key), _bound(header, key))


def _materials() -> dict[str, bytes]:
    return {one.id: one.material for one in keyring()}


def _derived(material: bytes, header: bytes, key: str) -> bytes:
    """A key for one file alone, so that chunks can simply be counted."""
    return HKDF(SHA256(), 32, salt=header[-SALT_BYTES:], info=_bound(b"portal file", key)).derive(material)


def _bound(header: bytes, key: str) -> bytes:
    return header + b"\0" + key.encode()
