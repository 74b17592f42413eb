"""What the outside tells the portal: the only reader of the environment."""

import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Self
from urllib.parse import urlsplit

ROOT = Path(__file__).resolve().parent.parent
TEXT_CARRIERS = ("file",)
DEMO_MARK = "this-is-a-demo"


class Misconfigured(Exception):
    """The portal refuses to start; the sentence says what to set."""


@dataclass(frozen=True)
class Settings:
    """One field per setting; the README's table is generated from `TABLE`.

    Durations are whole seconds. `mode` is production, demo or test.
    """

    mode: str
    data_dir: Path
    database_url: str | None
    secret_keys: tuple[str, ...]
    base_url: str
    trusted_proxies: tuple[IPv4Network | IPv6Network, ...]
    host: str
    port: int
    smtp_url: str | None
    mail_from: str
    text_carrier: str
    broker_url: str | None
    storage_url: str | None
    clamd_url: str | None
    keys_file: Path
    tsa_url: str | None
    backup_passphrase: str | None
    outbox_lease: int
    stripe_key: str | None
    stripe_public_key: str
    stripe_webhook_secrets: tuple[str, ...]
    stripe_api: str
    debug: bool
    fault: str

    @property
    def is_production(self) -> bool:
        return self.mode == "production"

    @property
    def is_demo(self) -> bool:
        return self.mode == "demo"

    @property
    def shows_mailbox(self) -> bool:
        """Letters can be read by everybody who opens the portal: never in production."""
        return not self.is_production

    @property
    def offers_texts(self) -> bool:
        """Nobody agrees to text messages that would only become files, but to see how it is."""
        return self.text_carrier != "file" or not self.is_production

    @property
    def is_secure(self) -> bool:
        """Cookies are `__Host-` and `Secure` only where the browser sees https."""
        return self.base_url.startswith("https://")

    @property
    def origin(self) -> str:
        parts = urlsplit(self.base_url)
        return f"{parts.scheme}://{parts.netloc}"

    @property
    def takes_cards(self) -> bool:
        return self.stripe_key is not None

    @property
    def stripe_script_origin(self) -> str:
        """Where the browser gets Stripe's fields from; the stand-in's are its own."""
        return self.stripe_api or "https://js.stripe.com"

    @property
    def mail_domain(self) -> str:
        return self.mail_from.rpartition("@")[2] or "portal.invalid"

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> Self:
        """Raises `Misconfigured` where the portal must not start."""
        data_dir = Path(environ.get("DATA_DIR") or ROOT / "var").expanduser().resolve()
        mode = environ.get("PORTAL_MODE") or _mode_of(data_dir, environ)
        if mode not in ("production", "demo", "test"):
            raise Misconfigured(f"PORTAL_MODE is {mode!r}: choose production, demo or test.")
        debug = environ.get("DEBUG", "").lower() in ("1", "true", "yes")
        port = _whole(environ, "PORT", 8000)
        if not 1 <= port <= 65535:
            raise Misconfigured("PORT is not a port: choose a number from 1 to 65535.")
        _must_be_address(environ, "SMTP_URL", ("smtp", "smtps"))
        _must_be_address(environ, "BROKER_URL", ("redis", "rediss", "amqp", "amqps"))
        _must_be_socket(environ, "CLAMD_URL")
        _must_be_address(environ, "TSA_URL", ("https", "http"))
        carrier = environ.get("TEXT_CARRIER") or TEXT_CARRIERS[0]
        if carrier not in TEXT_CARRIERS:
            raise Misconfigured(f"TEXT_CARRIER is {carrier!r}: there is only {' and '.join(TEXT_CARRIERS)}.")
        base_url = environ.get("BASE_URL", "").rstrip("/")
        keys = tuple(key for key in environ.get("SECRET_KEY", "").split(",") if key)
        if mode == "production":
            _insist_on_production(base_url, keys, debug)
        if mode == "demo":
            _mark_as_demo(data_dir)
            environ = {**_stand_in(data_dir), **environ}
        _must_be_stripes(environ, mode)
        return cls(
            mode=mode,
            data_dir=data_dir,
            database_url=environ.get("DATABASE_URL") or None,
            secret_keys=keys or (_kept_secret(data_dir),),
            base_url=base_url or f"http://127.0.0.1:{port}",
            trusted_proxies=_networks(environ.get("TRUSTED_PROXIES", "")),
            host=environ.get("HOST", "127.0.0.1"),
            port=port,
            smtp_url=environ.get("SMTP_URL") or None,
            mail_from=environ.get("MAIL_FROM", "no-reply@portal.example"),
            text_carrier=carrier,
            broker_url=environ.get("BROKER_URL") or None,
            storage_url=environ.get("STORAGE_URL") or None,
            clamd_url=environ.get("CLAMD_URL") or None,
            keys_file=Path(environ.get("KEYS_FILE") or data_dir / "keys.json").expanduser().resolve(),
            tsa_url=environ.get("TSA_URL") or None,
            backup_passphrase=environ.get("BACKUP_PASSPHRASE") or None,
            outbox_lease=_whole(environ, "OUTBOX_LEASE", 60),
            stripe_key=environ.get("STRIPE_SECRET_KEY") or None,
            stripe_public_key=environ.get("STRIPE_PUBLISHABLE_KEY", ""),
            stripe_webhook_secrets=tuple(one for one in environ.get("STRIPE_WEBHOOK_SECRET", "").split(",") if one),
            stripe_api=environ.get("STRIPE_API", "").rstrip("/"),
            debug=debug,
            fault=_fault(environ, mode),
        )


