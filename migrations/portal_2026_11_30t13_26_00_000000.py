"""One paper for each subject and language; those that were replaced are found by when they were let go of."""

from piccolo.apps.migrations.auto.migration_manager import MigrationManager

from portal.database import ENGINE

ID = "2026-11-30T13:26:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "one issued paper for each subject and language"

FORWARDS = """
CREATE UNIQUE INDEX issued_paper_once ON issued_paper (kind, subject_id, language) WHERE let_go_at IS NULL;
CREATE INDEX issued_paper_let_go ON issued_paper (let_go_at) WHERE let_go_at IS NOT NULL;
ALTER TABLE issued_paper ADD CONSTRAINT issued_paper_begins_what_is_wanted CHECK (begun BETWEEN 0 AND wanted);
"""


async def forwards() -> MigrationManager:
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    async def run() -> None:
        transaction = ENGINE.current_transaction.get()
        assert transaction is not None
        await transaction.connection.execute(FORWARDS)

    manager.add_raw(run)
    return manager
