"""The WeasyPrint door: HTML of ours becomes a PDF, and fetches nothing.

Run as a program it is the press: it imports WeasyPrint and reads typeface and style sheet once, and forks a child for
each page that is handed in, within limits; so a long page costs nobody else anything, and no page leaves anything
behind. `printed` in press.py feeds it. It imports nothing of the portal.
"""

import gc
import os
import resource
import select
import signal
import socket
from contextlib import suppress
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher

ROOT = Path(__file__).resolve().parents[2]
SHEET = ROOT / "templates" / "pdf" / "paper.css"
TYPEFACE = ROOT / "static" / "fonts" / "figtree-latin-wght-normal.woff2"
FACE = '@font-face { font-family: Figtree; src: url("face.woff2") format("woff2"); font-weight: 300 900; }'
# What is common to pages and slow at first: it is done once here, and each child has it.
SAMPLE = """<html lang="en"><title>x</title><body data-title="x" data-page="x"><ol><li><header><h2>x</h2><time>x</time>
</header><p class="kept">José <b>x</b></ol><section class="bill"><div class="head"><div class="right"><h1>x</h1>
<table class="plain"><tbody><tr><th scope="row">x<td>1</table></div><p class="from"><b>x</b></div>
<p class="box">x</p><div class="pair"><div><h2>x</h2><dl><div><dt>x<dd>y</div></dl></div></div>
<table class="lines"><thead><tr><th scope="col">x<th scope="col" class="sum">y
<tbody><tr><td class="day">x<td class="sum">$1.50</table><table class="totals"><tbody><tr
class="last"><th scope="row">x<td class="sum">$1.50</table><p class="small whole">x</p>
<p class="signed"><span>x</span></p>
</section><p class="soft">x <span class="soft">y</span></p>"""
NOWHERE = "nowhere:/"  # what a relative address is relative to
VARIANT = "pdf/ua-1"
MOST_MEMORY = 2 * 1024**3
MOST_SECONDS = 45  # of a processor
MOST_WAIT = 50  # by the clock: less than a lease
MOST_FILES = 16  # fonts are opened one after the other
MOST_HTML = 64 * 1024**2
FEED = 0


class Forbidden(Exception):
    """The page asked for something outside itself."""


class Common(NamedTuple):
    """What every page is set with."""

    fonts: FontConfiguration
    sheets: list[CSS]


class _Nowhere(URLFetcher):
    """What a page needs stands in it, as a `data:` URL."""

    def __init__(self) -> None:
        super().__init__(allowed_protocols=("data",), allow_redirects=False)
        self.refused: list[str] = []

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        if not url.lower().startswith("data:"):
            self.refused.append(url)
            raise FatalURLFetchingError(url)
        return super().fetch(url, headers)


class _OurFace(URLFetcher):
    """For our own sheet, which knows one address."""

    def fetch(self, url: str, headers: dict[str, str] | None = None) -> Any:
        return super().fetch(TYPEFACE.as_uri(), headers)


def rendered(html: str) -> bytes:
    """Blocks for as long as it lays out. Raises `Forbidden` rather than leave something out."""
    fetcher, common = _Nowhere(), prepared()
    try:
        pdf = HTML(string=html, base_url=NOWHERE, url_fetcher=fetcher).write_pdf(
            pdf_variant=VARIANT, font_config=common.fonts, stylesheets=common.sheets, finisher=_scope_heads
        )
    except FatalURLFetchingError:
        pdf = None
    if fetcher.refused:  # also inside an SVG, where the error itself is swallowed
        raise Forbidden(f"a page that becomes a PDF may not fetch {fetcher.refused[0]}")
    assert isinstance(pdf, bytes)
    return pdf


def _scope_heads(document: Any, pdf: Any) -> None:
    """WeasyPrint names the heads of each cell; that a head is of a column or of a row, readers want to know as well."""
    for one in pdf.objects:
        if isinstance(one, dict) and one.get("S") == "/TH":
            part = _parent(pdf, _parent(pdf, one))
            one["A"]["Scope"] = "/Column" if part["S"] == "/THead" else "/Row"


