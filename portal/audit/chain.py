"""The chain: the worker seals committed rows in order; `verify` finds one changed, removed or moved."""

import asyncio
import hmac
import json
import logging
import os
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from portal import keys
from portal.database import fetch, transaction
from portal.settings import settings

LOCK = 0x6175646974  # "audit"
BATCH = 1000
FIRST = b"\0" * 32
COLUMNS = "id, happened_at, account_id, actor, role, act, client_id, subject_id, address, detail"
NOWHERE = (-1, b"")  # an anchor that no chain holds

log = logging.getLogger("portal.audit")


@dataclass
class Verdict:
    """How many rows are sealed, how many wait for the sealer, and each fault as a sentence."""

    sealed: int = 0
    unsealed: int = 0
    faults: list[str] = field(default_factory=list)

    @property
    def is_whole(self) -> bool:
        return not self.faults


async def seal() -> int:
    """Chains the committed rows that are not sealed yet; returns how many. One sealer at a time."""
    async with transaction():
        await fetch("SELECT pg_advisory_xact_lock({}::bigint)", LOCK)
        rows = await fetch(f"SELECT {COLUMNS} FROM audit_row WHERE seal_number IS NULL ORDER BY id LIMIT {BATCH}")
        if not rows:
            return 0
        number, previous = await _head()
        key_id = keys.newest_id()
        ids, numbers, seals = [], [], []
        for row in rows:
            number += 1
            previous = _sealed(row, number, previous, key_id)
            ids.append(row["id"])
            numbers.append(number)
            seals.append(previous)
        await fetch(
            "UPDATE audit_row SET seal_number = new.number, seal = new.seal, key_id = {}"
            " FROM unnest({}::bigint[], {}::bigint[], {}::bytea[]) AS new(id, number, seal)"
            " WHERE audit_row.id = new.id",
            key_id,
            ids,
            numbers,
            seals,
        )
    await _move_anchor()
    return len(rows)


async def verify() -> Verdict:
    """Reads the whole audit in the order of its seals."""
    verdict = Verdict()
    previous, anchored = FIRST, _read_anchor()
    async for row in _sealed_rows():
        verdict.sealed += 1
        number = row["seal_number"]
        if number != verdict.sealed:
            verdict.faults.append(f"row {verdict.sealed} of the chain is missing: the next one is {number}")
            verdict.sealed = number
        elif not keys.knows(row["key_id"]):
            verdict.faults.append(f"row {number} was sealed with key {row['key_id']}, which is not in SECRET_KEY")
        elif not hmac.compare_digest(_sealed(row, number, previous, row["key_id"]), row["seal"]):
            verdict.faults.append(f"row {number} (audit_row {row['id']}) is not what was sealed")
        previous = row["seal"]
        if anchored and anchored[0] == number and anchored[1] != previous:
            verdict.faults.append(f"row {number} differs from the anchor in {_anchor()}")
    if anchored == NOWHERE:
        verdict.faults.append(f"the anchor in {_anchor()} cannot be read")
    elif anchored and anchored[0] > verdict.sealed:
        verdict.faults.append(
            f"the chain ends at {verdict.sealed}, but {anchored[0]} rows were sealed: the end is cut off"
        )
    waiting = await fetch("SELECT count(*) AS count FROM audit_row WHERE seal_number IS NULL")
    verdict.unsealed = waiting[0]["count"]
    return verdict


async def _sealed_rows() -> AsyncIterator[dict[str, Any]]:
    after = 0
    while True:
        rows = await fetch(
            f"SELECT {COLUMNS}, seal_number, key_id, seal FROM audit_row"
            f" WHERE seal_number > {{}} ORDER BY seal_number LIMIT {BATCH}",
            after,
        )
        for row in rows:
            yield row
        if not rows:
            return
        after = rows[-1]["seal_number"]


def _sealed(row: dict[str, Any], number: int, previous: bytes, key_id: str) -> bytes:
    told = {**row, "happened_at": row["happened_at"].isoformat(), "detail": json.loads(row["detail"])}
    told = {name: told[name] for name in COLUMNS.split(", ")}
    return keys.derive("audit", number, previous, json.dumps(told, sort_keys=True), key_id=key_id)


async def _head() -> tuple[int, bytes]:
    last = await fetch(
        "SELECT seal_number, seal FROM audit_row WHERE seal_number IS NOT NULL ORDER BY seal_number DESC LIMIT 1"
    )
    return (last[0]["seal_number"], last[0]["seal"]) if last else (0, FIRST)


async def _move_anchor() -> None:
    """Only along a chain that still holds it: one that was cut off must not look whole when it has grown again."""
    async with transaction():
        await fetch("SELECT pg_advisory_xact_lock({}::bigint)", LOCK)
        anchored = _read_anchor()
        if anchored is None or await _holds(*anchored):
            await asyncio.to_thread(_write_anchor, *await _head())
        else:
            log.error(json.dumps({"event": "the audit is not whole: run portal audit verify"}))


async def _holds(number: int, seal: bytes) -> bool:
    rows = await fetch("SELECT seal FROM audit_row WHERE seal_number = {}", number)
    return bool(rows) and hmac.compare_digest(rows[0]["seal"], seal)


def _anchor() -> Path:
    """Outside the database, so that a chain cut off at its end is seen."""
    return settings().data_dir / "audit.anchor"


def _read_anchor() -> tuple[int, bytes] | None:
    """None before the first seal; `NOWHERE` where somebody has been at the file."""
    try:
        number, seal_hex = _anchor().read_text().split()
        return int(number), bytes.fromhex(seal_hex)
    except FileNotFoundError:
        return None
    except ValueError:
        return NOWHERE


def _write_anchor(number: int, seal: bytes) -> None:
    """Never half-written, however the process ends."""
    draft = _anchor().with_suffix(f".{os.getpid()}.new")
    draft.parent.mkdir(parents=True, exist_ok=True)
    with draft.open("w") as file:
        file.write(f"{number} {seal.hex()}\n")
        file.flush()
        os.fsync(file.fileno())
    draft.replace(_anchor())
