"""A browser without JavaScript; with `htmx=True`, one with htmx. It keeps cookies, sends Origin, and reads pages."""

import re
import secrets
from collections.abc import Mapping
from typing import Any, Self

import httpx
from bs4 import BeautifulSoup, Tag

from portal.accounts import sessions
from portal.app import create_app
from portal.settings import settings
from portal.web.visit import Visit

APP = None


def app() -> Any:
    global APP
    if APP is None:
        APP = create_app()
    return APP


class Page:
    """An answer, with the questions that tests ask of it."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self.status, self.text, self.headers = response.status_code, response.text, response.headers
        self.path = response.url.raw_path.decode()

    @property
    def soup(self) -> BeautifulSoup:
        return BeautifulSoup(self.text, "html.parser")

    @property
    def heading(self) -> str:
        found = self.soup.find(["h1", "h2"])
        return found.get_text(" ", strip=True) if found else ""

    @property
    def words(self) -> str:
        return " ".join(self.soup.get_text(" ").split())

    @property
    def errors(self) -> dict[str, str]:
        """Field → the sentence beside it; "" → those of the summary that belong to no field."""
        found = {}
        for one in self.soup.select(".err"):
            found[one["id"].removesuffix("-error")] = one.get_text(" ", strip=True).removeprefix("Error: ")
        for one in self.soup.select("#errors li"):
            if not one.find("a"):
                found[""] = one.get_text(" ", strip=True)
        return found

    def value(self, name: str) -> str:
        field = self.soup.find(attrs={"name": name})
        return "" if field is None else str(field.get("value") or field.get_text())

    def pills(self) -> list[str]:
        return [pill.get_text(" ", strip=True) for pill in self.soup.select(".pill")]

    def links(self) -> list[str]:
        return [str(link["href"]) for link in self.soup.select("a[href]")]


class Browser:
    def __init__(self, *, htmx: bool = False, address: str = "203.0.113.9") -> None:
        transport = httpx.ASGITransport(app(), raise_app_exceptions=False, client=(address, 40000))
        self.http = httpx.AsyncClient(transport=transport, base_url=settings().base_url)
        self.headers = {"HX-Request": "true"} if htmx else {}
        self.http.cookies.set("portal-start", secrets.token_urlsafe(32), domain="portal.test")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.http.aclose()

    async def signed_in(self, account_id: int) -> Self:
        """As if through the front door: a session of one's own."""
        self.http.cookies.set(
            "portal-session", await sessions.begin(account_id, "203.0.113.9", "test"), domain="portal.test"
        )
        return self

    @property
    def token(self) -> str:
        secret = self.http.cookies.get("portal-session") or self.http.cookies.get("portal-start") or ""
        return Visit(secret=secret).csrf_token()

    async def get(self, path: str, *, follow: bool = True, **headers: str) -> Page:
        return Page(await self.http.get(path, headers={**self.headers, **headers}, follow_redirects=follow))

    async def post(
        self,
        path: str,
        *,
        follow: bool = True,
        token: str | None = None,
        headers: dict[str, str] | None = None,
        files: dict[str, Any] | None = None,
        **fields: Any,
    ) -> Page:
        """`files`: name → (filename, content); with any, the form is multipart."""
        typed = {**fields, "_csrf_token": self.token if token is None else token}
        sent = {"Origin": settings().origin, **self.headers, **(headers or {})}
        return Page(await self.http.post(path, data=typed, files=files, headers=sent, follow_redirects=follow))

    async def press(
        self, page: Page, action: str, typed: Mapping[str, Any] | None = None, *, files: Any = None, **fields: Any
    ) -> Page:
        """Fills in the form that goes to `action` as the page shows it, and sends it as a browser would.

        `typed` is for names that are no words of Python; a list sends a name several times, None not at all.
        """
        form = page.soup.find("form", action=re.compile(re.escape(action) + "$"), method="post")
        assert form is not None, f"no form to {action} on {page.path}"
        sent: dict[str, Any] = {}
        for one in form.select("input[name], select[name], textarea[name]"):
            for value in _shown(one):
                sent.setdefault(str(one["name"]), []).append(value)
        sent |= {**(typed or {}), **fields}
        headers = {"Origin": settings().origin, **self.headers}
        told = {name: value for name, value in sent.items() if value is not None}
        answer = await self.http.post(
            str(form["action"]), data=told, files=files, headers=headers, follow_redirects=True
        )
        return Page(answer)


def _shown(one: Tag) -> list[str]:
    """What a browser sends of an input that nobody has touched."""
    if one.name == "select":
        chosen = one.find("option", selected=True) or one.find("option")
        return [str(chosen["value"])] if isinstance(chosen, Tag) else []
    if one.name == "textarea":
        return [one.get_text()]
    if one.get("type") in ("checkbox", "radio"):
        return [str(one.get("value", "on"))] if one.has_attr("checked") else []
    return [] if one.get("type") == "file" else [str(one.get("value", ""))]
