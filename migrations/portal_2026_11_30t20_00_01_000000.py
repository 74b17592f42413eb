from piccolo.apps.migrations.auto.migration_manager import MigrationManager

ID = "2026-11-30T20:00:01:000000"
VERSION = "1.38.0"
DESCRIPTION = "the billing address of a card is Stripe's alone"


async def forwards():
    manager = MigrationManager(migration_id=ID, app_name="portal", description=DESCRIPTION)

    manager.drop_column(
        table_class_name="Card",
        tablename="payment_card",
        column_name="postal_code",
        db_column_name="postal_code",
        schema=None,
    )

    return manager
