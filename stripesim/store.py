"""Everything in one SQLite file, so that what was answered is true after any kill."""

import json
import secrets
import sqlite3
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from stripesim.refusal import missing

TABLES = """
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
CREATE TABLE IF NOT EXISTS thing (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL UNIQUE, kind TEXT NOT NULL, customer TEXT, created INTEGER NOT NULL,
  body TEXT NOT NULL
);
CREATE INDEX IF NOT EXISTS thing_kind ON thing (kind, number);
CREATE TABLE IF NOT EXISTS answer (
  key TEXT PRIMARY KEY, asked TEXT NOT NULL, status INTEGER NOT NULL, body TEXT NOT NULL, kept_at REAL NOT NULL,
  request TEXT NOT NULL
);
CREATE TABLE IF NOT EXISTS request (
  number INTEGER PRIMARY KEY, id TEXT NOT NULL, at REAL NOT NULL, method TEXT NOT NULL, path TEXT NOT NULL,
  body TEXT NOT NULL, key TEXT, status INTEGER NOT NULL
);
CREATE TABLE IF NOT EXISTS delivery (
  number INTEGER PRIMARY KEY, event TEXT NOT NULL, due REAL NOT NULL, attempts INTEGER NOT NULL DEFAULT 0,
  state TEXT NOT NULL DEFAULT 'waiting', said TEXT
);
CREATE INDEX IF NOT EXISTS delivery_waiting ON delivery (due) WHERE state = 'waiting';
CREATE TABLE IF NOT EXISTS setting (name TEXT PRIMARY KEY, value TEXT NOT NULL);
"""
Thing = dict[str, Any]
HOLD = 0.3


@dataclass
class Switches:
    """What can go wrong with webhooks, chosen by whoever tests. A restart puts all of it back."""

    delay: float = 0  # seconds
    duplicate: int = 0  # how often each is sent once more
    reorder: bool = False  # what happens within a third of a second arrives backwards
    drop: float = 0  # the share of tries that get lost on the way
    bad_signature: bool = False
    pause: bool = False
    back_off: float = 1  # seconds before the second try; each further one waits twice as long


class Store:
    def __init__(self, path: Path, *, has_webhook: bool = False) -> None:
        self.has_webhook = has_webhook
        self.switches = Switches()
        self.lock = threading.RLock()
        self.link = sqlite3.connect(path, check_same_thread=False, isolation_level=None)
        self.link.executescript(TABLES)
        self.ahead = float(self.setting("ahead", 0))

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self.lock:
            self.link.execute("BEGIN IMMEDIATE")
            try:
                yield
            except BaseException:
                self.link.execute("ROLLBACK")
                raise
            self.link.execute("COMMIT")

    def rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        with self.lock:
            return self.link.execute(sql, values).fetchall()

    def queue(self, event: str) -> None:
        if not self.has_webhook:
            return
        due = time.time() + self.switches.delay
        if self.switches.reorder:
            due = (due // HOLD + 2) * HOLD
        for _ in range(1 + self.switches.duplicate):
            self.rows("INSERT INTO delivery (event, due) VALUES (?, ?)", event, due)

    def now(self) -> int:
        return int(time.time() + self.ahead)

    def advance(self, seconds: float) -> None:
        with self.transaction():
            self.ahead += seconds
            self.set("ahead", self.ahead)

    def setting(self, name: str, otherwise: Any) -> Any:
        found = self.rows("SELECT value FROM setting WHERE name = ?", name)
        return json.loads(found[0][0]) if found else otherwise

    def set(self, name: str, value: Any) -> None:
        self.rows("INSERT OR REPLACE INTO setting VALUES (?, ?)", name, json.dumps(value))

    def add(self, thing: Thing) -> Thing:
        customer = thing.get("customer")
        self.rows(
            "INSERT INTO thing (id, kind, customer, created, body) VALUES (?, ?, ?, ?, ?)",
            thing["id"], thing["object"], customer, thing.get("created", self.now()), json.dumps(thing),
        )  # fmt: skip
        return thing

    def save(self, thing: Thing) -> Thing:
        self.rows(
            "UPDATE thing SET body = ?, customer = ? WHERE id = ?",
            json.dumps(thing), thing.get("customer"), thing["id"],
        )  # fmt: skip
        return thing

    def find(self, id: str) -> Thing | None:
        found = self.rows("SELECT body FROM thing WHERE id = ?", id)
        return json.loads(found[0][0]) if found else None

    def get(self, kind: str, id: str, *, param: str = "id", status: int = 404) -> Thing:
        found = self.find(id)
        if found is None or found["object"] != kind:
            raise missing(kind, id, param=param, status=status)
        return found

    def all(self, kind: str, *, customer: str | None = None) -> list[Thing]:
        """The newest first, as Stripe lists them."""
        found = self.rows(
            "SELECT body FROM thing WHERE kind = ?1 AND (?2 IS NULL OR customer = ?2) ORDER BY number DESC",
            kind, customer,
        )  # fmt: skip
        return [json.loads(row[0]) for row in found]


def new_id(beginning: str) -> str:
    return f"{beginning}_{secrets.token_hex(12)}"
