"""Restoring: read to its end first, then put together in a folder of its own, checked, and only then moved in."""

import asyncio
import os
import shutil
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import UTC, datetime
from fcntl import LOCK_EX, LOCK_NB, flock
from hashlib import sha256
from pathlib import Path

import msgspec

from portal.settings import DEMO_MARK, Settings, settings
from portal.storage.archive import Archive, Part, Sum
from portal.storage.chunks import Altered
from tasks.cli.backup.manifest import DATABASE, FILE, KEYS, MANIFEST, SECRET, Listing, Manifest, in_words

Tell = Callable[[str], None]
STAGE = "restoring"
ANCHOR = "audit.anchor"
MOVED = ("postgres", "files", "mail", SECRET, ANCHOR, DEMO_MARK)
LOCKS = ("serve.lock", "postgres.users")


class Refused(Exception):
    """Nothing was changed; the sentence says what to do."""


@dataclass(frozen=True)
class Contents:
    """What is in the file, but for the database and the files."""

    manifest: Manifest
    keys: bytes
    secret: bytes | None


@dataclass
class Outcome:
    """`faults` are of the audit; `notes` say what is left to do."""

    sealed: int = 0
    steps: int = 0
    faults: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    replaced: Path | None = None


# Before anything is touched -------------------------------------------------------------------------------------------


def insist_on_room(config: Settings, force: bool) -> None:
    """Neither over a portal, unless told so, nor under one that runs."""
    there = _portal_in(config)
    if there and not force:
        raise Refused(
            f"There is a portal already: {there[0]}. Name another folder with --into, or add --force, which keeps what"
            " is there in a folder beside it."
        )
    if any((config.data_dir / name).exists() for name in LOCKS):
        with _alone(config.data_dir):
            pass


def contents(archive: Archive, tell: Tell) -> Contents:
    """Reads all of it and compares it with the manifest. Raises `Altered`."""
    small, sums, listing = dict[str, bytes](), dict[str, Sum](), Listing()
    for part in archive.parts():
        if part.name.startswith(FILE):
            listing.add(part.name.removeprefix(FILE), part.sum())
        else:
            if part.name != DATABASE:
                small[part.name] = part.read()
            sums[part.name] = part.sum()
        tell(f"Checking: {in_words(listing.sum().size + sum(one.size for one in sums.values()))}")
    if not {MANIFEST, KEYS} <= small.keys():
        raise Altered
    try:
        manifest = msgspec.json.decode(small[MANIFEST], type=Manifest)
    except msgspec.ValidationError:
        raise Refused("Another version of the portal made this backup: restore it with that one.") from None
    del sums[MANIFEST]
    if (manifest.sums, manifest.files, manifest.files_sum) != (sums, listing.count, listing.sum()):
        raise Altered
    return Contents(manifest, small[KEYS], small.get(SECRET))


def insist_on_known_schema(manifest: Manifest) -> None:
    from piccolo.apps.migrations.commands.base import BaseMigrationManager

    from portal.piccolo_app import APP_CONFIG

    known = BaseMigrationManager().get_migration_modules(str(APP_CONFIG.migrations_folder_path))
    if not set(manifest.migrations) <= set(known):
        raise Refused(f"This backup is of a newer portal ({manifest.version}): update this one first.")


def insist_on_settings(manifest: Manifest) -> None:
    """A backup of a demo brings along all that a demo needs."""
    if not (manifest.is_demo or says_its_mode()):
        raise Refused(
            "This backup is not of a demo: set SECRET_KEY, as it was where the backup was made, and BASE_URL. For a"
            " demo backed up by an older portal, put PORTAL_MODE=demo before the command."
        )


def says_its_mode() -> bool:
    return any(os.environ.get(name) for name in ("PORTAL_MODE", "SECRET_KEY", "BASE_URL"))


# ---------------------------------------------------------------------------------------------------------------------


def restore(archive: Archive, found: Contents, config: Settings, tell: Tell) -> Outcome:
    with _alone(config.data_dir), _stage(config.data_dir / STAGE, found) as stage:
        with _database(config, stage) as dsn:
            outcome = asyncio.run(_fill(dsn, archive, found.manifest, tell))
        os.sync()  # all files at once, before the names that they are going to have
        outcome.replaced = _move_in(stage, config, found)
    os.sync()
    return outcome


@contextmanager
def _alone(data_dir: Path) -> Iterator[None]:
    """Nobody serves from this folder, and nobody begins to."""
    data_dir.mkdir(parents=True, exist_ok=True)
    with ExitStack() as held:
        for name in LOCKS:
            lock = held.enter_context((data_dir / name).open("a"))
            try:
                flock(lock, LOCK_EX | LOCK_NB)
            except BlockingIOError:
                raise Refused(f"The portal in {data_dir} is running: stop it first.") from None
        yield


