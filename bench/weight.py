"""Bytes on the line: of a first visit with everything it needs, of the next pages, of a fragment."""

from bench.client import Line, Person
from bench.pages import pages, people
from bench.site import Server, Site
from portal.web.assets import shelf, static_url

FIRST, NEXT, FRAGMENT = 60 * 1024, 8 * 1024, 3 * 1024


def weights(site: Site, portal: Server) -> dict[str, tuple[int, int]]:
    """Name → (bytes, budget), each as it was answered with gzip."""
    measured = pages(site)
    by_email = people(site, portal, measured)
    nobody = Person(portal.port)
    with Line(portal.port) as line:

        def weigh(request: bytes) -> int:
            answer = line.ask(request)
            if answer.status != 200:
                raise RuntimeError(f"{answer.status} for {request.splitlines()[0].decode()}")
            return len(answer.body)

        assets = {name: weigh(nobody.get(static_url(name))) for name in shelf()}
        door = weigh(nobody.get("/sign-in"))
        found = {"first visit: sign-in and all assets": (door + sum(assets.values()), FIRST)}
        found |= {f"of these {name}": (size, 0) for name, size in {"sign-in": door, **assets}.items()}
        for one in measured:
            found[one.name] = (weigh(one.requests(by_email[one.email])[0]), NEXT)
        for one in measured:
            found[f"fragment of {one.name}"] = (
                weigh(by_email[one.email].get(one.paths[0], **{"HX-Request": "true"})),
                FRAGMENT,
            )
    return found
