"""The press beside the worker: begun once, one short-lived child for each page, and nothing is left of either."""

import asyncio
import os
import signal
import subprocess
import sys

import psutil
import pytest

from portal.settings import ROOT
from tasks.actors import press as door
from tasks.actors.pdf import MOST_FILES, MOST_MEMORY, MOST_SECONDS
from tasks.actors.press import Press, Stopped, Unprintable
from tests.tasks.post import eventually

PAGE = '<html lang="en"><title>x</title><body data-title="x" data-page="x"><p>José paid $40.00.'
LONG = "<p>word " * 400_000


@pytest.fixture
async def press():
    made = Press()
    yield made
    await made.close()


def children(press: Press) -> list[psutil.Process]:
    assert press.process is not None
    return psutil.Process(press.process.pid).children()


async def test_it_is_begun_once_and_sets_each_page_in_a_child_that_ends(press):
    assert (await press.printed(PAGE)).startswith(b"%PDF-")
    first = press.process.pid
    assert len({await press.printed(PAGE) for _ in range(2)}) <= 2
    assert press.process.pid == first and children(press) == []


async def test_no_more_pages_at_once_than_processors(press):
    await press.printed(PAGE)
    pages = [asyncio.create_task(press.printed(LONG)) for _ in range(door.AT_ONCE + 3)]
    await eventually(lambda: len(children(press)) == door.AT_ONCE)
    await asyncio.sleep(0.3)
    assert len(children(press)) == door.AT_ONCE
    for page in pages:
        page.cancel()
    await asyncio.gather(*pages, return_exceptions=True)


async def test_a_page_that_nobody_waits_for_any_more_is_ended(press):
    await press.printed(PAGE)
    page = asyncio.create_task(press.printed(LONG))
    await eventually(lambda: children(press))
    page.cancel()
    with pytest.raises(asyncio.CancelledError):
        await page
    await eventually(lambda: not children(press), within=5)
    assert (await press.printed(PAGE)).startswith(b"%PDF-")


async def test_a_page_has_limits_and_no_files(press):
    await press.printed(PAGE)
    page = asyncio.create_task(press.printed(LONG))
    await eventually(lambda: children(press))
    (child,) = children(press)
    await eventually(lambda: child.rlimit(psutil.RLIMIT_CPU)[0] == MOST_SECONDS)
    await eventually(lambda: child.rlimit(psutil.RLIMIT_FSIZE)[0] == 0)
    assert child.rlimit(psutil.RLIMIT_AS)[0] == MOST_MEMORY
    assert child.rlimit(psutil.RLIMIT_NOFILE)[0] == MOST_FILES
    assert child.rlimit(psutil.RLIMIT_CORE)[0] == 0
    assert child.num_fds() <= 4 and not child.net_connections("inet")
    assert "SECRET_KEY" not in child.environ() and "DATA_DIR" not in child.environ()
    page.cancel()
    await asyncio.gather(page, return_exceptions=True)


async def test_a_page_that_is_killed_is_unprintable_and_the_press_goes_on(press):
    await press.printed(PAGE)
    first = press.process.pid
    page = asyncio.create_task(press.printed(LONG))
    await eventually(lambda: children(press))
    children(press)[0].kill()
    with pytest.raises(Unprintable, match="ended by a limit"):
        await page
    assert (await press.printed(PAGE)).startswith(b"%PDF-") and press.process.pid == first


async def test_a_page_that_asks_for_something_outside_is_refused_and_the_press_goes_on(press):
    with pytest.raises(Unprintable, match="may not fetch file:///etc/passwd"):
        await press.printed('<img src="file:///etc/passwd">')
    assert (await press.printed(PAGE)).startswith(b"%PDF-")


async def test_what_went_wrong_is_said_without_what_stood_on_the_page(press):
    with pytest.raises(Unprintable) as raised:
        await press.printed("<style>p { background: url(http://127.0.0.1:1/Maya) }</style><p>Anxiety")
    assert "Anxiety" not in str(raised.value)


async def test_a_press_that_dies_is_begun_anew_and_nothing_is_held_against_the_page(press):
    await press.printed(PAGE)
    first = press.process.pid
    page = asyncio.create_task(press.printed(LONG))
    await eventually(lambda: children(press))
    theirs = children(press)
    os.killpg(first, signal.SIGKILL)
    with pytest.raises((Stopped, Unprintable)):
        await page
    await eventually(lambda: not any(child.is_running() for child in theirs))
    assert (await press.printed(PAGE)).startswith(b"%PDF-") and press.process.pid != first


WORKER = """
import asyncio
from tasks.actors.press import press

async def main():
    await press().printed("<p>x")
    asyncio.create_task(press().printed("<p>word " * 400_000))
    await asyncio.sleep(0.5)
    print(press().process.pid, flush=True)
    await asyncio.sleep(60)

asyncio.run(main())
"""


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGTERM])
async def test_it_ends_with_its_worker_however_that_ends(how):
    worker = subprocess.Popen([sys.executable, "-c", WORKER], cwd=ROOT, stdout=subprocess.PIPE, text=True)
    pid = int(await asyncio.to_thread(worker.stdout.readline))
    family = [psutil.Process(pid), *psutil.Process(pid).children()]
    assert len(family) == 2
    worker.send_signal(how)
    worker.wait()
    worker.stdout.close()
    await eventually(lambda: not any(one.is_running() and one.status() != psutil.STATUS_ZOMBIE for one in family))


async def test_letters_of_other_alphabets_are_drawn_and_no_boxes(press, tmp_path):
    pdf = await press.printed('<html lang="en"><title>x</title><body><p>Zoë Núñez-Åström 李小龍')
    file = tmp_path / "paper.pdf"
    file.write_bytes(pdf)
    fonts = subprocess.run(["pdffonts", file], capture_output=True, text=True, check=True).stdout
    assert "Figtree" in fonts
    has_chinese = subprocess.run(["fc-list", ":charset=674e"], capture_output=True, text=True, check=True).stdout
    assert has_chinese, "no font of this machine has Chinese letters: bin/test installs one"
    assert len(fonts.splitlines()) == 4, fonts
