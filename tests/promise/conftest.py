"""The promise is kept by the real thing: `portal serve` with the demo, and Chromium."""

import fcntl
import json
import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Locator, Page, Response

from portal.database import embedded
from tests.chromium import chromium

ROOT = Path(__file__).resolve().parents[2]
PASSWORD = "harbor lane demo only"
NEW_PASSWORD = "purple otter kneads bread"


ELSEWHERE = """
UPDATE appointment AS a
   SET starts_at = a.starts_at + far.away, ends_at = a.ends_at + far.away,
       busy_from = a.busy_from + far.away, busy_until = a.busy_until + far.away
  FROM (SELECT make_interval(days => 400 + floor(random() * 9000)::int) AS away) AS far
 WHERE a.holds AND a.busy_until > now() + interval '{begins} min' AND a.busy_from < now() + interval '{ends} min'
   AND a.client = coalesce({client}, a.client)
"""


AT_REST = "SELECT count(*) FROM errand WHERE state IN ('queued', 'leased') AND due_at <= now()"


@dataclass
class Portal:
    url: str
    data: Path
    environ: dict[str, str]

    def run(self, *words: str) -> str:
        """A `portal` command beside the running portal."""
        told = subprocess.run(
            [sys.executable, "-m", "tasks.cli", *words],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert told.returncode == 0, told.stdout + told.stderr
        return told.stdout

    def choose(self, *switches: str) -> None:
        """`choose("billing.invoices=no")`: each process keeps what was chosen for a second."""
        told = self.sql("SELECT name || '=' || value FROM setting").splitlines()
        if set(switches) <= set(told):
            return
        self.run("practice", "set", *switches)
        time.sleep(1.1)

    def sql(self, *statements: str) -> str:
        """As time would, or another program beside the portal. Returns what the statements tell, a row a line."""
        psql = [embedded.binaries() / "psql", "-qAt", "-v", "ON_ERROR_STOP=1", "-1"]
        psql += [word for sql in statements for word in ("-c", sql)]
        told = subprocess.run([*psql, embedded.dsn(self.data)], capture_output=True, text=True, timeout=60)
        assert told.returncode == 0, told.stderr
        return told.stdout.strip()

    def work(self, code: str, *words: str) -> str:
        """Python beside the running portal, by the portal's own acts. Returns what it prints."""
        told = subprocess.run(
            [sys.executable, "-c", code, *words],
            cwd=ROOT,
            env=self.environ,
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert told.returncode == 0, told.stderr
        return told.stdout.strip()

    def clear_the_way(self, minutes: int, length: int = 120, *, client: int | None = None) -> None:
        """Whatever the demo has at this time from now is years away: what a test puts there meets nobody."""
        self.sql(ELSEWHERE.format(begins=minutes - length, ends=minutes + length, client=client or "NULL::bigint"))

    def come_to_rest(self) -> None:
        """Waits until the demo's own letters are out, which tests would take for those that they wait for."""
        until = time.monotonic() + 60
        while self.sql(AT_REST) != "0" and time.monotonic() < until:
            time.sleep(0.2)

    def hear_stripe(self) -> None:
        """Waits until all that the stand-in has to tell has been told and heeded: an event may overtake a test."""
        told = json.loads((self.data / "stripesim.json").read_text())
        until = time.monotonic() + 30
        while time.monotonic() < until:
            with urllib.request.urlopen(f"{told['STRIPE_API']}/sim/deliveries", timeout=5) as answer:
                waits = json.load(answer)["states"].get("waiting", 0)
            if not waits and self.sql("SELECT count(*) FROM stripe_event WHERE handled_at IS NULL") == "0":
                return
            time.sleep(0.1)
        raise AssertionError("Stripe has still something to tell")

    def letters(self, to: str) -> list[str]:
        """The texts of the letters to an address, the newest first."""
        found = sorted((self.data / "mail").glob("*.eml"), key=lambda path: path.stat().st_mtime_ns, reverse=True)
        texts = [path.read_text() for path in found]
        return [unwrapped(text) for text in texts if f"To: {to}" in text]

    def letter(self, to: str, *, beside: int = 0) -> str:
        """Waits for one more letter than `beside`."""
        until = time.monotonic() + 15
        while time.monotonic() < until:
            found = self.letters(to)
            if len(found) > beside:
                return found[0]
            time.sleep(0.1)
        raise AssertionError(f"no letter to {to}")


@pytest.fixture(scope="package")
def portal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """Of this process alone; its demo was filled in and came to rest once for all of them."""
    data = tmp_path_factory.mktemp("demo") / "data"
    # Each file stays its owner's, which is another one's for the database.
    subprocess.run(["cp", "-a", prepared(tmp_path_factory.getbasetemp()), data], check=True)
    with served(data) as portal:
        yield portal


def prepared(temp: Path) -> Path:
    """Whoever comes first makes it; the others wait. Processes of one run have their folders side by side."""
    data = (temp.parent if "PYTEST_XDIST_WORKER" in os.environ else temp) / "prepared"
    with data.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not data.exists():
            begun = data.with_suffix(".begun")
            begun.mkdir()
            with served(begun) as portal:
                portal.choose("messages.automatic_answer=no")  # or what tests see would depend on the hour
                portal.come_to_rest()
            begun.rename(data)
    return data


@contextmanager
def served(data: Path) -> Iterator[Portal]:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    kept = ("PATH", "HOME", "LANG", "VIRTUAL_ENV", "TMPDIR")
    environ = {name: os.environ[name] for name in kept if name in os.environ}
    environ |= {"PORTAL_MODE": "demo", "DATA_DIR": str(data), "PORT": str(port), "PYTHONPATH": str(ROOT)}
    with (data / "serve.log").open("w") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "tasks.cli", "serve"], cwd=ROOT, env=environ, stdout=log, stderr=log
        )
        try:
            wait_for(f"http://127.0.0.1:{port}/health", process, data / "serve.log")
            yield Portal(f"http://127.0.0.1:{port}", data, environ)
        finally:
            process.terminate()
            process.wait(timeout=20)
    assert process.returncode == 0, (data / "serve.log").read_text()


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with chromium() as running:
        yield running


