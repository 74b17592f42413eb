"""Signing in against one bare argon2 verify, and what the others feel of many who sign in at once."""

import select
from dataclasses import dataclass
from statistics import median
from time import perf_counter

from bench.client import Line, Person, at_the_door, sign_in
from bench.pages import CLIENT
from bench.site import CROWD, Server, Site
from bench.timing import Block, Rounds, in_turn, percentile
from portal.accounts.passwords import HASHER
from tasks.demo import PASSWORD as DEMO_PASSWORD

MOST = 1.15
MOST_WAIT = 2.0
EACH = 5


@dataclass(frozen=True)
class Storm:
    """p95 of the dashboard alone and during the storm, in seconds, and how long the storm took."""

    calm: float
    rough: float
    lasted: float


def against_argon2(site: Site, portal: Server, *, rounds: int) -> Rounds:
    stored = site.rows("SELECT password_hash FROM account WHERE email_key = $1", CLIENT)[0][0]
    person, token = at_the_door(portal.port)
    request = person.post("/sign-in", {"_csrf_token": token, "email": CLIENT, "password": DEMO_PASSWORD})

    def verify() -> Block:
        began = perf_counter()
        for _ in range(EACH):
            HASHER.verify(stored, DEMO_PASSWORD)
        return Block((perf_counter() - began) / EACH)

    def signed_in() -> Block:
        with Line(portal.port) as line:
            began = perf_counter()
            for _ in range(EACH):
                if (status := line.ask(request).status) != 303:
                    raise RuntimeError(f"signing in answers {status}")
            return Block((perf_counter() - began) / EACH)

    return in_turn({"argon2": verify, "sign-in": signed_in}, "sign-in", "argon2", rounds=rounds)


def storms(portal: Server, *, rounds: int) -> list[Storm]:
    """Twenty accounts from twenty addresses at one moment; one reader turns the dashboard's pages meanwhile."""
    reader = sign_in(portal.port, CLIENT, DEMO_PASSWORD)
    person, token = at_the_door(portal.port)
    page = reader.get("/")
    with Line(portal.port) as line:
        page = reader.get(line.ask(page).header("location"))
        found = []
        for _ in range(rounds):
            calm = [_timed(line, page) for _ in range(200)]
            found.append(_storm(portal, line, page, percentile(calm, 0.95), person, token))
    return found


def p95_ratio(found: list[Storm]) -> float:
    return median(one.rough / one.calm for one in found)


def _storm(portal: Server, line: Line, page: bytes, calm: float, person: Person, token: str) -> Storm:
    requests = [
        person.post(
            "/sign-in",
            {"_csrf_token": token, "email": f"bench-{place}@example.com", "password": DEMO_PASSWORD},
            **{"X-Forwarded-For": f"203.0.113.{place}"},
        )
        for place in range(1, CROWD + 1)
    ]
    doors = [Line(portal.port) for _ in requests]
    began = perf_counter()
    for door, request in zip(doors, requests, strict=True):
        door.send(request)
    waiting, rough = {door.socket: door for door in doors}, []
    while waiting:
        rough.append(_timed(line, page))
        for ready in select.select(list(waiting), [], [], 0)[0]:
            with waiting.pop(ready) as door:
                if (status := door.take().status) != 303:
                    raise RuntimeError(f"signing in answers {status}")
    return Storm(calm, percentile(rough, 0.95), perf_counter() - began)


def _timed(line: Line, request: bytes) -> float:
    began = perf_counter()
    if (status := line.ask(request).status) != 200:
        raise RuntimeError(f"the page answers {status}")
    return perf_counter() - began