@cache
def settings() -> Settings:
    return Settings.read(os.environ)


TABLE: tuple[tuple[str, str, str], ...] = (
    (
        "PORTAL_MODE",
        "production",
        "`production`, `demo` (mailbox page, demo people, own secret) or `test`; data of the demo stay a demo",
    ),
    ("SECRET_KEY", "none", "signs links, forms and the audit chain; 32 characters; several, newest first, by commas"),
    ("BASE_URL", "http://127.0.0.1:PORT", "the address in letters and the only `Origin` accepted; https in production"),
    ("DATA_DIR", "var", "the embedded database, files, keys and, without SMTP, mail"),
    ("DATABASE_URL", "embedded", "a PostgreSQL 15+ server; without it the portal runs its own"),
    ("HOST, PORT", "127.0.0.1, 8000", "where `portal web` listens"),
    ("TRUSTED_PROXIES", "none", "networks whose `X-Forwarded-For` counts, separated by commas"),
    ("SMTP_URL", "none", "`smtp://user:password@host:587` or `smtps://…`; without it letters go to DATA_DIR/mail"),
    ("MAIL_FROM", "no-reply@portal.example", "the sender of every letter"),
    ("TEXT_CARRIER", "file", "who carries text messages; `file` writes them into DATA_DIR/texts and sends none"),
    ("BROKER_URL", "in process", "`redis://…` spreads the actors; the database stays the queue of record"),
    ("STORAGE_URL", "DATA_DIR/files", "`s3://bucket/prefix`; files are encrypted before they leave the portal"),
    ("CLAMD_URL", "none", "`tcp://host:3310` or `unix:/path`: attached files wait until clamd has found nothing"),
    ("KEYS_FILE", "DATA_DIR/keys.json", "the keys of files, backups and document seals, written by `portal keys`"),
    ("TSA_URL", "none", "`https://…` of a server of times (RFC 3161): document seals are stamped by it as well"),
    ("STRIPE_SECRET_KEY", "none", "`sk_live_…` or `sk_test_…`: with it clients can pay by card"),
    (
        "STRIPE_PUBLISHABLE_KEY",
        "none",
        "`pk_live_…` or `pk_test_…`, of the same account: what the browser shows Stripe",
    ),
    ("STRIPE_WEBHOOK_SECRET", "none", "`whsec_…` of the endpoint `/hooks/stripe`; two by a comma while one is changed"),
    ("STRIPE_API", "Stripe", "the stand-in of demo and tests, on this machine; its keys begin with `sk_test_sim`"),
    ("BACKUP_PASSPHRASE", "asked", "encrypts `portal backup`"),
    ("OUTBOX_LEASE", "60", "seconds after which unfinished background work is taken up again"),
)


def _fault(environ: Mapping[str, str], mode: str) -> str:
    """See portal/faults.py."""
    if environ.get("PORTAL_FAULT") and mode != "test":
        raise Misconfigured("PORTAL_FAULT makes the portal die on purpose: it is for tests only. Unset it.")
    return environ.get("PORTAL_FAULT", "")


def _mode_of(data_dir: Path, environ: Mapping[str, str]) -> str:
    """Production, unless this data was made by the demo and nothing of production is set: then commands just work."""
    is_demo = (data_dir / DEMO_MARK).exists() and not environ.get("SECRET_KEY") and not environ.get("BASE_URL")
    return "demo" if is_demo else "production"


def _mark_as_demo(data_dir: Path) -> None:
    _open_to_its_owner(data_dir)
    (data_dir / DEMO_MARK).touch()


