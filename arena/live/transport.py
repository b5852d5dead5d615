"""The WebSocket protocol of the server, with an end to what it will hold for a client."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol


class BoundedWebSocket(WebSocketsSansIOProtocol):
    """uvicorn's protocol, which would answer pings, and wait for a close, without bounds.

    An application's frames wait for the socket; pongs do not pass through it.
    """

    def handle_ping(self) -> None:
        if self.writable.is_set():
            super().handle_ping()
        else:
            self.transport.abort()  # It sends pings and reads no pongs.

    def keepalive_timeout(self) -> None:
        super().keepalive_timeout()
        # Whoever answers no ping reads nothing: a close that waits for its turn would not come.
        self.transport.abort()
