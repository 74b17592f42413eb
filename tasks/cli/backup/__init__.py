"""`portal backup` and `portal restore`: the whole portal in one encrypted file, and back."""

import json
import os
import signal
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import BinaryIO

import click

from portal.settings import Misconfigured, Settings, settings
from portal.storage import archive, chunks
from tasks.cli.backup.manifest import Manifest, in_words

SHORTEST = 12
passphrase_option = click.option(
    "--passphrase-file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Instead of BACKUP_PASSPHRASE.",
)


@click.command()
@click.argument("file", type=click.Path(path_type=Path), required=False)
@passphrase_option
@click.option("--json", "as_json", is_flag=True)
def backup(file: Path | None, passphrase_file: Path | None, as_json: bool) -> None:
    """Put database, files and keys into one encrypted FILE, also while the portal runs.

    FILE may be a folder; without it the backup goes to DATA_DIR/backups.
    """
    config, tell = _settings(), Progress()
    if config.database_url is None and not (config.data_dir / "postgres").exists():
        raise click.ClickException(f"There is no portal in {config.data_dir}: set DATA_DIR or DATABASE_URL.")
    path = _target(file, config)
    passphrase, began = _passphrase(config, passphrase_file, is_new=True), time.monotonic()
    with _in_sentences(path), tell, _draft(path) as draft:
        writer = archive.Writer(draft, passphrase)
        # only now, when the memory that the passphrase took is free again
        from tasks.cli.backup.taking import take
        from tasks.cli.running import quiet, run

        quiet()
        manifest, warnings = run(lambda: take(writer, tell), migrated=False)
    took, size = time.monotonic() - began, path.stat().st_size
    if _secret_is_outside(config):
        warnings.append("Keep SECRET_KEY too: it is in the environment only, not in this file.")
    if as_json:
        told = {"file": str(path), "bytes": size, "seconds": round(took, 1), "warnings": warnings}
        click.echo(json.dumps({**told, "made_at": manifest.made_at, "rows": manifest.rows, "files": manifest.files}))
    else:
        click.echo(f"Backed up to {path}: {_inventory(manifest)}. {in_words(size)} in {took:.1f} s.")
        click.echo("Copy it to another machine. Only its passphrase opens it: keep that elsewhere.")
        for warning in warnings:
            click.echo(warning)


@click.command()
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--into", type=click.Path(file_okay=False, path_type=Path), help="Instead of DATA_DIR.")
@passphrase_option
@click.option("--force", is_flag=True, help="Where there is a portal already; that one is kept in a folder beside.")
def restore(file: Path, into: Path | None, passphrase_file: Path | None, force: bool) -> None:
    """Make a portal of the backup FILE: in DATA_DIR and, if that is set, in the empty database of DATABASE_URL.

    The file is read to its end and checked before anything is touched.
    """
    if into is not None:
        os.environ["DATA_DIR"] = str(into.absolute())
        settings.cache_clear()
    from tasks.cli.backup import restoring

    tell = Progress()
    with _in_sentences(file), tell:
        config = settings() if restoring.says_its_mode() else _whatever_its_mode()
        restoring.insist_on_room(config, force)
        passphrase, began = _passphrase(config, passphrase_file, is_new=False), time.monotonic()
        opened = archive.Archive(file, passphrase)
        found = restoring.contents(opened, tell)
        from tasks.cli.running import quiet

        quiet()
        restoring.insist_on_settings(found.manifest)
        restoring.insist_on_known_schema(found.manifest)
        outcome = restoring.restore(opened, found, config, tell)
    click.echo(f"Restored the portal of {found.manifest.made_at} into {config.data_dir}: {_inventory(found.manifest)}.")
    if outcome.steps:
        click.echo(f"Its database was brought up to date ({outcome.steps} steps).")
    if outcome.replaced:
        click.echo(f"What was there before is in {outcome.replaced}.")
    for line in (*outcome.notes, *outcome.faults[:50]):
        click.echo(line)
    if outcome.faults:
        click.echo(f"The audit is NOT whole: {outcome.sealed:,} rows sealed.")
    elif outcome.sealed:
        click.echo(f"The audit is whole: {outcome.sealed:,} rows sealed.")
    click.echo(f"It took {time.monotonic() - began:.1f} s.")
    if outcome.faults:
        raise SystemExit(1)


