"""What Stripe says instead of an answer."""

from typing import Any


class Refused(Exception):
    """`is_kept` says whether the endpoint had begun: only then does Stripe replay the refusal under the same key."""

    def __init__(
        self,
        message: str,
        *,
        status: int = 400,
        kind: str = "invalid_request_error",
        is_kept: bool = True,
        **more: Any,
    ) -> None:
        super().__init__(message)
        self.status = status
        self.is_kept = is_kept
        said = {"message": message, "type": kind, **more}
        self.error = {name: value for name, value in said.items() if value is not None}


def not_read(message: str, *, param: str | None, code: str | None = None) -> Refused:
    """The request was not understood, so nothing was begun."""
    return Refused(message, code=code, param=param, is_kept=False)


NAMES = {"payment_method": "PaymentMethod"}


def missing(kind: str, id: str, *, param: str = "id", status: int = 404) -> Refused:
    return Refused(f"No such {NAMES.get(kind, kind)}: '{id}'", status=status, code="resource_missing", param=param)


def declined(code: str, decline_code: str | None, message: str, **more: Any) -> Refused:
    return Refused(message, status=402, kind="card_error", code=code, decline_code=decline_code, **more)
