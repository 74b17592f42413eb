"""What a backup says of itself; the last part in the file."""

from dataclasses import dataclass
from hashlib import sha256

from portal.storage.archive import Sum

DATABASE, FILE, KEYS, SECRET, MANIFEST = "database.dump", "files/", "keys.json", "secret_key", "manifest.json"


@dataclass(frozen=True)
class Manifest:
    """`rows`, `migrations` and the head of the audit are of the same moment as the dump."""

    made_at: str
    version: str
    server: str
    rows: dict[str, int]
    migrations: list[str]
    audit_number: int
    audit_seal: str
    signing_ids: list[str]
    sums: dict[str, Sum]
    files: int
    files_sum: Sum
    is_demo: bool = False  # older backups do not tell


class Listing:
    """The sums of many files as one: their number, their size, and the hash of the list of them."""

    def __init__(self) -> None:
        self.count, self._size, self._digest = 0, 0, sha256()

    def add(self, key: str, sum_: Sum) -> None:
        self.count += 1
        self._size += sum_.size
        self._digest.update(f"{key} {sum_.size} {sum_.sha256}\n".encode())

    def sum(self) -> Sum:
        return Sum(self._size, self._digest.hexdigest())


def in_words(size: int) -> str:
    return f"{size / 1_000_000:,.1f} MB"
