from piccolo.apps.migrations.auto.migration_manager import MigrationManager
from piccolo.columns.base import OnDelete, OnUpdate
from piccolo.columns.column_types import BigSerial, ForeignKey, SmallInt, Varchar
from piccolo.columns.indexes import IndexMethod
from piccolo.table import Table


class FormVersion(Table, tablename="form_version", schema=None):
    id = BigSerial(primary_key=True)


ID = "2026-11-30T21:10:00:000000"
VERSION = "1.38.0"
DESCRIPTION = "pages of forms"

COMMON = {
    "null": False, "primary_key": False, "unique": False, "index": False, "index_method": IndexMethod.btree,
    "choices": None, "db_column_name": None, "secret": False,
}  # fmt: skip


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    manager.add_table(class_name="FormPage", tablename="form_page", schema=None, columns=None)
    for name, kind, params in (
        ("id", BigSerial, {"primary_key": True}),
        (
            "version",
            ForeignKey,
            {
                "references": FormVersion,
                "on_delete": OnDelete.restrict,
                "on_update": OnUpdate.cascade,
                "target_column": None,
            },
        ),
        ("number", SmallInt, {"default": 0}),
        ("key", Varchar, {"length": 60, "default": ""}),
    ):
        manager.add_column(
            table_class_name="FormPage",
            tablename="form_page",
            column_name=name,
            db_column_name=name,
            column_class_name=kind.__name__,
            column_class=kind,
            params={**COMMON, **params},
            schema=None,
        )

    return manager
