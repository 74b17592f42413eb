"""`portal keys`: what encrypts files and secrets at rest, and what seals completed documents."""

import json
import os
import stat
from pathlib import Path

import click

from portal.settings import Misconfigured, settings

json_option = click.option("--json", "as_json", is_flag=True)


@click.group()
def keys() -> None:
    """The keys of files and of secrets in the database, and the seal of documents. A lost key is lost files."""


@keys.command("init")
@json_option
def init(as_json: bool) -> None:
    """Make what is missing of the key file: a key for files, and a seal for completed documents.

    The first start does that by itself; called before, it makes the file that you then put into a safe place.
    """
    from portal.keys import keyring
    from portal.signets import signets

    path = _path()
    key, signet = keyring()[0], signets()[0]
    if as_json:
        click.echo(json.dumps({"path": str(path), "key": key.id, "seal": signet.fingerprint.hex()}))
    else:
        click.echo(f"{path} holds the key {key.id}, made {key.made_at},")
        click.echo(f"and the seal {_in_pairs(signet.fingerprint)}, made {signet.made_at}.")
        click.echo("Keep a copy of it elsewhere, or make a backup: a lost key is lost files.")


@keys.command("new-seal")
@json_option
def new_seal(as_json: bool) -> None:
    """Add a seal with which completed documents are sealed from now on; those sealed before are still known."""
    from portal import signets

    path = _path()
    signets.add(path)
    newest = signets.signets()[0]
    if as_json:
        click.echo(json.dumps({"seal": newest.fingerprint.hex(), "path": str(path)}))
    else:
        click.echo(f"Added the seal {_in_pairs(newest.fingerprint)} to {path}.")
        click.echo("Restart the portal, so that all of it uses the new seal. Then make a backup.")


@keys.command("certificate")
def certificate() -> None:
    """Print the certificates of all seals as PEM: who has them can check documents without the portal."""
    from portal.signets import signets

    for one in signets():
        click.echo(one.pem, nl=False)


@keys.command("list")
@json_option
def list_keys(as_json: bool) -> None:
    """Which keys there are; the newest seals, all of them open."""
    from portal.keys import keyring

    path = _path()
    found = keyring() if path.exists() else ()
    if as_json:
        told = [{"id": one.id, "made_at": one.made_at, "is_newest": place == 0} for place, one in enumerate(found)]
        click.echo(json.dumps(told))
    elif found:
        for place, one in enumerate(found):
            click.echo(f"{one.id}  made {one.made_at}{'  newest: seals what is new' if place == 0 else ''}")
    else:
        click.echo(f"There is no key yet: the first file makes one in {path}, or `portal keys new` does.")


@keys.command("new")
@json_option
def new_key(as_json: bool) -> None:
    """Add a key that seals from now on; the older ones still open what they sealed."""
    from portal.keys import add_key

    path = _path()
    key_id = add_key(path)
    if as_json:
        click.echo(json.dumps({"id": key_id, "path": str(path)}))
    else:
        click.echo(f"Added the key {key_id} to {path}.")
        click.echo(
            "Restart the portal, so that all of it uses the new key. Then make a backup: a lost key is lost files."
        )


@keys.command("where")
@json_option
def where(as_json: bool) -> None:
    """Where the key file is, and whether only its owner may read it. Exit code 1 if others may."""
    path = _path()
    wrong = what_is_wrong_with(path)
    if as_json:
        mode = f"{stat.S_IMODE(path.stat().st_mode):04o}" if path.exists() else None
        click.echo(json.dumps({"path": str(path), "exists": path.exists(), "mode": mode, "problem": wrong}))
    else:
        click.echo(str(path))
        click.echo(wrong or ("Only its owner may read it." if path.exists() else "It does not exist yet."))
    if wrong:
        raise SystemExit(1)


def _in_pairs(fingerprint: bytes) -> str:
    return fingerprint.hex(":").upper()


def what_is_wrong_with(path: Path) -> str | None:
    """A sentence about who may read it; None where all is well, or nothing is there."""
    if not path.exists():
        return None
    found = path.stat()
    if stat.S_IMODE(found.st_mode) & 0o077:
        return f"Others on this machine may read {path}: call `chmod 600 {path}`."
    if not os.access(path, os.R_OK):
        return f"{path} cannot be read: run the portal as its owner (user {found.st_uid})."
    return None


def _path() -> Path:
    try:
        return settings().keys_file
    except Misconfigured as error:
        raise click.ClickException(str(error)) from None
