"""Where Piccolo looks for the engine and the one app."""

from piccolo.conf.apps import AppRegistry

from portal.database.engine import ENGINE

DB = ENGINE
APP_REGISTRY = AppRegistry(apps=["portal.piccolo_app"])
