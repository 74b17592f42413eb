"""What is measured: each page at many addresses, so that no cache of one of them flatters it."""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from bench.bare import recorded
from bench.client import Line, Person, calm_latency, sign_in
from bench.conversations import LONG_SUBJECT
from bench.site import Server, Site
from bench.timing import Block, Rounds, cpu_seconds, in_turn
from portal import keys
from tasks.demo import PASSWORD as DEMO_PASSWORD

FRONT_DESK, CLIENT, FATHER = "priya@harborlane.example", "maya.reyes@example.com", "daniel.karim@example.com"
CLINICIAN = "ngozi@harborlane.example"
MANY, TIMES = 40, 3
HOT, OTHER = 0.75, 0.5


@dataclass(frozen=True)
class Measured:
    """A page, who looks at it, and its share of the hand-written one's speed that is asked for."""

    name: str
    email: str
    paths: list[str] = field(default_factory=list)
    budget: float = OTHER
    is_written_by_hand: bool = True
    is_fragment: bool = False

    def requests(self, person: Person) -> list[bytes]:
        headers = {"HX-Request": "true"} if self.is_fragment else {}
        return [person.get(path, **headers) for path in self.paths]


def pages(site: Site) -> list[Measured]:
    ids = {
        row["email_key"]: row["client"]
        for row in site.rows(
            "SELECT email_key, min(client) AS client FROM access_grant g JOIN account a ON a.id = g.account GROUP BY 1"
        )
    }
    some = site.rows(
        "SELECT id, given_key, split_part(family_key, ' ', 1) AS family, family_key FROM client WHERE id > 20"
        " AND (family_key, given_key) < ('y', '') ORDER BY md5(id::text) LIMIT $1", MANY,
    )  # fmt: skip
    emails = [
        row["address_key"]
        for row in site.rows("SELECT address_key FROM client_email WHERE client = ANY($1)", [one["id"] for one in some])
    ]
    days = site.rows(
        "SELECT birth_date FROM client WHERE birth_date IS NOT NULL GROUP BY 1 HAVING count(*) = 1"
        " ORDER BY md5(birth_date::text) LIMIT $1", MANY,
    )  # fmt: skip
    desk, inbox = "/staff/clients", f"/clients/{ids[CLIENT]}/messages"
    long = site.rows("SELECT id FROM thread WHERE subject = $1", LONG_SUBJECT)[0]["id"]
    return [
        Measured("dashboard", CLIENT, [f"/clients/{ids[CLIENT]}"], HOT),
        Measured("dashboard of a guardian", FATHER, [f"/clients/{ids[FATHER]}"], HOT),
        Measured("My Account", CLIENT, [f"/clients/{ids[CLIENT]}/account"], HOT),
        Measured("review queue", FRONT_DESK, ["/staff/review"], HOT),
        Measured("client list", FRONT_DESK, [desk]),
        Measured(
            "client list, a deep page", FRONT_DESK,
            [_found(desk, after=[one["family_key"], one["given_key"], one["id"]]) for one in some],
        ),
        Measured("search by last name", FRONT_DESK, [_found(desk, one["family"]) for one in some]),
        Measured("search by e-mail", FRONT_DESK, [_found(desk, email) for email in emails]),
        Measured("search by birth date", FRONT_DESK, [_found(desk, f"{one[0]:%m/%d/%Y}") for one in days]),
        Measured("inbox of a client", CLIENT, [inbox], HOT),
        Measured("what the badge asks", CLIENT, [f"{inbox}/unread"], HOT, is_fragment=True),
        Measured("a thread of 1,000 messages", CLIENT, [f"{inbox}/{long}"], HOT),
        Measured("inbox of the front desk", FRONT_DESK, ["/staff/messages"], HOT),
        Measured("inbox of a clinician", CLINICIAN, ["/staff/messages"], HOT),
        Measured("a thread of 1,000, for staff", FRONT_DESK, [f"/staff/messages/{long}"], is_written_by_hand=False),
        Measured("chart", FRONT_DESK, [f"/staff/clients/{one['id']}" for one in some], is_written_by_hand=False),
    ]  # fmt: skip


def people(site: Site, server: Server, measured: list[Measured]) -> dict[str, Person]:
    return {email: sign_in(server.port, email, DEMO_PASSWORD) for email in {one.email for one in measured}}


def turn(server: Server, requests: list[bytes]) -> Callable[[], Block]:
    asked = requests * (MANY // len(requests))

    def go() -> Block:
        before = cpu_seconds(server.pid)
        seconds = calm_latency(server.port, asked, TIMES)
        return Block(seconds, (cpu_seconds(server.pid) - before) / len(asked) / TIMES)

    return go


def against_bare_and_hand(
    site: Site, portal: Server, folder: Path, *, rounds: int
) -> Mapping[str, tuple[Measured, Rounds]]:
    """Three servers in turn: the bytes as a constant, the page by hand, the portal's page."""
    measured = [one for one in pages(site) if one.is_written_by_hand]
    by_email = people(site, portal, measured)
    constants = folder / "constants.json"
    constants.write_text(
        json.dumps([_record(portal, one, by_email[one.email], place) for place, one in enumerate(measured)])
    )
    found = {}
    with (
        site.python("-m", "bench.bare", _PORT, str(constants)) as bare,
        site.python("-m", "bench.handwritten", _PORT) as hand,
    ):
        for place, one in enumerate(measured):
            requests = one.requests(by_email[one.email])
            _insist_same_page(portal, hand, requests[0], one.name)
            contestants = {
                "bare": turn(bare, [Person(bare.port).get(f"/{place}")]),
                "hand": turn(hand, requests),
                "portal": turn(portal, requests),
            }
            found[one.name] = (one, in_turn(contestants, "hand", "portal", rounds=rounds))
    return found


_PORT = "{port}"


def _found(desk: str, words: str = "", **where: Any) -> str:
    sealed = keys.seal("find", json.dumps({"words": words, **where}).encode())
    return f"{desk}?find={base64.urlsafe_b64encode(sealed).decode()}"


def _record(portal: Server, one: Measured, person: Person, place: int) -> dict[str, Any]:
    with Line(portal.port) as line:
        answer = line.ask(one.requests(person)[0])
    return recorded(str(place), answer.headers, answer.body)


def _insist_same_page(portal: Server, hand: Server, request: bytes, name: str) -> None:
    """But for tokens, which are made anew each time, so: as long."""
    plain = request.replace(b"Accept-Encoding: gzip", b"Accept-Encoding: identity")
    with Line(portal.port) as one, Line(hand.port) as other:
        lengths = [len(line.ask(plain).body) for line in (one, other)]
    if lengths[0] != lengths[1]:
        raise RuntimeError(f"{name}: the portal answers {lengths[0]} bytes, the hand-written page {lengths[1]}")
