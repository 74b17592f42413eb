"""The link by which a visit is confirmed: good for that visit at that time, and written down nowhere."""

from datetime import UTC, datetime

from portal import keys
from portal.accounts import links

PURPOSE = "confirm"


def token(reminder_id: int, appointment_id: int, starts_at: datetime) -> str:
    return links.token(PURPOSE, reminder_id, _nonce(appointment_id, starts_at), keys.newest_id())


def is_token(text: str, reminder_id: int, appointment_id: int, starts_at: datetime) -> bool:
    nonce = _nonce(appointment_id, starts_at)
    return any(links.is_token(text, PURPOSE, reminder_id, nonce, key_id) for key_id in keys.all_ids())


def _nonce(appointment_id: int, starts_at: datetime) -> bytes:
    return f"{appointment_id}:{starts_at.astimezone(UTC).isoformat()}".encode()
