"""Where the bytes lie: a folder or a bucket. The obstore door.

Only obstore's blocking functions are called, in threads: its async ones let Rust threads call into Python, which aborts
the process if it ends at that moment (seen at the end of every third short command).
"""

import asyncio
import os
import re
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

import obstore
from obstore.store import LocalStore, S3Store

from portal.settings import Misconfigured, settings

SLICE = 4 * 1024 * 1024
PART = 8 * 1024 * 1024
NAME = re.compile(r"[0-9a-f]{2}/[0-9a-f]{2}/[0-9a-f]{36}")
HALF = re.compile(r"[0-9a-f]{36}#\d+")  # as obstore calls a file of a folder until it is whole


@asynccontextmanager
async def writing(key: str) -> AsyncIterator["Draft"]:
    """The object appears as a whole when the block ends, and not at all when it fails."""
    draft = Draft(key)
    try:
        yield draft
        await asyncio.to_thread(draft.finish)
    finally:
        draft.let_go()


class Draft:
    def __init__(self, key: str) -> None:
        self._key, self._waiting = key, bytearray()
        self._file = obstore.open_writer(_store(), key, buffer_size=PART, max_concurrency=2)

    async def write(self, portion: bytes) -> None:
        self._waiting += portion
        if len(self._waiting) >= SLICE:
            portion, self._waiting = bytes(self._waiting), bytearray()
            await asyncio.to_thread(self._file.write, portion)

    def finish(self) -> None:
        if self._waiting:
            self._file.write(bytes(self._waiting))
        self._file.close()

    def let_go(self) -> None:
        """What is not finished is undone as soon as nobody holds it, and a traceback holds for long."""
        del self._file


async def settle(key: str) -> None:
    """A folder's file outlives a power cut only when it and the folders above it are told to; a bucket's does."""
    if settings().storage_url is None:
        await asyncio.to_thread(_sync, folder() / key)


async def reading(key: str) -> AsyncIterator[bytes]:
    """In slices: a request for each is faster than one long stream, and no request grows old."""
    first = await asyncio.to_thread(obstore.get, _store(), key)
    size = first.meta["size"]
    if size <= SLICE:
        yield bytes(await asyncio.to_thread(first.bytes))
    else:
        del first
        for start in range(0, size, SLICE):
            yield await _slice(key, start, SLICE)


async def beginning(key: str, length: int) -> bytes:
    """No more than that of a large file; of a shorter one, all."""
    found = await asyncio.to_thread(obstore.head, _store(), key)
    return await _slice(key, 0, length) if found["size"] else b""


async def _slice(key: str, start: int, length: int) -> bytes:
    return bytes(await asyncio.to_thread(obstore.get_range, _store(), key, start=start, length=length))


async def exists(key: str) -> bool:
    try:
        await asyncio.to_thread(obstore.head, _store(), key)
    except FileNotFoundError:
        return False
    return True


async def remove(key: str) -> None:
    with suppress(FileNotFoundError):
        await asyncio.to_thread(obstore.delete, _store(), key)


async def names() -> AsyncIterator[tuple[str, datetime]]:
    """Ours only: what else lies there (half a file of a killed process, a stranger's) is not."""
    batches = obstore.list(_store(), chunk_size=1000)
    while batch := await asyncio.to_thread(next, batches, None):
        for one in batch:
            if NAME.fullmatch(one["path"]):
                yield one["path"], one["last_modified"]


async def clear_halves(moment: datetime) -> int:
    return 0 if settings().storage_url else await asyncio.to_thread(_clear_halves, moment.timestamp())


def _clear_halves(before: float) -> int:
    old = [one for one in folder().rglob("*") if HALF.fullmatch(one.name) and one.stat().st_mtime < before]
    for one in old:
        one.unlink(missing_ok=True)
    return len(old)


def folder() -> Path:
    return settings().data_dir / "files"


def _store() -> LocalStore | S3Store:
    config = settings()
    return _bucket(config.storage_url) if config.storage_url else _folder(folder())


@cache
def _folder(path: Path) -> LocalStore:
    path.mkdir(parents=True, exist_ok=True)
    path.chmod(0o700)
    return LocalStore(path)


@cache
def _bucket(url: str) -> S3Store:
    """The environment says the rest (AWS_ACCESS_KEY_ID, AWS_REGION, AWS_ENDPOINT_URL, AWS_ALLOW_HTTP …).

    No `client_options`: given, they take the place of those in the environment.
    """
    if not url.startswith("s3://"):
        raise Misconfigured(
            "STORAGE_URL is not of the form s3://bucket/prefix: set it so, or unset it to keep files in DATA_DIR."
        )
    return S3Store.from_url(url, retry_config={"max_retries": 4, "retry_timeout": timedelta(seconds=60)})


def _sync(path: Path) -> None:
    for one in (path, *path.parents[:4]):
        handle = os.open(one, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)