class Progress:
    """At a terminal one line on stderr that counts; elsewhere each kind of work once."""

    def __init__(self) -> None:
        self._is_terminal, self._last, self._at = sys.stderr.isatty(), "", 0.0

    def __call__(self, text: str) -> None:
        kind = text.partition(":")[0]
        if self._is_terminal and (kind != self._last or time.monotonic() - self._at > 0.1):
            click.echo(f"\r\x1b[K{text}", nl=False, err=True)
            self._at = time.monotonic()
        elif not self._is_terminal and kind != self._last:
            click.echo(f"{kind} …", err=True)
        self._last = kind

    def __enter__(self) -> None: ...

    def __exit__(self, *error: object) -> None:
        if self._is_terminal and self._last:
            click.echo("\r\x1b[K", nl=False, err=True)


def _settings() -> Settings:
    try:
        return settings()
    except Misconfigured as error:
        raise click.ClickException(str(error)) from None


def _whatever_its_mode() -> Settings:
    """Where to, and with which passphrase. What the portal may start with is known when the backup has been read."""
    return Settings.read({**os.environ, "SECRET_KEY": "-" * 32, "BASE_URL": "http://localhost", "DEBUG": ""})


def _target(file: Path | None, config: Settings) -> Path:
    name = f"portal-{datetime.now(UTC):%Y%m%dT%H%M%SZ}.backup"
    if file is None:
        path = config.data_dir / "backups" / name
    elif file.is_dir():
        path = file / name
    else:
        path = file
    if path.exists():
        raise click.ClickException(f"{path} exists already: choose another name.")
    return path.absolute()


def _passphrase(config: Settings, file: Path | None, *, is_new: bool) -> str:
    if file is not None:
        passphrase = file.read_text().rstrip("\r\n")
    elif config.backup_passphrase:
        passphrase = config.backup_passphrase
    elif sys.stdin.isatty():
        passphrase = click.prompt("Passphrase of the backup", hide_input=True, confirmation_prompt=is_new, err=True)
    else:
        raise click.ClickException("Set BACKUP_PASSPHRASE, name a --passphrase-file, or run this at a terminal.")
    if is_new and len(passphrase) < SHORTEST:
        raise click.ClickException(
            f"The passphrase is too short: use at least {SHORTEST} characters, better some words."
        )
    return passphrase


@contextmanager
def _draft(path: Path) -> Iterator[BinaryIO]:
    """Has its name only when it is whole and on the disk."""
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        draft.rename(path)
        folder = os.open(path.parent, os.O_RDONLY)
        os.fsync(folder)
        os.close(folder)
    finally:
        draft.unlink(missing_ok=True)


@contextmanager
def _in_sentences(path: Path) -> Iterator[None]:
    """And unwound, not cut off, where a signal asks to stop: what is half done is taken away."""
    from tasks.cli.backup.restoring import Refused

    for number in (signal.SIGTERM, signal.SIGHUP):
        if signal.getsignal(number) != signal.SIG_IGN:  # nohup
            signal.signal(number, lambda number, _: sys.exit(128 + number))
    try:
        yield
    except (Misconfigured, Refused) as error:
        raise click.ClickException(str(error)) from None
    except archive.NotABackup:
        raise click.ClickException(f"{path} is not a backup of the portal.") from None
    except archive.WrongPassphrase:
        raise click.ClickException(
            f"This passphrase does not open {path} (or its first bytes are damaged). Nothing was changed."
        ) from None
    except chunks.Altered:
        raise click.ClickException(
            f"{path} is damaged: it is not what was backed up, or its end is missing. Nothing was changed. Take another"
            " copy or an older backup."
        ) from None
    except _failures() as error:
        raise click.ClickException(f"It did not work: {error}") from None


def _failures() -> tuple[type[Exception], ...]:
    """Asked for only when something has gone wrong."""
    from asyncpg import InterfaceError, PostgresError

    from tasks.cli.backup.postgres import Failed

    return (Failed, OSError, PostgresError, InterfaceError)


def _secret_is_outside(config: Settings) -> bool:
    kept = config.data_dir / "secret_key"
    return not kept.exists() or kept.read_text().strip() not in config.secret_keys


def _inventory(manifest: Manifest) -> str:
    rows, tables = sum(manifest.rows.values()), len(manifest.rows)
    return f"{tables} tables with {rows:,} rows, {manifest.files:,} files, the keys"
