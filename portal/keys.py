"""Keys by purpose: what signs links and forms (SECRET_KEY), what encrypts at rest (the key file).

The key file also keeps what seals documents (signets.py).
"""

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from fcntl import LOCK_EX, flock
from functools import cache
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from portal.settings import settings

ID_BYTES = 8
NONCE_BYTES = 12


class Unreadable(Exception):
    """Sealed with a key that is not here, or changed since."""


# What signs ---------------------------------------------------------------------------------------------------------


@cache
def _signing() -> dict[str, bytes]:
    """Newest first; the id is a digest of the key, so that rows can name it."""
    found = {}
    for key in settings().secret_keys:
        material = key.encode()
        found[hashlib.sha256(b"portal key id" + material).hexdigest()[:16]] = hashlib.sha256(material).digest()
    return found


def newest_id() -> str:
    return next(iter(_signing()))


def all_ids() -> list[str]:
    return list(_signing())


def knows(key_id: str) -> bool:
    return key_id in _signing()


def derive(purpose: str, *parts: object, key_id: str | None = None) -> bytes:
    """HMAC-SHA256 of the parts under a key for one purpose: 32 bytes. Raises `Unreadable` for a key that is gone."""
    key = _signing().get(key_id or newest_id())
    if key is None:
        raise Unreadable(f"no signing key {key_id}")
    message = b"\0".join(part if isinstance(part, bytes) else str(part).encode() for part in (purpose, *parts))
    return hmac.digest(key, message, "sha256")


def same(one: str | bytes, other: str | bytes) -> bool:
    left, right = (part.encode() if isinstance(part, str) else part for part in (one, other))
    return hmac.compare_digest(left, right)


# What encrypts ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class SealingKey:
    id: str
    made_at: str
    material: bytes


@cache
def keyring() -> tuple[SealingKey, ...]:
    """Newest first. The first start makes the file; a lost file is lost files."""
    path = settings().keys_file
    if not kept(path)["keys"]:
        with alone_with(path):
            if not kept(path)["keys"]:
                _added(path)
    entries = kept(path)["keys"]
    return tuple(SealingKey(one["id"], one["made_at"], base64.b64decode(one["key"])) for one in entries)


def add_key(path: Path) -> str:
    """Puts a new key first; the older ones still open what they sealed. Returns its id. One process at a time."""
    with alone_with(path):
        return _added(path)


def _added(path: Path) -> str:
    entry = {
        "id": secrets.token_hex(ID_BYTES),
        "made_at": datetime.now(UTC).isoformat(timespec="seconds"),
        "key": base64.b64encode(AESGCM.generate_key(256)).decode(),
    }
    put_first(path, "keys", entry)
    keyring.cache_clear()
    return entry["id"]


@contextmanager
def alone_with(path: Path) -> Iterator[None]:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.with_suffix(".lock").open("a") as lock:
        flock(lock, LOCK_EX)
        yield


def kept(path: Path) -> dict[str, list[Any]]:
    """What the key file holds, each list with the newest first."""
    found = json.loads(path.read_text()) if path.exists() else {"keys": []}
    return {"signets": [], **found, "keys": found["keys"]}


def put_first(path: Path, which: str, entry: dict[str, str]) -> None:
    """By whoever is alone with it."""
    now = kept(path)
    draft = path.with_suffix(f".{os.getpid()}.new")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump({**now, which: [entry, *now[which]]}, file, indent=1)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)


def seal(purpose: str, plain: bytes, context: str = "") -> bytes:
    """AES-256-GCM under the newest key: key id, nonce, ciphertext. `context` must be the same to open it."""
    key = keyring()[0]
    nonce = secrets.token_bytes(NONCE_BYTES)
    box = AESGCM(key.material).encrypt(nonce, plain, f"{purpose}\0{context}".encode())
    return bytes.fromhex(key.id) + nonce + box


def unseal(purpose: str, sealed: bytes, context: str = "") -> bytes:
    """Raises `Unreadable` where the key is gone or a byte has changed."""
    key_id = sealed[:ID_BYTES].hex()
    nonce, box = sealed[ID_BYTES : ID_BYTES + NONCE_BYTES], sealed[ID_BYTES + NONCE_BYTES :]
    try:
        return AESGCM(_key(key_id)).decrypt(nonce, box, f"{purpose}\0{context}".encode())
    except (InvalidTag, ValueError):
        raise Unreadable(f"cannot open what key {key_id} sealed") from None


def _key(key_id: str) -> bytes:
    """A key made meanwhile by another process is read from the file once more."""
    for _ in range(2):
        for key in keyring():
            if key.id == key_id:
                return key.material
        keyring.cache_clear()
    raise Unreadable(f"no key {key_id}")
