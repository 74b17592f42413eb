"""How much is unread on a client's side: one condition for the badge and for the inbox, so that they never differ."""

from portal.access import Area, NotFoundException, Viewer
from portal.database import Prepared

# Of the message `m` and the reader's part `p` in its thread. An automatic answer says nothing that one waits for.
IS_NEW = "m.id > p.read_to AND m.kind <> 'automatic' AND m.author IS DISTINCT FROM p.account"
UNREAD = Prepared(
    f"""
    SELECT count(*) AS n FROM thread_participant AS p
      JOIN thread AS t ON t.id = p.thread AND t.client = $2 AND t.latest > p.read_to
      JOIN message AS m ON m.thread = t.id AND {IS_NEW}
     WHERE p.account = $1
    """,
    "account",
    "client",
)
OF_EACH = Prepared(
    f"""
    SELECT t.client, count(*) AS n FROM thread_participant AS p
      JOIN thread AS t ON t.id = p.thread AND t.client = ANY($2) AND t.latest > p.read_to
      JOIN message AS m ON m.thread = t.id AND {IS_NEW}
     WHERE p.account = $1 GROUP BY t.client
    """,
    "account",
    "clients",
)
SINCE = Prepared(
    """
    SELECT count(m.id) AS n FROM thread_participant AS p JOIN thread AS t ON t.id = p.thread AND t.client = $2
      LEFT JOIN message AS m ON m.thread = t.id AND m.id > $4 AND m.author IS DISTINCT FROM p.account
     WHERE p.account = $1 AND t.id = $3 GROUP BY t.id
    """,
    "account",
    "client",
    "thread",
    "after",
)


async def unread(viewer: Viewer, client_id: int) -> int:
    """Messages of this client that the viewer has not read."""
    viewer.must_act_for(client_id, Area.MESSAGES)
    return int((await UNREAD(account=viewer.account_id, client=client_id))[0]["n"])


async def of_each(viewer: Viewer) -> dict[int, int]:
    """The same for every client whose messages the viewer reads; those without anything new are left out."""
    clients = [one.client_id for one in viewer.grants if Area.MESSAGES in one.areas]
    return {row["client"]: int(row["n"]) for row in await OF_EACH(account=viewer.account_id, clients=clients)}


async def since(viewer: Viewer, client_id: int, thread_id: int, after: int) -> int:
    """What others have said in a thread after the message that is the last on the page."""
    viewer.must_act_for(client_id, Area.MESSAGES)
    rows = await SINCE(account=viewer.account_id, client=client_id, thread=thread_id, after=after)
    if not rows:
        raise NotFoundException
    return int(rows[0]["n"])
