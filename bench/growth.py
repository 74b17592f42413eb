"""The same pages in a small portal and in a large one, in turn."""

from bench.client import Person
from bench.pages import pages, people, turn
from bench.site import Server, Site
from bench.timing import Rounds, in_turn

MOST = 1.2


def growth(small: tuple[Site, Server], large: tuple[Site, Server], *, rounds: int) -> dict[str, Rounds]:
    found = {}
    measured = [pages(site) for site, _ in (small, large)]
    known: list[dict[str, Person]] = [
        people(*one, pages_) for one, pages_ in zip((small, large), measured, strict=True)
    ]
    for few, many in zip(*measured, strict=True):
        contestants = {
            name: turn(server, one.requests(persons[one.email]))
            for name, one, (_, server), persons in (("small", few, small, known[0]), ("large", many, large, known[1]))
        }
        found[few.name] = in_turn(contestants, "large", "small", rounds=rounds)
    return found
