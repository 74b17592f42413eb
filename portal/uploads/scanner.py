"""Asks clamd, where there is one, by its own protocol. It is told the content and nothing else."""

import asyncio
import re
import struct
from contextlib import suppress
from urllib.parse import urlsplit

from portal.settings import settings
from portal.uploads.sentences import NOT_CHECKED, VIRUS, Unfit

SECONDS_TO_REACH, SECONDS_TO_ANSWER = 5, 60
PORTION = 128 * 1024
ANSWER = re.compile(r"stream: (?:(?P<clean>OK)|(?P<finding>.{1,300}) FOUND)\0?\n?\Z", re.S)
MOST_OF_AN_ANSWER = 1024


class Away(Exception):
    """It cannot be asked now, or did not look at all of it. Nothing is known of the file."""


def is_configured() -> bool:
    return settings().clamd_url is not None


async def scan(content: bytes) -> str | None:
    """What was found, or nothing. Raises `Away`."""
    try:
        async with asyncio.timeout(SECONDS_TO_REACH):
            reader, writer = await _reached()
    except (OSError, TimeoutError) as error:
        raise Away("clamd cannot be reached") from error
    try:
        async with asyncio.timeout(SECONDS_TO_ANSWER):
            said = await _asked(reader, writer, content)
    except (OSError, TimeoutError, ValueError) as error:
        raise Away("clamd did not answer") from error
    finally:
        writer.close()
        with suppress(OSError):
            writer.transport.abort()
    return _finding(said)


async def must_be_clean(content: bytes) -> None:
    """Where whoever sends it waits for the answer. Raises `Unfit`."""
    if not is_configured():
        return
    try:
        finding = await scan(content)
    except Away as away:
        raise Unfit(NOT_CHECKED) from away
    if finding is not None:
        raise Unfit(VIRUS)


async def _reached() -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    url = urlsplit(settings().clamd_url or "")
    if url.scheme == "unix":
        return await asyncio.open_unix_connection(url.path)
    return await asyncio.open_connection(url.hostname, url.port)


async def _asked(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, content: bytes) -> str:
    """It may answer in the middle and hang up (a file too large for it): then its answer counts."""
    with suppress(ConnectionError):
        writer.write(b"zINSTREAM\0")
        for start in range(0, len(content), PORTION):
            portion = content[start : start + PORTION]
            writer.write(struct.pack(">I", len(portion)) + portion)
            await writer.drain()
        writer.write(struct.pack(">I", 0))
        await writer.drain()
    said = bytearray()
    while len(said) < MOST_OF_AN_ANSWER and not said.endswith(b"\0"):
        portion = await reader.read(MOST_OF_AN_ANSWER)
        if not portion:
            break
        said += portion
    return said.decode(errors="replace")


def _finding(said: str) -> str | None:
    found = ANSWER.match(said)
    if found is None:  # "INSTREAM size limit exceeded. ERROR", half an answer, or none
        raise Away(f"clamd answered: {said.strip(chr(0))[:100]!r}")
    return None if found["clean"] else _printable(found["finding"])


def _printable(name: str) -> str:
    return "".join(one if one.isprintable() else "?" for one in name)[:200]
