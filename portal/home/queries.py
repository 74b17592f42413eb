"""The client's first screen, gathered from what the features offer."""

from dataclasses import dataclass

from portal.access import NotFoundException, Viewer
from portal.clients.names import full_name
from portal.database import Prepared
from portal.home.parts import PARTS, Tile, ToDo

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


async def own_client(viewer: Viewer, client_id: int) -> Named:
    viewer.must_act_for(client_id)
    rows = await NAMES(client=client_id, reached=list(viewer.own_clients))
    if not rows:
        raise NotFoundException
    row = rows[0]
    return Named(row["id"], full_name(row), row["preferred_name"] or row["given_name"])


async def dashboard(viewer: Viewer, client_id: int) -> tuple[list[Tile], list[ToDo]]:
    """The tiles of the areas that exist and that the grant opens, and what waits in them."""
    viewer.must_act_for(client_id)
    tiles, waiting = [], []
    for part in PARTS:
        if viewer.acts_for(client_id, part.area):
            told = await part.ask(viewer, client_id)
            tiles.append(part.tile(client_id, told))
            waiting += part.to_do(client_id, told)
    return tiles, waiting
