"""The HTTP door: parses, asks a room, renders. `create_app(vault)` is the app."""

from strongroom.web.app import create_app
from strongroom.web.settings import Settings

__all__ = ["Settings", "create_app"]
