"""How a screen is looked at: axe finds nothing, and nothing scrolls sideways."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.promise.conftest import sign_in

SIZES = [
    # width, dark, language
    (390, False, "en-US"),
    (1280, True, "es-US"),
    pytest.param((390, True, "es-US"), marks=pytest.mark.torture),
    pytest.param((1280, False, "en-US"), marks=pytest.mark.torture),
    pytest.param((320, False, "es-US"), marks=pytest.mark.torture),
]
TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
# Of what is well it need not tell: half of its time went into that.
BRIEF = {"resultTypes": ["violations"]}
EVERYTHING = BRIEF | {"runOnly": {"type": "tag", "values": TAGS}}
# What the dark and the width could change of a page that was looked at in the light.
ITS_LOOKS = BRIEF | {
    "runOnly": {"type": "rule", "values": ["color-contrast", "target-size", "scrollable-region-focusable"]}
}
IS_DARK = "matchMedia('(prefers-color-scheme: dark)').matches"
AXE = Axe()


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
    found = AXE.run(page, options=ITS_LOOKS if page.evaluate(IS_DARK) else EVERYTHING).response
    assert [(one["id"], one["nodes"][0]["html"][:200]) for one in found["violations"]] == [], page.url
    assert page.evaluate("document.documentElement.scrollWidth") <= width, page.url
