"""What an expired session was about to send is kept for its account, encrypted, for 24 hours."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from portal import clock, keys
from portal.access import NotFoundException, Viewer
from portal.accounts.tables import KeptPost
from portal.database import fetch

KEPT_FOR = timedelta(hours=24)
MOST_BYTES = 256 * 1024
MOST_KEPT = 5


@dataclass(frozen=True)
class GivenBack:
    """`fields` are (name, value) pairs in the order they were typed; files that came with them are gone.

    `files` are the names of their inputs: an older portal did not keep those.
    """

    id: int
    action: str
    fields: list[tuple[str, str]]
    had_files: bool
    files: list[str]


async def keep(
    viewer: Viewer, account_id: int, action: str, typed: Mapping[str, Sequence[str]], files: Sequence[str] = ()
) -> bool:
    """Passwords are never kept, nor more than the last few. False where there is nothing to keep or too much."""
    fields = [(name, value) for name, values in typed.items() for value in values if "password" not in name]
    plain = json.dumps({"action": action, "fields": fields, "had_files": bool(files), "files": list(files)}).encode()
    if not fields or len(plain) > MOST_BYTES:
        return False
    await KeptPost(
        account=account_id, sealed=keys.seal("kept post", plain, str(account_id)), kept_at=clock.now()
    ).save()
    await fetch(
        "DELETE FROM kept_post WHERE account = {} AND id NOT IN"
        " (SELECT id FROM kept_post WHERE account = {} ORDER BY id DESC LIMIT {})",
        account_id,
        account_id,
        MOST_KEPT,
    )
    return True


async def newest(viewer: Viewer) -> GivenBack | None:
    """The last one of the viewer's own account, and of nobody else's."""
    row = (
        await KeptPost.objects()
        .where(KeptPost.account == viewer.account_id, KeptPost.kept_at > clock.now() - KEPT_FOR)
        .order_by(KeptPost.id, ascending=False)
        .first()
    )
    if row is None:
        return None
    try:
        told = json.loads(keys.unseal("kept post", bytes(row.sealed), str(viewer.account_id)))
    except keys.Unreadable:
        return None
    fields = [(name, value) for name, value in told["fields"]]
    return GivenBack(row.id, told["action"], fields, told.get("had_files", False), told.get("files", []))


async def give_up(viewer: Viewer, kept_id: int) -> None:
    """Sent or thrown away: it is not kept any longer."""
    gone = (
        await KeptPost.delete()
        .where(KeptPost.account == viewer.account_id, KeptPost.id == kept_id)
        .returning(KeptPost.id)
    )
    if not gone:
        raise NotFoundException


async def prune() -> None:
    await fetch("DELETE FROM kept_post WHERE kept_at < {}", clock.now() - KEPT_FOR)
