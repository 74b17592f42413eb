"""What an address or a form must remember and nobody may read: names that were searched for, where a list stands."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from portal import keys


def sealed(purpose: str, context: str = "", /, **told: Any) -> str:
    """`context` must be the same to read it."""
    return urlsafe_b64encode(keys.seal(purpose, json.dumps(told).encode(), context)).decode()


def unsealed(purpose: str, text: str, context: str = "") -> dict[str, Any]:
    """Nothing, where it is not ours."""
    try:
        return dict(json.loads(keys.unseal(purpose, urlsafe_b64decode(text.encode()), context))) if text else {}
    except (ValueError, keys.Unreadable):
        return {}
