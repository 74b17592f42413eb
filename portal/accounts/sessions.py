"""Sessions: one row each, the cookie's hash in it; 15 minutes idle, 12 hours in all, for everyone."""

import hashlib
import json
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from portal import clock, keys
from portal.access import Reach, Role, Viewer
from portal.accounts.tables import Device
from portal.database import Prepared, fetch

IDLE = timedelta(minutes=15)
ABSOLUTE = timedelta(hours=12)
TOUCH_AFTER = timedelta(seconds=5)

WHO = """
       a.email, a.name, a.language, a.theme, a.time_zone, a.is_suspended, m.id AS staff_id, m.role, m.is_active,
       concat_ws(' ', nullif(m.prefix, ''), m.given_name, m.family_name) AS staff_name,
       (SELECT json_agg(json_build_object(
                   'client', g.client, 'kind', g.kind, 'areas', g.areas,
                   'name', concat_ws(' ', c.given_name, c.family_name, nullif(c.suffix, '')),
                   'called', coalesce(nullif(c.preferred_name, ''), c.given_name)) ORDER BY g.id)
          FROM access_grant g JOIN client c ON c.id = g.client
         WHERE g.account = a.id AND g.starts_at <= $2 AND (g.ends_at IS NULL OR g.ends_at > $2)) AS grants
"""
LOOKUP = Prepared(
    f"""
    SELECT s.id, s.account, s.created_at, s.seen_at, s.ended_at, s.notices, {WHO}
      FROM session s JOIN account a ON a.id = s.account LEFT JOIN staff_member m ON m.id = a.staff_member
     WHERE s.token_hash = $1
    """,
    "token",
    "now",
)
ACCOUNT = Prepared(
    f"""
    SELECT NULL::bigint AS id, a.id AS account, {WHO}
      FROM account a LEFT JOIN staff_member m ON m.id = a.staff_member WHERE a.id = $1 AND NOT a.is_suspended
    """,
    "account",
    "now",
)
BEGIN = Prepared(
    "INSERT INTO session (account, token_hash, created_at, seen_at, address, agent, notices)"
    " VALUES ($1, $2, $3, $3, $4, $5, $6)",
    "account",
    "token",
    "now",
    "address",
    "agent",
    "notices",
)


@dataclass(frozen=True)
class Found:
    """A live session; or, with `is_expired`, one that time has ended and whose account may have lost a POST."""

    viewer: Viewer
    account_id: int
    language: str
    theme: str
    notices: list[str]
    seen_at: datetime
    is_expired: bool = False


def hash_of(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


async def find(token: str, address: str, agent: str) -> Found | None:
    """One query: session, account, role and live grants. None for a token that is unknown, ended or suspended."""
    now = clock.now()
    rows = await LOOKUP(token=hash_of(token), now=now)
    if not rows or rows[0]["ended_at"] is not None or rows[0]["is_suspended"]:
        return None
    row = rows[0]
    expired = now - row["seen_at"] >= IDLE or now - row["created_at"] >= ABSOLUTE
    viewer = Viewer.nobody(address, agent) if expired else _viewer(row, address, agent)
    return Found(viewer, row["account"], row["language"], row["theme"], list(row["notices"]), row["seen_at"], expired)


async def viewer_of(account_id: int) -> Viewer | None:
    """As whom its owner would see the portal now, for work that goes on without them. None where it is suspended."""
    rows = await ACCOUNT(account=account_id, now=clock.now())
    return _viewer(rows[0], "", "") if rows else None


async def touch(found: Found) -> None:
    """Renews the idle time; background polls do not come here."""
    now = clock.now()
    if now - found.seen_at > TOUCH_AFTER:
        await fetch("UPDATE session SET seen_at = {} WHERE id = {} AND ended_at IS NULL", now, found.viewer.session_id)


async def begin(account_id: int, address: str, agent: str, notice: object = "") -> str:
    """A new session, never one that the browser proposed; `notice` is what its first page says.

    Returns the cookie's token.
    """
    token, now = secrets.token_urlsafe(32), clock.now()
    notices = [f"ok:{notice}"] if notice else []
    await BEGIN(account=account_id, token=hash_of(token), now=now, address=address, agent=agent[:300], notices=notices)
    return token


async def end(session_id: int) -> None:
    await fetch("UPDATE session SET ended_at = {} WHERE id = {} AND ended_at IS NULL", clock.now(), session_id)


async def end_all(account_id: int, but: int | None = None) -> int:
    """Every session of the account but one; returns how many."""
    rows = await fetch(
        "UPDATE session SET ended_at = {} WHERE account = {} AND ended_at IS NULL AND id <> {} RETURNING id",
        clock.now(),
        account_id,
        but or 0,
    )
    return len(rows)


async def keep_notices(session_id: int, notices: list[str]) -> None:
    await fetch("UPDATE session SET notices = {}::text[] WHERE id = {}", notices, session_id)


async def is_known_device(account_id: int, token: str) -> bool:
    return bool(token) and await Device.exists().where(
        Device.account == account_id, Device.token_hash == hash_of(token)
    )


async def devices(account_id: int) -> list[str]:
    rows = await Device.select(Device.token_hash).where(Device.account == account_id)
    return [bytes(row["token_hash"]).hex() for row in rows]


async def know_device(account_id: int, token: str) -> str:
    """Remembers this browser for this account; returns the cookie's token, never one that the browser made up."""
    secret, _, mac = token.rpartition(".")
    if not any(keys.same(mac, _device_mac(secret, key_id)) for key_id in keys.all_ids()):
        secret = secrets.token_urlsafe(32)
        token = f"{secret}.{_device_mac(secret, keys.newest_id())}"
    now = clock.now()
    await fetch(
        "INSERT INTO device (account, token_hash, first_at, last_at) VALUES ({}, {}, {}, {})"
        " ON CONFLICT (account, token_hash) DO UPDATE SET last_at = excluded.last_at",
        account_id,
        hash_of(token),
        now,
        now,
    )
    return token


def _device_mac(secret: str, key_id: str) -> str:
    return keys.derive("device", secret, key_id=key_id)[:8].hex()


async def prune() -> None:
    """Ended sessions are kept a month for questions, then forgotten."""
    await fetch("DELETE FROM session WHERE created_at < {}", clock.now() - timedelta(days=30))


def _viewer(row: dict[str, Any], address: str, agent: str) -> Viewer:
    is_staff = row["staff_id"] is not None and row["is_active"] and row["role"]
    return Viewer(
        account_id=row["account"],
        name=row["staff_name"] if is_staff else row["name"] or row["email"],
        email=row["email"],
        staff_id=row["staff_id"] if is_staff else None,
        role=Role(row["role"]) if is_staff else None,
        grants=tuple(
            Reach(one["client"], one["kind"], frozenset(one["areas"]), one["name"], one["called"])
            for one in json.loads(row["grants"] or "[]")
        ),
        session_id=row["id"],
        address=address,
        agent=agent,
        time_zone=row["time_zone"],
    )
