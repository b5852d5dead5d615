"""The WebSocket protocol of the server: pongs on a grain, an end to what it holds for a client."""

from collections.abc import Sequence
from typing import Any

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from arena.live.grain import OnGrain

#: Pongs that wait for the next moment of the grain; more pings than that are a flood.
MOST_PONGS = 100


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which would answer pings at once, and like a close without bounds.

    An application's frames wait for the socket; pongs do not pass through it.
    """

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._pongs: OnGrain[bytes] = OnGrain(self._pong)

    def handle_ping(self) -> None:
        self._pongs.put(b"".join(self.conn.data_to_send()))
        if not self.writable.is_set() or len(self._pongs) > MOST_PONGS:
            self.transport.abort()  # It sends pings and reads no pongs.

    def _pong(self, pongs: Sequence[bytes]) -> None:
        if not (self.close_sent or self.transport.is_closing()):
            self.transport.write(b"".join(pongs))

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        # Whoever answers no ping reads nothing: a close that waits for its turn would not come.
        self.transport.abort()
