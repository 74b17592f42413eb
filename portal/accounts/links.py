"""Links and codes of letters: derived from a row's nonce, written down nowhere."""

import base64
import secrets

from portal import keys

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's: no I, L, O, U
CODE_LENGTH = 8
AS_MEANT = str.maketrans("ILO", "110")
NONCE_BYTES = 16


def nonce() -> bytes:
    return secrets.token_bytes(NONCE_BYTES)


def token(purpose: str, row_id: int, row_nonce: bytes, key_id: str) -> str:
    """What stands in a link: the row's id and 200 bits that only this portal can make."""
    mac = keys.derive(f"{purpose}-link", row_id, row_nonce, key_id=key_id)
    return f"{row_id}-{base64.b32encode(mac[:25]).decode().lower()}"


def row_id(text: str) -> int | None:
    """The id that a token claims, to look its row up by; it proves nothing yet."""
    number = text.partition("-")[0]
    return int(number) if is_id(number) else None


def is_id(text: str) -> bool:
    """Digits of ours, and no more of them than a key has."""
    return text.isascii() and text.isdigit() and len(text) < 19


def is_token(text: str, purpose: str, row: int, row_nonce: bytes, key_id: str) -> bool:
    return keys.knows(key_id) and keys.same(text.lower(), token(purpose, row, row_nonce, key_id))


def code(purpose: str, row_nonce: bytes, key_id: str) -> str:
    """Eight characters to type, 40 bits, written as `K7QM-2XRD`."""
    mac = keys.derive(f"{purpose}-code", row_nonce, key_id=key_id)
    value = int.from_bytes(mac[:8], "big")
    letters = "".join(ALPHABET[(value >> 5 * place) & 31] for place in range(CODE_LENGTH))
    return f"{letters[:4]}-{letters[4:]}"


def typed_code(text: str) -> str:
    """As it was meant: case, blanks and hyphens forgiven, letters that look like digits read as digits."""
    return "".join(char for char in text.upper().translate(AS_MEANT) if char in ALPHABET)


def code_digest(purpose: str, letters: str, key_id: str) -> bytes:
    """By which a typed code finds its row without standing in it."""
    return keys.derive(f"{purpose}-code-digest", typed_code(letters), key_id=key_id)
