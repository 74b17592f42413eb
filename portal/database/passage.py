"""Whom the database runs as, and its way to its data where these are in a folder of root."""

import logging
import os
import pwd
import struct
import time
from contextlib import suppress
from pathlib import Path

from portal.database.programs import binaries, run
from portal.settings import Misconfigured

ACL = "system.posix_acl_access"
USER_OBJ, USER, GROUP_OBJ, MASK, OTHER = 0x01, 0x02, 0x04, 0x10, 0x20
NOBODY = 0xFFFFFFFF


def server_user(home: Path) -> pwd.struct_passwd | None:
    """None is oneself. PostgreSQL refuses to run as root: then it runs as the owner of its data, or as `pgserver`."""
    owner = home.stat().st_uid if home.exists() else None
    if os.geteuid() == 0:
        return _entry(owner, home) if owner else _system_user()
    if owner not in (None, os.geteuid()):
        raise belongs_to_another(home)
    return None


def _entry(owner: int, home: Path) -> pwd.struct_passwd:
    try:
        return pwd.getpwuid(owner)
    except KeyError:
        raise Misconfigured(f"{home} belongs to the user {owner}, which this machine does not know.") from None


def _system_user(name: str = "pgserver") -> pwd.struct_passwd:
    for _ in range(10):
        with suppress(KeyError):
            return pwd.getpwnam(name)
        with suppress(OSError):
            run("useradd", "--system", "--no-create-home", "--shell", "/usr/sbin/nologin", name)
        time.sleep(0.1)
    raise Misconfigured(
        f"PostgreSQL does not run as root: make it a user (useradd --system {name}),"
        " run the portal as an ordinary user, or set DATABASE_URL."
    )


def belongs_to_another(home: Path) -> Misconfigured:
    return Misconfigured(f"{home} belongs to another user: run the portal as that user, or choose another DATA_DIR.")


def let_pass(user: pwd.struct_passwd, data: Path) -> None:
    """Root's home is closed to others, and a strict umask closes what was installed."""
    if _reaches(user, data):
        return
    for folder in (*reversed(data.parents), *reversed(binaries().parents)):
        if not folder.stat().st_mode & 0o001:
            _open(folder, user)
    package = binaries().parents[1]
    for part in package.parent.glob(f"{package.name}*"):
        for path in (part, *part.rglob("*")):
            _share(path)
    if not _reaches(user, data):
        raise Misconfigured(
            f"The database runs as the user {user.pw_name}, which cannot reach {data} or {binaries()}: choose a"
            " DATA_DIR outside of root's home, run the portal as an ordinary user, or set DATABASE_URL."
        )


def _reaches(user: pwd.struct_passwd, data: Path) -> bool:
    return run("sh", "-c", 'cd "$1" && "$2" --version', "sh", data, binaries() / "initdb", user=user).returncode == 0


def _open(folder: Path, user: pwd.struct_passwd) -> None:
    """To this user alone; where the file system keeps no access lists, to everybody (passing, not listing)."""
    try:
        os.setxattr(folder, ACL, _with_user(_entries(folder), user.pw_uid))
    except (OSError, AttributeError):
        folder.chmod(folder.stat().st_mode | 0o001)
        logging.getLogger("portal").warning(
            "%s: other users of this machine may now pass through it (not list it), so that the database, which runs as"
            " the user %s, reaches its data.", folder, user.pw_name,
        )  # fmt: skip


def _share(path: Path) -> None:
    """What the owner may read and run here (it is public software), everybody may."""
    if not path.is_symlink():
        mode = path.stat().st_mode
        path.chmod(mode | (mode & 0o500) >> 3 | (mode & 0o500) >> 6)


def _entries(folder: Path) -> list[tuple[int, int, int]]:
    if ACL in os.listxattr(folder):
        return list(struct.iter_unpack("<HHI", os.getxattr(folder, ACL)[4:]))
    mode = folder.stat().st_mode
    return [
        (USER_OBJ, mode >> 6 & 7, NOBODY),
        (GROUP_OBJ, mode >> 3 & 7, NOBODY),
        (OTHER, mode & 7, NOBODY),
    ]


def _with_user(entries: list[tuple[int, int, int]], uid: int) -> bytes:
    """The list with `uid` allowed to pass. The mask, which bounds users and groups, must allow it as well."""
    granted = {(tag, who): right for tag, right, who in entries}
    granted[USER, uid] = granted.get((USER, uid), 0) | 1
    granted[MASK, NOBODY] = granted.get((MASK, NOBODY), granted[GROUP_OBJ, NOBODY]) | 1
    rows = [struct.pack("<HHI", tag, right, who) for (tag, who), right in sorted(granted.items())]
    return struct.pack("<I", 2) + b"".join(rows)
