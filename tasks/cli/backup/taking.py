"""Taking a backup: the database at one moment, then every file, then the keys that open them."""

import tomllib
from collections.abc import Callable
from datetime import UTC, datetime

import msgspec

from portal import keys, storage
from portal.database import embedded, fetch
from portal.settings import ROOT, settings
from portal.storage.archive import Sum, Writer
from tasks.cli.backup import postgres
from tasks.cli.backup.manifest import DATABASE, FILE, KEYS, MANIFEST, SECRET, Listing, Manifest, in_words

Tell = Callable[[str], None]


async def take(writer: Writer, tell: Tell) -> tuple[Manifest, list[str]]:
    """Returns the manifest, and sentences about what a restored portal would miss."""
    made_at = datetime.now(UTC).isoformat(timespec="seconds")
    server = await postgres.insist_on_known_version()
    async with postgres.snapshot() as snapshot:
        rows = await postgres.rows()
        if "migration" not in rows:
            raise postgres.Failed(
                "The database is empty: there is nothing to back up. Check DATA_DIR and DATABASE_URL."
            )
        migrations = await fetch("SELECT name FROM migration WHERE app_name = 'portal' ORDER BY name")
        head = await fetch(
            "SELECT seal_number, seal FROM audit_row WHERE seal_number IS NOT NULL ORDER BY seal_number DESC LIMIT 1"
        )
        tell("The database")
        sums = {DATABASE: await _database(writer, snapshot, tell)}
    listing, used, lost = await _files(writer, tell)
    sums |= _secrets(writer)
    manifest = Manifest(
        made_at=made_at,
        version=tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]["version"],
        server=server,
        rows=rows,
        migrations=[one["name"] for one in migrations],
        audit_number=head[0]["seal_number"] if head else 0,
        audit_seal=head[0]["seal"].hex() if head else "",
        signing_ids=keys.all_ids(),
        sums=sums,
        files=listing.count,
        files_sum=listing.sum(),
        is_demo=settings().is_demo,
    )
    writer.begin(MANIFEST)
    writer.add(msgspec.json.encode(manifest))
    writer.close()
    writer.finish()
    return manifest, [*_missing_keys(used), *lost]


async def _database(writer: Writer, snapshot: str, tell: Tell) -> Sum:
    config, done = settings(), 0
    dsn = config.database_url or embedded.dsn(config.data_dir)
    assert dsn is not None
    writer.begin(DATABASE)
    async for portion in postgres.dump(dsn, snapshot):
        writer.add(portion)
        done += len(portion)
        tell(f"The database: {in_words(done)}")
    return writer.close()


async def _files(writer: Writer, tell: Tell) -> tuple[Listing, dict[str, int], list[str]]:
    """Listed after the dump: whatever it names was stored before."""
    listing, used, lost = Listing(), dict[str, int](), list[str]()
    async for key in storage.keys_in_store():
        portions = storage.stream_sealed(key)
        try:
            first = await anext(portions)
        except storage.NoSuchFile:
            continue  # deleted meanwhile, and so was its row
        try:
            opener = storage.key_id(first)
            used[opener] = used.get(opener, 0) + 1
        except keys.Unreadable:
            lost.append(f"The file {key} in the store is damaged.")
        writer.begin(FILE + key)
        writer.add(first)
        async for portion in portions:
            writer.add(portion)
        listing.add(key, writer.close())
        tell(f"Files: {listing.count:,}, {in_words(listing.sum().size)}")
    return listing, used, lost


def _secrets(writer: Writer) -> dict[str, Sum]:
    """Read last, so that every key that sealed one of these files is among them."""
    keys.keyring.cache_clear()
    keys.keyring()
    config, sums = settings(), {}
    for name, path in ((KEYS, config.keys_file), (SECRET, config.data_dir / "secret_key")):
        if path.exists():
            writer.begin(name)
            writer.add(path.read_bytes())
            sums[name] = writer.close()
    return sums


def _missing_keys(used: dict[str, int]) -> list[str]:
    there = {one.id for one in keys.keyring()}
    return [
        f"{count:,} files are sealed with the key {key_id}, which is not in {settings().keys_file}: find the key file"
        " that has it, or nobody can open them."
        for key_id, count in used.items()
        if key_id not in there
    ]
