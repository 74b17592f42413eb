"""What an address must remember and nobody may read: names that were searched for, and where a list stands."""

import json
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any

from portal import keys


def sealed(purpose: str, **told: Any) -> str:
    return urlsafe_b64encode(keys.seal(purpose, json.dumps(told).encode())).decode()


def unsealed(purpose: str, text: str) -> dict[str, Any]:
    """Nothing, where it is not ours: then the whole list is shown."""
    try:
        return dict(json.loads(keys.unseal(purpose, urlsafe_b64decode(text.encode())))) if text else {}
    except (ValueError, keys.Unreadable):
        return {}
