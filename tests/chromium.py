"""The browser that bin/test has found, or the one that is there."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, sync_playwright

NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
OFFLINE = ["--disable-quic", "--disable-background-networking", "--disable-component-update", "--disable-sync"]
FLAGS = ["--no-sandbox", "--disable-gpu", "--no-first-run", *OFFLINE]


@contextmanager
def chromium() -> Iterator[Browser]:
    """Closed after each file: Playwright's loop runs in this thread, and the tests of other files need their own."""
    path = os.environ.get("PORTAL_TEST_CHROMIUM") or next(filter(None, map(shutil.which, NAMES)), None)
    assert path, "Chromium is missing: bin/test installs it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=FLAGS)
        yield browser
        browser.close()