def _insist_on_production(base_url: str, keys: tuple[str, ...], debug: bool) -> None:
    if not keys or min(map(len, keys)) < 32:
        raise Misconfigured("SECRET_KEY is missing or shorter than 32 characters: set it (openssl rand -hex 32).")
    parts = urlsplit(base_url)
    on_loopback = parts.hostname in ("127.0.0.1", "localhost", "::1")
    if not parts.hostname or (parts.scheme != "https" and not on_loopback):
        raise Misconfigured("BASE_URL is missing or not https: set it to the address that clients open.")
    if debug:
        raise Misconfigured("DEBUG is on: the portal does not run in production with it. Unset it.")


def _kept_secret(data_dir: Path) -> str:
    """Demo and tests: a secret made once and kept beside the data, so that links survive a restart."""
    path = data_dir / "secret_key"
    _open_to_its_owner(data_dir)
    try:
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(secrets.token_hex(32))
    except FileExistsError:
        pass
    return path.read_text().strip()


STAND_IN = "stripesim.json"


def _stand_in(data_dir: Path) -> dict[str, str]:
    """Where the demo's stand-in for Stripe is, for commands beside `portal serve`, which writes it."""
    try:
        found: dict[str, str] = json.loads((data_dir / STAND_IN).read_text())
    except FileNotFoundError:
        return {}
    return found


def _whole(environ: Mapping[str, str], name: str, default: int) -> int:
    try:
        return int(environ.get(name) or default)
    except ValueError:
        raise Misconfigured(f"{name} is not a whole number.") from None


def _must_be_address(environ: Mapping[str, str], name: str, schemes: tuple[str, ...]) -> None:
    url = environ.get(name) or ""
    if not url:
        return
    try:
        parts = urlsplit(url)
        is_address = parts.scheme in schemes and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_address = False
    if not is_address:
        raise Misconfigured(f"{name} is no address: write it as {schemes[0]}://host:port.")


SIMULATED = ("sk_test_sim", "pk_test_sim")


def _must_be_stripes(environ: Mapping[str, str], mode: str) -> None:
    """Keys of one account and one mode; the stand-in only where no real money can be meant."""
    names = ("STRIPE_SECRET_KEY", "STRIPE_PUBLISHABLE_KEY", "STRIPE_WEBHOOK_SECRET")
    secret, public, webhook = (environ.get(name, "") for name in names)
    api = environ.get("STRIPE_API", "")
    if not any((secret, public, webhook, api)):
        return
    missing = [name for name, value in zip(names, (secret, public, webhook), strict=True) if not value]
    if missing:
        raise Misconfigured(f"{' and '.join(missing)} must be set as well: cards need all three of Stripe's keys.")
    if not secret.startswith(("sk_", "rk_")) or not public.startswith("pk_"):
        raise Misconfigured("STRIPE_SECRET_KEY begins with sk_ or rk_, STRIPE_PUBLISHABLE_KEY with pk_: exchange them.")
    if secret.split("_")[1] != public.split("_")[1]:
        raise Misconfigured(
            "STRIPE_SECRET_KEY and STRIPE_PUBLISHABLE_KEY are of different modes: both live, or both test."
        )
    is_simulated = secret.startswith(SIMULATED[0])
    if is_simulated != bool(api) or is_simulated != public.startswith(SIMULATED[1]):
        raise Misconfigured(
            "STRIPE_API is the stand-in of demo and tests: it goes with keys that begin with sk_test_sim."
        )
    if is_simulated and mode == "production":
        raise Misconfigured("The stand-in for Stripe takes no money: set keys of Stripe's, or none.")
    if is_simulated and urlsplit(api).hostname not in ("127.0.0.1", "localhost", "::1"):
        raise Misconfigured("STRIPE_API is not on this machine: the stand-in runs beside the portal.")


def _must_be_socket(environ: Mapping[str, str], name: str) -> None:
    url = environ.get(name) or ""
    if url.startswith("unix:/") and not url.startswith("unix://"):
        return
    try:
        parts = urlsplit(url)
        is_socket = parts.scheme == "tcp" and bool(parts.hostname) and bool(parts.port)
    except ValueError:
        is_socket = False
    if url and not is_socket:
        raise Misconfigured(f"{name} is no address: write it as tcp://host:port or unix:/path.")


def _open_to_its_owner(data_dir: Path) -> None:
    try:
        data_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise Misconfigured(f"DATA_DIR {data_dir} cannot be made: {error.strerror}. Choose another folder.") from None


def _networks(text: str) -> tuple[IPv4Network | IPv6Network, ...]:
    try:
        return tuple(ip_network(part.strip()) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise Misconfigured(f"TRUSTED_PROXIES: {error}.") from None
