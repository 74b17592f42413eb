"""The same desk as where clients pay."""

from tests.payments.conftest import desk, keys, stripe

__all__ = ["desk", "keys", "stripe"]
