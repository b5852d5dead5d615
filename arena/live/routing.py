"""WebSocket routes. An unknown address is refused like a seat that is not one's own."""

from typing import Any, cast

from django.urls import path, re_path

from arena.live.session import RoomConsumer


async def refuse(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Close before accepting, which a client sees as HTTP 403."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


# Django types the routes of pages; those of sockets are ASGI applications.
websocket_urlpatterns = [
    path("ws/room/<str:code>/", cast(Any, RoomConsumer.as_asgi())),
    re_path("", cast(Any, refuse)),
]