def _parent(pdf: Any, element: Any) -> Any:
    return pdf.objects[int(element["P"].split()[0])]


@cache
def prepared() -> Common:
    fonts = FontConfiguration()
    face = CSS(string=FACE, base_url=ROOT.as_uri(), url_fetcher=_OurFace(), font_config=fonts)
    return Common(fonts, [face, CSS(string=SHEET.read_text(), font_config=fonts)])


# The press -----------------------------------------------------------------------------------------------------------


def press(feed: socket.socket) -> None:
    """Until whoever feeds it is gone, however that happens. Each message brings the socket of one page."""
    children: dict[int, tuple[int, socket.socket]] = {}
    bell, _ = _bell()
    poll = select.poll()
    poll.register(feed, select.POLLIN)
    poll.register(bell, select.POLLIN)
    try:
        while True:
            for which, _ in poll.poll():
                if which == feed.fileno():
                    told, fds, *_ = socket.recv_fds(feed, 1, 1)
                    if not told:
                        return
                    page = socket.socket(fileno=fds[0])
                    children[page.fileno()] = (_forked(page), page)
                    poll.register(page, 0)  # it rings when the other side hangs up
                elif which == bell:
                    os.read(bell, 1000)
                    _bury(children, poll)
                elif which in children:
                    _kill(children[which][0])
                    poll.unregister(which)
    finally:
        for pid, _ in children.values():
            _kill(pid)


def _bell() -> tuple[int, int]:
    """A pipe that rings when a child has ended."""
    bell, cord = os.pipe()
    for end in (bell, cord):
        os.set_blocking(end, False)
    signal.set_wakeup_fd(cord)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    return bell, cord


def _bury(children: dict[int, tuple[int, socket.socket]], poll: select.poll) -> None:
    """Only then the other side hears the end: nobody takes a page that is still in hand for one that is done."""
    for which, (pid, page) in list(children.items()):
        if os.waitpid(pid, os.WNOHANG)[0]:
            with suppress(KeyError):
                poll.unregister(which)
            del children[which]
            page.close()


def _kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _forked(page: socket.socket) -> int:
    pid = os.fork()
    if not pid:
        _child(page)
    return pid


def _child(page: socket.socket) -> NoReturn:
    """One page, then the end; whatever happens, it does not go on as a press."""
    try:
        signal.set_wakeup_fd(-1)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        signal.alarm(MOST_WAIT)
        gc.disable()
        os.dup2(page.fileno(), FEED)
        os.closerange(3, 256)
        _limit()
        with open(FEED, "rb", closefd=False) as heard:
            html = heard.read(int(heard.readline())).decode()
        _tell(_answer(html))
    finally:
        os._exit(0)


def _limit() -> None:
    """What a page must not have; systems know some of them by name only."""
    os.nice(5)
    for what, most in (
        (resource.RLIMIT_AS, MOST_MEMORY),
        (resource.RLIMIT_CPU, MOST_SECONDS),
        (resource.RLIMIT_NOFILE, MOST_FILES),
        (resource.RLIMIT_FSIZE, 0),
        (resource.RLIMIT_CORE, 0),  # no health data in a dump
    ):
        with suppress(ValueError, OSError):
            resource.setrlimit(what, (most, most))


def _answer(html: str) -> bytes:
    """A word and a size, then so many bytes. Why not is said without what stood on the page."""
    try:
        word, said = b"made", rendered(html)
    except Forbidden as forbidden:
        word, said = b"not", str(forbidden).encode()
    except Exception as error:
        word, said = b"not", type(error).__name__.encode()
    return b"%s %d\n%s" % (word, len(said), said)


def _tell(said: bytes) -> None:
    left = memoryview(said)
    while left:
        left = left[os.write(FEED, left) :]


def _shares_fonts() -> bool:
    """A thread of Pango's would not come along into a child, which would wait for it."""
    try:
        return len(os.listdir("/proc/self/task")) == 1
    except FileNotFoundError:
        return False


if __name__ == "__main__":
    rendered(SAMPLE)
    if not _shares_fonts():
        prepared.cache_clear()
    gc.collect()
    gc.freeze()
    press(socket.socket(fileno=FEED))
