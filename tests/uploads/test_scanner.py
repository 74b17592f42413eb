"""clamd is asked by its own protocol; what it did not say is never taken for clean."""

import asyncio
import struct
from collections.abc import Iterator
from pathlib import Path

import pytest

from portal.settings import Misconfigured, Settings, settings
from portal.uploads import scanner
from portal.uploads.scanner import Away
from tests.uploads.clamd import clamd, free_port, pretended
from tests.uploads.files import EICAR, a_docx, a_pdf


@pytest.fixture(scope="module")
def real(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with clamd(tmp_path_factory.mktemp("clamd"), EICAR) as url:
        yield url


@pytest.fixture
def at(monkeypatch: pytest.MonkeyPatch) -> Iterator[object]:
    def choose(url: str) -> None:
        monkeypatch.setenv("CLAMD_URL", url)
        settings.cache_clear()

    yield choose
    monkeypatch.undo()
    settings.cache_clear()


async def test_a_real_clamd_finds_a_virus_and_nothing_else(real: str, at) -> None:
    at(real)
    assert scanner.is_configured()
    assert await scanner.scan(EICAR) == "Portal.Test.EICAR.UNOFFICIAL"
    assert await scanner.scan(b"A letter to the office") is None
    assert await scanner.scan(b"") is None
    assert await scanner.scan(a_pdf()) is None
    assert await scanner.scan(a_docx({"word/eicar.com": EICAR})) == "Portal.Test.EICAR.UNOFFICIAL"
    assert await scanner.scan(b"\0" * 5_000_000 + EICAR + b"\0" * 5_000_000) == "Portal.Test.EICAR.UNOFFICIAL"


async def test_it_is_asked_through_a_socket_of_the_same_machine_too(real: str, at, tmp_path_factory) -> None:
    sockets = list(Path(tmp_path_factory.getbasetemp()).glob("clamd*/s"))
    at(f"unix:{sockets[0]}")
    assert await scanner.scan(EICAR) == "Portal.Test.EICAR.UNOFFICIAL" and await scanner.scan(b"x") is None


async def test_twenty_are_asked_at_once(real: str, at) -> None:
    at(real)
    found = await asyncio.gather(*(scanner.scan(EICAR if number % 2 else b"x" * 300_000) for number in range(20)))
    assert found == [None, "Portal.Test.EICAR.UNOFFICIAL"] * 10


async def test_what_is_too_large_for_clamd_is_not_called_clean(tmp_path: Path, at) -> None:
    with clamd(tmp_path, EICAR, most=100_000) as url:
        at(url)
        with pytest.raises(Away, match="size limit"):
            await scanner.scan(b"x" * 2_000_000)
        assert await scanner.scan(EICAR) is not None


async def test_nobody_listens(at) -> None:
    for url in (f"tcp://127.0.0.1:{free_port()}", "unix:/nowhere/clamd.sock"):
        at(url)
        with pytest.raises(Away, match="reached"):
            await scanner.scan(b"x")


async def heard(reader: asyncio.StreamReader) -> bytes:
    """All that is sent, as clamd reads it."""
    assert await reader.readexactly(10) == b"zINSTREAM\0"
    content = b""
    while size := struct.unpack(">I", await reader.readexactly(4))[0]:
        content += await reader.readexactly(size)
    return content


@pytest.mark.parametrize(
    ("said", "found"),
    [
        (b"stream: OK\0", None),
        (b"stream: OK\n", None),
        (b"stream: Win.Test.EICAR_HDB-1 FOUND\0", "Win.Test.EICAR_HDB-1"),
        (b"stream: A \x1b[2J<b> FOUND\0", "A ?[2J<b>"),
    ],
)
async def test_an_answer_is_read_whatever_stands_in_it(said: bytes, found: str | None, at) -> None:
    content = bytes(range(256)) * 3000
    sent = []

    async def answer(reader, writer) -> None:
        sent.append(await heard(reader))
        for one in said:
            writer.write(bytes([one]))
            await writer.drain()

    async with pretended(answer) as url:
        at(url)
        assert await scanner.scan(content) == found and sent == [content]


@pytest.mark.parametrize(
    "said",
    [b"", b"stream: ", b"OK\0", b"stream: OK and more\0", b"INSTREAM size limit exceeded. ERROR\0", b"stream: ERROR\0",
     b"x" * 5000, b"\xff\xfe\0", b"HTTP/1.1 200 OK\r\n\r\n",
     b"stream: Can't allocate memory ERROR\0", b"UNKNOWN COMMAND\0"],
)  # fmt: skip
async def test_what_is_no_answer_is_not_taken_for_one(said: bytes, at) -> None:
    async def answer(reader, writer) -> None:
        await heard(reader)
        writer.write(said)

    async with pretended(answer) as url:
        at(url)
        with pytest.raises(Away):
            await scanner.scan(b"x" * 500_000)


async def test_whoever_hangs_up_in_the_middle_has_said_nothing(at) -> None:
    async def answer(reader, writer) -> None:
        await reader.readexactly(1000)
        writer.transport.abort()

    async with pretended(answer) as url:
        at(url)
        with pytest.raises(Away):
            await scanner.scan(b"x" * 9_000_000)


async def test_whoever_never_answers_is_not_waited_for(at, monkeypatch) -> None:
    monkeypatch.setattr(scanner, "SECONDS_TO_ANSWER", 0.3)

    async def silent(reader, writer) -> None:
        await heard(reader)
        await asyncio.sleep(2)

    async def deaf(reader, writer) -> None:
        await asyncio.sleep(2)

    for answer in (silent, deaf):
        async with pretended(answer) as url:
            at(url)
            with pytest.raises(Away, match="did not answer"):
                await scanner.scan(b"x" * 9_000_000)


async def test_without_an_address_nobody_is_asked(at) -> None:
    at("")
    assert not scanner.is_configured()


@pytest.mark.parametrize(
    "url", ["localhost:3310", "http://127.0.0.1:3310", "tcp://127.0.0.1", "unix://x", "unix:x", "x"]
)
def test_an_address_that_is_none_is_said_at_the_start(url: str, tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match="tcp://host:port or unix:/path"):
        Settings.read({"PORTAL_MODE": "test", "DATA_DIR": str(tmp_path), "CLAMD_URL": url})
