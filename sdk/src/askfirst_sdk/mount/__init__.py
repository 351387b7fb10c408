"""The site's own address for what the service does: script, answers and settings from the website's own origin."""

from .asgi import AsgiMount
from .core import Mount
from .wsgi import WsgiMount

__all__ = ["AsgiMount", "Mount", "WsgiMount"]
