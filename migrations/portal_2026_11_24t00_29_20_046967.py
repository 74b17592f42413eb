from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.column_types import Varchar

ID = "2026-11-24T00:29:20:046967"
VERSION = "1.38.0"
DESCRIPTION = "settings hold words"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    manager.alter_column(
        table_class_name="Setting",
        tablename="setting",
        column_name="value",
        db_column_name="value",
        params={"length": 500},
        old_params={"length": 80},
        column_class=Varchar,
        old_column_class=Varchar,
        schema=None,
    )

    return manager
