"""How a screen is looked at: axe finds nothing, and nothing scrolls sideways.

A phone in the light is turned into a wide dark screen as well, without loading its page again.
"""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.promise.conftest import sign_in

PHONE, WIDE, HEIGHT = 390, 1280, 844
SIZES = [
    # width, dark, language: Spanish is the longer one
    (PHONE, False, "es-US"),
    pytest.param((1280, True, "en-US"), marks=pytest.mark.torture),
    pytest.param((390, True, "en-US"), marks=pytest.mark.torture),
    pytest.param((1280, False, "en-US"), marks=pytest.mark.torture),
    pytest.param((320, False, "es-US"), marks=pytest.mark.torture),
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Of what is well it need not tell, and it need not fetch what is loaded: half of its time went into that.
BRIEF = {"resultTypes": ["violations"], "preload": False}
EVERYTHING = BRIEF | {"runOnly": {"type": "tag", "values": TAGS}}
# What the dark and the width could change of a page that was looked at in the light.
ITS_LOOKS = BRIEF | {
    "runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable"]}
}
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
AXE = Axe().axe_script


def walk(page, who: str, language: str, width: int, places: list[str]) -> None:
    if who:
        enter(page, who, language)
    for place in places:
        answer = page.goto(place)
        assert not who or answer.status in (200, 422), (place, answer.status)
        look_at(page, width)


def enter(page, who: str, language: str) -> None:
    page.context.add_cookies([{"name": "portal-language", "value": language[:2], "url": "http://127.0.0.1"}])
    sign_in(page, who)
    page.wait_for_url(lambda url: "sign-in" not in url)


def look_at(page, width: int) -> None:
    is_dark = page.evaluate(IS_DARK)
    page.evaluate(AXE)
    look(page, width, ITS_LOOKS if is_dark else EVERYTHING)
    if width == PHONE and not is_dark:
        turn(page, WIDE, "dark")
        look(page, WIDE, ITS_LOOKS)
        turn(page, PHONE, "light")


def turn(page, width: int, scheme: str) -> None:
    page.set_viewport_size({"width": width, "height": HEIGHT})
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # or colors are looked at halfway


def look(page, width: int, options: dict[str, object]) -> None:
    found = page.evaluate("options => axe.run(options)", options)
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
