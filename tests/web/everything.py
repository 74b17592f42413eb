"""Every route of the portal, who may go there, and what stands in the database."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

import httpx

from portal.access import HOLDS, Permission, Role, routes
from portal.app import create_app
from portal.database import fetch
from portal.settings import settings
from tests.browser import Browser
from tests.cast import Cast

Route = tuple[str, str, str]
ROUTES: list[Route] = [
    (path, method, rule.words)
    for path, methods, _, rule in routes(create_app())
    for method in methods.split(",")
    if rule is not None
]
GETS = [route for route in ROUTES if route[1] == "GET"]
# From browsers. What another machine signs is asked in tests/payments/test_hooks.py.
POSTS = [route for route in ROUTES if route[1] == "POST" and route[2] != "signed by its sender"]


def filled(path: str, client_id: int, token: str = "1-abc") -> str:
    told = {"client_id": client_id, "token": token, "name": "nothing.css", "letter": "nothing", "section": "insurance"}
    told["public"] = "00000000-0000-4000-8000-000000000000"
    return re.sub(r"\{(\w+):\w+\}", lambda match: str(told.get(match[1], 1)), path)


def part_for(words: str) -> str:
    """Somebody who may."""
    if words.startswith("public"):
        return "signed out"
    if words.startswith("staff"):
        permission = Permission(words.removeprefix("staff "))
        return next(str(role) for role in (Role.FRONT_DESK, Role.ADMINISTRATOR) if permission in HOLDS[role])
    return "client"


async def browser_for(cast: Cast, words: str, *, htmx: bool = False) -> Browser:
    return await cast.browser(part_for(words), htmx=htmx)


async def digest(but: tuple[str, ...] = ()) -> dict[str, str]:
    """Table → a digest of all its rows."""
    names = [row["tablename"] for row in await fetch("SELECT tablename FROM pg_tables WHERE schemaname = 'public'")]
    row_sum = "md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
    asked = [
        f"SELECT '{name}' AS name, {row_sum} AS sum FROM \"{name}\" t" for name in sorted(names) if name not in but
    ]
    rows = await fetch(" UNION ALL ".join(asked))
    return {row["name"]: row["sum"] for row in rows}


def changed(before: dict[str, str], after: dict[str, str]) -> set[str]:
    return {name for name in before if before[name] != after[name]}


class Elsewhere(Browser):
    """A browser at a portal with routes of the test's own."""

    def __init__(self, portal: Any, **client: Any) -> None:
        super().__init__()
        cookies = self.http.cookies
        transport = httpx.ASGITransport(portal, raise_app_exceptions=False, client=("203.0.113.9", 40000))
        self.http = httpx.AsyncClient(transport=transport, base_url=settings().base_url, cookies=cookies, **client)


async def must_find(browser: Browser, part: str, asked: Mapping[str, bool]) -> None:
    """Address → whether it is found; whoever is signed out signs in first."""
    for address, is_found in asked.items():
        page = await browser.get(address, follow=False)
        if part == "signed out":
            assert page.headers["location"].startswith("/sign-in"), address
        else:
            assert page.status == (200 if is_found else 404), f"{part}: {address} {page.status}"


async def must_change_nothing(browser: Browser, part: str, addresses: Iterable[str], typed: Mapping[str, str]) -> None:
    """By none of these; whoever is signed out signs in first."""
    before = await digest()
    for address in addresses:
        page = await browser.post(address, follow=False, **typed)
        assert page.status == (303 if part == "signed out" else 404), f"{part}: {address} {page.status}"
    assert changed(before, await digest()) <= {"session", "kept_post"}, part
