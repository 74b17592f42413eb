"""`portal serve`, and its two halves `portal web` and `portal worker`."""

import asyncio
import errno
import json
import os
import socket
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fcntl import LOCK_EX, LOCK_NB, flock
from http.client import HTTPConnection, HTTPException
from pathlib import Path
from secrets import token_hex
from typing import TextIO

import click

from portal.settings import STAND_IN, Misconfigured, Settings, settings
from tasks.supervisor import Departure, Family, Gate, family, follow, wait_at

WEB, WORKER = "portal web", "portal worker"
STOPS_WITHIN = 4.6
TICK = 0.25

port_option = click.option("--port", type=click.IntRange(1, 65535), help="Instead of PORT (8000).")
host_option = click.option("--host", help="Instead of HOST (127.0.0.1).")
lifeline_option = click.option("--lifeline", type=int, hidden=True, help="A pipe that ends with the supervisor.")


@click.command()
@port_option
@host_option
@click.option("--no-demo", is_flag=True, help="In demo mode: without the people and records of the demo.")
def serve(port: int | None, host: str | None, no_demo: bool) -> None:
    """Run the portal on this machine: web, worker and, without DATABASE_URL, the database."""
    departure = Departure()
    config = _settings(port, host)
    with (
        _only_one_in(config.data_dir),
        _listening_at(config) as door,
        _database(patience=lambda: departure.left(STOPS_WITHIN)) as dsn,
    ):
        os.environ["DATABASE_URL"] = dsn
        with Gate() as gate, family() as processes:
            config = _with_cards(processes, config)
            hands = (door.fileno(), gate.fd)
            processes.add("web", "--door", str(hands[0]), "--gate", str(hands[1]), fds=hands)
            _prepare(config, with_demo=config.is_demo and not no_demo)
            gate.open()
            processes.add("worker")
            while not _is_up(config):
                _tend(processes, config)
                departure.insist()
            _introduce(config, with_demo=config.is_demo and not no_demo)
            while True:
                _tend(processes, config)
                departure.insist()


@click.command()
@port_option
@host_option
@click.option("--door", type=int, hidden=True, help="A socket that listens already.")
@click.option("--gate", type=int, hidden=True, help="A pipe that ends when the database is ready.")
@lifeline_option
def web(port: int | None, host: str | None, door: int | None, gate: int | None, lifeline: int | None) -> None:
    """Answer browsers; as many as wanted, each on its own port."""
    Departure()
    if lifeline is not None:
        follow(lifeline)
    config = _settings(port, host)
    with _listening_at(config) if door is None else socket.socket(fileno=door) as listening, _database(WEB):
        import uvicorn

        from portal.app import create_app

        options = uvicorn.Config(
            create_app(), loop="uvloop", http="httptools", ws="none", lifespan="on", log_level="warning",
            access_log=False, server_header=False, proxy_headers=False, limit_concurrency=1000,
            timeout_graceful_shutdown=3,
        )  # fmt: skip
        server = uvicorn.Server(options)
        if gate is not None:
            wait_at(gate)
        server.run(sockets=[listening])
        if not server.started:
            raise SystemExit(3)


@click.command()
@lifeline_option
def worker(lifeline: int | None) -> None:
    """Do what waits: letters, documents, reminders; as many as wanted."""
    Departure()
    if lifeline is not None:
        follow(lifeline)
    with _database(WORKER):
        from tasks.worker import run_worker

        run_worker()


def _settings(port: int | None, host: str | None) -> Settings:
    """The options become the environment, so that the children and every link agree with them."""
    options = {"PORT": None if port is None else str(port), "HOST": host}
    os.environ.update({name: value for name, value in options.items() if value is not None})
    settings.cache_clear()
    try:
        return settings()
    except Misconfigured as error:
        raise click.ClickException(str(error)) from None


