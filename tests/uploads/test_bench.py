"""The workshop is bounded: it dies at its limits, it has nothing of ours, and the portal goes on meanwhile."""

import asyncio
import json
import os
import resource
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import psutil
import pytest

from portal.settings import ROOT
from portal.uploads import MOST_BYTES, bench, cleaned
from portal.uploads.bench import Broken, Turned
from tests.uploads.files import a_docx, a_pdf
from tests.uploads.pictures import a_photo, saved

linux = pytest.mark.skipif(not Path("/proc/self/fd").exists(), reason="macOS does not show them")


@pytest.fixture
def instead(monkeypatch: pytest.MonkeyPatch, tmp_path: Path):
    """Another job in the same process, with the same limits: what a reader might do that was taken over."""

    def put(program: str) -> None:
        path = tmp_path / "taken_over.py"
        path.write_text(
            "import sys, os, json, time, socket, subprocess\nsys.argv = ['x', 'txt']\n"
            "from portal.workshop import text\n"
            f"def job(content):\n{textwrap.indent(textwrap.dedent(program), '    ')}\n"
            "    yield 'facts', {'kind': 'txt'}\n    yield 'content', json.dumps(found).encode()\n"
            "text.cleaned = job\nimport runpy\nrunpy.run_module('portal.workshop', run_name='__main__')\n"
        )

        async def started(job: str) -> asyncio.subprocess.Process:
            return await asyncio.create_subprocess_exec(
                sys.executable, "-c", f"exec(open({str(path)!r}).read())",
                stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
                cwd=ROOT, env=bench.ENVIRONMENT, start_new_session=True,
            )  # fmt: skip

        monkeypatch.setattr(bench, "_started", started)

    return put


async def found() -> object:
    return json.loads((await bench.made("txt", b"x")).content)


def children() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if "portal.workshop" in " ".join(one.cmdline() or [])]


THERE: set[int] = set()


@pytest.fixture(autouse=True)
def _who_was_there() -> None:
    """What other tests in this process have begun: the press of PDFs, the stand-in for Stripe."""
    THERE.clear()
    THERE.update(one.pid for one in psutil.Process().children())


def others() -> list[psutil.Process]:
    return [one for one in psutil.Process().children() if one.pid not in THERE]


@linux
async def test_it_has_no_secret_no_socket_and_no_file_of_the_portal(instead, monkeypatch) -> None:
    monkeypatch.setenv("SECRET_KEY", "canary")
    listening = await asyncio.start_server(lambda *_: None, "127.0.0.1", 0)
    instead("""
        files = [f"/proc/self/fd/{number}" for number in range(3, 200)]
        found = [dict(os.environ), [os.readlink(one) for one in files if os.path.lexists(one)]]
    """)
    environment, files = await found()  # type: ignore[misc]
    listening.close()
    assert set(environment) <= {*bench.ENVIRONMENT, "LC_CTYPE"}
    assert not [one for one in files if "socket" in one or str(ROOT) in one]


@pytest.mark.parametrize(
    "program",
    [
        "found = open('/etc/passwd').read()",
        "found = socket.create_connection(('127.0.0.1', 80))",
        "found = socket.socket()",
        "found = subprocess.run(['/bin/true'])",
        "found = open('/tmp/canary', 'w').write('x')",
        "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (99, 99)); found = open('/tmp/canary', 'w')",
    ],
)
async def test_it_can_open_nothing(instead, program: str) -> None:
    instead(program)
    with pytest.raises((Turned, Broken)):
        await found()
    assert not Path("/tmp/canary").exists()


@linux
async def test_it_dies_of_too_much_memory_and_the_portal_goes_on(instead) -> None:
    instead("found = len(b'x' * 3_000_000_000)")
    with pytest.raises(Turned, match="too_much"):
        await found()
    assert not children()


async def test_it_dies_of_too_much_time(instead, monkeypatch) -> None:
    instead("found = time.sleep(60)")
    monkeypatch.setattr(bench, "SECONDS", 1)
    begun = time.monotonic()
    with pytest.raises(Turned, match="too_much"):
        await found()
    assert time.monotonic() - begun < 5 and not others()


async def test_it_dies_of_too_much_thinking(instead) -> None:
    """The kernel ends it, whether or not somebody waits."""
    instead("import resource; resource.setrlimit(resource.RLIMIT_CPU, (1, 1))\nfound = 0\nwhile True: found += 1")
    begun = time.monotonic()
    with pytest.raises(Turned, match="too_much"):
        await found()
    assert time.monotonic() - begun < 10


