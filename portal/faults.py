"""Places at which a process may be made to die, by name: for tests that ask what it leaves behind."""

import os
import signal

from portal.settings import settings


def point(name: str) -> None:
    """As `kill -9` at this very place, where PORTAL_FAULT names it. Settings refuse it outside of tests."""
    if settings().fault == name:
        os.kill(os.getpid(), signal.SIGKILL)
