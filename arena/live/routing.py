"""WebSocket routes. An address that leads nowhere is refused like a seat that is not held."""

from typing import Any

from django.urls import path, re_path

from arena.live.session import RoomConsumer


async def refuse(scope: dict[str, Any], receive: Any, send: Any) -> None:
    """Close before accepting, which a client sees as HTTP 403."""
    await receive()
    await send({"type": "websocket.close", "code": 4404})


websocket_urlpatterns = [
    path("ws/room/<str:code>/", RoomConsumer.as_asgi()),
    re_path("", refuse),
]
