"""The client's first screen, gathered from what the features offer."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from portal.access import Area, NotFoundException, Viewer
from portal.database import Prepared

NAMES = Prepared(
    "SELECT id, given_name, family_name, suffix, preferred_name FROM client WHERE id = $1 AND id = ANY($2::bigint[])",
    "client",
    "reached",
)


@dataclass(frozen=True)
class Named:
    """Whose dashboard it is."""

    id: int
    name: str
    called: str


@dataclass(frozen=True)
class Tile:
    """One area of the portal: `state` says in words what stands there."""

    url: str
    icon: str
    name: object
    state: object
    badge: int = 0


@dataclass(frozen=True)
class ToDo:
    """One thing that waits: a plain act, since when or how long, and the words of its pill."""

    url: str
    label: object
    hint: object = ""
    pill: object = ""
    kind: str = ""


@dataclass(frozen=True)
class Part:
    """What one feature brings to the dashboard, for one client and one viewer."""

    area: Area
    tile: Callable[[Viewer, int], Awaitable[Tile]]
    to_do: Callable[[Viewer, int], Awaitable[list[ToDo]]]


PARTS: tuple[Part, ...] = ()


async def own_client(viewer: Viewer, client_id: int) -> Named:
    viewer.must_act_for(client_id)
    rows = await NAMES(client=client_id, reached=list(viewer.own_clients))
    if not rows:
        raise NotFoundException
    row = rows[0]
    name = " ".join(row[part] for part in ("given_name", "family_name", "suffix") if row[part])
    return Named(row["id"], name, row["preferred_name"] or row["given_name"])


async def dashboard(viewer: Viewer, client_id: int) -> tuple[list[Tile], list[ToDo]]:
    """The tiles of the areas that exist and that the grant opens, and what waits in them."""
    viewer.must_act_for(client_id)
    open_parts = [part for part in PARTS if viewer.acts_for(client_id, part.area)]
    tiles = [await part.tile(viewer, client_id) for part in open_parts]
    waiting = [one for part in open_parts for one in await part.to_do(viewer, client_id)]
    return tiles, waiting
