"""Whether the broker that BROKER_URL names is there."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

from portal.settings import Misconfigured, settings
from tasks.cli.doctor.findings import Finding, in_short, ok, problem

PATIENCE = 5.0


def broker() -> Iterator[Finding]:
    url = settings().broker_url
    if url is None:
        yield ok("broker", "in the process of each worker")
        return
    where = _named(url)
    try:
        _knock(url)
    except Misconfigured as missing:
        yield problem("broker", str(missing), "Install it, or set BROKER_URL to a Redis; or unset it.")
    except Exception as error:  # whatever a broker may say
        yield problem(
            "broker", f"{where} does not answer as it should: {in_short(error).rstrip('.')}.",
            "Start it, correct the address and the password in BROKER_URL, or unset it. Until then letters wait.",
        )  # fmt: skip
    else:
        yield ok("broker", f"{where} answers")


def _named(url: str) -> str:
    """Without user and password."""
    parts = urlsplit(url)
    kind = "Redis" if parts.scheme.startswith("redis") else "RabbitMQ"
    return f"{kind} at {parts.hostname}{f':{parts.port}' if parts.port else ''}"


def _knock(url: str) -> None:
    """As a worker does, but nothing is sent."""
    from tasks.broker import make

    made: Any = make(url)
    if url.startswith("redis"):
        pool = made.client.connection_pool
        for limit in ("socket_connect_timeout", "socket_timeout"):
            pool.connection_kwargs.setdefault(limit, PATIENCE)
        try:
            made.client.ping()
        finally:
            pool.disconnect()
    else:
        try:
            made.connection.channel()
        finally:
            made.close()
