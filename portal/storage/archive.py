"""One encrypted file of named parts, written and read as a stream: what `portal backup` leaves behind.

magic | salt | proof of the passphrase | sealed chunks of records (kind, length, bytes). A part is a name and what
follows it; its size need not be known when it begins.
"""

import secrets
import struct
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO

from cryptography.hazmat.primitives.kdf.scrypt import Scrypt

from portal.storage.chunks import Altered, Opener, Sealer

MAGIC = b"portal backup 1\n"
SALT_BYTES = PROOF_BYTES = 32
HEADER = len(MAGIC) + SALT_BYTES + PROOF_BYTES
COST = {"n": 2**17, "r": 8, "p": 1}  # 128 MiB and some 0.4 s for each guess
NAME, CONTENT, END = 1, 2, 3
RECORD = struct.Struct(">BI")
PORTION = 1024 * 1024


class NotABackup(Exception):
    """It does not begin as one does."""


class WrongPassphrase(Exception):
    """Or the first bytes of the file are damaged: the two look the same."""


@dataclass(frozen=True)
class Sum:
    """What was in a part."""

    size: int
    sha256: str


class Writer:
    """`begin`, `add` as often as wanted, `close`, for each part; then `finish`."""

    def __init__(self, file: BinaryIO, passphrase: str) -> None:
        salt = secrets.token_bytes(SALT_BYTES)
        key, proof = _derived(passphrase, salt)
        header = MAGIC + salt + proof
        self._file, self._sealer = file, Sealer(key, header)
        self._size, self._digest = 0, sha256()
        file.write(header)

    def begin(self, name: str) -> None:
        self._size, self._digest = 0, sha256()
        self._record(NAME, name.encode())

    def add(self, portion: bytes) -> None:
        self._size += len(portion)
        self._digest.update(portion)
        for start in range(0, len(portion), PORTION):
            self._record(CONTENT, portion[start : start + PORTION])

    def close(self) -> Sum:
        self._record(END, b"")
        return Sum(self._size, self._digest.hexdigest())

    def finish(self) -> None:
        self._file.write(self._sealer.end())

    def _record(self, kind: int, content: bytes) -> None:
        self._file.write(self._sealer.add(RECORD.pack(kind, len(content)) + content))


class Part:
    """Its content can be read once, before the next part is asked for; then its sum is known."""

    def __init__(self, name: str, content: Iterator[bytes]) -> None:
        self.name = name
        self._content, self._size, self._digest = content, 0, sha256()

    def __iter__(self) -> Iterator[bytes]:
        for portion in self._content:
            self._size += len(portion)
            self._digest.update(portion)
            yield portion

    def read(self) -> bytes:
        return b"".join(self)

    def sum(self) -> Sum:
        for _ in self:
            pass
        return Sum(self._size, self._digest.hexdigest())


class Archive:
    """Raises `NotABackup` or `WrongPassphrase` at once; the key is derived once, however often it is read."""

    def __init__(self, path: Path, passphrase: str) -> None:
        self._path = path
        with path.open("rb") as file:
            self._header = file.read(HEADER)
        if len(self._header) < HEADER or not self._header.startswith(MAGIC):
            raise NotABackup
        self._key, proof = _derived(passphrase, self._header[len(MAGIC) : len(MAGIC) + SALT_BYTES])
        if not secrets.compare_digest(proof, self._header[-PROOF_BYTES:]):
            raise WrongPassphrase

    def parts(self) -> Iterator[Part]:
        """In the order in which they were written. `Altered` at the first chunk that is not what was written; that
        nothing is missing is known only at the end."""
        records = _records(self._opened())
        for kind, name in records:
            if kind != NAME:
                raise Altered
            part = Part(name.decode(), _content(records))
            yield part
            part.sum()

    def _opened(self) -> Iterator[bytes]:
        with self._path.open("rb") as file:
            opener = Opener(self._key, file.read(HEADER))
            while portion := file.read(PORTION):
                yield opener.add(portion)
            yield opener.end()


def _content(records: Iterator[tuple[int, bytes]]) -> Iterator[bytes]:
    for kind, portion in records:
        if kind == END:
            return
        yield portion
    raise Altered


def _records(plain: Iterator[bytes]) -> Iterator[tuple[int, bytes]]:
    waiting = bytearray()
    for portion in plain:
        waiting += portion
        at = 0
        while len(waiting) - at >= RECORD.size:
            kind, length = RECORD.unpack_from(waiting, at)
            if len(waiting) - at < RECORD.size + length:
                break
            yield kind, bytes(waiting[at + RECORD.size : at + RECORD.size + length])
            at += RECORD.size + length
        del waiting[:at]
    if waiting:
        raise Altered


def _derived(passphrase: str, salt: bytes) -> tuple[bytes, bytes]:
    """The key, and what shows that the passphrase is the right one without giving the key away."""
    typed = unicodedata.normalize("NFKC", passphrase).encode()
    both = Scrypt(salt=salt, length=32 + PROOF_BYTES, **COST).derive(typed)
    return both[:32], both[32:]