@pytest.fixture
def opened(browser: Browser, portal: Portal) -> Iterator[Callable[..., Page]]:
    """`opened()` is a phone without JavaScript; options change that. What the console says is an error."""
    contexts, said = [], []

    def open_one(*, scripts: bool = False, width: int = 390, dark: bool = False, language: str = "en-US") -> Page:
        context = browser.new_context(
            base_url=portal.url, java_script_enabled=scripts, viewport={"width": width, "height": 844},
            color_scheme="dark" if dark else "light", locale=language,
        )  # fmt: skip
        contexts.append(context)
        page = context.new_page()
        page.on(
            "console",
            lambda message: (
                said.append(message.text) if message.type == "error" and "status of 4" not in message.text else None
            ),
        )
        page.on("pageerror", lambda error: said.append(str(error)))
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert said == []


@pytest.fixture
def phone(opened: Callable[..., Page]) -> Page:
    return opened()


UNSETTLED = ".htmx-request, .htmx-swapping, .htmx-settling, .htmx-added"


def press(what: Locator, key: str = "") -> None:
    """Presses what asks the server, and waits for its answer: a click by itself is over before a busy machine answers,
    and the next `goto` would take the question back. With a key, it is that key that is pressed there.
    """
    page = what.page
    with page.expect_response(is_answer) if page.evaluate("'htmx' in window") else page.expect_navigation():
        what.press(key) if key else what.click()
    page.locator(UNSETTLED).first.wait_for(state="detached")


def is_answer(response: Response) -> bool:
    return response.request.resource_type in {"document", "xhr", "fetch"} and not 300 <= response.status < 400


# By address: who has signed in once need not in each test. `anew` is for tests of signing in and of its password.
STAYS: dict[str, list[Any]] = {}


def sign_in(page: Page, email: str, password: str = PASSWORD, *, anew: bool = False) -> Page:
    if email in STAYS and password == PASSWORD and not anew:
        page.context.add_cookies(STAYS[email])
        page.goto("/")
        if "/sign-in" not in page.url:
            return page
    page.goto("/sign-in")
    page.locator("#email").fill(email)
    page.locator("#password").fill(password)
    press(page.locator("form.card button.btn:not([type=button])").first)
    kept = [one for one in page.context.cookies() if one["name"] == "portal-session"]
    if password == PASSWORD and kept and "/sign-in" not in page.url:
        STAYS[email] = kept
    return page


def a_client(portal: Portal, given: str, family: str, born: str, email: str = "") -> str:
    """A chart made on the command line; returns its number."""
    options = ["--email", email] if email else []
    told = json.loads(
        portal.run("client", "add", "--given", given, "--family", family, "--born", born, "--json", *options)
    )
    return str(told["chart_number"])


def open_chart(page: Page, words: str) -> None:
    page.goto("/staff/clients")
    page.get_by_label("Find a client").fill(words)
    press(page.get_by_role("button", name="Find"))
    press(page.locator(".rows a").first)


def confirm(page: Page, last_name: str, month: str, day: str, year: str) -> None:
    page.get_by_label("Client's last name").fill(last_name)
    page.get_by_label("Month").fill(month)
    page.get_by_label("Day").fill(day)
    page.get_by_label("Year").fill(year)
    press(page.get_by_role("button", name="Continue"))


def choose_password(page: Page, password: str = NEW_PASSWORD) -> None:
    page.get_by_label("Password", exact=True).fill(password)
    page.get_by_label("The same password again").fill(password)
    press(page.get_by_role("button", name="Create account and sign in"))


def link_in(letter: str, to: str) -> str:
    found = re.search(rf"https?://[^\s\"<>]+/{to}/[0-9a-z-]+", letter)
    assert found, letter
    return found[0]


def unwrapped(text: str) -> str:
    """Quoted-printable as people read it."""
    return text.replace("=\n", "").replace("=3D", "=")


def wait_for(url: str, process: subprocess.Popen[bytes], log: Path) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        assert process.poll() is None, log.read_text()
        try:
            with urllib.request.urlopen(url, timeout=1):
                return
        except OSError:
            time.sleep(0.1)
    raise AssertionError(log.read_text())
