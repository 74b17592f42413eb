"""The pictures of the README: taken from a fresh demo by `bin/pictures`."""

import os
import signal
import socket
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image
from playwright.sync_api import Browser

from tests.chromium import chromium
from tests.promise.conftest import PASSWORD, ROOT, press, wait_for

FOLDER = ROOT / "docs" / "pictures"
COLORS = 128
SHOTS = [
    # name, who, path, width, dark, language
    ("sign-in", "", "/sign-in", 390, False, "en-US"),
    ("invitation", "", "INVITATION", 390, False, "en-US"),
    ("dashboard", "maya.reyes@example.com", "/", 390, False, "en-US"),
    ("help-spanish-dark", "", "/help", 390, True, "es-US"),
    ("insurance", "rosa.delgado@example.com", "/clients/6/information/insurance", 390, False, "en-US"),
    ("time", "maya.reyes@example.com", "/clients/1/appointments/book/time?type=1&how=telehealth", 390, False, "en-US"),
    ("desk", "priya@harborlane.example", "DESK", 1280, False, "en-US"),
    ("clients", "priya@harborlane.example", "/staff/clients", 1280, False, "en-US"),
    ("chart", "priya@harborlane.example", "/staff/clients/2", 1280, False, "en-US"),
    ("hours-dark", "priya@harborlane.example", "/staff/hours", 1280, True, "en-US"),
]


def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
        free.close()
        log = Path(folder) / "serve.log"
        environ = {**os.environ, "PORTAL_MODE": "demo", "DATA_DIR": folder, "PORT": str(port)}
        with log.open("w") as out:
            serve = subprocess.Popen(
                [sys.executable, "-m", "tasks.cli", "serve"], cwd=ROOT, env=environ, stdout=out, stderr=out
            )
        try:
            wait_for(f"http://127.0.0.1:{port}/health", serve, log)
            with chromium() as browser:
                for shot in SHOTS:
                    take(browser, f"http://127.0.0.1:{port}", *shot)
        finally:
            serve.send_signal(signal.SIGTERM)
            serve.wait(timeout=20)


def take(browser: Browser, base: str, name: str, who: str, path: str, width: int, dark: bool, language: str) -> None:
    context = browser.new_context(
        base_url=base,
        viewport={"width": width, "height": 760},
        color_scheme="dark" if dark else "light",
        locale=language,
    )
    page = context.new_page()
    if who:
        page.goto("/sign-in")
        page.locator("#email").fill(who)
        page.locator("#password").fill(PASSWORD)
        press(page.locator("form.card button.btn:not([type=button])").first)
    if path == "INVITATION":
        page.goto("/demo/mailbox")
        press(page.locator(".rows a", has_text="You are invited").first)
        path = str(page.locator(".kept a").first.get_attribute("href"))
    if path == "DESK":
        page.goto("/staff/review")
        path = str(page.locator(".queue a[href*='/staff/']").first.get_attribute("href"))
    page.goto(path)
    target = FOLDER / f"{name}.png"
    page.screenshot(path=target, full_page=True)
    context.close()
    Image.open(target).convert("RGB").quantize(COLORS).save(target, optimize=True)


if __name__ == "__main__":
    main()
