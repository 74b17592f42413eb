"""Authenticated encryption of a stream: nothing in it can be changed, cut off, moved or taken elsewhere unseen."""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

CHUNK = 64 * 1024
TAG = 16


class Altered(Exception):
    """Something has changed since it was sealed, or the end is missing."""


class Sealer:
    """Takes bytes in any portions and returns what to write; `end` returns the rest.

    The key must be of this stream alone: the nonce is only the chunk's number and whether it is the last. `bound` is
    not written, and whoever opens the stream must know it.
    """

    def __init__(self, key: bytes, bound: bytes) -> None:
        self._box, self._bound = AESGCM(key), bound
        self._number, self._waiting = 0, bytearray()

    def add(self, portion: bytes) -> bytes:
        self._waiting += portion
        whole = max(0, len(self._waiting) - 1) // CHUNK * CHUNK  # the last chunk is never empty, unless it is all
        sealed = b"".join(self._seal(bytes(self._waiting[at : at + CHUNK]), False) for at in range(0, whole, CHUNK))
        del self._waiting[:whole]
        return sealed

    def end(self) -> bytes:
        return self._seal(bytes(self._waiting), True)

    def _seal(self, chunk: bytes, is_last: bool) -> bytes:
        sealed = self._box.encrypt(_nonce(self._number, is_last), chunk, self._bound)
        self._number += 1
        return sealed


class Opener:
    """The way back. What it returns is authentic; that nothing is missing is known only when `end` has returned."""

    def __init__(self, key: bytes, bound: bytes) -> None:
        self._box, self._bound = AESGCM(key), bound
        self._number, self._waiting = 0, bytearray()

    def add(self, portion: bytes) -> bytes:
        self._waiting += portion
        size = CHUNK + TAG
        whole = max(0, len(self._waiting) - 1) // size * size
        plain = b"".join(self._open(bytes(self._waiting[at : at + size]), False) for at in range(0, whole, size))
        del self._waiting[:whole]
        return plain

    def end(self) -> bytes:
        return self._open(bytes(self._waiting), True)

    def _open(self, sealed: bytes, is_last: bool) -> bytes:
        if len(sealed) < TAG:
            raise Altered
        try:
            plain = self._box.decrypt(_nonce(self._number, is_last), sealed, self._bound)
        except InvalidTag:
            raise Altered from None
        self._number += 1
        return plain


def _nonce(number: int, is_last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([is_last])
