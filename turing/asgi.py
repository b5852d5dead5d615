"""The ASGI application: pages, sockets and what runs beside them."""

import gc
import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "turing.settings")
django_application = get_asgi_application()

from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402 -- needs the settings
from channels.sessions import CookieMiddleware  # noqa: E402

from arena.live.routing import websocket_urlpatterns  # noqa: E402
from arena.live.runtime import lifespan  # noqa: E402

application = ProtocolTypeRouter(
    {
        "http": django_application,
        "websocket": CookieMiddleware(URLRouter(websocket_urlpatterns)),
        "lifespan": lifespan,
    }
)

# What is loaded now stays: left out of the collector's rounds, 3 000 sockets cost half the CPU.
gc.collect()
gc.freeze()
gc.set_threshold(100_000, 50, 50)
