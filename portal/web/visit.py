"""What is known of one request before it is answered; the session middleware of `accounts` fills it in."""

import base64
import secrets
from dataclasses import dataclass, field

from portal import keys
from portal.access import Viewer


@dataclass
class Visit:
    """`secret` is the cookie that the CSRF token is derived from: the session's, or the one before sign-in.

    `waiting` is how many wait for review, and `unread` how many messages of the client whose page it is, where the
    page has counted them for itself.
    """

    viewer: Viewer = field(default_factory=Viewer.nobody)
    language: str = "en"
    theme: str = ""
    secret: str = ""
    is_new_secret: bool = False
    expired_account: int | None = None
    notices: list[str] = field(default_factory=list)
    is_given_back: bool = False
    waiting: int | None = None
    unread: int | None = None

    def csrf_token(self) -> str:
        """Masked anew each time, so that compression gives nothing away."""
        if not self.secret:
            self.secret, self.is_new_secret = secrets.token_urlsafe(32), True
        mac = keys.derive("csrf", self.secret)
        mask = secrets.token_bytes(len(mac))
        return base64.urlsafe_b64encode(mask + _xor(mask, mac)).decode()

    def is_our_token(self, token: str) -> bool:
        try:
            raw = base64.urlsafe_b64decode(token.encode())
        except ValueError:
            return False
        if not self.secret or len(raw) != 64:
            return False
        mac = _xor(raw[:32], raw[32:])
        return any(keys.same(mac, keys.derive("csrf", self.secret, key_id=one)) for one in keys.all_ids())


def _xor(one: bytes, other: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(one, other, strict=True))