def _with_cards(processes: Family, config: Settings) -> Settings:
    """The demo takes cards too: by a stand-in for Stripe on this machine, which moves no money."""
    if not config.is_demo or "STRIPE_SECRET_KEY" in os.environ:
        return config
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    secret = f"whsec_{token_hex(16)}"
    told = {
        "STRIPE_SECRET_KEY": "sk_test_sim_demo",
        "STRIPE_PUBLISHABLE_KEY": "pk_test_sim_demo",
        "STRIPE_WEBHOOK_SECRET": secret,
        "STRIPE_API": f"http://127.0.0.1:{port}",
    }
    with os.fdopen(os.open(config.data_dir / STAND_IN, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
        json.dump(told, file)
    settings.cache_clear()
    processes.add(
        "--port", str(port), "--data", str(config.data_dir / "stripesim.sqlite"),
        "--webhook", f"http://127.0.0.1:{config.port}/hooks/stripe", "--webhook-secret", secret, module="stripesim",
    )  # fmt: skip
    return settings()


@contextmanager
def _only_one_in(data_dir: Path) -> Iterator[None]:
    with _opened(data_dir / "serve.lock") as lock:
        try:
            flock(lock, LOCK_EX | LOCK_NB)
        except BlockingIOError:
            lock.seek(0)
            raise click.ClickException(
                f"The portal in {data_dir} is already running (process {lock.read().strip()})."
                " Stop that one, or give this one another DATA_DIR."
            ) from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        yield


def _opened(path: Path) -> TextIO:
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        return path.open("a+")
    except PermissionError as error:
        raise click.ClickException(f"{error.filename} is not this user's to write: choose another DATA_DIR.") from None


@contextmanager
def _listening_at(config: Settings) -> Iterator[socket.socket]:
    """Waits up to 5 s for the port: after a kill -9 the former web process holds it until it has drained."""
    family_ = socket.AF_INET6 if ":" in config.host else socket.AF_INET
    until = time.monotonic() + 5
    while True:
        try:
            door = socket.create_server((config.host, config.port), family=family_, backlog=2048)
            break
        except OSError as error:
            if error.errno != errno.EADDRINUSE:
                raise click.ClickException(f"Cannot listen on {config.host}:{config.port}: {error.strerror}.") from None
            if time.monotonic() > until:
                raise click.ClickException(
                    f"Port {config.port} is taken by another program. Stop that one, or choose another with --port."
                ) from None
            time.sleep(0.1)
    with door:
        yield door


@contextmanager
def _database(name: str = "portal", patience: Callable[[], float] | None = None) -> Iterator[str]:
    """The one that DATABASE_URL names, or our own, shared with every other process of the portal."""
    from portal.database import connect_to, embedded, known_as

    known_as(name)
    try:
        config = settings()
        if config.database_url is not None:
            yield config.database_url
        else:
            with embedded.running(config.data_dir, patience or (lambda: embedded.PATIENCE)) as dsn:
                connect_to(dsn)
                yield dsn
    except Misconfigured as error:
        raise click.ClickException(str(error)) from None


def _prepare(config: Settings, with_demo: bool) -> None:
    from portal.database.migrations import migrate

    if config.database_url is not None:
        _insist_on_an_answer()
    done = asyncio.run(migrate())
    if done:
        click.echo(f"The database is up to date ({len(done)} steps).")
    if with_demo:
        from tasks.cli.seed import seed_once

        seed_once()


def _insist_on_an_answer() -> None:
    from asyncpg import InterfaceError, PostgresError

    from portal.database import ENGINE

    async def knock() -> None:
        await (await ENGINE.get_new_connection()).close()

    try:
        asyncio.run(knock())
    except (OSError, InterfaceError, PostgresError) as error:
        raise click.ClickException(f"The database at DATABASE_URL does not let the portal in: {error}.") from None


def _is_up(config: Settings) -> bool:
    """The socket listens from the beginning: the first question waits there until the web process takes it up."""
    connection = HTTPConnection(config.host, config.port, timeout=1)
    try:
        connection.request("GET", "/health")
        return connection.getresponse().status == 200
    except (OSError, HTTPException):
        return False
    finally:
        connection.close()


def _tend(processes: Family, config: Settings) -> None:
    processes.tend()
    if config.database_url is None:
        _tend_database(config.data_dir)
    time.sleep(TICK)


def _tend_database(data_dir: Path) -> None:
    from portal.database import embedded

    if not embedded.is_alive(data_dir):
        click.echo("The database has died. It starts again.", err=True)
        embedded.start(data_dir)


def _introduce(config: Settings, with_demo: bool) -> None:
    click.echo(f"The portal is ready: {config.base_url}")
    if config.is_demo:
        click.echo(f"Its letters, in place of mail: {config.base_url}/demo/mailbox")
    if with_demo:
        from tasks.cli.people import demo_accounts_text

        click.echo(demo_accounts_text())
    elif config.is_demo:
        click.echo(
            "To begin: portal practice set name=… phone=…, then portal staff add EMAIL --given … --family … --role …"
        )
    click.echo("Ctrl-C stops it.")
