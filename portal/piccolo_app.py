"""One Piccolo app, one history: every tables module stands here."""

from pathlib import Path

from piccolo.conf.apps import AppConfig, table_finder

TABLES = [
    f"portal.{name}.tables"
    for name in (
        "practice",
        "clients",
        "accounts",
        "outbox",
        "audit",
        "review",
        "letters",
        "exchange",
        "information",
        "appointments",
        "waitlist",
        "reminders",
        "calendars",
        "telehealth",
        "papers",
        "library",
        "documents",
        "filling",
        "signing",
        "copies",
        "records",
        "messages",
        "announcements",
        "notifications",
        "fees",
        "encounters",
        "billing",
        "invoices",
        "estimates",
        "payments",
        "paylinks",
        "autopay",
        "payments.bank",
    )
]

APP_CONFIG = AppConfig(
    app_name="portal",
    migrations_folder_path=str(Path(__file__).parent.parent / "migrations"),
    table_classes=table_finder(TABLES, exclude_imported=True),
)