@contextmanager
def _stage(stage: Path, found: Contents) -> Iterator[Path]:
    """A portal's folder, which the environment names while it is being filled."""
    from portal.database import embedded

    def clear() -> None:
        embedded.stop(stage)
        shutil.rmtree(stage, ignore_errors=True)

    clear()
    stage.mkdir(mode=0o700)
    try:
        _write(stage / KEYS, found.keys)
        if found.secret is not None:
            _write(stage / SECRET, found.secret)
        if found.manifest.is_demo:
            _write(stage / DEMO_MARK, b"")
        if found.manifest.audit_number:
            _write(stage / ANCHOR, f"{found.manifest.audit_number} {found.manifest.audit_seal}\n".encode())
        with _environment(DATA_DIR=str(stage), KEYS_FILE=str(stage / KEYS)):
            yield stage
    finally:
        clear()


def _database(config: Settings, stage: Path) -> AbstractContextManager[str]:
    from portal.database import embedded

    return embedded.running(stage) if config.database_url is None else nullcontext(config.database_url)


async def _fill(dsn: str, archive: Archive, manifest: Manifest, tell: Tell) -> Outcome:
    from portal import database
    from portal.database.migrations import migrate
    from tasks.cli.backup import postgres

    database.connect_to(dsn)
    async with database.pool(max_size=2):
        if not await postgres.is_empty():
            raise Refused("The database that DATABASE_URL names is not empty: make a new one and name that.")
        used, done = Counter[str](), 0
        for part in archive.parts():
            if part.name == DATABASE:
                tell("The database")
                await postgres.load(dsn, part)
            elif part.name.startswith(FILE):
                used[await _put(part)] += 1
                done += part.sum().size
                tell(f"Files: {used.total():,}, {in_words(done)}")
        tell("The audit")
        if (counted := await postgres.rows()) != manifest.rows:
            strange = sorted(name for name, _ in counted.items() ^ manifest.rows.items())
            raise postgres.Failed(f"The restored database does not hold what the backup counted: {', '.join(strange)}.")
        outcome = Outcome(steps=len(await migrate()), notes=_notes(used))
        await _check_audit(outcome, manifest)
    return outcome


async def _put(part: Part) -> str:
    """Returns the id of the key that opens it, after reading it back."""
    from portal import keys, storage

    key, opener, digest = part.name.removeprefix(FILE), "", sha256()
    await storage.put_sealed(key, _async(part))
    async for portion in storage.stream_sealed(key):
        if not opener:
            try:
                opener = storage.key_id(portion)
            except keys.Unreadable:
                opener = "damaged"
        digest.update(portion)
    if digest.hexdigest() != part.sum().sha256:
        raise OSError(f"{key} does not read back as it was written: check the disk")
    return opener


async def _async(portions: Iterable[bytes]) -> AsyncIterator[bytes]:
    for portion in portions:
        yield portion


def _notes(used: Counter[str]) -> list[str]:
    from portal.keys import keyring

    there = {one.id for one in keyring()}
    return [
        f"{count:,} files cannot be opened: the key {one} is missing."
        for one, count in used.items()
        if one not in there
    ]


async def _check_audit(outcome: Outcome, manifest: Manifest) -> None:
    from portal import keys
    from portal.audit import chain

    if not set(manifest.signing_ids) <= set(keys.all_ids()):
        outcome.notes.append(
            "SECRET_KEY here is not the one that this portal ran with: put the former one behind it, after a comma, and"
            " call `portal audit verify`. Until then the audit cannot be checked, and links in older letters fail."
        )
        return
    verdict = await chain.verify()
    outcome.sealed, outcome.faults = verdict.sealed, verdict.faults


def _move_in(stage: Path, config: Settings, found: Contents) -> Path | None:
    """Renames only. What was there is kept."""
    from portal.database import embedded

    replaced = None
    if _portal_in(config):
        embedded.stop(config.data_dir)  # it outlives a portal that was killed
        replaced = config.data_dir / f"replaced-{datetime.now(UTC):%Y%m%dT%H%M%SZ}"
        replaced.mkdir(mode=0o700)
        for path in (*(config.data_dir / name for name in MOVED), config.keys_file):
            if path.exists():
                shutil.move(path, replaced / path.name)
    (config.data_dir / DEMO_MARK).unlink(missing_ok=True)  # a demo is what is restored, not where
    for name in MOVED:
        if (stage / name).exists():
            (stage / name).replace(config.data_dir / name)
    _write(config.keys_file, found.keys)
    return replaced


def _portal_in(config: Settings) -> list[Path]:
    files = config.data_dir / "files"
    there = [path for path in (config.data_dir / "postgres", config.keys_file) if path.exists()]
    return there + ([files] if files.exists() and any(files.iterdir()) else [])


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        file.write(content)


@contextmanager
def _environment(**values: str) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    settings.cache_clear()
    try:
        yield
    finally:
        for name, value in before.items():
            os.environ.pop(name, None)
            if value is not None:
                os.environ[name] = value
        settings.cache_clear()