async def test_a_limit_once_set_cannot_be_raised() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import portal.workshop, resource, sys; sys.argv = ['x', 'txt'];"
         "import io; sys.stdin = io.TextIOWrapper(io.BytesIO(b'x'));"
         "import os; os._exit = lambda code: print([resource.getrlimit(one) for one in (resource.RLIMIT_AS,"
         " resource.RLIMIT_CPU, resource.RLIMIT_FSIZE, resource.RLIMIT_CORE, resource.RLIMIT_NPROC,"
         " resource.RLIMIT_NOFILE)], flush=True);"
         "import runpy; runpy.run_module('portal.workshop', run_name='__main__')"],
        cwd=ROOT, capture_output=True, text=True,
    )  # fmt: skip
    limits = told.stdout.splitlines()[-1]
    if sys.platform == "linux":
        assert limits == str([(1280 * 2**20,) * 2, (20, 20), (0, 0), (0, 0), (0, 0), (0, 0)])


async def test_whoever_goes_away_leaves_no_process_behind(instead) -> None:
    instead("found = time.sleep(60)")
    asked = asyncio.create_task(bench.made("txt", b"x"))
    while not (alive := others()):
        await asyncio.sleep(0.01)
    await asyncio.sleep(0.3)
    asked.cancel()
    with pytest.raises(asyncio.CancelledError):
        await asked
    assert not psutil.pid_exists(alive[0].pid) and not others()


async def test_whoever_goes_away_before_it_began_takes_no_place() -> None:
    for _ in range(8):
        asked = asyncio.create_task(cleaned("a.txt", b"x"))
        await asyncio.sleep(0.002)
        asked.cancel()
        await asyncio.gather(asked, return_exceptions=True)
    async with asyncio.timeout(10):
        assert (await cleaned("a.txt", b"x")).content == b"x"
    assert not others()


async def test_two_at_once_and_the_portal_answers_meanwhile() -> None:
    content = a_photo(4000, 3000)
    asked = [asyncio.create_task(cleaned("a.jpg", content)) for _ in range(6)]
    most, slowest, before = 0, 0.0, time.monotonic()
    while not all(one.done() for one in asked):
        await asyncio.sleep(0.005)
        slowest, before = max(slowest, time.monotonic() - before), time.monotonic()
        most = max(most, len(others()))
    assert most == 2 and slowest < 0.5
    assert len({(await one).content for one in asked}) == 1


async def test_the_portal_keeps_little_of_a_large_file() -> None:
    """Five files of ten megabytes: what came in, what came out, and nothing of what lies between."""
    from PIL import Image

    vast = saved(Image.new("L", (7000, 7000)), "JPEG")
    content = a_pdf() + b" " * (MOST_BYTES - 5000)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    for _ in range(5):
        await asyncio.gather(cleaned("a.jpg", vast), cleaned("a.pdf", content))
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before
    assert grown * (1 if sys.platform == "darwin" else 1024) < 80 * 2**20


@pytest.mark.parametrize(
    "told",
    [b"", b"ready 0\n", b"ready 0\nfacts 2\n{}", b"ready 0\ncontent 99999999999\n", b"ready 0\ncontent -5\n",
     b"x" * 200_000, b"ready 0\nfacts 2\n{}content 5\nab", b"ready 0\nrefused 6\nlocked"],
    ids=range(8),
)  # fmt: skip
async def test_what_it_says_is_not_believed(told: bytes, monkeypatch, tmp_path: Path) -> None:
    (tmp_path / "told").write_bytes(told)

    async def started(job: str) -> asyncio.subprocess.Process:
        return await asyncio.create_subprocess_exec(
            "/bin/cat", str(tmp_path / "told"),
            stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, start_new_session=True,
        )  # fmt: skip

    monkeypatch.setattr(bench, "_started", started)
    with pytest.raises((Turned, Broken)):
        await bench.made("txt", os.urandom(2_000_000))


async def test_a_workshop_that_does_not_open_is_no_fault_of_the_file(monkeypatch) -> None:
    monkeypatch.setattr(bench.sys, "executable", "/bin/false")
    with pytest.raises(Broken):
        await cleaned("a.docx", a_docx())


def test_it_starts_soon_and_knows_nothing_else_of_the_portal() -> None:
    told = subprocess.run(
        [sys.executable, "-c", "import sys, portal.workshop.images, portal.workshop.pdf, portal.workshop.office,"
         " portal.workshop.text; print([one for one in sys.modules if one.startswith('portal.')"
         " and not one.startswith('portal.workshop')])"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert told.stdout.strip() == "[]"
    begun = time.monotonic()
    for _ in range(5):
        asyncio.run(cleaned("a.txt", b"x"))
    assert (time.monotonic() - begun) / 5 < 0.5
