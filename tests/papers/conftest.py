"""As in tests/messages: no automatic answers by chance."""

from tests.messages.conftest import db  # noqa: F401
